// SPDX-License-Identifier: Apache-2.0
// The demonstration's people come in: password, then a one-time code (RFC 6238) computed here from the
// secret that demonstration-logins.json holds.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

const kStep = 30; // seconds

function fromBase32(text) {
  const bytes = [];
  let [held, bits] = [0, 0];
  for (const c of text) {
    held = (held << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
    held &= (1 << bits) - 1;
  }
  return Buffer.from(bytes);
}

export const stepNow = () => Math.floor(Date.now() / 1000 / kStep);

export function totp(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const truncated = mac.readUInt32BE(mac.at(-1) & 0xf) & 0x7fffffff;
  return String(truncated % 1_000_000).padStart(6, "0");
}

const taken = new Map(); // newest step that was used, by secret

/** A code that serves: each does so once. `from`: the oldest step to begin with, against now. */
export async function nextCode(secret, from = 0) {
  let step = Math.max(stepNow() + from, (taken.get(secret) ?? 0) + 1);
  while (step > stepNow() + 1) await new Promise((resolve) => setTimeout(resolve, 500));
  taken.set(secret, step);
  return totp(secret, step);
}

const cookies = new Map();

/** The cookie of a whole session over the API; one for each person. */
export async function cookieOf(base, { login, password, totp_secret }) {
  const known = cookies.get(login);
  if (known) return known;
  const post = async (path, json, cookie) => {
    const answer = await fetch(`${base}/api/v1/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(cookie ? { Cookie: cookie } : {}) },
      body: JSON.stringify(json),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.headers.get("set-cookie").split(";")[0];
  };
  const half = await post("login", { login, password });
  // The oldest code that is good: whoever comes in after this process has the others.
  const whole = await post("login/second-factor", { code: await nextCode(totp_secret, -1) }, half);
  cookies.set(login, whole);
  return whole;
}
