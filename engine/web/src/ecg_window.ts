// SPDX-License-Identifier: Apache-2.0
// The part of a sheet that a screen shows: panning, zoom, and what lies under a point. Pure.
import { kSheetS, type Cell, type EcgLayout, type EcgScale } from "./ecg_layout";

/** `xMm`, `yMm`: the sheet's point in the upper left corner. `unit`: pixels a millimetre. */
export interface EcgWindow {
  xMm: number;
  yMm: number;
  unit: number;
  fromS: number; // where a sheet begins; unused when lines run on
}
/** In the pixels of `unit`. */
export interface Extent {
  width: number;
  height: number;
}

export const kMinUnit = 0.8; // a minute of tracing on a wide screen
export const kMaxUnit = 64; // a sample of 500 Hz every 3 px at 25 mm/s

const within = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), Math.max(least, most));

/** Nothing is seen beyond the sheet, but where the sheet is smaller than the window. */
export function clamped(view: EcgWindow, layout: EcgLayout, seen: Extent, totalS: number): EcgWindow {
  const unit = within(view.unit, kMinUnit, kMaxUnit);
  return {
    unit,
    xMm: within(view.xMm, 0, layout.widthMm - seen.width / unit),
    yMm: within(view.yMm, 0, layout.heightMm - seen.height / unit),
    fromS: layout.continuous ? 0 : within(view.fromS, 0, totalS - kSheetS),
  };
}

/** Moves the window over the sheet; at the edge of a sheet, the sheet in time. */
export function panned(
  view: EcgWindow, dxMm: number, dyMm: number, layout: EcgLayout, scale: EcgScale, seen: Extent, totalS: number,
): EcgWindow {
  const wanted = { ...view, xMm: view.xMm + dxMm, yMm: view.yMm + dyMm };
  const moved = clamped(wanted, layout, seen, totalS);
  if (layout.continuous) return moved;
  const rest = wanted.xMm - moved.xMm;
  return clamped({ ...moved, fromS: moved.fromS + rest / scale.speed }, layout, seen, totalS);
}

/** The point of the sheet under (px, py) stays where it is. */
export function zoomed(
  view: EcgWindow, unit: number, px: number, py: number, layout: EcgLayout, seen: Extent, totalS: number,
): EcgWindow {
  const next = within(unit, kMinUnit, kMaxUnit);
  const xMm = view.xMm + px / view.unit - px / next;
  const yMm = view.yMm + py / view.unit - py / next;
  return clamped({ ...view, unit: next, xMm, yMm }, layout, seen, totalS);
}

/** A point of the recording: where a lead has which value. */
export interface Spot {
  cell: Cell;
  seconds: number;
  mv: number; // above the lead's median
}

/** What lies at a point of the sheet: the cell of its row, the nearest one in time. */
export function spotAt(layout: EcgLayout, scale: EcgScale, xMm: number, yMm: number): Spot | undefined {
  let best: Spot | undefined;
  let least = Infinity;
  for (const cell of layout.cells) {
    const seconds = cell.startS + (xMm - cell.xMm) / scale.speed;
    const inside = within(seconds, cell.startS, cell.startS + cell.lengthS);
    const away = Math.max(cell.topMm - yMm, yMm - cell.bottomMm, 0) + Math.abs(seconds - inside) * scale.speed;
    if (away >= least) continue;
    least = away;
    best = { cell, seconds: inside, mv: (cell.baselineMm - yMm) / scale.gain };
  }
  return best;
}

/** The cell that shows an instant of a lead, or of any lead when that one does not show it. */
export function cellOf(layout: EcgLayout, code: string, seconds: number): Cell | undefined {
  const shows = (cell: Cell): boolean => seconds >= cell.startS && seconds <= cell.startS + cell.lengthS;
  return layout.cells.find((cell) => cell.lead.code === code && shows(cell)) ?? layout.cells.find(shows);
}
export const pointOf = (cell: Cell, scale: EcgScale, seconds: number, mv: number): { xMm: number; yMm: number } => ({
  xMm: cell.xMm + (seconds - cell.startS) * scale.speed,
  yMm: cell.baselineMm - mv * scale.gain,
});
