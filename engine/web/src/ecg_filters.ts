// SPDX-License-Identifier: Apache-2.0
// Filters of the drawing alone: they make a second series of values and never touch the first.
// Each is a biquad run forwards and backwards, so that no wave is shifted in time.
import type { EcgLead } from "./ecg_layout";

export interface FilterChoice {
  notchHz: 0 | 50; // mains; 0: none
  highPassHz: 0 | 0.5; // baseline
  lowPassHz: 0 | 35 | 40; // muscle
}
export const kUnfiltered: FilterChoice = { notchHz: 0, highPassHz: 0, lowPassHz: 0 };
export const isFiltered = (choice: FilterChoice): boolean =>
  choice.notchHz + choice.highPassHz + choice.lowPassHz > 0;

export interface Biquad {
  b0: number;
  b1: number;
  b2: number;
  a1: number;
  a2: number;
}
const kButterworthQ = Math.SQRT1_2;
const kNotchQ = 12; // 4 Hz wide at 50 Hz

/** Bilinear transform of the second-order analogue filters (R. Bristow-Johnson, "Cookbook formulae
 *  for audio equalizer biquad filter coefficients"). `hz` below half of `rateHz`. */
export function biquad(kind: "notch" | "highpass" | "lowpass", hz: number, rateHz: number): Biquad {
  const w = (2 * Math.PI * hz) / rateHz;
  const cos = Math.cos(w);
  const alpha = Math.sin(w) / (2 * (kind === "notch" ? kNotchQ : kButterworthQ));
  const a0 = 1 + alpha;
  const [b0, b1] =
    kind === "notch" ? [1, -2 * cos] : kind === "lowpass" ? [(1 - cos) / 2, 1 - cos] : [(1 + cos) / 2, -(1 + cos)];
  return { b0: b0 / a0, b1: b1 / a0, b2: b0 / a0, a1: (-2 * cos) / a0, a2: (1 - alpha) / a0 };
}

// Two Butterworth passes of the second order take 1 / (1 + r^4) of the amplitude at r times their
// frequency: 3 dB, the usual meaning of "40 Hz", at this r.
const kTwoPasses = (Math.SQRT2 - 1) ** 0.25;

/** The pass of which two make the filter that its name says. */
export function passOf(kind: "notch" | "highpass" | "lowpass", hz: number, rateHz: number): Biquad {
  const shift = kind === "highpass" ? kTwoPasses : kind === "lowpass" ? 1 / kTwoPasses : 1;
  return biquad(kind, hz * shift, rateHz);
}

/** In place, from the steady state of a signal that has always had its first value. */
function run(signal: Float64Array, { b0, b1, b2, a1, a2 }: Biquad): void {
  const first = signal[0] ?? 0;
  const steady = (first * (b0 + b1 + b2)) / (1 + a1 + a2);
  let [x1, x2, y1, y2] = [first, first, steady, steady];
  for (let i = 0; i < signal.length; i++) {
    const x = signal[i]!;
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    signal[i] = y;
  }
}

/** Forwards and backwards over a signal lengthened at both ends by its own mirror image. */
export function zeroPhase(samples: ArrayLike<number>, filter: Biquad, padding: number): Float64Array {
  const n = samples.length;
  const pad = Math.min(padding, n - 1);
  if (n === 0) return new Float64Array(0);
  const long = new Float64Array(n + 2 * pad);
  for (let i = 0; i < n; i++) long[pad + i] = samples[i]!;
  for (let i = 1; i <= pad; i++) {
    long[pad - i] = 2 * samples[0]! - samples[i]!;
    long[pad + n - 1 + i] = 2 * samples[n - 1]! - samples[n - 1 - i]!;
  }
  run(long, filter);
  long.reverse();
  run(long, filter);
  long.reverse();
  return long.subarray(pad, pad + n);
}

const kPadS = 3; // some time constants of 0.5 Hz
/** A filter is offered where the sampling carries its frequency with room to spare. */
export const carries = (lead: EcgLead, hz: number): boolean => hz < 0.35 * (1e6 / lead.sampling_interval_us);

/** The lead as it is drawn; the lead itself without a filter, or where it carries none of them. */
export function filteredLead(lead: EcgLead, choice: FilterChoice): EcgLead {
  const rateHz = 1e6 / lead.sampling_interval_us;
  const steps: [Parameters<typeof biquad>[0], number][] = [
    ["highpass", choice.highPassHz], ["notch", choice.notchHz], ["lowpass", choice.lowPassHz],
  ];
  let samples = lead.samples;
  for (const [kind, hz] of steps) {
    if (hz > 0 && carries(lead, hz)) samples = zeroPhase(samples, passOf(kind, hz, rateHz), Math.ceil(kPadS * rateHz));
  }
  return samples === lead.samples ? lead : { ...lead, samples };
}
