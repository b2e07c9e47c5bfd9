// SPDX-License-Identifier: Apache-2.0
// Templates that fill in an opinion, and phrases that go where one types. Pure.
import type { CaseRequest } from "./api_types";
import { folded } from "./case_filter";

export interface OpinionTemplate {
  title: string;
  speciality: string; // empty: any
  fields: Record<string, string>; // by the answer form's names
}
export interface Phrase {
  title: string;
  speciality: string;
  text: string;
}
export interface OwnTexts {
  version: number;
  templates: OpinionTemplate[];
  phrases: Phrase[];
}

/** What a template may hold, in the order of the form; the first ones are texts. */
export const kTemplateTexts = ["to_redo", "conclusion", "conduct", "pedagogy", "prescriptions"] as const;
export const kTemplateCodes = [
  "data_sufficient", "orientation", "in_person.needed", "in_person.delay_days", "in_person.with", "suspicion", "confidence", "media_quality",
] as const;

export const fits = (one: { speciality: string }, speciality: string): boolean => one.speciality === "" || one.speciality === speciality;

/** A text with a phrase in place of what was marked, set off by blanks, and where the cursor goes. */
export function inserted(text: string, from: number, to: number, phrase: string): { text: string; cursor: number } {
  const before = text.slice(0, from), after = text.slice(to);
  const head = before && !/\s$/.test(before) ? `${before} ` : before;
  const tail = after && !/^[\s.,;:!?)]/.test(after) ? ` ${after}` : after;
  return { text: head + phrase + tail, cursor: (head + phrase).length };
}

/** A template adds to what is written: it never takes a word away. */
export function merged(written: string, added: string): string {
  if (written.trim() === "" || written.includes(added)) return written.trim() === "" ? added : written;
  return `${written.trimEnd()}\n${added}`;
}

/** The template of what a form holds; fields that are empty are left out. */
export function templateOf(title: string, speciality: string, value: (name: string) => string): OpinionTemplate {
  const names: readonly string[] = [...kTemplateTexts, ...kTemplateCodes];
  const filled = names.map((name) => [name, value(name)] as const).filter(([, text]) => text !== "");
  return { title, speciality, fields: Object.fromEntries(filled) };
}

const kShortestName = 3; // "Le", "An" are words as well

/** What a text must not keep: a word of the patient's names, or his birth date as it is written. */
export function namesPatient(text: string, patient: CaseRequest["patient"]): boolean {
  if (!patient) return false;
  const words = new Set(folded(text).split(/[^\p{L}\p{N}]+/u));
  const names = folded(`${patient.family_name} ${patient.given_name}`).split(/[^\p{L}\p{N}]+/u);
  const [year, month, day] = patient.birth_date.split("-");
  const dates = patient.birth_date ? [patient.birth_date, `${day}/${month}/${year}`] : [];
  return names.some((name) => name.length >= kShortestName && words.has(name)) || dates.some((date) => text.includes(date));
}
