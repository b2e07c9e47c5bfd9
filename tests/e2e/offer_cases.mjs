// SPDX-License-Identifier: Apache-2.0
// Uploads two tracings as the first requester would, so that each expert of the pool is offered one:
//   BASE_URL=… TELAVIS_LOGINS=… NODE_EXTRA_CA_CERTS=certificate.pem node offer_cases.mjs FILE
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const base = process.env.BASE_URL;
const { logins } = JSON.parse(readFileSync(process.env.TELAVIS_LOGINS, "utf8"));
const { login, password, programme } = logins.find((one) => one.role === "requester");

const welcome = await fetch(`${base}/api/v1/login`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ login, password }),
});
assert.equal(welcome.status, 200);
const cookie = welcome.headers.get("set-cookie").split(";")[0];

for (const key of ["browser-1", "browser-2"]) {
  const form = new FormData();
  const request = {
    programme,
    reason: "rhythm_disorder",
    question: "Le rythme est-il régulier ?",
    context: "Palpitations depuis une semaine.",
    own_reading: "Rythme sinusal probable.",
    consent: { given_by: "patient", information: "oral" },
  };
  form.append("request", new Blob([JSON.stringify(request)], { type: "application/json" }));
  form.append("file", new Blob([readFileSync(process.argv[2])]), "ecg.scp");
  const answer = await fetch(`${base}/api/v1/cases`, {
    method: "POST",
    headers: { Cookie: cookie, "Idempotency-Key": key },
    body: form,
  });
  const text = await answer.text();
  assert.equal(answer.status, 201, text);
  const { case: made } = JSON.parse(text);
  // Routing is the engine's own work: ask until it is done.
  for (let state = made.state; state === "queued"; ) {
    const listed = await (await fetch(`${base}/api/v1/cases`, { headers: { Cookie: cookie } })).json();
    state = listed.cases.find((one) => one.id === made.id).state;
  }
}
