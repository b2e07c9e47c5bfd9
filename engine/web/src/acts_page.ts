// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, kApi, textOf } from "./api";
import type { Act } from "./api_types";
import { civilDate, euros, known, Page, t, type MessageId } from "./text";
import { isoDay } from "./time_left";

const kColumns: MessageId[] = [
  "web.acts.date", "web.acts.case", "web.acts.professional", "web.acts.role", "web.acts.code", "web.acts.zone", "web.acts.amount",
];
const kFormats = [["csv-fr", "web.acts.csv"], ["xlsx", "web.acts.xlsx"]] as const;

@customElement("telavis-acts")
export class ActsPage extends Page {
  @property({ attribute: false }) treasurer = false;
  @state() private acts?: Act[];
  @state() private failure = "";
  @state() private from = isoDay(new Date()).replace(/\d\d$/, "01");
  @state() private to = isoDay(new Date());

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  private async load(): Promise<void> {
    try {
      this.acts = (await api.acts(this.from, this.to)).acts;
      this.failure = "";
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private day(end: "from" | "to", label: MessageId): unknown {
    const take = (event: Event): void => {
      const { value } = event.target as HTMLInputElement;
      if (!value) return;
      this[end] = value;
      void this.load();
    };
    return html`<label class="inline">${t(label)}<input type="date" .value=${this[end]} @change=${take} /></label>`;
  }

  protected override render(): unknown {
    const acts = this.acts ?? [];
    const total = acts.reduce((sum, act) => sum + (act.billable ? act.amount_cents : 0), 0);
    return html`<h1 tabindex="-1">${t("web.nav.acts")}</h1>
      <div class="bar card">
        ${this.day("from", "web.acts.from")} ${this.day("to", "web.acts.to")}
        ${this.treasurer
          ? kFormats.map(([format, label]) => html`<a class="button" data-format=${format}
              href="${kApi}/exports/billing?format=${format}&from=${this.from}&to=${this.to}" download>${t(label)}</a>`)
          : nothing}
      </div>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${this.acts && acts.length === 0 ? html`<p class="card empty">${t("web.acts.empty")}</p>` : nothing}
      ${acts.length > 0
        ? html`<div class="card table"><table>
            <thead><tr>${kColumns.map((id) => html`<th scope="col">${t(id)}</th>`)}</tr></thead>
            <tbody>${acts.map((act) => row(act))}</tbody>
            <tfoot><tr><th scope="row" colspan="6">${t("web.acts.total", { count: acts.filter((act) => act.billable).length })}</th><td>${euros(total)}</td></tr></tfoot>
          </table></div>`
        : nothing}`;
  }
}

function row(act: Act): unknown {
  const cells = [
    civilDate(act.care_date), act.case_number, act.professional, t(`web.act_role.${act.role}`), act.code, act.tariff_zone,
    act.billable ? euros(act.amount_cents) : t("web.acts.refused", { reason: known(`web.refusal.${act.refusal}`) ?? act.refusal }),
  ];
  return html`<tr ?data-refused=${!act.billable}>
    ${cells.map((cell, n) => html`<td data-label=${t(kColumns[n]!)}>${cell}${n === cells.length - 1 ? rulesOf(act) : nothing}</td>`)}
  </tr>`;
}

/** Why it is billable, or not: each rule that was applied, those to look at first. */
function rulesOf(act: Act): unknown {
  if (act.rules.length === 0) return nothing;
  const weight = { refused: 0, warned: 1, met: 2 };
  const rules = [...act.rules].sort((a, b) => weight[a.verdict] - weight[b.verdict]);
  return html`<details><summary>${t("web.acts.rules", { count: rules.length })}</summary>
    <ul>${rules.map((rule) => html`<li>${t(`web.acts.rule.${rule.verdict}`)} : ${rule.text}</li>`)}</ul></details>`;
}
