// SPDX-License-Identifier: Apache-2.0
// What the reader asked and answered in a year.
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, now, textOf } from "./api";
import type { OwnYear } from "./api_types";
import { Page, t } from "./text";

@customElement("telavis-year")
export class YearCount extends Page {
  @state() private count?: OwnYear;
  @state() private failure = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load(new Date(now()).getFullYear());
  }
  private async load(year: number): Promise<void> {
    try {
      [this.count, this.failure] = [await api.year(year), ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  protected override render(): unknown {
    const { count } = this;
    if (!count) return this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing;
    const words = [
      count.answered > 0 ? t(count.answered === 1 ? "web.year.answered_one" : "web.year.answered", { count: count.answered }) : "",
      count.asked > 0 ? t(count.asked === 1 ? "web.year.asked_one" : "web.year.asked", { count: count.asked }) : "",
    ].filter(Boolean).join(", ");
    return html`<p class="notice year" data-year=${count.year}>
      <button class="link" aria-label=${t("web.year.before")} @click=${() => void this.load(count.year - 1)}>←</button>
      <strong>${count.year}</strong>
      <button class="link" aria-label=${t("web.year.after")} ?disabled=${count.year >= new Date(now()).getFullYear()} @click=${() => void this.load(count.year + 1)}>→</button>
      <span role="status">${words || t("web.year.nothing")}</span>
    </p>`;
  }
}
