// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { hintsOf, measured, type Pixels } from "../../engine/web/src/photo_check";

const picture = (width: number, height: number, luma: (x: number, y: number) => number): Pixels => {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.fill(luma(x, y), 4 * (y * width + x), 4 * (y * width + x) + 3);
  }
  return { data, width, height };
};
const near = (value: number, wanted: number): void => assert.ok(Math.abs(value - wanted) < 1e-3 * Math.max(1, wanted), `${value}, not ${wanted}`);

test("the Laplacian's variance is that of the kernel of four neighbours", () => {
  // One bright point in the middle of 5 x 5: the kernel gives -400 there and 100 at four places, 0 at four.
  const { sharpness } = measured(picture(5, 5, (x, y) => (x === 2 && y === 2 ? 100 : 0)));
  near(sharpness, (400 ** 2 + 4 * 100 ** 2) / 9);
});
test("an even surface and an even slope have no edge", () => {
  near(measured(picture(40, 40, () => 128)).sharpness, 0);
  near(measured(picture(40, 40, (x) => 3 * x)).sharpness, 0);
});
test("the same edges out of focus are less sharp, and are hinted at", () => {
  const stripes = (x: number): number => (Math.floor(x / 8) % 2 === 0 ? 90 : 170);
  const blurred = (x: number): number => {
    let sum = 0;
    for (let d = -7; d <= 7; d++) sum += stripes(x + d + 64);
    return sum / 15;
  };
  const [sharp, soft] = [measured(picture(64, 64, stripes)), measured(picture(64, 64, blurred))];
  assert.ok(sharp.sharpness > 20 * soft.sharpness, `${sharp.sharpness} and ${soft.sharpness}`);
  assert.deepEqual(hintsOf(sharp), []);
  assert.deepEqual(hintsOf(soft), ["blurred"]);
});
test("light is the mean luma by BT.601, glare the share of white", () => {
  const green: Pixels = { data: [0, 255, 0, 255], width: 1, height: 1 };
  near(measured(green).light, 0.587 * 255);
  const half = measured(picture(10, 10, (x) => (x < 5 ? 255 : 100)));
  near(half.glare, 0.5);
  near(half.light, 177.5);
});
test("dark, bright and glaring pictures are told apart", () => {
  const noise = (level: number) => (x: number, y: number): number => level + ((x * 7 + y * 13) % 5) * 12;
  assert.deepEqual(hintsOf(measured(picture(30, 30, noise(10)))), ["dark"]);
  assert.deepEqual(hintsOf(measured(picture(30, 30, noise(202)))), ["bright"]);
  assert.deepEqual(hintsOf(measured(picture(30, 30, (x, y) => (x < 6 ? 255 : noise(80)(x, y))))), ["glare"]);
});
test("nothing to look at is no error", () => {
  assert.deepEqual(measured({ data: [], width: 0, height: 0 }), { sharpness: 0, light: 0, glare: 0 });
  near(measured(picture(2, 2, () => 200)).sharpness, 0);
});
