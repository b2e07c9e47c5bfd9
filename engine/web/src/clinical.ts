// SPDX-License-Identifier: Apache-2.0
// The part of a request form that a programme's data describe: clinical items and red flags. Pure,
// so that it can be tested without a page.
import type { Exit, FormItem, Programme } from "./api_types";

export type ItemProblem = "missing" | "number" | "whole" | "range" | "date";

/** "12/03/2026", "3/2026", "2026-03-12" or "2026-03" as the engine writes dates and months; undefined
 *  when it is none. */
export function dateOrMonth(typed: string): string | undefined {
  const french = /^(?:(\d{1,2})[/.-])?(\d{1,2})[/.-](\d{4})$/.exec(typed);
  const iso = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(typed);
  const [year, month, day] = french ? [french[3], french[2], french[1]] : iso ? [iso[1], iso[2], iso[3]] : [];
  if (!year || !month) return undefined;
  const two = (digits: string): string => digits.padStart(2, "0");
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1)));
  const real = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day ?? 1);
  if (!real || Number(year) < 1900) return undefined;
  return day ? `${year}-${two(month)}-${two(day)}` : `${year}-${two(month)}`;
}

/** One number, with a comma or a point; undefined when it is none. */
export function numberOf(typed: string): number | undefined {
  return /^-?\d+(?:[.,]\d+)?$/.test(typed) ? Number(typed.replace(",", ".")) : undefined;
}

export interface ReadItem {
  value?: unknown; // as the engine takes it; undefined: not answered
  problem?: ItemProblem;
}

/** What was typed for an item; `none` says that a list is empty on purpose. */
export function readItem(item: FormItem, typed: string, none = false): ReadItem {
  if (item.type === "texts") {
    const lines = typed.split("\n").map((line) => line.trim()).filter(Boolean);
    if (lines.length > 0) return { value: lines };
    return none ? { value: [] } : {};
  }
  if (typed === "") return {};
  switch (item.type) {
    case "yes_no":
      return { value: typed === "yes" };
    case "whole_number":
    case "decimal": {
      const number = numberOf(typed);
      if (number === undefined) return { problem: "number" };
      if (item.type === "whole_number" && !Number.isInteger(number)) return { problem: "whole" };
      const outside = number < (item.least ?? -Infinity) || number > (item.most ?? Infinity);
      return outside ? { problem: "range" } : { value: number };
    }
    case "date_or_month": {
      const date = dateOrMonth(typed);
      return date ? { value: date } : { problem: "date" };
    }
    case "choice":
    case "text":
      return { value: typed };
  }
}

/** Puts a value at a dotted path of an object. */
export function put(object: Record<string, unknown>, path: string, value: unknown): void {
  const dot = path.indexOf(".");
  if (dot < 0) {
    object[path] = value;
    return;
  }
  const group = (object[path.slice(0, dot)] ??= {}) as Record<string, unknown>;
  put(group, path.slice(dot + 1), value);
}

/** The value at a dotted path, as a field begins with it. */
export function startOf(object: unknown, path: string): string {
  const value = path.split(".").reduce<unknown>(
    (inside, name) => (inside && typeof inside === "object" ? (inside as Record<string, unknown>)[name] : undefined), object);
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) ? value.join("\n") : String(value);
}

const kGroups = ["symptoms", "lesion", "vitals", "device", "history", "labs", "own_reading"] as const;
export type ItemGroup = (typeof kGroups)[number] | "other";

/** The items under the headings of the form, in the programme's order. */
export function grouped(items: readonly FormItem[]): [ItemGroup, FormItem[]][] {
  const groups = new Map<ItemGroup, FormItem[]>();
  for (const item of items) {
    const prefix = item.name.includes(".") ? item.name.slice(0, item.name.indexOf(".")) : "";
    const group = kGroups.find((one) => one === prefix) ?? "other";
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  return [...groups];
}

/** Where the doctor's answers lead: "15_now" before "in_person_today". */
export function exitOf(programme: Programme, answer: (code: string) => string): Exit | undefined {
  const exits = programme.red_flags.filter((flag) => answer(flag.code) === "yes").map((flag) => flag.exit);
  return exits.includes("15_now") ? "15_now" : exits[0];
}

/** The key of an INS matricule: 97 less the rest of the thirteen characters by 97, Corsica's 2A and 2B
 *  counted as 19 and 18. */
export function hasRightInsKey(typed: string): boolean {
  const matricule = typed.replace(/\s/g, "").toUpperCase();
  if (!/^\d{5}(?:\d{2}|2[AB])\d{8}$/.test(matricule)) return false;
  const digits = matricule.slice(0, 13).replace("2A", "19").replace("2B", "18");
  return 97n - (BigInt(digits) % 97n) === BigInt(matricule.slice(13));
}
