// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FormItem, Programme } from "../../engine/web/src/api_types";
import { dateOrMonth, exitOf, grouped, hasRightInsKey, numberOf, put, readItem, startOf } from "../../engine/web/src/clinical";

const item = (type: FormItem["type"], bounds: Partial<FormItem> = {}): FormItem =>
  ({ name: "x", label: "X", mandatory: true, type, unit: "", least: null, most: null, choices: [], ...bounds });

test("dates and months are written as doctors do", () => {
  assert.equal(dateOrMonth("12/03/2026"), "2026-03-12");
  assert.equal(dateOrMonth("3/2026"), "2026-03");
  assert.equal(dateOrMonth("2026-03"), "2026-03");
  assert.equal(dateOrMonth("29/02/2024"), "2024-02-29");
  for (const wrong of ["29/02/2026", "13/2026", "hier", "12/03/26", "2026-3", "0/2026", "03/0026"]) {
    assert.equal(dateOrMonth(wrong), undefined, wrong);
  }
});
test("numbers take a comma or a point, and nothing else", () => {
  assert.equal(numberOf("4,1"), 4.1);
  assert.equal(numberOf("72"), 72);
  for (const wrong of ["", "12 mm", "1e3", "4,", "1,2,3", "0x10"]) assert.equal(numberOf(wrong), undefined, wrong);
});
test("an item is read as the engine takes it", () => {
  assert.deepEqual(readItem(item("yes_no"), "no"), { value: false });
  assert.deepEqual(readItem(item("yes_no"), ""), {});
  assert.deepEqual(readItem(item("whole_number", { least: 40, most: 300 }), "120"), { value: 120 });
  assert.deepEqual(readItem(item("whole_number", { least: 40, most: 300 }), "12"), { problem: "range" });
  assert.deepEqual(readItem(item("whole_number"), "1,5"), { problem: "whole" });
  assert.deepEqual(readItem(item("decimal", { least: 1, most: 12 }), "4,1"), { value: 4.1 });
  assert.deepEqual(readItem(item("date_or_month"), "jadis"), { problem: "date" });
});
test("a list without lines is an answer only when it is said", () => {
  assert.deepEqual(readItem(item("texts"), " bisoprolol 5 mg \n\n ramipril "), { value: ["bisoprolol 5 mg", "ramipril"] });
  assert.deepEqual(readItem(item("texts"), " \n"), {});
  assert.deepEqual(readItem(item("texts"), "", true), { value: [] });
});
test("what was sent is what the form begins with", () => {
  const clinical: Record<string, unknown> = {};
  put(clinical, "vitals.heart_rate_bpm", 72);
  put(clinical, "treatments", ["a", "b"]);
  put(clinical, "device.icd", false);
  assert.deepEqual(clinical, { vitals: { heart_rate_bpm: 72 }, treatments: ["a", "b"], device: { icd: false } });
  const request = { clinical };
  assert.equal(startOf(request, "clinical.vitals.heart_rate_bpm"), "72");
  assert.equal(startOf(request, "clinical.treatments"), "a\nb");
  assert.equal(startOf(request, "clinical.device.icd"), "no");
  assert.equal(startOf(request, "clinical.device.pacemaker"), "");
  assert.equal(startOf(undefined, "patient.sex"), "");
});
test("items stand under their headings", () => {
  const names = ["vitals.spo2_percent", "history", "vitals.systolic_mmhg", "history.family_melanoma"];
  const groups = grouped(names.map((name) => item("text", { name })));
  assert.deepEqual(groups.map(([group, items]) => [group, items.map((one) => one.name)]), [
    ["vitals", ["vitals.spo2_percent", "vitals.systolic_mmhg"]],
    ["other", ["history"]],
    ["history", ["history.family_melanoma"]],
  ]);
});
test("15 wins over a consultation today", () => {
  const flags = [{ code: "a", sentence: "", exit: "in_person_today" }, { code: "b", sentence: "", exit: "15_now" }];
  const programme = { red_flags: flags } as unknown as Programme;
  const answers = (yes: string[]) => exitOf(programme, (code) => (yes.includes(code) ? "yes" : "no"));
  assert.equal(answers([]), undefined);
  assert.equal(answers(["a"]), "in_person_today");
  assert.equal(answers(["a", "b"]), "15_now");
});
test("the key of an INS matricule", () => {
  const withKey = (thirteen: string, digits = thirteen): string =>
    thirteen + String(97n - (BigInt(digits) % 97n)).padStart(2, "0");
  assert.ok(hasRightInsKey(withKey("2610397120045")));
  assert.ok(hasRightInsKey(withKey("261032A120045", "2610319120045")));
  assert.ok(hasRightInsKey(withKey("261032B120045", "2610318120045")));
  assert.ok(!hasRightInsKey("261039712004500"));
  assert.ok(!hasRightInsKey("26103"));
  assert.ok(!hasRightInsKey("26103971200Z564"));
});
