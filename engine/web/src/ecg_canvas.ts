// SPDX-License-Identifier: Apache-2.0
// Draws paper, traces and marks. The one place that touches a canvas of the tracing.
import { marchOf, type Caliper } from "./ecg_calipers";
import { kPulseS, mvPerLsb, samplesIn, swingOf, xOfIndex, type Cell, type EcgLayout, type EcgScale } from "./ecg_layout";
import { bitmapOn, colourOf, emptySpans, fill, rule, spansOf, stroke, type Bitmap, type Placing } from "./ecg_raster";
import type { EcgWindow } from "./ecg_window";
import { cellOf } from "./ecg_window";

/** All lengths in device pixels; `unit` of the window too. */
export interface Scene {
  layout: EcgLayout;
  scale: EcgScale;
  view: EcgWindow;
  /** CSS pixels to device pixels. */
  ratio: number;
  /** The recording of another day below this one, moved by `shiftS`. */
  under?: EcgLayout;
  shiftS: number;
}
export interface Inks {
  paper: string;
  fine: string;
  thick: string;
  trace: string;
  previous: string;
  mark: string;
}
export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  const ink = (name: string): string => style.getPropertyValue(`--ecg-${name}`).trim();
  return {
    paper: ink("paper"), fine: ink("fine"), thick: ink("thick"), trace: ink("trace"), previous: ink("previous"),
    mark: ink("mark"),
  };
}

const kLeastFineStep = 2.5; // px: small squares melt below
const kLeastThickStep = 2.5;
const kTraceMm = 0.28;
const kMostTracePx = 2.2; // CSS px: a pen that grows with the zoom would hide what is looked for

/** Pixels and spans of one canvas, kept from frame to frame. */
export class SheetPainter {
  private image?: ImageData;
  private bitmap?: Bitmap;
  private spans = emptySpans(0);

  paint(ink: CanvasRenderingContext2D, scene: Scene, inks: Inks): void {
    const bitmap = this.sized(ink);
    const { xMm, yMm, unit } = scene.view;
    fill(bitmap, colourOf(inks.paper));
    if (unit >= kLeastFineStep) rule(bitmap, xMm * unit, yMm * unit, unit, colourOf(inks.fine));
    if (5 * unit >= kLeastThickStep) rule(bitmap, xMm * unit, yMm * unit, 5 * unit, colourOf(inks.thick));
    for (const cell of scene.under?.cells ?? []) this.trace(bitmap, scene, underCell(scene, cell), inks.previous, scene.shiftS);
    for (const cell of scene.layout.cells) this.trace(bitmap, scene, cell, inks.trace, 0);
    ink.putImageData(this.image!, 0, 0);
    paintPulses(ink, scene, inks.trace);
    paintNames(ink, scene, inks);
  }

  private sized(ink: CanvasRenderingContext2D): Bitmap {
    const { width, height } = ink.canvas;
    if (this.bitmap?.width !== width || this.bitmap.height !== height) {
      this.image = ink.createImageData(width, height);
      this.bitmap = bitmapOn(this.image.data, width, height);
      this.spans = emptySpans(width);
    }
    return this.bitmap;
  }

  private trace(bitmap: Bitmap, scene: Scene, cell: Cell, colour: string, shiftS: number): void {
    const { view, scale } = scene;
    const slackS = 2 * (cell.lead.sampling_interval_us / 1e6); // lines to and from what is outside
    const at = (px: number): number => cell.startS + (px / view.unit + view.xMm - cell.xMm) / scale.speed - shiftS;
    const [from, to] = samplesIn(cell, at(0) - slackS, at(bitmap.width) + slackS);
    if (to <= from) return;
    spansOf(this.spans, cell.lead.samples, from, to, placingOf(scene, cell, shiftS));
    stroke(bitmap, this.spans, penWidth(scene), colourOf(colour));
  }
}

function placingOf({ view, scale }: Scene, cell: Cell, shiftS: number): Placing {
  const { lead } = cell;
  const dy = mvPerLsb(lead) * scale.gain * view.unit;
  return {
    x0: (xOfIndex(cell, scale, 0) + shiftS * scale.speed - view.xMm) * view.unit,
    dx: (lead.sampling_interval_us / 1e6) * scale.speed * view.unit,
    y0: (cell.baselineMm - view.yMm) * view.unit + swingOf(lead.samples).median * dy,
    dy,
  };
}

export const penWidth = ({ view, ratio }: Scene): number =>
  Math.min(Math.max(1, view.unit * kTraceMm), kMostTracePx * ratio);

/** The other recording stands on the baseline of the same lead, however high its own rows are. */
function underCell({ layout }: Scene, cell: Cell): Cell {
  const same = layout.cells.find((one) => one.lead.code === cell.lead.code && one.xMm === cell.xMm && one.lengthS >= cell.lengthS)
    ?? layout.cells.find((one) => one.lead.code === cell.lead.code);
  return same ? { ...cell, baselineMm: same.baselineMm, xMm: same.xMm } : { ...cell, lengthS: 0 };
}

function paintPulses(ink: CanvasRenderingContext2D, scene: Scene, colour: string): void {
  const { layout, scale, view } = scene;
  const { speed, gain } = scale;
  ink.lineWidth = penWidth(scene);
  ink.strokeStyle = colour;
  ink.beginPath();
  for (const { xMm, baselineMm } of layout.pulses) {
    const [left, right] = [xMm, xMm + kPulseS * speed];
    const [low, high] = [baselineMm, baselineMm - gain];
    const corners = [[left - 1, low], [left, low], [left, high], [right, high], [right, low], [right + 1, low]] as const;
    corners.forEach(([x, y], n) => {
      const [px, py] = [(x - view.xMm) * view.unit, (y - view.yMm) * view.unit];
      if (n === 0) ink.moveTo(px, py);
      else ink.lineTo(px, py);
    });
  }
  ink.stroke();
}

function paintNames(ink: CanvasRenderingContext2D, { layout, view, ratio }: Scene, inks: Inks): void {
  const size = Math.min(Math.max(view.unit * 3.4, 11 * ratio), 18 * ratio);
  ink.font = `600 ${Math.round(size)}px system-ui, sans-serif`;
  ink.fillStyle = inks.trace;
  for (const { lead, xMm, labelMm } of layout.cells) {
    const name = lead.code + (lead.derived ? "*" : "");
    const place = (xMm + 1 - view.xMm) * view.unit;
    // Where lines run on, a name stays in sight.
    const x = layout.continuous ? Math.max(place, 4 * ratio) : place;
    ink.fillText(name, x, (labelMm - view.yMm) * view.unit);
  }
}

// ---- marks

export function paintMarks(
  ink: CanvasRenderingContext2D, scene: Scene, calipers: readonly Caliper[], inks: Inks, totalS: number,
): void {
  ink.setTransform(1, 0, 0, 1, 0, 0);
  ink.clearRect(0, 0, ink.canvas.width, ink.canvas.height);
  ink.strokeStyle = ink.fillStyle = inks.mark;
  for (const caliper of calipers) {
    if (caliper.marching) {
      ink.lineWidth = scene.ratio;
      ink.setLineDash([3 * scene.ratio, 3 * scene.ratio]);
      for (const seconds of marchOf(caliper, 0, totalS)) paintInstant(ink, scene, seconds);
      ink.setLineDash([]);
    }
    ink.lineWidth = 1.5 * scene.ratio;
    for (const mark of caliper.marks) paintInstant(ink, scene, mark.seconds);
    paintLevels(ink, scene, caliper);
  }
}

/** A vertical line through every row that shows the instant. */
function paintInstant(ink: CanvasRenderingContext2D, { layout, scale, view }: Scene, seconds: number): void {
  ink.beginPath();
  for (const cell of layout.cells) {
    if (seconds < cell.startS || seconds > cell.startS + cell.lengthS) continue;
    const x = (cell.xMm + (seconds - cell.startS) * scale.speed - view.xMm) * view.unit;
    ink.moveTo(x, (cell.topMm + 1 - view.yMm) * view.unit);
    ink.lineTo(x, (cell.bottomMm - view.yMm) * view.unit);
  }
  ink.stroke();
}

/** The amplitudes of both marks, and the stretch between them. */
function paintLevels(ink: CanvasRenderingContext2D, { layout, scale, view, ratio }: Scene, caliper: Caliper): void {
  const cell = cellOf(layout, caliper.lead, caliper.marks[0].seconds);
  if (!cell) return;
  const points = caliper.marks.map((mark) => ({
    x: (cell.xMm + (mark.seconds - cell.startS) * scale.speed - view.xMm) * view.unit,
    y: (cell.baselineMm - mark.mv * scale.gain - view.yMm) * view.unit,
  }));
  const [first, second] = [points[0]!, points[1]!];
  ink.setLineDash([6 * ratio, 4 * ratio]);
  ink.beginPath();
  for (const { y } of points) {
    ink.moveTo(Math.min(first.x, second.x), y);
    ink.lineTo(Math.max(first.x, second.x), y);
  }
  ink.stroke();
  ink.setLineDash([]);
  ink.font = `600 ${Math.round(12 * ratio)}px system-ui, sans-serif`;
  ink.fillText(String(caliper.id), Math.min(first.x, second.x) + 3 * ratio, (cell.topMm - view.yMm) * view.unit + 13 * ratio);
}
