// SPDX-License-Identifier: Apache-2.0
// Fields for the clinical items and the red flags of a programme.
import { html, nothing, type TemplateResult } from "lit";
import { siteOptions } from "./body_map";
import type { CaseRequest, Exit, FormItem, Programme } from "./api_types";
import { grouped, startOf } from "./clinical";
import { areaField, checkField, radioField, selectField, textField, yesNo, type Problems } from "./fields";
import { t } from "./text";

// Shown on a body map, when it is one of the names that the field offers.
const kLesionSite = "lesion.site";

export const nameOf = (item: FormItem): string => `clinical.${item.name}`;
export const noneOf = (item: FormItem): string => `none.${item.name}`;
export const flagName = (code: string): string => `red_flags.${code}`;

function itemField(item: FormItem, problems: Problems, prior?: CaseRequest): TemplateResult {
  const value = startOf(prior, nameOf(item));
  const field = { name: nameOf(item), label: item.label, must: item.mandatory, value, problems };
  switch (item.type) {
    case "yes_no":
      return radioField({ ...field, options: yesNo(), row: true });
    case "whole_number":
    case "decimal":
      return textField({
        ...field, mode: item.type === "decimal" ? "decimal" : "numeric", unit: item.unit,
        hint: item.unit || item.least === null ? undefined : t("web.request.range", { least: item.least, most: item.most ?? "" }),
      });
    case "date_or_month":
      return textField({ ...field, value: asTyped(value), hint: t("web.request.date_hint") });
    case "choice":
      return selectField({ ...field, options: item.choices });
    case "text":
      return textField(item.name === kLesionSite ? { ...field, offers: siteOptions(), hint: t("web.photo.site_hint") } : field);
    case "texts": {
      const empty = Array.isArray((prior?.clinical as Record<string, unknown> | undefined)?.[item.name]) && value === "";
      return html`<div class="list">
        ${areaField({ ...field, hint: t("web.request.lines_hint") })}
        ${checkField({ name: noneOf(item), label: t("web.request.none"), value: empty ? "yes" : "", problems })}
      </div>`;
    }
  }
}

/** "2026-03" -> "03/2026", "2026-03-12" -> "12/03/2026". */
const asTyped = (iso: string): string => iso.split("-").reverse().join("/");

export function clinicalFields(programme: Programme, problems: Problems, prior?: CaseRequest): unknown {
  return grouped(programme.form).map(([group, items]) => {
    const radios = items.filter((item) => item.type === "yes_no");
    const others = items.filter((item) => item.type !== "yes_no");
    return html`<section class="group">
      <h3>${t(`web.group.${group}`)}</h3>
      ${radios.length > 0
        ? html`<div class="rows">${radios.map((item) => itemField(item, problems, prior))}</div>`
        : nothing}
      ${others.length > 0
        ? html`<div class="pair">${others.map((item) => itemField(item, problems, prior))}</div>`
        : nothing}
    </section>`;
  });
}

/** What to do at once, and how to go on all the same. */
function exitCard(exit: Exit, problems: Problems, prior?: CaseRequest): TemplateResult {
  return html`<div class="exit error" data-exit=${exit}>
    <p role="alert"><strong>${t(`web.exit.${exit}`)}</strong></p>
    ${exit === "15_now" ? html`<p><a class="button danger" href="tel:15">${t("web.exit.call")}</a></p>` : nothing}
    <p>${t("web.exit.letter")}</p>
    <div class="narrow">
      ${textField({
        name: "regulated_at", label: t("web.exit.regulated"), type: "time", value: prior?.regulated_at ?? "",
        hint: t("web.exit.regulated_hint"), problems,
      })}
    </div>
  </div>`;
}

export function redFlagCard(
  programme: Programme, exit: Exit | undefined, problems: Problems, prior?: CaseRequest,
): unknown {
  if (programme.red_flags.length === 0) return nothing;
  return html`<section class="card" id="red-flags">
    <h2>${t("web.flags.title")}</h2>
    <p>${t("web.flags.about")}</p>
    <div class="rows wide">
      ${programme.red_flags.map((flag) =>
        radioField({
          name: flagName(flag.code), label: flag.sentence, must: true, options: yesNo(), row: true,
          value: startOf(prior, flagName(flag.code)), problems,
        }),
      )}
    </div>
    ${exit ? exitCard(exit, problems, prior) : nothing}
  </section>`;
}

