// SPDX-License-Identifier: Apache-2.0
// Fields for the clinical items and the red flags of a programme.
import { html, nothing, type TemplateResult } from "lit";
import { siteOptions } from "./body_map";
import "./body_picker";
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
      return item.name === kLesionSite
        ? html`<div>${textField({ ...field, offers: siteOptions(), hint: t("web.photo.site_hint") })}
            <telavis-body-picker field=${field.name}></telavis-body-picker></div>`
        : textField(field);
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

/** Shows what a red flag asks for on the whole screen; its fields belong to the form. */
export function openExit(form: Element | null): void {
  const screen = form?.querySelector<HTMLDialogElement>("dialog.exit-screen");
  if (screen && !screen.open) screen.showModal();
}
const closeExit = (event: Event): void => (event.target as Element).closest("dialog")?.close();

/** What to do at once, and how to go on all the same. */
function exitScreen(exit: Exit, problems: Problems, prior?: CaseRequest): TemplateResult {
  const correct = (event: Event): void => {
    closeExit(event);
    document.getElementById("red-flags")?.querySelector<HTMLElement>("input[value=yes]:checked")?.focus();
  };
  return html`<dialog class="exit-screen" data-exit-screen=${exit} aria-labelledby="exit-title">
    <p class="mark" aria-hidden="true">${t(`web.exit.mark.${exit}`)}</p>
    <h2 id="exit-title" role="alert">${t(`web.exit.${exit}`)}</h2>
    ${exit === "15_now" ? html`<p><a class="button call" href="tel:15">${t("web.exit.call")}</a></p>` : nothing}
    <section>
      <p>${t("web.exit.letter")}</p>
      <button type="submit" class="primary" value="letter" data-action="exit-letter" @click=${closeExit}>${t("web.exit.letter_first")}</button>
    </section>
    <section class="narrow">
      ${textField({
        name: "regulated_at", label: t("web.exit.regulated"), type: "time", value: prior?.regulated_at ?? "",
        hint: t("web.exit.regulated_hint"), problems,
      })}
      <button type="button" data-action="exit-maintain" @click=${closeExit}>${t("web.exit.maintain")}</button>
    </section>
    <p><button type="button" class="link" data-action="exit-correct" @click=${correct}>${t("web.exit.correct")}</button></p>
  </dialog>`;
}

/** What stays of it in the page. */
function exitCard(exit: Exit, regulated: string): TemplateResult {
  const reopen = (event: Event): void => openExit((event.target as Element).closest("form"));
  return html`<div class=${regulated ? "exit warning" : "exit error"} data-exit=${exit}>
    <p><strong>${regulated ? t("web.exit.maintained", { at: regulated }) : t(`web.exit.${exit}`)}</strong></p>
    <p class="actions">
      ${exit === "15_now" ? html`<a class="button danger" href="tel:15">${t("web.exit.call")}</a>` : nothing}
      <button type="button" data-action="exit-again" @click=${reopen}>${t("web.exit.again")}</button>
    </p>
  </div>`;
}

export interface Flags {
  exit?: Exit;
  regulated: string; // "14:05", or empty
  none: boolean; // all are answered no
  deny: () => void; // answers no to all
}
export function redFlagCard(programme: Programme, flags: Flags, problems: Problems, prior?: CaseRequest): unknown {
  if (programme.red_flags.length === 0) return nothing;
  const { exit, regulated, none, deny } = flags;
  return html`<div class="group" id="red-flags">
    <h3>${t("web.flags.title")}</h3>
    <div class="bar">
      <p>${t("web.flags.about")}</p>
      <button type="button" data-action="no-flags" aria-pressed=${none ? "true" : "false"} @click=${deny}>
        ${t(none ? "web.flags.none_noted" : "web.flags.none")}</button>
    </div>
    <div class="rows wide">
      ${programme.red_flags.map((flag) =>
        radioField({
          name: flagName(flag.code), label: flag.sentence, must: true, options: yesNo(), row: true,
          value: startOf(prior, flagName(flag.code)), problems,
        }),
      )}
    </div>
    ${exit ? html`${exitCard(exit, regulated)} ${exitScreen(exit, problems, prior)}` : nothing}
  </div>`;
}
