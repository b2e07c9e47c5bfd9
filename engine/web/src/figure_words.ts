// SPDX-License-Identifier: Apache-2.0
// Figures in words and numbers; pure but for the catalogue.
import type { Distribution, Figure, FigureGroup } from "./association_api";
import { decimal, known, language, t } from "./text";

const kHours = 48; // beyond two days, days say more

export const labelOf = (id: string): string => known(`figures.${id}`) ?? id;
export const aboutOf = (id: string): string => known(`figures.${id}.about`) ?? "";

export const percentWords = (percent: number | null): string =>
  percent === null ? "–" : `${decimal(percent, 1)}${language() === "fr" ? "\u00a0%" : "%"}`;

export function spreadWords(value: number | null, kind: Figure["kind"]): string {
  if (value === null) return "–";
  if (kind === "per_month") return decimal(value, 1);
  return value >= kHours ? t("web.figures.days", { days: decimal(value / 24, 1) }) : t("web.figures.hours", { hours: decimal(value, 1) });
}

/** The number that stands for the figure. */
export function valueOf(figure: Figure): string {
  if (figure.masked) return t("web.figures.few");
  if (figure.kind === "count") return decimal(figure.count ?? 0, 0);
  return figure.kind === "share" ? percentWords(figure.percent) : spreadWords(figure.median, figure.kind);
}
/** What it is made of. */
export function detailOf(figure: Figure): string {
  if (figure.masked || figure.kind === "count") return "";
  if (figure.kind === "share") return t("web.figures.of", { count: decimal(figure.count ?? 0, 0), of: decimal(figure.of ?? 0, 0) });
  if (figure.median === null) return t("figures.no_data");
  return t("web.figures.spread", { p90: spreadWords(figure.p90, figure.kind), count: decimal(figure.count ?? 0, 0) });
}

export const figureIn = (group: FigureGroup, id: string): Figure | undefined => group.figures.find((figure) => figure.id === id);

export function codeWords(shown: Distribution, code: string): string {
  return known(`${shown.words}.${code}`) ?? code;
}

/** "janv. 2026" of "2026-01". */
export function monthWords(key: string): string {
  const locale = language() === "fr" ? "fr-FR" : "en-GB";
  return new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(`${key}-01T00:00:00Z`));
}
