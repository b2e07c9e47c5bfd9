// SPDX-License-Identifier: Apache-2.0
// Sentences of the pages, from the catalogue that the engine shares (engine/messages.json).
import { LitElement } from "lit";
import catalogue from "virtual:messages";
import type whole from "../../messages.json";

/** An id that the catalogue lacks does not compile. */
export type MessageId = Extract<keyof typeof whole, `${Family}.${string}`>;
type Family =
  | "web" | "finding" | "orientation" | "sex" | "agreement" | "close_out" | "confidence" | "guardianship"
  | "media_quality" | "opposition" | "suspicion" | "tracing" | "figures";
export type Language = "fr" | "en";
export type Values = Record<string, string | number>;

const kStored = "telavis.language";
const kChanged = "telavis-language";

function initial(): Language {
  const chosen = localStorage.getItem(kStored);
  if (chosen === "fr" || chosen === "en") return chosen;
  return navigator.language.startsWith("en") ? "en" : "fr";
}
let current = initial();
document.documentElement.lang = current;

export const language = (): Language => current;

export function setLanguage(chosen: Language): void {
  current = chosen;
  localStorage.setItem(kStored, chosen);
  document.documentElement.lang = chosen;
  window.dispatchEvent(new Event(kChanged));
}

/** The sentence of a code that the engine chose, or undefined when the catalogue has none. */
export function known(id: string, values: Values = {}): string | undefined {
  const sentence = catalogue[id]?.[current];
  // French sets a space before these marks, which must not end up alone on the next line.
  const spaced = current === "fr" ? sentence?.replace(/ (?=[?!:;»])/g, "\u00a0") : sentence;
  return spaced?.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}
/** A sentence in all its languages. */
export const spellings = (id: MessageId): string[] => Object.values(catalogue[id] ?? {});
export const t = (id: MessageId, values?: Values): string => known(id, values) ?? id;

// Day before month in both: the doctors are in France whatever they read.
const locale = (): string => (current === "fr" ? "fr-FR" : "en-GB");

export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeStyle: "short" }).format(new Date(iso));
}
/** "mardi 24 novembre à 14:05", on the clocks of a place (IANA name). */
export function dayAndTime(iso: string, timeZone: string): string {
  const format = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(locale(), { ...options, timeZone }).format(new Date(iso));
  return t("web.day_and_time", { day: format({ weekday: "long", day: "numeric", month: "long" }), time: format({ timeStyle: "short" }) });
}
export function timeOfDay(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(new Date(iso));
}
/** A civil date ("1961-03-02"): no zone may move it to the day before. */
export function civilDate(iso: string): string {
  const date = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeZone: "UTC" }).format(date);
}
/** An instant as a device wrote it ("2002-11-22T09:10:00-04:00"): its own wall clock, never ours. */
export function writtenInstant(iso: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*(Z|[+-]\d\d:\d\d)?$/.exec(iso);
  if (!parts) return iso;
  const offset = parts[3] ? ` (UTC${parts[3] === "Z" ? "" : parts[3]})` : "";
  return `${civilDate(parts[1]!)} ${parts[2]}${offset}`;
}
/** With so many decimals at most, and no more than it has. */
export function decimal(value: number, digits: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}
export function euros(cents: number): string {
  return new Intl.NumberFormat(locale(), { style: "currency", currency: "EUR" }).format(cents / 100);
}

/** A component that speaks both languages. It renders into the page itself: one style sheet, and
 *  nothing for the content policy to allow. */
export abstract class Page extends LitElement {
  private readonly spoken = (): void => {
    this.languageChanged();
    this.requestUpdate();
  };
  /** For pages that show sentences which the engine wrote in the language of the request. */
  protected languageChanged(): void {}
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener(kChanged, this.spoken);
  }
  override disconnectedCallback(): void {
    window.removeEventListener(kChanged, this.spoken);
    super.disconnectedCallback();
  }
}
