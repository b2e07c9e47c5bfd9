// SPDX-License-Identifier: Apache-2.0
// One's own access: where one is logged in, and the second factor.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, textOf } from "./api";
import type { MeAnswer, OwnSession, SessionSummary } from "./api_types";
import "./enrolment";
import { dateTime, known, Page, t } from "./text";

@customElement("telavis-account")
export class AccountPage extends Page {
  @property({ attribute: false }) session?: OwnSession;
  @state() private sessions?: SessionSummary[];
  @state() private failure = "";
  @state() private done = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  private async load(act: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    try {
      await act();
      this.sessions = (await api.sessions()).sessions;
      this.failure = "";
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    const others = this.sessions?.some(({ current }) => !current) ?? false;
    return html`<h1 tabindex="-1">${t("web.account.title")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      <section class="card" data-sessions>
        <div class="title"><h2>${t("web.account.sessions")}</h2>
          ${others
            ? html`<button data-action="end-others" @click=${() => this.load(() => api.endOtherSessions())}>${t("web.account.end_others")}</button>`
            : nothing}</div>
        <p class="hint">${t("web.account.sessions_about")}</p>
        <ul class="sessions">${this.sessions?.map((one) => this.line(one))}</ul>
      </section>
      <section class="card">
        ${this.done ? html`<p class="notice" role="status">${t("web.account.factor_done")}</p>` : nothing}
        <telavis-enrolment .replaces=${this.session?.second_factor ?? false}
          @entered=${(event: CustomEvent<MeAnswer>) => this.enrolled(event.detail)}></telavis-enrolment>
      </section>`;
  }
  private enrolled(answer: MeAnswer): void {
    this.session = answer.session;
    this.done = true;
    void this.load();
  }
  private line(one: SessionSummary): TemplateResult {
    const [browser, system] = one.browser.split("/").map((code) => known(`web.browser.${code}`) ?? code);
    return html`<li data-session=${one.id} ?data-current=${one.current}>
      <div><strong>${browser} · ${system}</strong> ${one.current ? html`<span class="chip">${t("web.account.current")}</span>` : nothing}
        <span class="hint block">${t("web.account.times", { since: dateTime(one.created_at), seen: dateTime(one.last_seen_at) })}</span></div>
      ${one.current
        ? nothing
        : html`<button data-action="end-session" @click=${() => this.load(() => api.endSession(one.id))}>${t("web.account.end")}</button>`}
    </li>`;
  }
}
