// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { carries, filteredLead, isFiltered, kUnfiltered } from "../../engine/web/src/ecg_filters";
import type { EcgLead } from "../../engine/web/src/ecg_layout";

const kRate = 500;
function lead(of: (seconds: number) => number, seconds = 20, rate = kRate): EcgLead {
  const samples = Array.from({ length: seconds * rate }, (_, i) => of(i / rate));
  return { code: "II", derived: false, gain_nv_per_lsb: 1000, sampling_interval_us: 1e6 / rate, first_sample: 0, samples };
}
const sine = (hz: number, amplitude = 1000) => (s: number): number => amplitude * Math.sin(2 * Math.PI * hz * s);
/** Amplitude of what is left of a sine, away from both ends. */
function gainOf(hz: number, choice: Parameters<typeof filteredLead>[1]): number {
  const { samples } = filteredLead(lead(sine(hz)), choice);
  let most = 0;
  for (let i = 5 * kRate; i < 15 * kRate; i++) most = Math.max(most, Math.abs(samples[i]!));
  return most / 1000;
}
const only = (choice: Partial<typeof kUnfiltered>) => ({ ...kUnfiltered, ...choice });
const between = (value: number, least: number, most: number): void => assert.ok(value >= least && value <= most, `${value}`);

test("nothing is filtered unless it is chosen", () => {
  const raw = lead(sine(5));
  assert.equal(filteredLead(raw, kUnfiltered), raw);
  assert.ok(!isFiltered(kUnfiltered));
});
test("the recorded samples are never touched", () => {
  const raw = lead(sine(50));
  const before = JSON.stringify(raw);
  const drawn = filteredLead(raw, { notchHz: 50, highPassHz: 0.5, lowPassHz: 40 });
  assert.equal(JSON.stringify(raw), before);
  assert.notEqual(drawn.samples, raw.samples);
  assert.equal(drawn.samples.length, raw.samples.length);
});
test("the mains filter takes 50 Hz and little beside it", () => {
  between(gainOf(50, only({ notchHz: 50 })), 0, 0.03);
  between(gainOf(10, only({ notchHz: 50 })), 0.98, 1.02);
  between(gainOf(35, only({ notchHz: 50 })), 0.9, 1.02);
  between(gainOf(100, only({ notchHz: 50 })), 0.9, 1.02);
});
test("the baseline filter takes what is slow, 3 dB at its frequency", () => {
  between(gainOf(0.05, only({ highPassHz: 0.5 })), 0, 0.02);
  between(gainOf(0.5, only({ highPassHz: 0.5 })), 0.68, 0.74);
  between(gainOf(5, only({ highPassHz: 0.5 })), 0.98, 1.02);
});
test("the low-pass takes what is fast, 3 dB at its frequency", () => {
  for (const hz of [35, 40] as const) {
    between(gainOf(hz, only({ lowPassHz: hz })), 0.66, 0.76);
    between(gainOf(5, only({ lowPassHz: hz })), 0.98, 1.02);
    between(gainOf(120, only({ lowPassHz: hz })), 0, 0.03);
  }
});
test("no wave is shifted in time", () => {
  const at = 7.3;
  const raw = lead((s) => 1000 * Math.exp(-(((s - at) / 0.02) ** 2)));
  for (const choice of [only({ notchHz: 50 }), only({ highPassHz: 0.5 }), only({ lowPassHz: 40 })]) {
    const samples = Array.from(filteredLead(raw, choice).samples);
    assert.equal(samples.indexOf(Math.max(...samples)), at * kRate);
  }
});
test("a constant offset stays, but for the baseline filter", () => {
  const raw = lead(() => 300);
  between(filteredLead(raw, only({ lowPassHz: 40 })).samples[0]!, 299.9, 300.1);
  between(filteredLead(raw, only({ notchHz: 50 })).samples[4000]!, 299.9, 300.1);
  between(Math.abs(filteredLead(raw, only({ highPassHz: 0.5 })).samples[4000]!), 0, 0.1);
});
test("a recording too coarse for a frequency is drawn as it is", () => {
  const coarse = lead(sine(5), 10, 100);
  assert.ok(!carries(coarse, 50) && carries(coarse, 0.5));
  assert.equal(filteredLead(coarse, only({ notchHz: 50, lowPassHz: 40 })), coarse);
});
test("an empty and a very short lead pass", () => {
  for (const samples of [[], [5], [5, 6]]) {
    const short = { ...lead(() => 0, 1), samples };
    assert.equal(filteredLead(short, { notchHz: 50, highPassHz: 0.5, lowPassHz: 40 }).samples.length, samples.length);
  }
});
