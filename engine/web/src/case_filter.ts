// SPDX-License-Identifier: Apache-2.0
// Which cases of a list its reader wants to see.
import type { CaseFigures } from "./api_types";
import { awaitsMe, isOpen } from "./case_context";

export const kOnly = ["all", "mine", "urgent", "late"] as const;
export type Only = (typeof kOnly)[number];

export interface CaseFilter {
  text: string;
  programme: string; // empty: all
  only: Only;
}
export const kNoFilter: CaseFilter = { text: "", programme: "", only: "all" };

/** Without accents and case, as people type into a search box. */
export const folded = (text: string): string =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export const isUrgent = (one: CaseFigures): boolean => one.urgent_alert || (one.urgent === true && !one.acknowledged_at);

function isOf(one: CaseFigures, only: Only): boolean {
  switch (only) {
    case "all": return true;
    case "mine": return awaitsMe(one);
    case "urgent": return isUrgent(one);
    case "late": return isOpen(one) && one.late;
  }
}

/** Every word must stand in the number, the programme or a doctor's name. */
export function matches(one: CaseFigures, filter: CaseFilter): boolean {
  if (filter.programme && one.programme !== filter.programme) return false;
  if (!isOf(one, filter.only)) return false;
  const where = folded([one.number, one.programme_name, one.requester.display_name, one.expert?.display_name ?? ""].join(" "));
  return folded(filter.text).split(/\s+/).every((word) => where.includes(word));
}

/** Of `count` entries, where j, k, Home and End lead from entry `at` (-1: none). */
export function moved(key: string, at: number, count: number): number {
  if (count === 0) return -1;
  switch (key) {
    case "j": return Math.min(at + 1, count - 1);
    case "k": return Math.max(at - 1, 0);
    case "Home": return 0;
    case "End": return count - 1;
    default: return at;
  }
}
