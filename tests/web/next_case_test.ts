// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CaseFigures } from "../../engine/web/src/api_types";
import { awaitsCloseOut, awaitsMe, nextFor, waiting } from "../../engine/web/src/case_context";

const kNone = { need_info: 0, info: 0, follow_up: 0, follow_up_answer: 0, call: 0, appointment: 0, close_out: 0, outcome: 0 };
function one(id: string, change: Partial<CaseFigures>): CaseFigures {
  const promise = { completed_at: "", remind_at: "", warn_at: "", take_back_at: "", breach_at: "2026-01-08T12:00:00Z" };
  return {
    id, state: "offered", my_role: "expert", actions: ["accept", "decline", "opinion"], promise, urgent_alert: false, pending_release_at: null,
    dialogue: kNone, requester_waits: false, opened_at: null, outcome_asked: false, ...change,
  } as CaseFigures;
}
const due = (hour: number): CaseFigures["promise"] =>
  ({ completed_at: "", remind_at: "", warn_at: "", take_back_at: "", breach_at: `2026-01-07T${String(hour).padStart(2, "0")}:00:00Z` });

test("the next case is the one with the least time left, and not the one that is left", () => {
  const cases = [one("late", { promise: due(20) }), one("soon", { promise: due(8) }), one("here", { promise: due(1) })];
  assert.equal(nextFor(cases, "here")?.id, "soon");
  assert.equal(nextFor(cases, "")?.id, "here");
  assert.deepEqual(waiting(cases).map(({ id }) => id), ["here", "soon", "late"]);
});

test("what another has taken, or the reader has signed, is not the next one", () => {
  const taken = one("taken", { actions: [] });
  const signed = one("signed", { state: "accepted", pending_release_at: "2026-01-07T12:00:00Z" });
  const asked = one("asked", { my_role: "requester", state: "waiting", actions: ["info"] });
  const mine = one("mine", { state: "accepted", actions: ["opinion", "draft"] });
  assert.equal(nextFor([taken, signed, asked], ""), undefined);
  assert.equal(nextFor([taken, signed, asked, mine], "")?.id, "mine");
});

test("an outcome that is asked for waits for the requester, also of a closed case", () => {
  const closed = one("closed", { my_role: "requester", state: "closed", actions: ["outcome"], opened_at: "2026-01-07T12:00:00Z" });
  assert.ok(!awaitsMe(closed));
  assert.ok(awaitsMe({ ...closed, outcome_asked: true }));
  const delivered: CaseFigures = { ...closed, state: "delivered", actions: ["outcome", "close-out"] };
  assert.ok(awaitsCloseOut(delivered));
});
