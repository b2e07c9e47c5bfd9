// SPDX-License-Identifier: Apache-2.0
// What stands beside a tracing: the reader's own measures, the filters of the drawing, and what the
// device stated.
import { html, nothing, type TemplateResult } from "lit";
import type { EcgExam, StatedMeasure } from "./api_types";
import { correctedQt, readoutOf, type Caliper } from "./ecg_calipers";
import { carries, isFiltered, type FilterChoice } from "./ecg_filters";
import type { EcgLead } from "./ecg_layout";
import { decimal, t, type MessageId } from "./text";

const ms = (value: number): string => `${decimal(value, 0)} ms`;

// ---- calipers

export interface CaliperChange {
  march: (id: number) => void;
  remove: (id: number) => void;
}

function caliperLine(caliper: Caliper, change: CaliperChange): TemplateResult {
  const { ms: interval, perMinute, mv } = readoutOf(caliper);
  const role = caliper.role === "free" ? "" : ` ${caliper.role.toUpperCase()}`;
  return html`<li data-caliper=${caliper.id}>
    <strong>${caliper.id}${role}</strong>
    <output>${ms(interval)} · ${Number.isFinite(perMinute) ? `${decimal(perMinute, 1)} /min` : "–"} · ${decimal(mv, 2)} mV (${caliper.lead})</output>
    <button aria-pressed=${caliper.marching} data-action="march" @click=${() => change.march(caliper.id)}>${t("web.ecg.march")}</button>
    <button aria-label=${t("web.ecg.remove_caliper", { n: caliper.id })} data-action="remove" @click=${() => change.remove(caliper.id)}>✕</button>
  </li>`;
}

/** QT and RR of the reader's own marks, with every step of the arithmetic. */
function qtLines(calipers: readonly Caliper[]): unknown {
  const of = (role: Caliper["role"]): Caliper | undefined => calipers.find((one) => one.role === role);
  const [qt, rr] = [of("qt"), of("rr")];
  if (!qt || !rr) return nothing;
  const [qtMs, rrMs] = [readoutOf(qt).ms, readoutOf(rr).ms];
  const corrected = correctedQt(qtMs, rrMs);
  if (!corrected) return nothing;
  const rrS = decimal(rrMs / 1000, 3);
  return html`<div class="qt" data-qt>
    <p>QT = ${ms(qtMs)} (${t("web.ecg.caliper_n", { n: qt.id })}), RR = ${rrS} s (${t("web.ecg.caliper_n", { n: rr.id })})</p>
    <p>Bazett : QT / √RR = ${decimal(qtMs, 0)} / √${rrS} = <strong data-qtc="bazett">${ms(corrected.bazett)}</strong></p>
    <p>Fridericia : QT / ∛RR = ${decimal(qtMs, 0)} / ∛${rrS} = <strong data-qtc="fridericia">${ms(corrected.fridericia)}</strong></p>
    <p class="hint">${t("web.ecg.own_marks")}</p>
  </div>`;
}

export function caliperPanel(calipers: readonly Caliper[], change: CaliperChange): unknown {
  if (calipers.length === 0) return nothing;
  return html`<div class="readouts" role="group" aria-label=${t("web.ecg.calipers")}>
    <ul>${calipers.map((caliper) => caliperLine(caliper, change))}</ul>
    ${qtLines(calipers)}
  </div>`;
}

// ---- filters of the drawing

export function filterPanel(leads: readonly EcgLead[], choice: FilterChoice, take: (choice: FilterChoice) => void): unknown {
  const offered = (hz: number): boolean => leads.some((lead) => carries(lead, hz));
  const box = (name: "notchHz" | "highPassHz", hz: 50 | 0.5, label: MessageId): TemplateResult => html`<label class="inline">
    <input
      type="checkbox" name=${name} .checked=${choice[name] !== 0} ?disabled=${!offered(hz)}
      @change=${(event: Event) => take({ ...choice, [name]: (event.target as HTMLInputElement).checked ? hz : 0 })}
    />${t(label)}</label>`;
  const low = (event: Event): void =>
    take({ ...choice, lowPassHz: Number((event.target as HTMLSelectElement).value) as FilterChoice["lowPassHz"] });
  return html`<fieldset class="bar filters">
    <legend>${t("web.ecg.filters")}</legend>
    ${box("notchHz", 50, "web.ecg.filter_mains")} ${box("highPassHz", 0.5, "web.ecg.filter_baseline")}
    <label class="inline">${t("web.ecg.filter_muscle")}
      <select name="lowPassHz" @change=${low}>
        ${([0, 40, 35] as const).map((hz) => html`<option value=${hz} ?selected=${hz === choice.lowPassHz} ?disabled=${hz > 0 && !offered(hz)}>
          ${hz === 0 ? t("web.ecg.filter_none") : `${hz} Hz`}</option>`)}
      </select></label>
  </fieldset>`;
}

/** Said as long as a filter is on, over the tracing itself. */
export function filterNotice(choice: FilterChoice): unknown {
  if (!isFiltered(choice)) return nothing;
  const names = [
    choice.notchHz ? t("web.ecg.filter_mains") : "",
    choice.highPassHz ? t("web.ecg.filter_baseline") : "",
    choice.lowPassHz ? `${t("web.ecg.filter_muscle")} ${choice.lowPassHz} Hz` : "",
  ].filter(Boolean);
  return html`<p class="warning" role="status" data-filtered>${t("web.ecg.filtered", { filters: names.join(", ") })}</p>`;
}

// ---- what the device says

const kStated: [StatedMeasure, MessageId, string][] = [
  ["ventricular_rate_bpm", "web.ecg.stated_rate", "/min"],
  ["atrial_rate_bpm", "web.ecg.stated_atrial_rate", "/min"],
  ["rr_ms", "web.ecg.stated_rr", "ms"],
  ["pp_ms", "web.ecg.stated_pp", "ms"],
  ["p_duration_ms", "web.ecg.stated_p", "ms"],
  ["pr_ms", "web.ecg.stated_pr", "ms"],
  ["qrs_ms", "web.ecg.stated_qrs", "ms"],
  ["qt_ms", "web.ecg.stated_qt", "ms"],
  ["qtc_ms", "web.ecg.stated_qtc", "ms"],
  ["p_axis_deg", "web.ecg.stated_p_axis", "°"],
  ["qrs_axis_deg", "web.ecg.stated_qrs_axis", "°"],
  ["t_axis_deg", "web.ecg.stated_t_axis", "°"],
  ["pacemaker_spikes", "web.ecg.stated_spikes", ""],
];

function deviceFilters({ high_pass_hz: high, low_pass_hz: low, notch_hz: notch }: EcgExam["filters"]): string {
  const band = high !== null || low !== null ? `${high === null ? "" : decimal(high, 3)}–${low === null ? "" : decimal(low, 1)} Hz` : "";
  return [band, notch === null ? "" : t("web.ecg.stated_notch", { hz: notch })].filter(Boolean).join(", ");
}

/** Folded, and labelled for what it is: nobody here has checked it. */
export function deviceStatements(exam: EcgExam): unknown {
  const measured = kStated.filter(([name]) => exam.measurements[name] !== null);
  const filters = deviceFilters(exam.filters);
  if (measured.length === 0 && exam.statements.length === 0 && !filters) return nothing;
  const formula = exam.measurements.qtc_formula;
  return html`<details class="findings device-statements">
    <summary>${t("web.ecg.device_unverified")}</summary>
    <dl class="items">
      ${measured.map(([name, label, unit]) => html`<div><dt>${t(label)}</dt>
        <dd>${String(exam.measurements[name])} ${unit}${name === "qtc_ms" && formula && formula !== "unknown" ? ` (${formula})` : ""}</dd></div>`)}
      ${filters ? html`<div><dt>${t("web.ecg.stated_filters")}</dt><dd>${filters}</dd></div>` : nothing}
    </dl>
    ${exam.statements.length > 0
      ? html`<p class="hint">${t(exam.statements_confirmed ? "web.ecg.statements_confirmed" : "web.ecg.statements_unconfirmed")}</p>
          <ul class="plain-list">${exam.statements.map((one) => html`<li lang="">${one}</li>`)}</ul>`
      : nothing}
  </details>`;
}
