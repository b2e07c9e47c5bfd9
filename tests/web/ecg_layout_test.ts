// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { durationS, layoutEcg, tracePoints, type EcgLead } from "../../engine/web/src/ecg_layout";

const kTwelve = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
const usual = { speed: 25, gain: 10 };

/** Flat at `offset`, with one sample of 1 mV above it at `spike`; 500 Hz, 5 uV a unit. */
function lead(code: string, seconds = 10, spike = -1, offset = 0): EcgLead {
  const samples = new Array<number>(seconds * 500).fill(offset);
  if (spike >= 0) samples[spike] = offset + 200;
  return { code, derived: false, gain_nv_per_lsb: 5000, sampling_interval_us: 2000, first_sample: 0, samples };
}
const twelve = (seconds = 10): EcgLead[] => kTwelve.map((code) => lead(code, seconds));

test("the usual sheet is four columns of 2.5 s over a rhythm strip, read on in time", () => {
  const { cells, pulses, widthMm } = layoutEcg(twelve(), usual, "grid");
  assert.equal(cells.length, 13);
  assert.equal(pulses.length, 4);
  assert.deepEqual(cells.map((cell) => cell.lead.code), [
    "I", "aVR", "V1", "V4", "II", "aVL", "V2", "V5", "III", "aVF", "V3", "V6", "II",
  ]);
  assert.deepEqual(cells.slice(0, 4).map((cell) => cell.startS), [0, 2.5, 5, 7.5]);
  const [i, avr] = cells as [typeof cells[0] & object, typeof cells[0] & object];
  assert.equal(avr.xMm - i.xMm, 62.5);
  assert.equal(cells[12]?.lengthS, 10);
  assert.ok(widthMm >= 250 && widthMm % 5 === 0);
});
test("a short recording starts again in each column", () => {
  const { cells } = layoutEcg(twelve(5), usual, "grid");
  assert.deepEqual(cells.slice(0, 4).map((cell) => cell.startS), [0, 0, 0, 0]);
});
test("a millivolt is as high as the gain, a second as long as the speed", () => {
  for (const scale of [usual, { speed: 50, gain: 20 }, { speed: 25, gain: 5 }]) {
    const { cells } = layoutEcg([lead("II", 10, 500, 1234)], scale, "grid");
    const points = tracePoints(cells[0]!, scale);
    assert.equal(points.length, 10_000);
    const x0 = points[0]!;
    assert.ok(Math.abs(points[2 * 500]! - x0 - scale.speed) < 1e-9);
    assert.ok(Math.abs(cells[0]!.baselineMm - points[2 * 500 + 1]! - scale.gain) < 1e-9);
    assert.equal(points[1], cells[0]!.baselineMm, "a constant offset does not move the trace");
  }
});
test("a lead that starts later keeps its place in time", () => {
  const late = { ...lead("V1", 2), first_sample: 1500 };
  const { cells } = layoutEcg([lead("II"), late], usual, "strips");
  assert.ok(Math.abs(tracePoints(cells[1]!, usual)[0]! - cells[1]!.xMm - 3 * 25) < 1e-9);
});
test("rows stand on thick lines, do not overlap and stay on the sheet", () => {
  const leads = twelve();
  leads[1] = lead("II", 10, 100);
  for (const [arrangement, count] of [["grid", 4], ["columns", 6], ["strips", 12]] as const) {
    const layout = layoutEcg(leads, { speed: 25, gain: 20 }, arrangement);
    const rows = [...new Set(layout.cells.map((cell) => cell.baselineMm))];
    assert.equal(rows.length, count);
    rows.forEach((y, n) => assert.ok(y % 5 === 0 && y - (rows[n - 1] ?? 0) >= 20 && y < layout.heightMm));
  }
});
test("a monstrous artefact does not push the other rows away", () => {
  const wild = lead("II");
  wild.samples[10] = 2_000_000;
  const { heightMm } = layoutEcg([wild, lead("V1")], usual, "strips");
  assert.ok(heightMm < 150, `${heightMm} mm`);
});
test("leads outside the twelve get strips of their own", () => {
  const { cells } = layoutEcg([...twelve(), lead("V7")], usual, "grid");
  assert.equal(cells.at(-1)?.lead.code, "V7");
  assert.equal(cells.at(-1)?.lengthS, 10);
});
test("the second sheet of a long recording shows what comes next, cut where it ends", () => {
  const leads = [lead("I", 25), lead("II", 25, 11 * 500), ...twelve(25).slice(2)];
  assert.equal(durationS(leads), 25);
  const rhythm = (fromS: number) => layoutEcg(leads, usual, "grid", fromS).cells.at(-1)!;
  const points = tracePoints(rhythm(10), usual);
  assert.equal(points.length, 2 * 10 * 500);
  assert.ok(Math.abs(rhythm(10).baselineMm - points[2 * 500 + 1]! - 10) < 1e-9);
  assert.equal(tracePoints(rhythm(20), usual).length, 2 * 5 * 500);
});
test("lines that run on show the whole recording", () => {
  for (const arrangement of ["strips", "single"] as const) {
    const { cells, widthMm, continuous } = layoutEcg([lead("II", 60)], usual, arrangement, 30);
    assert.ok(continuous && widthMm >= 60 * 25);
    assert.equal(tracePoints(cells[0]!, usual).length, 2 * 60 * 500);
  }
});
test("6 x 2 has limb leads beside chest leads, five seconds each", () => {
  const { cells } = layoutEcg(twelve(), usual, "columns");
  assert.deepEqual(cells.map((cell) => cell.lead.code), ["I", "V1", "II", "V2", "III", "V3", "aVR", "V4", "aVL", "V5", "aVF", "V6"]);
  assert.deepEqual(cells.slice(0, 2).map((cell) => [cell.startS, cell.lengthS]), [[0, 5], [5, 5]]);
  assert.equal(cells[1]!.xMm - cells[0]!.xMm, 125);
});
test("rows do not move while the reader moves in time", () => {
  const leads = [lead("I", 60, 40 * 500), ...twelve(60).slice(1)];
  const rows = (fromS: number): number[] => layoutEcg(leads, usual, "grid", fromS).cells.map((cell) => cell.baselineMm);
  assert.deepEqual(rows(0), rows(39));
});
test("nothing to draw is an empty sheet", () => {
  assert.deepEqual(layoutEcg([], usual, "grid").cells, []);
  assert.deepEqual(layoutEcg([{ ...lead("I"), samples: [] }], usual, "grid").cells, []);
});
