// SPDX-License-Identifier: Apache-2.0
// The way through the request form, and what is about to leave with the wait that is to be expected.
import { html, nothing, type TemplateResult } from "lit";
import type { Programme } from "./api_types";
import { line } from "./case_cards";
import { leadTo, typedText, type Problems } from "./fields";
import { t } from "./text";

export const kSteps = ["programme", "exams", "clinical", "patient", "summary"] as const;
export type Step = (typeof kSteps)[number];

/** Where a field of the form stands. */
export function stepOf(name: string): Step {
  if (name === "reason" || name === "programme" || name.startsWith("requested_")) return "programme";
  if (name === "files") return "exams";
  const ofPatient = /^(patient|ins|consent|information|oppositions|attending_physician|acting_doctor)\b|^(patient_phone|guardianship|minor_secrecy)$/;
  return ofPatient.test(name) ? "patient" : "clinical";
}

/** The steps with what is left in each; a button leads to the first of it. */
export function stepBar(left: Problems, form: () => HTMLFormElement | null): TemplateResult {
  const open = new Set([...left.keys()].map(stepOf));
  const here = kSteps.find((step) => open.has(step)) ?? "summary";
  const go = (step: Step): void => {
    const first = [...left.keys()].find((name) => stepOf(name) === step);
    document.getElementById(`step-${step}`)?.scrollIntoView({ block: "start" });
    if (first) leadTo(form(), first);
    else document.querySelector<HTMLElement>(`#step-${step} h2`)?.focus({ preventScroll: true });
  };
  return html`<nav class="steps" aria-label=${t("web.step.label")}>
    <ol>
      ${kSteps.map((step, n) => {
        const done = step !== "summary" && !open.has(step);
        return html`<li ?data-done=${done}>
          <button type="button" aria-current=${step === here ? "step" : nothing} @click=${() => go(step)}>
            <span class="n" aria-hidden="true">${done ? "✓" : n + 1}</span>
            <span>${t(`web.step.${step}`)}</span>
            ${done ? html`<span class="aside">${t("web.step.done")}</span>` : nothing}
          </button>
        </li>`;
      })}
    </ol>
  </nav>`;
}

export function stepTitle(step: Step): TemplateResult {
  return html`<h2 tabindex="-1"><span class="n" aria-hidden="true">${kSteps.indexOf(step) + 1}</span>${t(`web.step.${step}`)}</h2>`;
}

const kMinutesAnHour = 60;

/** "Habituellement 9 h, 3 médecins requis présents", from what the engine has counted. */
export function usualWait({ usual_wait_minutes: minutes, experts_present: present }: Programme): string {
  const usual = minutes === null ? t("web.wait.unknown")
    : minutes < kMinutesAnHour ? t("web.wait.soon")
    : t("web.wait.hours", { hours: Math.round(minutes / kMinutesAnHour) });
  const who = present === 0 ? t("web.wait.nobody") : present === 1 ? t("web.wait.one") : t("web.wait.present", { count: present });
  return `${usual} ${who}`;
}

export interface Summary {
  programme: Programme;
  typed: FormData;
  files: number;
  picks: number;
  noFlag: boolean;
}
export function summaryLines({ programme, typed, files, picks, noFlag }: Summary): TemplateResult {
  const text = (name: string): string => typedText(typed, name);
  const reason = programme.reasons.find((one) => one.code === text("reason"))?.label;
  const patient = [text("patient.family_name").toUpperCase(), text("patient.given_name")].filter(Boolean).join(" ");
  const fast = programme.lines.find((one) => one.open && one.reasons.includes(text("reason")));
  const exams = files + picks;
  const hours = fast?.answer_hours ?? programme.answer_hours;
  return html`<dl class="items">
      ${line("web.case.programme", `${programme.name} – ${programme.association}`)}
      ${line("web.request.reason", reason)}
      ${line("web.request.files", exams === 0 ? "" : exams === 1 ? t("web.request.file_one") : t("web.request.file_count", { count: exams }))}
      ${line("web.flags.found", noFlag ? t("web.flags.none") : "")}
      ${line("web.request.patient", patient || (programme.speciality === "cardiology" ? t("web.request.patient_of_tracing") : ""))}
    </dl>
    <p class="wait"><strong>${t(programme.working_hours ? "web.request.promise_working" : "web.request.promise", { hours })}</strong>
      ${usualWait(programme)}</p>`;
}
