// SPDX-License-Identifier: Apache-2.0
// A requester's notebook: what he had read himself, what the expert said, what came of it.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, textOf } from "./api";
import type { NotebookEntry } from "./api_types";
import { line } from "./case_cards";
import { dateTime, known, Page, t } from "./text";
import "./year_count";

const kAgreements = ["full", "partial", "none"] as const;

@customElement("telavis-notebook")
export class NotebookPage extends Page {
  @state() private entries?: NotebookEntry[];
  @state() private failure = "";
  @state() private only = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  protected override languageChanged(): void {
    void this.load();
  }
  private async load(): Promise<void> {
    try {
      [this.entries, this.failure] = [(await api.notebook()).notebook, ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    const all = this.entries ?? [];
    const shown = all.filter((one) => !this.only || one.agreement === this.only);
    const count = (code: string): number => all.filter((one) => one.agreement === code).length;
    return html`<h1 tabindex="-1">${t("web.nav.notebook")}</h1>
      <p class="hint">${t("web.notebook.about")}</p>
      <telavis-year></telavis-year>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${this.entries && all.length === 0 ? html`<p class="card empty">${t("web.notebook.empty")}</p>` : nothing}
      ${all.length > 0
        ? html`<div class="bar" role="group" aria-label=${t("web.opinion.agreement")}>
            <span>${t("web.opinion.agreement")}</span>
            ${["", ...kAgreements].map((code) => html`<button aria-pressed=${this.only === code} @click=${() => (this.only = code)}>
              ${code ? t(`agreement.${code as (typeof kAgreements)[number]}`) : t("web.notebook.all")} <span class="count">${code ? count(code) : all.length}</span></button>`)}
          </div>` : nothing}
      <ul class="cases">${shown.map((one) => html`<li class="card notebook" data-case=${one.id}>${this.entry(one)}</li>`)}</ul>`;
  }
  private entry(one: NotebookEntry): TemplateResult {
    return html`<div class="title"><h2><a href="#/cases/${one.id}">${one.number}</a></h2>
        <span>${one.reason_words}</span><span class="hint">${dateTime(one.answered_at)}</span>
        ${one.agreement ? html`<span class="chip" data-agreement=${one.agreement}>${t(`agreement.${one.agreement}`)}</span>` : nothing}</div>
      <dl class="beside">
        ${line("web.notebook.mine", one.own_reading || html`<span class="hint">${t("web.notebook.not_said")}</span>`)}
        ${line("web.notebook.opinion", one.conclusion)}
        ${line("web.notebook.outcome", one.outcome && [known(`web.outcome.${one.outcome.result}`), one.outcome.text].filter(Boolean).join(" – "))}
      </dl>`;
  }
}
