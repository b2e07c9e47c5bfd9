// SPDX-License-Identifier: Apache-2.0
// What has not reached the engine yet, on every page: waiting for the network, on its way, or refused.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ask } from "./dialog";
import type { Outbox, Question, Queued } from "./outbox";
import { Page, t } from "./text";

const percent = ({ arrived, files }: Question): number => {
  const whole = files.reduce((sum, { size }) => sum + size, 0);
  return whole === 0 ? 100 : Math.floor((100 * arrived) / whole);
};
export const placeOf = ({ caseId }: Pick<Question, "caseId">): string => (caseId ? `#/cases/${caseId}/complete` : "#/new");

@customElement("telavis-outbox")
export class OutboxBar extends Page {
  @property({ attribute: false }) box?: Outbox;
  @state() private occupied = false;
  @state() private sent: { id: string; number: string }[] = [];
  private readonly changed = (): void => this.requestUpdate();
  private readonly gone = (event: Event): void => {
    const { receipt } = (event as CustomEvent<{ receipt: { case: { id: string; number: string } } }>).detail;
    this.sent = [...this.sent, receipt.case];
  };
  private readonly moved = (): void => {
    [this.sent, this.occupied] = [[], false];
  };

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("box")) return;
    const before = changed.get("box");
    before?.removeEventListener("change", this.changed);
    before?.removeEventListener("sent", this.gone);
    this.box?.addEventListener("change", this.changed);
    this.box?.addEventListener("sent", this.gone);
    this.sent = [];
  }
  override connectedCallback(): void {
    super.connectedCallback();
    for (const name of ["online", "offline"]) window.addEventListener(name, this.changed);
    window.addEventListener("hashchange", this.moved);
  }
  override disconnectedCallback(): void {
    for (const name of ["online", "offline"]) window.removeEventListener(name, this.changed);
    window.removeEventListener("hashchange", this.moved);
    super.disconnectedCallback();
  }

  protected override render(): unknown {
    const queued = this.box?.all ?? [];
    if (queued.length === 0 && this.sent.length === 0) return nothing;
    return html`<section class="outbox" aria-label=${t("web.outbox.title")}>
      <ul>
        ${queued.map((one) => this.line(one))}
        ${this.occupied ? html`<li data-stage="refused"><span role="alert">${t("web.outbox.occupied")}</span></li>` : nothing}
        ${this.sent.map(({ id, number }) => html`<li data-sent>
          <span role="status"><strong>${t("web.outbox.sent", { number })}</strong></span>
          <a href="#/cases/${id}">${t("web.outbox.open")}</a></li>`)}
      </ul>
    </section>`;
  }

  private line(one: Queued): TemplateResult {
    const { question, stage } = one;
    const words = stage === "sending" ? t("web.outbox.sending", { percent: percent(question) })
      : stage === "waiting" ? t(navigator.onLine ? "web.outbox.soon" : "web.outbox.offline")
      : question.refusal?.text ?? "";
    return html`<li data-stage=${stage}>
      <span class="what"><strong>${t("web.outbox.question", { title: question.title })}</strong>
        <span role="status">${words}</span></span>
      ${stage === "sending" ? html`<progress max="100" value=${percent(question)} aria-label=${t("web.outbox.title")}></progress>` : nothing}
      ${stage === "waiting" ? html`<button data-action="retry" @click=${() => void this.box?.run()}>${t("web.outbox.retry")}</button>` : nothing}
      ${stage === "refused" || (stage === "waiting" && !question.posted)
        ? html`<button data-action="reopen" @click=${() => void this.reopen(question)}>${t("web.outbox.reopen")}</button>`
        : nothing}
      ${stage === "refused" ? html`<button class="danger" data-action="discard" @click=${() => this.discard(one)}>${t("web.outbox.discard")}</button>` : nothing}
    </li>`;
  }

  private async reopen(question: Question): Promise<void> {
    this.occupied = (await this.box?.reopen(question.id)) === "occupied";
    if (!this.occupied) location.hash = placeOf(question);
  }
  private discard(one: Queued): void {
    void ask({
      title: t("web.outbox.discard"),
      body: html`<p>${t("web.outbox.discard_about")}</p>`,
      confirm: t("web.outbox.discard"),
      danger: true,
      send: async () => this.box?.discard(one),
    });
  }
}
