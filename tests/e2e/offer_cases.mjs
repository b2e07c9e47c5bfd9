// SPDX-License-Identifier: Apache-2.0
// Makes what the walk through the pages begins with: a while between signing and leaving in the first
// programme, a tracing for each expert of its pool, and photos for a pool that is asked openly.
//   BASE_URL=… TELAVIS_LOGINS=… NODE_EXTRA_CA_CERTS=certificate.pem node offer_cases.mjs TRACING PHOTO
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cookieOf } from "./second_factor.mjs";

const base = process.env.BASE_URL;
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
const engine = new URL("../../engine/", import.meta.url);
const { logins } = readJson(process.env.TELAVIS_LOGINS);
const { requests } = readJson(new URL("demo/demonstration.json", engine));
const definitionOf = (id) => readJson(new URL(`programmes/${id}.json`, engine));

async function answered(response, status) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  return JSON.parse(text);
}

/** The demonstration's opinions leave at once: here there is time to take one back. */
async function slowDown(id) {
  const definition = definitionOf(id);
  definition.version = 2;
  definition.sla.release_delay_seconds = 10;
  const response = await fetch(`${base}/api/v1/admin/programmes/${id}`, {
    method: "PUT",
    headers: { Cookie: await cookieOf(base, logins.find((one) => one.role === "admin")), "Content-Type": "application/json" },
    body: JSON.stringify(definition),
  });
  await answered(response, 200);
}

async function submit(requester, request, file, key) {
  const cookie = await cookieOf(base, requester);
  const form = new FormData();
  form.append("request", new Blob([JSON.stringify(request)], { type: "application/json" }));
  form.append("file", new Blob([readFileSync(file)]), file.slice(file.lastIndexOf("/") + 1));
  const response = await fetch(`${base}/api/v1/cases`, {
    method: "POST",
    headers: { Cookie: cookie, "Idempotency-Key": key },
    body: form,
  });
  const { case: made } = await answered(response, 201);
  // Routing is the engine's own work: ask until it is done.
  for (let state = made.state; state === "queued"; ) {
    const listed = await (await fetch(`${base}/api/v1/cases`, { headers: { Cookie: cookie } })).json();
    state = listed.cases.find((one) => one.id === made.id).state;
  }
}

const [tracing, photo] = process.argv.slice(2);
const requester = logins.find((one) => one.role === "requester");
const request = requests.find((one) => one.programme === requester.programme);
await slowDown(requester.programme);
for (const key of ["browser-1", "browser-2"]) {
  await submit(requester, { ...request, patient_phone: "06 39 98 01 23" }, tracing, key);
}

const open = logins.find((one) => one.role === "requester" && definitionOf(one.programme).policy === "open");
await submit(open, {
  programme: open.programme,
  reason: "rash",
  question: "Éruption depuis trois semaines : quelle conduite ?",
  clinical: {
    lesion: { site: "tronc", since: "2026-05", evolution: "stable", bleeding: false, itch: true, pain: false },
    phototype: 2,
    history: { personal_melanoma: false, immunosuppression: false },
    treatments: [],
    treatments_tried: ["dermocorticoïde"],
    fever: false,
    mucosa: false,
    recent_drug: false,
    own_reading: { hypothesis: "pityriasis rosé" },
  },
  red_flags: Object.fromEntries(definitionOf(open.programme).red_flags.map(({ code }) => [code, false])),
  information: { form: "oral" },
  consent: { given_by: "patient" },
  patient: { family_name: "ESSAI", given_name: "Dominique", birth_date: "1958-07-19", sex: "male" },
}, photo, "browser-3");
