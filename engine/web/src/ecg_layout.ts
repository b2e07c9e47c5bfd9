// SPDX-License-Identifier: Apache-2.0
// Where each lead stands on the millimetre paper; pure geometry, lengths in millimetres.

export interface EcgLead {
  code: string;
  derived: boolean;
  gain_nv_per_lsb: number;
  sampling_interval_us: number;
  first_sample: number;
  samples: number[];
}
export interface EcgScale {
  speed: number; // mm/s
  gain: number; // mm/mV
}
export type Arrangement = "grid" | "strips";
/** A stretch of one lead. Its baseline is the lead's median: a constant offset says nothing. */
export interface Cell {
  lead: EcgLead;
  xMm: number;
  baselineMm: number;
  labelMm: number;
  startS: number;
  lengthS: number;
}
export interface EcgLayout {
  widthMm: number;
  heightMm: number;
  cells: Cell[];
  /** The calibration pulse of each row: 1 mV during 0.2 s. */
  pulses: { xMm: number; baselineMm: number }[];
}

/** What one sheet shows: the usual 10 s. */
export const kSheetS = 10;
export const kPulseS = 0.2;
const kMarginMm = 2;
const kLabelMm = 5; // room for a lead's name above its trace
// A row is as high as its traces, within these bounds: an artefact must not push the others away.
const kMinUpMm = 5;
const kMinDownMm = 5;
const kMaxMm = 40;
const kColumns = [["I", "II", "III"], ["aVR", "aVL", "aVF"], ["V1", "V2", "V3"], ["V4", "V5", "V6"]];
const kRhythmLead = "II";

const startOf = (lead: EcgLead): number => (lead.first_sample * lead.sampling_interval_us) / 1e6;
const endOf = (lead: EcgLead): number =>
  ((lead.first_sample + lead.samples.length) * lead.sampling_interval_us) / 1e6;
export const durationS = (leads: EcgLead[]): number => Math.max(0, ...leads.map(endOf));

const medians = new WeakMap<number[], number>();
export function medianOf(samples: number[]): number {
  let median = medians.get(samples);
  if (median === undefined) {
    const sorted = Float64Array.from(samples).sort();
    median = sorted[sorted.length >> 1] ?? 0;
    medians.set(samples, median);
  }
  return median;
}

/** Indices of the samples within a cell: [from, to). */
function range(cell: { lead: EcgLead; startS: number; lengthS: number }): [number, number] {
  const { lead, startS, lengthS } = cell;
  const at = (s: number): number => Math.ceil((s * 1e6) / lead.sampling_interval_us - 1e-6) - lead.first_sample;
  const clamp = (i: number): number => Math.min(lead.samples.length, Math.max(0, i));
  return [clamp(at(startS)), clamp(at(startS + lengthS))];
}

/** x and y of each sample of a cell, in turn; y grows downwards. */
export function tracePoints(cell: Cell, scale: EcgScale): Float64Array {
  const [from, to] = range(cell);
  const { lead } = cell;
  const middle = medianOf(lead.samples);
  const points = new Float64Array(2 * Math.max(0, to - from));
  for (let i = from; i < to; i++) {
    const at = ((lead.first_sample + i) * lead.sampling_interval_us) / 1e6 - cell.startS;
    const mv = (((lead.samples[i] ?? middle) - middle) * lead.gain_nv_per_lsb) / 1e6;
    points[2 * (i - from)] = cell.xMm + at * scale.speed;
    points[2 * (i - from) + 1] = cell.baselineMm - mv * scale.gain;
  }
  return points;
}

interface Placed {
  lead: EcgLead;
  column: number;
  startS: number;
  lengthS: number;
}

function rowsOf(leads: EcgLead[], arrangement: Arrangement, fromS: number): Placed[][] {
  const named = new Map(leads.map((lead) => [lead.code, lead]));
  const strip = (lead: EcgLead): Placed[] => [{ lead, column: 0, startS: fromS, lengthS: kSheetS }];
  if (!usesGrid(leads) || arrangement === "strips") return leads.map(strip);
  // A full sheet runs on from column to column; a shorter recording starts again in each of them.
  const columnS = kSheetS / kColumns.length;
  const runsOn = durationS(leads) - fromS > kSheetS - columnS;
  const rows: Placed[][] = [0, 1, 2].map((row) =>
    kColumns.flatMap((codes, column) => {
      const lead = named.get(codes[row] ?? "");
      return lead ? [{ lead, column, startS: fromS + (runsOn ? column * columnS : 0), lengthS: columnS }] : [];
    }),
  );
  const rhythm = named.get(kRhythmLead) ?? leads[0];
  if (rhythm) rows.push(strip(rhythm));
  const shown = new Set(kColumns.flat());
  return [...rows, ...leads.filter((lead) => !shown.has(lead.code)).map(strip)].filter((row) => row.length > 0);
}

/** True when the usual grid of 3 x 4 leads and a rhythm strip has something for most places. */
export function usesGrid(leads: EcgLead[]): boolean {
  const twelve = new Set(kColumns.flat());
  return leads.filter((lead) => twelve.has(lead.code)).length >= 8;
}

/** Highest and lowest point of a row around its baseline, bounded. */
function extent(row: Placed[], gain: number): { up: number; down: number } {
  let [up, down] = [kMinUpMm, kMinDownMm];
  for (const placed of row) {
    const middle = medianOf(placed.lead.samples);
    const perLsb = (placed.lead.gain_nv_per_lsb / 1e6) * gain;
    const [from, to] = range(placed);
    for (let i = from; i < to; i++) {
      const mm = ((placed.lead.samples[i] ?? middle) - middle) * perLsb;
      up = Math.max(up, mm);
      down = Math.max(down, -mm);
    }
  }
  return { up: Math.min(Math.max(up, gain), kMaxMm), down: Math.min(down, kMaxMm) };
}

export function layoutEcg(
  leads: EcgLead[], scale: EcgScale, arrangement: Arrangement, fromS = 0,
): EcgLayout {
  const usable = leads.filter((lead) => lead.samples.length > 0 && startOf(lead) < fromS + kSheetS);
  const leftMm = 2 * kMarginMm + kPulseS * scale.speed;
  const columnMm = (kSheetS / kColumns.length) * scale.speed;
  const layout: EcgLayout = { widthMm: 0, heightMm: 0, cells: [], pulses: [] };
  let y = 0;
  for (const row of rowsOf(usable, arrangement, fromS)) {
    const { up, down } = extent(row, scale.gain);
    // Baselines on thick lines: the eye measures from there.
    const baselineMm = Math.ceil((y + kLabelMm + up) / 5) * 5;
    for (const placed of row) {
      const xMm = leftMm + placed.column * columnMm;
      layout.cells.push({ ...placed, xMm, baselineMm, labelMm: baselineMm - up - 1 });
    }
    layout.pulses.push({ xMm: kMarginMm, baselineMm });
    y = baselineMm + down;
  }
  layout.heightMm = Math.ceil((y + kMarginMm) / 5) * 5;
  layout.widthMm = Math.ceil((leftMm + kSheetS * scale.speed + kMarginMm) / 5) * 5;
  return layout;
}
