// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CaseFigures } from "../../engine/web/src/api_types";
import { kNoFilter, matches, moved } from "../../engine/web/src/case_filter";

const figures = (changes: Partial<CaseFigures>): CaseFigures => ({
  number: "TE-2026-7K3M9Q", programme: "rhythm", programme_name: "Rythmologie – Guadeloupe", state: "accepted",
  actions: [], my_role: "expert", urgent_alert: false, urgent: null, acknowledged_at: null, late: false, opened_at: null,
  pending_release_at: null, requester_waits: false, requester: { display_name: "Dr Zoé Exemple" },
  expert: { display_name: "Dr Noël Fictif" }, ...changes,
}) as CaseFigures;
const finds = (text: string): boolean => matches(figures({}), { ...kNoFilter, text });

test("every word is looked for, whatever its accents and case", () => {
  for (const text of ["", " ", "7k3m", "zoe", "NOEL rythmo", "exemple te-2026"]) assert.ok(finds(text), text);
  for (const text of ["zoe durand", "TE-2025"]) assert.ok(!finds(text), text);
  assert.ok(matches(figures({ expert: null }), { ...kNoFilter, text: "exemple" }));
});
test("one programme, and one kind of case", () => {
  assert.ok(!matches(figures({}), { ...kNoFilter, programme: "skin" }));
  assert.ok(matches(figures({ actions: ["opinion"] }), { ...kNoFilter, only: "mine" }));
  assert.ok(!matches(figures({}), { ...kNoFilter, only: "mine" }));
  assert.ok(matches(figures({ urgent: true }), { ...kNoFilter, only: "urgent" }));
  assert.ok(!matches(figures({ urgent: true, acknowledged_at: "2026-01-01T00:00:00Z" }), { ...kNoFilter, only: "urgent" }));
  assert.ok(matches(figures({ late: true }), { ...kNoFilter, only: "late" }));
  assert.ok(!matches(figures({ late: true, state: "closed" }), { ...kNoFilter, only: "late" }));
});
test("j and k stop at the ends", () => {
  assert.equal(moved("j", -1, 3), 0);
  assert.equal(moved("j", 2, 3), 2);
  assert.equal(moved("k", -1, 3), 0);
  assert.equal(moved("k", 1, 3), 0);
  assert.equal(moved("End", 0, 3), 2);
  assert.equal(moved("j", -1, 0), -1);
});
