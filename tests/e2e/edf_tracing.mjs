// SPDX-License-Identifier: Apache-2.0
// Tracings of nobody, as EDF files: twelve leads with waves, some mains and a wandering baseline.
// Every sample is known, so that what is drawn can be compared with it.

const kLeads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
const kGains = [0.6, 1.1, 0.5, -0.85, 0.2, 0.8, -0.7, -0.4, 0.5, 1.2, 1.1, 0.9];
const kStepUv = 1; // a digital step
const kLimit = 32767;

/** Microvolts of one beat's waves, `s` seconds after its P wave begins. */
function beat(s) {
  const wave = (at, width, uv) => uv * Math.exp(-(((s - at) / width) ** 2));
  return wave(0.1, 0.03, 120) + wave(0.225, 0.01, -120) + wave(0.25, 0.014, 1100) + wave(0.28, 0.012, -260) + wave(0.5, 0.055, 280);
}

/** Whole microvolts of each lead, by its name. */
export function samplesOf({ seconds, rateHz = 500, rrS = 0.8 }) {
  const step = (at, gain, n) => {
    const waves = beat(at % rrS) * gain;
    const mains = 12 * Math.sin(2 * Math.PI * 50 * at + n);
    return Math.round(waves + mains + 60 * Math.sin(2 * Math.PI * 0.15 * at + n));
  };
  return Object.fromEntries(kLeads.map((name, n) => [
    name, Array.from({ length: seconds * rateHz }, (_, i) => step(i / rateHz, kGains[n], n)),
  ]));
}

/** An EDF file (Kemp et al. 1992) with records of one second. */
export function edfOf(samples, { rateHz = 500, startDate = "02.03.26", startTime = "09.10.00" } = {}) {
  const names = Object.keys(samples);
  const records = samples[names[0]].length / rateHz;
  const text = (value, width) => String(value).padEnd(width).slice(0, width);
  const each = (value, width) => names.map((name) => text(typeof value === "function" ? value(name) : value, width)).join("");
  const header = [
    text("0", 8), text("X X X X", 80), text(startDate, 80), text(startDate, 8), text(startTime, 8),
    text(256 * (names.length + 1), 8), text("", 44), text(records, 8), text("1", 8), text(names.length, 4),
    each((name) => `ECG ${name}`, 16), each("", 80), each("uV", 8), each(-kLimit * kStepUv, 8), each(kLimit * kStepUv, 8),
    each(-kLimit, 8), each(kLimit, 8), each("", 80), each(rateHz, 8), each("", 32),
  ].join("");
  const body = Buffer.alloc(records * names.length * rateHz * 2);
  let at = 0;
  for (let record = 0; record < records; record++) {
    for (const name of names) {
      for (let i = 0; i < rateHz; i++) at = body.writeInt16LE(samples[name][record * rateHz + i], at);
    }
  }
  return Buffer.concat([Buffer.from(header, "latin1"), body]);
}
