// SPDX-License-Identifier: Apache-2.0
// Where each lead stands on the millimetre paper; pure geometry, lengths in millimetres.

export interface EcgLead {
  code: string;
  derived: boolean;
  gain_nv_per_lsb: number;
  sampling_interval_us: number;
  first_sample: number;
  samples: ArrayLike<number>;
}
export interface EcgScale {
  speed: number; // mm/s
  gain: number; // mm/mV
}
/** 3 rows of 4 leads and a rhythm strip; 6 rows of 2; a line a lead; one lead alone. */
export type Arrangement = "grid" | "columns" | "strips" | "single";
/** A stretch of one lead. Its baseline is the lead's median: a constant offset says nothing. */
export interface Cell {
  lead: EcgLead;
  row: number;
  xMm: number;
  baselineMm: number;
  topMm: number; // of the band that belongs to its row
  bottomMm: number;
  labelMm: number;
  startS: number;
  lengthS: number;
}
export interface EcgLayout {
  widthMm: number;
  heightMm: number;
  leftMm: number; // where time begins
  /** The lines run on over the whole recording; otherwise a sheet of kSheetS shows a part of it. */
  continuous: boolean;
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
const kLimbLeads = [["I", "II", "III"], ["aVR", "aVL", "aVF"]] as const;
const kChestLeads = [["V1", "V2", "V3"], ["V4", "V5", "V6"]] as const;
const kGrid: readonly (readonly string[])[] = [...kLimbLeads, ...kChestLeads];
const kSixByTwo: readonly (readonly string[])[] = [kLimbLeads.flat(), kChestLeads.flat()];
const kRhythmLead = "II";

export const startOf = (lead: EcgLead): number => (lead.first_sample * lead.sampling_interval_us) / 1e6;
export const endOf = (lead: EcgLead): number =>
  ((lead.first_sample + lead.samples.length) * lead.sampling_interval_us) / 1e6;
export const durationS = (leads: readonly EcgLead[]): number => Math.max(0, ...leads.map(endOf));

interface Swing {
  median: number;
  least: number;
  most: number;
}
const swings = new WeakMap<ArrayLike<number>, Swing>();
/** Median and extremes of a lead, reckoned once. */
export function swingOf(samples: ArrayLike<number>): Swing {
  let swing = swings.get(samples);
  if (!swing) {
    const sorted = Float64Array.from(samples).sort();
    swing = { median: sorted[sorted.length >> 1] ?? 0, least: sorted[0] ?? 0, most: sorted[sorted.length - 1] ?? 0 };
    swings.set(samples, swing);
  }
  return swing;
}
export const mvPerLsb = (lead: EcgLead): number => lead.gain_nv_per_lsb / 1e6;
/** Above the lead's median. NaN where nothing was recorded. */
export function millivoltsAt(lead: EcgLead, index: number): number {
  const sample = lead.samples[index];
  return sample === undefined ? NaN : (sample - swingOf(lead.samples).median) * mvPerLsb(lead);
}
/** The sample nearest to an instant of the recording, within the lead. */
export function indexAt(lead: EcgLead, seconds: number): number {
  const index = Math.round((seconds * 1e6) / lead.sampling_interval_us) - lead.first_sample;
  return Math.min(lead.samples.length - 1, Math.max(0, index));
}

/** Indices of the samples of a cell between two instants: [from, to). */
export function samplesIn(cell: Cell, fromS = cell.startS, toS = cell.startS + cell.lengthS): [number, number] {
  const { lead } = cell;
  const at = (s: number): number => Math.ceil((s * 1e6) / lead.sampling_interval_us - 1e-6) - lead.first_sample;
  const clamp = (i: number): number => Math.min(lead.samples.length, Math.max(0, i));
  return [clamp(at(Math.max(cell.startS, fromS))), clamp(at(Math.min(cell.startS + cell.lengthS, toS)))];
}
export const xOfIndex = (cell: Cell, scale: EcgScale, index: number): number =>
  cell.xMm + (((cell.lead.first_sample + index) * cell.lead.sampling_interval_us) / 1e6 - cell.startS) * scale.speed;

/** x and y of each sample of a cell, in turn; y grows downwards. */
export function tracePoints(cell: Cell, scale: EcgScale): Float64Array {
  const [from, to] = samplesIn(cell);
  const points = new Float64Array(2 * Math.max(0, to - from));
  for (let i = from; i < to; i++) {
    points[2 * (i - from)] = xOfIndex(cell, scale, i);
    points[2 * (i - from) + 1] = cell.baselineMm - millivoltsAt(cell.lead, i) * scale.gain;
  }
  return points;
}

interface Placed {
  lead: EcgLead;
  column: number; // in seconds from the left
  startS: number;
  lengthS: number;
}

/** Rows of leads that follow one another in time, column by column. */
function inColumns(leads: readonly EcgLead[], columns: readonly (readonly string[])[], fromS: number): Placed[][] {
  const named = new Map(leads.map((lead) => [lead.code, lead]));
  const lengthS = kSheetS / columns.length;
  // A full sheet runs on from column to column; a shorter recording starts again in each of them.
  const runsOn = durationS(leads) - fromS > kSheetS - lengthS;
  return columns[0]!.map((_, row) =>
    columns.flatMap((codes, column) => {
      const lead = named.get(codes[row] ?? "");
      const startS = fromS + (runsOn ? column * lengthS : 0);
      return lead ? [{ lead, column: column * lengthS, startS, lengthS }] : [];
    }),
  );
}

function rowsOf(leads: readonly EcgLead[], arrangement: Arrangement, fromS: number): Placed[][] {
  if (!isSheet(leads, arrangement)) {
    return leads.map((lead) => [{ lead, column: 0, startS: 0, lengthS: durationS(leads) }]);
  }
  const strip = (lead: EcgLead): Placed[] => [{ lead, column: 0, startS: fromS, lengthS: kSheetS }];
  const columns = arrangement === "grid" ? kGrid : kSixByTwo;
  const rows = inColumns(leads, columns, fromS);
  const rhythm = leads.find((lead) => lead.code === kRhythmLead) ?? leads[0];
  if (rhythm && arrangement === "grid") rows.push(strip(rhythm));
  const shown = new Set(columns.flat());
  return [...rows, ...leads.filter((lead) => !shown.has(lead.code)).map(strip)].filter((row) => row.length > 0);
}

/** True when an arrangement in columns has something for most of its places. */
export function usesGrid(leads: readonly EcgLead[]): boolean {
  const twelve = new Set(kGrid.flat());
  return leads.filter((lead) => twelve.has(lead.code)).length >= 8;
}
const isSheet = (leads: readonly EcgLead[], arrangement: Arrangement): boolean =>
  (arrangement === "grid" || arrangement === "columns") && usesGrid(leads);

/** Highest and lowest point of a row around its baseline, bounded. The whole recording counts: rows
 *  do not jump while the reader moves in time. */
function extent(row: Placed[], gain: number): { up: number; down: number } {
  let [up, down] = [Math.max(kMinUpMm, gain), kMinDownMm];
  for (const { lead } of row) {
    const { median, least, most } = swingOf(lead.samples);
    up = Math.max(up, (most - median) * mvPerLsb(lead) * gain);
    down = Math.max(down, (median - least) * mvPerLsb(lead) * gain);
  }
  return { up: Math.min(up, kMaxMm), down: Math.min(down, kMaxMm) };
}

/** `fromS` is where a sheet begins; lines that run on show the whole recording. */
export function layoutEcg(
  leads: readonly EcgLead[], scale: EcgScale, arrangement: Arrangement, fromS = 0,
): EcgLayout {
  const usable = leads.filter((lead) => lead.samples.length > 0);
  const continuous = !isSheet(usable, arrangement);
  const leftMm = 2 * kMarginMm + kPulseS * scale.speed;
  const layout: EcgLayout = { widthMm: 0, heightMm: 0, leftMm, continuous, cells: [], pulses: [] };
  let y = 0;
  rowsOf(usable, arrangement, fromS).forEach((row, number) => {
    const { up, down } = extent(row, scale.gain);
    // Baselines on thick lines: the eye measures from there.
    const baselineMm = Math.ceil((y + kLabelMm + up) / 5) * 5;
    for (const { lead, column, startS, lengthS } of row) {
      layout.cells.push({
        lead, row: number, startS, lengthS, xMm: leftMm + column * scale.speed, baselineMm, topMm: y,
        bottomMm: baselineMm + down, labelMm: baselineMm - up - 1,
      });
    }
    layout.pulses.push({ xMm: kMarginMm, baselineMm });
    y = baselineMm + down;
  });
  layout.heightMm = Math.ceil((y + kMarginMm) / 5) * 5;
  const lengthS = continuous ? durationS(usable) : kSheetS;
  layout.widthMm = Math.ceil((leftMm + lengthS * scale.speed + kMarginMm) / 5) * 5;
  return layout;
}
