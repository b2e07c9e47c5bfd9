// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { ageOn, hoursBetween, timeLeft } from "../../engine/web/src/time_left";

const promised = "2026-03-10T12:00:00Z";
const at = (iso: string) => timeLeft(Date.parse(iso), promised);

test("time left is rounded down, so that nobody counts on an hour that is not there", () => {
  assert.deepEqual(at("2026-03-08T18:00:01Z"), { level: "calm", unit: "hours", count: 41 });
  assert.deepEqual(at("2026-03-10T11:00:00Z"), { level: "soon", unit: "hours", count: 1 });
  assert.deepEqual(at("2026-03-10T11:00:01Z"), { level: "soon", unit: "minutes", count: 59 });
});
test("amber begins below twelve hours, red at the promised instant", () => {
  assert.equal(at("2026-03-10T00:00:00Z").level, "calm");
  assert.equal(at("2026-03-10T00:00:01Z").level, "soon");
  assert.deepEqual(at("2026-03-10T12:00:00Z"), { level: "late", unit: "minutes", count: 0 });
  assert.deepEqual(at("2026-03-11T15:59:00Z"), { level: "late", unit: "hours", count: 27 });
});
test("the offset of the promised instant counts", () => {
  assert.equal(timeLeft(Date.parse("2026-03-10T12:00:00Z"), "2026-03-10T12:00:00-04:00").count, 4);
});
test("hours between two instants", () => {
  assert.equal(hoursBetween("2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00"), 23);
  assert.equal(hoursBetween("2026-03-10T12:00:00Z", "2026-03-10T11:00:00Z"), 0);
});
test("age changes on the birthday", () => {
  assert.equal(ageOn("1961-03-02", "2026-03-01T23:00:00Z"), 64);
  assert.equal(ageOn("1961-03-02", "2026-03-02"), 65);
  assert.equal(ageOn("", "2026-03-02"), undefined);
  assert.equal(ageOn("2027-01-01", "2026-03-02"), undefined);
});
