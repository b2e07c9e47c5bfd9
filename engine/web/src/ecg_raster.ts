// SPDX-License-Identifier: Apache-2.0
// Pixels of paper and traces, made by arithmetic alone: a browser's own path of a minute of twelve leads
// takes many frames to fill, and nobody could say which sample a pixel comes from. Here a column of
// pixels shows the stretch of values that the line takes within it, no more and no less.

/** Pixels as an ImageData holds them: red, green, blue, opaque, from the upper left corner. */
export interface Bitmap {
  width: number;
  height: number;
  data: Uint8ClampedArray;
  words: Uint32Array; // the same bytes, a pixel each
}
export type Colour = readonly [number, number, number];

/** "#1f6fd6"; black when it is none. */
export function colourOf(hex: string): Colour {
  const digits = /^#([\da-f]{6})$/i.exec(hex.trim())?.[1] ?? "000000";
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)) as unknown as Colour;
}
export function bitmapOn(data: Uint8ClampedArray, width: number, height: number): Bitmap {
  return { width, height, data, words: new Uint32Array(data.buffer, data.byteOffset, width * height) };
}
const wordBytes = new Uint8Array(4);
const wordView = new Uint32Array(wordBytes.buffer);
/** As this machine orders the bytes of a word. */
function wordOf([r, g, b]: Colour): number {
  wordBytes.set([r, g, b, 255]);
  return wordView[0]!;
}

export function fill(bitmap: Bitmap, colour: Colour): void {
  bitmap.words.fill(wordOf(colour));
}
/** Lines of one pixel every `step` pixels, the first multiple counted from `-offset`. */
export function rule(bitmap: Bitmap, offsetX: number, offsetY: number, step: number, colour: Colour): void {
  const { width, height, words } = bitmap;
  const word = wordOf(colour);
  for (let n = Math.ceil(offsetY / step); ; n++) {
    const y = Math.round(n * step - offsetY);
    if (y >= height) break;
    words.fill(word, y * width, (y + 1) * width);
  }
  for (let n = Math.ceil(offsetX / step); ; n++) {
    const x = Math.round(n * step - offsetX);
    if (x >= width) break;
    for (let at = x; at < words.length; at += width) words[at] = word;
  }
}

/** What a line takes of each column of pixels: from `least` to `most`, in pixels downwards. A column that
 *  it does not reach has least > most. */
export interface Spans {
  least: Float64Array;
  most: Float64Array;
}
export function emptySpans(width: number): Spans {
  return { least: new Float64Array(width), most: new Float64Array(width) };
}

/** How a line's points lie on the bitmap: x of the point `i` is `x0 + i * dx`, y is `y0 - value * dy`. */
export interface Placing {
  x0: number;
  dx: number; // above 0
  y0: number;
  dy: number;
}

/** The spans of the line through samples[from..to). */
export function spansOf(spans: Spans, samples: ArrayLike<number>, from: number, to: number, { x0, dx, y0, dy }: Placing): void {
  const { least, most } = spans;
  const width = least.length;
  least.fill(Infinity);
  most.fill(-Infinity);
  const touch = (column: number, top: number, bottom: number): void => {
    if (column < 0 || column >= width) return;
    if (top < least[column]!) least[column] = top;
    if (bottom > most[column]!) most[column] = bottom;
  };
  if (to <= from) return;
  let xa = x0 + from * dx;
  let ya = y0 - samples[from]! * dy;
  let column = Math.floor(xa);
  let [top, bottom] = [ya, ya]; // of this column so far
  for (let i = from + 1; i < to; i++) {
    const xb = x0 + i * dx;
    const yb = y0 - samples[i]! * dy;
    if (xb >= column + 1) {
      touch(column, top, bottom);
      const last = Math.floor(xb);
      // Where the line crosses from column to column, it belongs to both.
      const slope = (yb - ya) / (xb - xa);
      for (let edge = Math.max(column + 1, 0); edge <= last && edge <= width; edge++) {
        const y = ya + (edge - xa) * slope;
        touch(edge - 1, y, y);
        touch(edge, y, y);
      }
      column = last;
      top = bottom = yb;
    } else if (yb < top) {
      top = yb;
    } else if (yb > bottom) {
      bottom = yb;
    }
    xa = xb;
    ya = yb;
  }
  touch(column, top, bottom);
}

/** Draws the line of `spans` with a round pen of this width in pixels, its edges softened. */
export function stroke(bitmap: Bitmap, { least, most }: Spans, pen: number, colour: Colour): void {
  const radius = pen / 2;
  const reach = Math.floor(radius);
  const halves = Array.from({ length: reach + 1 }, (_, k) => Math.sqrt(radius * radius - k * k));
  for (let x = 0; x < bitmap.width; x++) {
    let [top, bottom] = [Infinity, -Infinity];
    for (let k = -reach; k <= reach; k++) {
      const at = x + k;
      if (at < 0 || at >= least.length || least[at]! > most[at]!) continue;
      const half = halves[Math.abs(k)]!;
      if (least[at]! - half < top) top = least[at]! - half;
      if (most[at]! + half > bottom) bottom = most[at]! + half;
    }
    if (top < bottom) drop(bitmap, x, top, bottom, colour);
  }
}

/** One column from `top` to `bottom`; a pixel that is reached in part is mixed with what it was. */
function drop(bitmap: Bitmap, x: number, top: number, bottom: number, colour: Colour): void {
  const { width, height, words } = bitmap;
  const word = wordOf(colour);
  const end = Math.min(height, Math.ceil(bottom));
  for (let y = Math.max(0, Math.floor(top)); y < end; y++) {
    const covered = Math.min(y + 1, bottom) - Math.max(y, top);
    if (covered >= 1) words[y * width + x] = word;
    else mix(bitmap.data, 4 * (y * width + x), covered, colour);
  }
}
function mix(data: Uint8ClampedArray, at: number, part: number, [r, g, b]: Colour): void {
  data[at] = data[at]! + (r - data[at]!) * part;
  data[at + 1] = data[at + 1]! + (g - data[at + 1]!) * part;
  data[at + 2] = data[at + 2]! + (b - data[at + 2]!) * part;
}
