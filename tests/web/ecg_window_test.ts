// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutEcg, type EcgLead } from "../../engine/web/src/ecg_layout";
import { cellOf, clamped, kMaxUnit, panned, pointOf, spotAt, zoomed } from "../../engine/web/src/ecg_window";

const usual = { speed: 25, gain: 10 };
const kTwelve = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
const twelve = (seconds: number): EcgLead[] => kTwelve.map((code) => ({
  code, derived: false, gain_nv_per_lsb: 5000, sampling_interval_us: 2000, first_sample: 0, samples: new Array<number>(seconds * 500).fill(0),
}));
const screen = { width: 400, height: 200 };
const start = { xMm: 0, yMm: 0, unit: 4, fromS: 0 };

test("the window stays on the sheet", () => {
  const layout = layoutEcg(twelve(60), usual, "strips");
  const far = clamped({ ...start, xMm: 1e6, yMm: 1e6 }, layout, screen, 60);
  assert.equal(far.xMm, layout.widthMm - 100);
  assert.equal(far.yMm, layout.heightMm - 50);
  assert.deepEqual(clamped({ ...start, xMm: -5, yMm: -5 }, layout, screen, 60), start);
  assert.equal(clamped({ ...start, unit: 1e6 }, layout, screen, 60).unit, kMaxUnit);
});
test("a sheet smaller than the window stands in its corner", () => {
  const layout = layoutEcg(twelve(10), usual, "grid");
  assert.equal(clamped({ ...start, xMm: 10 }, layout, { width: 4000, height: 2000 }, 10).xMm, 0);
});
test("beyond the edge of a sheet, panning goes on in time", () => {
  const layout = layoutEcg(twelve(60), usual, "grid");
  const wide = { width: layout.widthMm * 4, height: 200 };
  assert.equal(panned(start, 25, 0, layout, usual, wide, 60).fromS, 1);
  assert.equal(panned(start, 1e6, 0, layout, usual, wide, 60).fromS, 50);
  assert.equal(panned({ ...start, fromS: 50 }, -1e6, 0, layout, usual, wide, 60).fromS, 0);
  const narrow = panned(start, 25, 0, layout, usual, screen, 60);
  assert.deepEqual([narrow.xMm, narrow.fromS], [25, 0]);
});
test("a short recording has nowhere to go in time", () => {
  const layout = layoutEcg(twelve(8), usual, "grid");
  assert.equal(panned(start, 1e6, 0, layout, usual, screen, 8).fromS, 0);
});
test("zoom keeps the point under the finger", () => {
  const layout = layoutEcg(twelve(60), usual, "strips");
  const before = { ...start, xMm: 300, yMm: 60 };
  const after = zoomed(before, 10, 120, 80, layout, screen, 60);
  assert.ok(Math.abs(before.xMm + 120 / 4 - (after.xMm + 120 / 10)) < 1e-9);
  assert.ok(Math.abs(before.yMm + 80 / 4 - (after.yMm + 80 / 10)) < 1e-9);
});
test("what lies under a point is a lead at an instant, and goes back to the point", () => {
  for (const arrangement of ["grid", "columns", "strips"] as const) {
    const layout = layoutEcg(twelve(20), usual, arrangement, arrangement === "strips" ? 0 : 5);
    for (const cell of layout.cells) {
      const seconds = cell.startS + cell.lengthS / 3;
      const { xMm, yMm } = pointOf(cell, usual, seconds, 0.3);
      const spot = spotAt(layout, usual, xMm, yMm)!;
      assert.equal(spot.cell, cell);
      assert.ok(Math.abs(spot.seconds - seconds) < 1e-9 && Math.abs(spot.mv - 0.3) < 1e-9);
    }
  }
});
test("beside the rows the nearest lead is meant, at its edge", () => {
  const layout = layoutEcg(twelve(10), usual, "grid");
  const spot = spotAt(layout, usual, -50, -50)!;
  assert.equal(spot.cell.lead.code, "I");
  assert.equal(spot.seconds, 0);
  assert.equal(spotAt(layoutEcg([], usual, "grid"), usual, 1, 1), undefined);
});
test("an instant stands in its own lead, or in one that shows it", () => {
  const layout = layoutEcg(twelve(10), usual, "grid");
  assert.equal(cellOf(layout, "V1", 6)?.lead.code, "V1");
  assert.notEqual(cellOf(layout, "V1", 1), undefined);
  assert.equal(cellOf(layout, "V1", 30), undefined);
});
