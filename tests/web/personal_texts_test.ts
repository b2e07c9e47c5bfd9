// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, inserted, merged, namesPatient, templateOf } from "../../engine/web/src/personal_texts";

const patient = { family_name: "D’ÉTÉ-MARTIN", given_name: "Jo", birth_date: "1961-03-02", sex: "female" as const };

test("a phrase goes to the cursor, set off by blanks", () => {
  assert.deepEqual(inserted("", 0, 0, "Merci."), { text: "Merci.", cursor: 6 });
  assert.deepEqual(inserted("Lésion, à revoir", 6, 6, "bénigne"), { text: "Lésion bénigne, à revoir", cursor: 14 });
  assert.deepEqual(inserted("a b", 2, 2, "x"), { text: "a x b", cursor: 3 });
  assert.deepEqual(inserted("a XX b", 2, 4, "y"), { text: "a y b", cursor: 3 });
});

test("a template takes no word away and says nothing twice", () => {
  assert.equal(merged("  ", "Bénin."), "Bénin.");
  assert.equal(merged("Vu.", "Bénin."), "Vu.\nBénin.");
  assert.equal(merged("Vu.\nBénin.", "Bénin."), "Vu.\nBénin.");
});

test("a template keeps what the form holds, and no agreement with one patient's reading", () => {
  const form: Record<string, string> = { conclusion: "Bénin.", orientation: "gp_management", conduct: "", agreement_with_own_reading: "full" };
  assert.deepEqual(templateOf("t", "dermatology", (name) => form[name] ?? ""), {
    title: "t", speciality: "dermatology", fields: { conclusion: "Bénin.", orientation: "gp_management" },
  });
  assert.ok(fits({ speciality: "" }, "cardiology"));
  assert.ok(!fits({ speciality: "dermatology" }, "cardiology"));
});

test("a text that names the patient is not kept", () => {
  assert.ok(namesPatient("Mme Martin est à revoir", patient));
  assert.ok(namesPatient("née le 02/03/1961", patient));
  assert.ok(namesPatient("né(e) 1961-03-02", patient));
  assert.ok(!namesPatient("Lésion bénigne, contrôle dans un an.", patient));
  assert.ok(!namesPatient("Jo", patient)); // too short to be told from a word
  assert.ok(!namesPatient("Martin", undefined));
});
