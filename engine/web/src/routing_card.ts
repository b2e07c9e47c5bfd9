// SPDX-License-Identifier: Apache-2.0
// How the experts of a case compared, for those who look after the pool.
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, textOf } from "./api";
import type { RoutingRound } from "./api_types";
import { dateTime, known, Page, t } from "./text";

/** "asked 0, open 3" in the reader's words. */
const weighed = (why: string): string =>
  why.replace(/([a-z_]+) (\S+?)(,|$)/g, (_all, name: string, value: string, end: string) =>
    `${known(`web.weighed.${name}`) ?? name} ${value}${end}`);

@customElement("telavis-routing")
export class RoutingCard extends Page {
  @property() caseId = "";
  @state() private rounds?: RoutingRound[];
  @state() private failure = "";

  private async load(event: Event): Promise<void> {
    if (!(event.target as HTMLDetailsElement).open) return;
    try {
      [this.rounds, this.failure] = [(await api.routing(this.caseId)).rounds, ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    return html`<details class="card routing" @toggle=${this.load}>
      <summary><h2>${t("web.routing.title")}</h2></summary>
      <p class="hint">${t("web.routing.about")}</p>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${this.rounds?.length === 0 ? html`<p>${t("web.routing.none")}</p>` : nothing}
      ${(this.rounds ?? []).map((round) => this.round(round))}
    </details>`;
  }

  private round(round: RoutingRound): unknown {
    return html`<h3>${dateTime(round.at)}</h3>
      <div class="scroll" tabindex="0">
        <table>
          <thead>
            <tr><th>${t("web.case.expert")}</th><th>${t("web.routing.result")}</th><th>${t("web.routing.why")}</th><th>${t("web.routing.score")}</th></tr>
          </thead>
          <tbody>
            ${round.considered.map(
              (one) => html`<tr>
                <td data-label=${t("web.case.expert")}>${one.expert.display_name}</td>
                <td data-label=${t("web.routing.result")}>
                  ${one.chosen ? html`<strong>${t("web.routing.chosen")}</strong>` : one.excluded_because ? (known(`web.excluded.${one.excluded_because}`) ?? one.excluded_because) : t("web.routing.eligible")}
                </td>
                <td data-label=${t("web.routing.why")}><small>${weighed(one.why)}</small></td>
                <td data-label=${t("web.routing.score")}>${one.score ?? nothing}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }
}
