// SPDX-License-Identifier: Apache-2.0
// What is drawn are the samples: pixels compared with them, column by column.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitmapOn, colourOf, emptySpans, fill, rule, spansOf, stroke, type Bitmap, type Placing } from "../../engine/web/src/ecg_raster";

const kPaper = colourOf("#ffffff");
const kInk = colourOf("#000000");
const sheet = (width: number, height: number): Bitmap => {
  const bitmap = bitmapOn(new Uint8ClampedArray(4 * width * height), width, height);
  fill(bitmap, kPaper);
  return bitmap;
};
/** How dark a pixel is, 0 to 1. */
const inkAt = ({ data, width }: Bitmap, x: number, y: number): number => 1 - data[4 * (y * width + x)]! / 255;
const columnOf = (bitmap: Bitmap, x: number): number[] => Array.from({ length: bitmap.height }, (_, y) => inkAt(bitmap, x, y));
function drawn(samples: number[], placing: Placing, width: number, height: number, pen = 1): Bitmap {
  const bitmap = sheet(width, height);
  const spans = emptySpans(width);
  spansOf(spans, samples, 0, samples.length, placing);
  stroke(bitmap, spans, pen, kInk);
  return bitmap;
}
/** Reproducible values without any order. */
function noise(n: number, amplitude: number): number[] {
  let state = 12345;
  return Array.from({ length: n }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.round((state / 2147483648 - 0.5) * 2 * amplitude);
  });
}

test("a level line is as thick as the pen, softened at its edges", () => {
  const bitmap = drawn([0, 0], { x0: 0, dx: 10, y0: 5.25, dy: 1 }, 10, 10, 1);
  for (let x = 0; x < 10; x++) {
    const column = columnOf(bitmap, x);
    assert.deepEqual(column.map((ink) => Math.round(ink * 4) / 4), [0, 0, 0, 0, 0.25, 0.75, 0, 0, 0, 0]);
  }
});
test("each column shows all that the line through the samples takes within it, and no more", () => {
  // A straight reckoning of the polyline at many points, for sparse and for crowded samples.
  for (const dx of [0.05, 0.37, 1, 4.4, 23]) {
    const samples = noise(Math.ceil(200 / dx) + 2, 60);
    const placing = { x0: 0.3, dx, y0: 80, dy: 1 };
    const bitmap = drawn(samples, placing, 200, 160, 1);
    for (let x = 1; x < 199; x++) {
      let [top, bottom] = [Infinity, -Infinity];
      const see = (at: number): void => {
        const index = Math.min(Math.max((at - placing.x0) / dx, 0), samples.length - 1);
        const [left, right] = [samples[Math.floor(index)]!, samples[Math.ceil(index)]!];
        const y = placing.y0 - (left + (right - left) * (index - Math.floor(index)));
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      };
      for (let i = Math.ceil((x - placing.x0) / dx); placing.x0 + i * dx <= x + 1; i++) see(placing.x0 + i * dx);
      see(x);
      see(x + 1);
      const column = columnOf(bitmap, x);
      const wanted = column.map((_, y) => Math.max(0, Math.min(y + 1, bottom + 0.5) - Math.max(y, top - 0.5)));
      column.forEach((ink, y) => assert.ok(Math.abs(ink - wanted[y]!) < 0.01, `dx ${dx}, pixel ${x},${y}: ${ink}, wanted ${wanted[y]}`));
    }
  }
});
test("a spike of one sample is as high as it is, however many samples share its pixel", () => {
  const samples = new Array<number>(10_000).fill(0);
  samples[5003] = 70;
  const column = columnOf(drawn(samples, { x0: 0, dx: 0.02, y0: 80, dy: 1 }, 200, 100), 100);
  assert.equal(column[10], 1);
  assert.ok(column.slice(0, 9).every((ink) => ink === 0));
});
test("a thick pen widens steep lines too", () => {
  const bitmap = drawn([0, 0, 50, 50], { x0: 0, dx: 10, y0: 60, dy: 1 }, 30, 70, 6);
  const row = Array.from({ length: 30 }, (_, x) => inkAt(bitmap, x, 35));
  assert.ok(row.filter((ink) => ink > 0.5).length >= 5);
});
test("nothing is drawn outside, and a single sample is a dot", () => {
  assert.equal(inkAt(drawn([4], { x0: 2.5, dx: 1, y0: 8, dy: 1 }, 5, 10), 2, 4) > 0.4, true);
  const outside = drawn([1000, -1000, 5, 5], { x0: -1.5, dx: 0.5, y0: 0, dy: 1 }, 4, 4);
  assert.ok(columnOf(outside, 3).every((ink) => ink === 0));
});
test("lines of the paper stand at the millimetres that the window shows", () => {
  const bitmap = sheet(50, 40);
  rule(bitmap, 3, 7, 10, kInk);
  const across = Array.from({ length: 50 }, (_, x) => x).filter((x) => inkAt(bitmap, x, 0) > 0.5);
  const down = Array.from({ length: 40 }, (_, y) => y).filter((y) => inkAt(bitmap, 0, y) > 0.5);
  assert.deepEqual(across, [7, 17, 27, 37, 47]);
  assert.deepEqual(down, [3, 13, 23, 33]);
});
test("a colour that cannot be read is black, not an error", () => {
  assert.deepEqual(colourOf(" #1f6fd6"), [0x1f, 0x6f, 0xd6]);
  assert.deepEqual(colourOf("red"), [0, 0, 0]);
});
