// SPDX-License-Identifier: Apache-2.0
// How long until the promised instant; pure, so that it can be tested without a clock.

export type Level = "calm" | "soon" | "late";
export interface TimeLeft {
  level: Level;
  unit: "hours" | "minutes";
  /** Whole units, never negative: rounded down while time is left, down since it has passed. */
  count: number;
}

const kMinute = 60_000;
const kHour = 60 * kMinute;
/** A quarter of the usual promise of 48 h: a working day is left to act. */
export const kSoonHours = 12;

export function timeLeft(nowMs: number, promised: string): TimeLeft {
  const left = Date.parse(promised) - nowMs;
  const size = Math.abs(left);
  const hours = size >= kHour;
  const level: Level = left <= 0 ? "late" : left < kSoonHours * kHour ? "soon" : "calm";
  return { level, unit: hours ? "hours" : "minutes", count: Math.floor(size / (hours ? kHour : kMinute)) };
}

/** Whole hours between two instants. */
export function hoursBetween(from: string, to: string): number {
  return Math.max(0, Math.floor((Date.parse(to) - Date.parse(from)) / kHour));
}

/** Age in years on a day; both ISO 8601, only their dates count. Undefined when not a date. */
export function ageOn(birthDate: string, day: string): number | undefined {
  const birth = /^(\d{4})-(\d\d)-(\d\d)/.exec(birthDate);
  const on = /^(\d{4})-(\d\d)-(\d\d)/.exec(day);
  if (!birth || !on) return undefined;
  const hadBirthday = `${on[2]}${on[3]}` >= `${birth[2]}${birth[3]}`;
  const age = Number(on[1]) - Number(birth[1]) - (hadBirthday ? 0 : 1);
  return age >= 0 ? age : undefined;
}

/** The civil date here, not in Greenwich. */
export function isoDay(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
