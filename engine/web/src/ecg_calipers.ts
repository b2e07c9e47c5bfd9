// SPDX-License-Identifier: Apache-2.0
// Calipers: arithmetic of the marks that the reader has set, and of nothing else.

/** Amplitudes count from the median of the mark's lead. */
export interface Mark {
  seconds: number;
  mv: number;
}
export type CaliperRole = "free" | "qt" | "rr";
export interface Caliper {
  id: number;
  role: CaliperRole;
  lead: string;
  marks: [Mark, Mark];
  /** Its interval is repeated over the whole tracing. */
  marching: boolean;
}
export interface Readout {
  ms: number;
  perMinute: number; // Infinity when both marks stand at one instant
  mv: number; // the second mark above the first
}

export function readoutOf({ marks: [first, second] }: Caliper): Readout {
  const ms = Math.abs(second.seconds - first.seconds) * 1000;
  return { ms, perMinute: 60_000 / ms, mv: second.mv - first.mv };
}

/** QTc in milliseconds. Bazett (Heart 1920;7:353): QT / RR^(1/2); Fridericia (Acta Med Scand
 *  1920;53:469): QT / RR^(1/3), RR in seconds. undefined without a QT and an RR above zero. */
export function correctedQt(qtMs: number, rrMs: number): { bazett: number; fridericia: number } | undefined {
  if (!(qtMs > 0) || !(rrMs > 0)) return undefined;
  const rrS = rrMs / 1000;
  return { bazett: qtMs / Math.sqrt(rrS), fridericia: qtMs / Math.cbrt(rrS) };
}

const kMostMarches = 2000; // an interval of one sample over a minute would be a grey sheet

/** The instants of a march-out within [fromS, toS]: equal intervals to both sides of the first mark,
 *  the two marks themselves left out. Empty when the interval is too short to be repeated. */
export function marchOf({ marks }: Caliper, fromS: number, toS: number): number[] {
  const start = Math.min(marks[0].seconds, marks[1].seconds);
  const step = Math.abs(marks[1].seconds - marks[0].seconds);
  if (step <= 0 || (toS - fromS) / step > kMostMarches) return [];
  const instants: number[] = [];
  for (let n = Math.ceil((fromS - start) / step - 1e-9); start + n * step <= toS + 1e-9; n++) {
    if (n !== 0 && n !== 1) instants.push(start + n * step);
  }
  return instants;
}

/** A mark moved by whole samples and by hundredths of a millivolt, within the recording. */
export function moved(mark: Mark, bySamples: number, intervalS: number, byMv: number, totalS: number): Mark {
  const sample = Math.round(mark.seconds / intervalS) + bySamples;
  const seconds = Math.min(Math.max(sample * intervalS, 0), totalS);
  return { seconds, mv: Math.round((mark.mv + byMv) * 1000) / 1000 };
}
