// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { correctedQt, marchOf, moved, readoutOf, type Caliper } from "../../engine/web/src/ecg_calipers";

const caliper = (from: number, to: number, mv = [0, 0]): Caliper => ({
  id: 1, role: "free", lead: "II", marching: true, marks: [{ seconds: from, mv: mv[0]! }, { seconds: to, mv: mv[1]! }],
});
const near = (value: number, wanted: number, within = 1e-9): void => assert.ok(Math.abs(value - wanted) < within, `${value} is not ${wanted}`);

test("an interval is a time, a rate and an amplitude, whichever mark comes first", () => {
  for (const [from, to] of [[1, 1.8], [1.8, 1]] as const) {
    const readout = readoutOf(caliper(from, to, [-0.2, 1.1]));
    near(readout.ms, 800);
    near(readout.perMinute, 75);
    near(readout.mv, 1.3);
  }
  assert.equal(readoutOf(caliper(2, 2)).perMinute, Infinity);
});
test("QTc by Bazett and by Fridericia", () => {
  // At 60 a minute nothing is corrected; worked by hand at RR 0.64 s: square root 0.8, cube root 0.8618.
  assert.deepEqual(correctedQt(400, 1000), { bazett: 400, fridericia: 400 });
  const fast = correctedQt(360, 640)!;
  near(fast.bazett, 450);
  near(fast.fridericia, 360 / 0.86177388, 1e-4);
  const slow = correctedQt(440, 1210)!;
  near(slow.bazett, 400);
  assert.ok(slow.fridericia > slow.bazett && fast.fridericia < fast.bazett);
});
test("no QTc without a QT and an RR", () => {
  for (const [qt, rr] of [[0, 800], [400, 0], [NaN, 800], [400, NaN]] as const) assert.equal(correctedQt(qt, rr), undefined);
});
test("a march-out repeats the interval to both sides and leaves out the marks themselves", () => {
  assert.deepEqual(marchOf(caliper(4, 5), 1.5, 8), [2, 3, 6, 7, 8]);
  assert.deepEqual(marchOf(caliper(5, 4), 1.5, 8), [2, 3, 6, 7, 8]);
  assert.deepEqual(marchOf(caliper(4, 4), 0, 10), []);
  assert.deepEqual(marchOf(caliper(4, 4.0001), 0, 60), [], "a line every pixel says nothing");
});
test("a long march-out does not drift", () => {
  const last = marchOf(caliper(0, 0.73), 0, 60).at(-1)!;
  near(last, 82 * 0.73);
});
test("a mark moves by whole samples and stays within the recording", () => {
  const mark = { seconds: 1.0007, mv: 0.1 };
  near(moved(mark, 0, 0.002, 0, 10).seconds, 1);
  near(moved(mark, 3, 0.002, 0, 10).seconds, 1.006);
  near(moved(mark, -5000, 0.002, 0, 10).seconds, 0);
  near(moved(mark, 50_000, 0.002, 0, 10).seconds, 10);
  near(moved(mark, 0, 0.002, -0.01, 10).mv, 0.09);
});
