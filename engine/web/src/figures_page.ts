// SPDX-License-Identifier: Apache-2.0
// What the association did in a period: each figure beside its definition, each chart above its table.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { now, textOf } from "./api";
import { association, figuresTable, type Distribution, type Figure, type FigureGroup, type Figures } from "./association_api";
import "./figure_chart";
import type { Line } from "./figure_chart";
import { aboutOf, codeWords, detailOf, figureIn, labelOf, monthWords, percentWords, spreadWords, valueOf } from "./figure_words";
import { decimal, Page, t, type MessageId } from "./text";
import { isoDay } from "./time_left";

const kFormats = [["csv-fr", "web.figures.csv"], ["xlsx", "web.figures.xlsx"], ["pdf", "web.figures.pdf"]] as const;
const kInTables = ["requests", "answered", "delay", "within_48h", "in_person", "abnormal_ecg", "malignant"] as const;
const kAnswer = new Set(["answered", "delay", "within_48h", "within_promise", "declined", "cancelled", "redirected", "incomplete"]);
interface Column {
  id: string;
  label: string;
  cell: (figure: Figure) => unknown;
}
const kActivity = new Set(["requests", "requesters", "experts", "ecg_per_month"]);

@customElement("telavis-figures")
export class FiguresPage extends Page {
  @property({ attribute: false }) programmes = new Map<string, string>();
  @state() private figures?: Figures;
  @state() private failure = "";
  @state() private from = `${new Date(now()).getFullYear()}-01-01`;
  @state() private to = isoDay(new Date(now()));
  @state() private programme = "";
  @state() private outside = false;
  private asked = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  protected override languageChanged(): void {
    void this.load();
  }
  private period(): Record<string, string> {
    return { from: this.from, to: this.to, programme: this.programme };
  }
  private async load(): Promise<void> {
    const turn = (this.asked += 1);
    try {
      const figures = await association.figures({ ...this.period(), outside: this.outside ? "yes" : "" });
      if (turn === this.asked) [this.figures, this.failure] = [figures, ""];
    } catch (error) {
      if (turn === this.asked) this.failure = textOf(error);
    }
  }
  private set(change: () => void): void {
    change();
    void this.load();
  }

  protected override render(): unknown {
    const { figures } = this;
    return html`<h1 tabindex="-1">${t("figures.title")}</h1>
      ${this.toolbar()}
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${figures
        ? html`${figures.outside ? html`<p class="notice">${t("figures.outside.about")}</p>` : nothing}
            ${this.cards("web.figures.activity", figures.figures.filter(({ id }) => kActivity.has(id)))}
            ${this.cards("web.figures.answers", figures.figures.filter(({ id }) => kAnswer.has(id)))}
            ${this.cards("web.figures.opinions", figures.figures.filter(({ id }) => !kActivity.has(id) && !kAnswer.has(id)))}
            ${this.months(figures)}
            <div class="spreads">${figures.distributions.filter(({ of }) => of !== 0).map((one) => this.distribution(one))}</div>
            ${this.groups("territories", figures.territories.map((group) => ({ ...group, label: group.label || t("figures.no_territory") })))}
            ${figures.programmes.length > 1 ? this.groups("programmes", figures.programmes) : nothing}`
        : nothing}`;
  }

  private toolbar(): TemplateResult {
    const day = (end: "from" | "to", label: MessageId): TemplateResult => html`<label class="inline">${t(label)}
      <input type="date" name=${end} .value=${this[end]} @change=${(event: Event) => {
        const { value } = event.target as HTMLInputElement;
        if (value) this.set(() => (this[end] = value));
      }} /></label>`;
    return html`<div class="bar card">
      ${day("from", "web.acts.from")} ${day("to", "web.acts.to")}
      ${this.programmes.size > 1
        ? html`<label class="inline">${t("web.list.programme")}
            <select @change=${(event: Event) => this.set(() => (this.programme = (event.target as HTMLSelectElement).value))}>
              <option value="">${t("web.list.every_programme")}</option>
              ${[...this.programmes].map(([id, name]) => html`<option value=${id}>${name}</option>`)}
            </select></label>`
        : nothing}
      <label class="option"><input type="checkbox" name="outside" .checked=${this.outside}
        @change=${(event: Event) => this.set(() => (this.outside = (event.target as HTMLInputElement).checked))} />${t("web.figures.outside")}</label>
      <span class="exports" role="group" aria-label=${t("web.figures.export")}>
        ${kFormats.map(([format, label]) => html`<a class="button" data-format=${format} href=${figuresTable(this.period(), format)} download>${t(label)}</a>`)}
      </span>
      <p class="hint">${t("web.figures.export_about")}</p>
    </div>`;
  }

  private cards(title: MessageId, figures: Figure[]): TemplateResult {
    return html`<section class="figures"><h2>${t(title)}</h2>
      <dl>${figures.map((figure) => html`<div class="card figure" data-figure=${figure.id} ?data-masked=${figure.masked}>
        <dt>${labelOf(figure.id)}</dt>
        <dd><span class="value">${valueOf(figure)}</span> <span class="detail">${detailOf(figure)}</span></dd>
        <dd class="hint">${aboutOf(figure.id)}</dd>
      </div>`)}</dl></section>`;
  }

  private chart(title: MessageId, unit: string, months: FigureGroup[], lines: Line[]): TemplateResult {
    const names = months.map(({ key }) => monthWords(key));
    return html`<h3>${t(title)}</h3><telavis-chart label=${t(title)} unit=${unit} .months=${names} .lines=${lines}></telavis-chart>`;
  }
  private months(figures: Figures): TemplateResult {
    const { months } = figures;
    const of = (id: string, value: (figure: Figure) => number | null): (number | null)[] =>
      months.map((month) => {
        const figure = figureIn(month, id);
        return figure ? value(figure) : null;
      });
    return html`<section class="card months"><h2>${labelOf("months")}</h2><p class="hint">${aboutOf("months")}</p>
      ${this.chart("web.figures.volume", "", months, [{ label: labelOf("requests"), values: of("requests", (one) => one.count), colour: "--accent", bars: true }])}
      ${this.chart("web.figures.delays", " h", months, [
        { label: t("figures.column.median"), values: of("delay", (one) => one.median), colour: "--accent" },
        { label: t("figures.column.p90"), values: of("delay", (one) => one.p90), colour: "--amber", dashed: true },
      ])}
      ${this.chart("web.figures.shares", " %", months, [
        { label: labelOf("within_48h"), values: of("within_48h", (one) => one.percent), colour: "--green" },
        { label: labelOf("in_person"), values: of("in_person", (one) => one.percent), colour: "--accent", dashed: true },
      ])}
      ${this.table(t("figures.months"), months.map((month) => ({ ...month, label: monthWords(month.key) })))}
    </section>`;
  }
  private groups(id: "territories" | "programmes", groups: FigureGroup[]): TemplateResult {
    return html`<section class="card"><h2>${labelOf(id)}</h2><p class="hint">${aboutOf(id)}</p>
      ${groups.length === 0 ? html`<p>${t("figures.no_data")}</p>` : this.table(labelOf(id), groups)}</section>`;
  }
  private table(caption: string, groups: FigureGroup[]): TemplateResult {
    const columns = kInTables.flatMap((id): Column[] => (id === "delay"
      ? [{ id, label: `${labelOf(id)}, ${t("figures.column.median")}`, cell: (one: Figure) => (one.masked ? t("web.figures.few") : spreadWords(one.median, one.kind)) },
        { id, label: t("figures.column.p90"), cell: (one: Figure) => (one.masked ? t("web.figures.few") : spreadWords(one.p90, one.kind)) }]
      : [{ id, label: labelOf(id), cell: (one: Figure) => this.cell(one) }]));
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${caption}><table class="numbers"><caption class="unseen">${caption}</caption>
      <thead><tr><th scope="col">${t("figures.column.item")}</th>${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
      <tbody>${groups.map((group) => html`<tr><th scope="row">${group.label}</th>${columns.map(({ id, label, cell }) => {
        const figure = figureIn(group, id);
        return html`<td data-label=${label}>${figure ? cell(figure) : ""}</td>`;
      })}</tr>`)}</tbody></table></div>`;
  }
  private cell(figure: Figure): TemplateResult {
    const of = figure.kind === "share" && !figure.masked && figure.of ? ` (${decimal(figure.count ?? 0, 0)}/${decimal(figure.of, 0)})` : "";
    return html`${valueOf(figure)}<small>${of}</small>`;
  }

  private distribution(shown: Distribution): TemplateResult {
    return html`<section class="card" data-distribution=${shown.id}><h2>${labelOf(shown.id)}</h2><p class="hint">${aboutOf(shown.id)}</p>
      <table class="spread"><caption class="unseen">${labelOf(shown.id)}</caption><tbody>
        ${shown.entries.map((entry) => {
          const percent = entry.count !== null && shown.of ? (entry.count / shown.of) * 100 : null;
          return html`<tr><th scope="row">${codeWords(shown, entry.code)}</th>
            <td class="meter"><progress max="100" value=${percent ?? 0} aria-hidden="true"></progress></td>
            <td>${entry.count === null ? t("web.figures.few") : html`${percentWords(percent === null ? null : Math.round(percent * 10) / 10)} <small>(${decimal(entry.count, 0)}/${decimal(shown.of ?? 0, 0)})</small>`}</td></tr>`;
        })}
      </tbody></table></section>`;
  }
}
