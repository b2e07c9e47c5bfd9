// SPDX-License-Identifier: Apache-2.0
// A client that nobody here wrote uploads a file in pieces, breaks off, and goes on:
// node tus_client.mjs BASE_URL TOKEN FILE   (NODE_EXTRA_CA_CERTS: the server's authority)
// Prints what became of the exam.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tus from 'tus-js-client';

const [base, token, file] = process.argv.slice(2);
const bytes = readFileSync(file);
let outcome = '';
let place = '';

function upload(stopAfter) {
  return new Promise((resolve, reject) => {
    const one = new tus.Upload(bytes, {
      endpoint: `${base}/api/v1/exams/uploads`,
      uploadUrl: place || null,
      chunkSize: 64 * 1024,
      retryDelays: [0, 100],
      headers: { Authorization: `Bearer ${token}` },
      metadata: { filename: 'tracing.scp', sha256: '' },
      onBeforeRequest(request) {
        // The value of `sha256` is the base64 of the 32 bytes, which tus-js-client would encode again.
        if (request.getMethod() !== 'POST') return;
        const sum = createHash('sha256').update(bytes).digest('base64');
        request.setHeader('Upload-Metadata', `filename ${btoa('tracing.scp')},sha256 ${sum}`);
      },
      onAfterResponse(_, response) {
        outcome = response.getHeader('Telavis-Outcome') ?? outcome;
      },
      onChunkComplete(_, sent) {
        if (stopAfter && sent >= stopAfter) one.abort().then(() => resolve(one.url), reject);
      },
      onError: reject,
      onSuccess: () => resolve(one.url),
    });
    one.start();
  });
}

place = await upload(128 * 1024);
await upload(0);
console.log(outcome);
// Given up on purpose: the termination extension.
const given = new tus.Upload(bytes, {
  endpoint: `${base}/api/v1/exams/uploads`,
  chunkSize: 64 * 1024,
  headers: { Authorization: `Bearer ${token}` },
});
given.options.onChunkComplete = () => given.abort(true).then(() => console.log('terminated'));
given.start();
