// SPDX-License-Identifier: Apache-2.0
// Makes what the walk through the viewers looks at, and prints it as JSON: a case with two tracings of
// a minute and of ten seconds, one with photos of a back, one with a photo of a child; with
// each the cookie of its reader: a one-time code serves once.
//   BASE_URL=… TELAVIS_LOGINS=… NODE_EXTRA_CA_CERTS=certificate.pem node viewer_cases.mjs TRACING PHOTO
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { edfOf, samplesOf } from "./edf_tracing.mjs";
import { cookieOf } from "./second_factor.mjs";

const base = process.env.BASE_URL;
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
const { logins } = readJson(process.env.TELAVIS_LOGINS);
const { requests } = readJson(new URL("../../engine/demo/demonstration.json", import.meta.url));
const [tracing, photo] = process.argv.slice(2).map((file) => readFileSync(file));

async function submit(programme, changes, files, key) {
  const requester = logins.find((one) => one.role === "requester" && one.programme === programme);
  const cookie = await cookieOf(base, requester);
  const form = new FormData();
  const request = { ...requests.find((one) => one.programme === programme), ...changes };
  form.append("request", new Blob([JSON.stringify(request)], { type: "application/json" }));
  files.forEach(([name, bytes]) => form.append("file", new Blob([bytes]), name));
  const response = await fetch(`${base}/api/v1/cases?incomplete=keep`, {
    method: "POST", headers: { Cookie: cookie, "Idempotency-Key": key }, body: form,
  });
  const text = await response.text();
  assert.equal(response.status, 201, text);
  return { id: JSON.parse(text).case.id, reader: requester.name, cookie };
}

const ecg = logins.find((one) => one.role === "requester" && requests.some((r) => r.programme === one.programme && r.reason) && !one.programme.startsWith("dermato"));
const skin = logins.find((one) => one.role === "requester" && one.programme.startsWith("dermato-oncologie"));
const patient = { family_name: "ESSAI", given_name: "Camille", birth_date: "1961-03-02", sex: "female" };
const long = samplesOf({ seconds: 60 });
const earlier = edfOf(samplesOf({ seconds: 10, rrS: 0.9 }), { startDate: "02.01.26" });
const cases = {
  tracings: await submit(ecg.programme, { patient }, [["long.edf", edfOf(long)], ["earlier.edf", earlier], ["demo.scp", tracing]], "viewer-1"),
  photos: await submit(skin.programme, { patient, file_roles: ["close_up", "overview"] }, [["1.jpg", photo], ["2.jpg", photo]], "viewer-2"),
  child: await submit(skin.programme, {
    patient: { ...patient, birth_date: "2015-03-02" },
    consent: { given_by: "representative", representative_name: "Mme ESSAI", representative_quality: "mère" },
  }, [["3.jpg", photo]], "viewer-3"),
};
process.stdout.write(JSON.stringify(cases));
