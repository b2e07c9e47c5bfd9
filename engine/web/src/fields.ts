// SPDX-License-Identifier: Apache-2.0
// Fields of the long forms. They keep what is typed by themselves: a value given here is only the one
// that a field begins with. A problem is shown at its field, and the field is led to.
import { html, nothing, type TemplateResult } from "lit";
import type { Labelled } from "./api_types";
import { t } from "./text";

/** What is wrong with a field: "à renseigner", said after its label where the field is not in sight. */
export interface Problem {
  label: string; // empty when the sentence speaks for itself
  text: string;
}
/** By the name of the field. */
export type Problems = ReadonlyMap<string, Problem>;
const kMostListed = 8; // the others are met on the way

export interface Field {
  name: string;
  label: unknown;
  must?: boolean;
  value?: string;
  hint?: unknown;
  problems: Problems;
}

const idOf = (kind: string, name: string): string => `${kind}-${name}`;
const must = (field: Field): unknown =>
  field.must ? html` <span class="must" aria-hidden="true">*</span>` : nothing;
const hintOf = (field: Field): unknown =>
  field.hint ? html`<span class="hint" id=${idOf("hint", field.name)}>${field.hint}</span>` : nothing;
const problemOf = (field: Field): unknown => {
  const problem = field.problems.get(field.name);
  return problem ? html`<span class="problem" id=${idOf("problem", field.name)}>${problem.text}</span>` : nothing;
};
const describedBy = (field: Field): unknown => {
  const ids = [field.hint ? idOf("hint", field.name) : "", field.problems.has(field.name) ? idOf("problem", field.name) : ""];
  return ids.filter(Boolean).join(" ") || nothing;
};
const invalid = (field: Field): unknown => (field.problems.has(field.name) ? "true" : nothing);

/** Names contain dots: an id that a label points at. */
function labelled(field: Field, control: unknown): TemplateResult {
  return html`<div class="field">
    <label for=${idOf("field", field.name)}>${field.label}${must(field)}</label>
    ${control} ${hintOf(field)} ${problemOf(field)}
  </div>`;
}

interface TextField extends Field {
  type?: "text" | "date" | "time" | "tel";
  mode?: "numeric" | "decimal" | "text" | "email";
  unit?: string;
  placeholder?: string;
  most?: number; // characters
  offers?: TemplateResult[]; // <option>s that may be taken, or not
}

export function textField(field: TextField): TemplateResult {
  const input = html`<input id=${idOf("field", field.name)} name=${field.name} type=${field.type ?? "text"}
    inputmode=${field.mode ?? nothing} value=${field.value ?? ""} placeholder=${field.placeholder ?? nothing}
    maxlength=${field.most ?? nothing} autocomplete="off" list=${field.offers ? idOf("offers", field.name) : nothing} aria-required=${field.must ? "true" : nothing}
    aria-invalid=${invalid(field)} aria-describedby=${describedBy(field)} />`;
  const offers = field.offers ? html`<datalist id=${idOf("offers", field.name)}>${field.offers}</datalist>` : nothing;
  return labelled(field, field.unit ? html`<span class="unit">${input}<span>${field.unit}</span></span>` : html`${input}${offers}`);
}

export function areaField(field: Field & { rows?: number }): TemplateResult {
  return labelled(
    field,
    html`<textarea id=${idOf("field", field.name)} name=${field.name} rows=${field.rows ?? 3} .defaultValue=${field.value ?? ""}
      aria-required=${field.must ? "true" : nothing} aria-invalid=${invalid(field)}
      aria-describedby=${describedBy(field)}></textarea>`,
  );
}

export function selectField(field: Field & { options: Labelled[]; empty?: string }): TemplateResult {
  return labelled(
    field,
    html`<select id=${idOf("field", field.name)} name=${field.name} aria-required=${field.must ? "true" : nothing}
      aria-invalid=${invalid(field)} aria-describedby=${describedBy(field)}>
      <option value="">${field.empty ?? t("web.choose")}</option>
      ${field.options.map(({ code, label }) => html`<option value=${code} ?selected=${code === field.value}>${label}</option>`)}
    </select>`,
  );
}

/** One of a few, all in sight. `row`: beside the label, for lists of yes and no. */
export function radioField(field: Field & { options: Labelled[]; row?: boolean }): TemplateResult {
  return html`<fieldset class=${field.row ? "row" : ""} role="radiogroup" aria-required=${field.must ? "true" : nothing}
    aria-invalid=${invalid(field)} aria-describedby=${describedBy(field)}>
    <legend>${field.label}${must(field)}</legend>
    <div class="options">
      ${field.options.map(
        ({ code, label }) => html`<label class="option">
          <input type="radio" name=${field.name} value=${code} ?checked=${code === field.value} />${label}</label>`,
      )}
    </div>
    ${hintOf(field)} ${problemOf(field)}
  </fieldset>`;
}

export const yesNo = (): Labelled[] => [
  { code: "yes", label: t("web.yes") },
  { code: "no", label: t("web.no") },
];

export function checkField(field: Field): TemplateResult {
  return html`<div class="field">
    <label class="option">
      <input type="checkbox" name=${field.name} value="yes" ?checked=${field.value === "yes"}
        aria-invalid=${invalid(field)} aria-describedby=${describedBy(field)} />${field.label}</label>
    ${hintOf(field)} ${problemOf(field)}
  </div>`;
}

/** What was typed, without the blanks around it. */
export const typedText = (data: FormData, name: string): string => {
  const value = data.get(name);
  return typeof value === "string" ? value.trim() : "";
};

/** Brings the reader to a field of the form. */
export function leadTo(form: Element | null, name: string): void {
  const control = form?.querySelector<HTMLElement>(`[name="${CSS.escape(name)}"]:checked, [name="${CSS.escape(name)}"]`);
  const folded = control?.closest("details");
  if (folded) folded.open = true;
  control?.focus({ preventScroll: true });
  const shown = control?.closest("fieldset.row, .field") ?? control;
  shown?.scrollIntoView({ block: "center" });
}

/** The problems in one place, each a way to its field. */
export function problemList(problems: Problems, form: () => Element | null): unknown {
  if (problems.size === 0) return nothing;
  const listed = [...problems].slice(0, kMostListed);
  return html`<div class="error" role="alert">
    <p>${t("web.problems", { count: problems.size })}</p>
    <ul class="problems">
      ${listed.map(
        ([name, { label, text }]) => html`<li>
          <button type="button" class="link" @click=${() => leadTo(form(), name)}>
            ${label ? t("web.problem.at", { field: label, problem: text }) : text}
          </button>
        </li>`,
      )}
    </ul>
    ${problems.size > listed.length ? html`<p>${t("web.problem.others", { count: problems.size - listed.length })}</p>` : nothing}
  </div>`;
}
