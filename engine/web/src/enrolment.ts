// SPDX-License-Identifier: Apache-2.0
// A second factor is enrolled, or takes the place of the one before.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, textOf } from "./api";
import type { MeAnswer, ProposedFactor } from "./api_types";
import { Page, t } from "./text";

/** "ABCD EFGH ...": as it is typed into the app. */
const grouped = (secret: string): string => secret.replace(/(.{4})(?=.)/g, "$1 ");

@customElement("telavis-enrolment")
export class Enrolment extends Page {
  /** Nothing else can be done before; otherwise the code of the present factor is asked for. */
  @property({ attribute: false }) forced = false;
  @property({ attribute: false }) replaces = false;
  @state() private proposed?: ProposedFactor;
  @state() private codes?: string[];
  @state() private answer?: MeAnswer;
  @state() private busy = false;
  @state() private failure = "";

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.forced) void this.run(() => this.propose());
  }
  private async run(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    [this.busy, this.failure] = [true, ""];
    try {
      await act();
    } catch (error) {
      this.failure = textOf(error);
    }
    this.busy = false;
  }
  private async propose(code = ""): Promise<void> {
    this.proposed = await api.proposeFactor(code);
  }
  private readonly submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const code = String(new FormData(form).get("code") ?? "");
    void this.run(async () => {
      if (!this.proposed) return this.propose(code);
      form.reset();
      this.codes = (await api.confirmFactor(code)).recovery_codes;
      this.answer = await api.me();
      await this.updateComplete;
      this.querySelector<HTMLElement>("h1, h2")?.focus();
    });
  };
  private finish(): void {
    [this.proposed, this.codes] = [undefined, undefined];
    this.dispatchEvent(new CustomEvent("entered", { detail: this.answer }));
  }

  private heading(text: string): TemplateResult {
    return this.forced ? html`<h1 tabindex="-1">${text}</h1>` : html`<h2 tabindex="-1">${text}</h2>`;
  }
  protected override render(): unknown {
    if (this.codes) return this.recoveryCodes(this.codes);
    if (this.proposed) return this.scanning(this.proposed);
    return html`${this.heading(t(this.replaces ? "web.enrolment.replace" : "web.enrolment.title"))}
      <p>${t("web.enrolment.why")}</p>
      ${this.forced ? this.problem() : this.begin()}`;
  }
  private problem(): unknown {
    return this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing;
  }
  private begin(): TemplateResult {
    return html`<form @submit=${this.submit}>
      ${this.replaces
        ? html`<label>${t("web.enrolment.present_code")}
            <input name="code" class="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="30" required /></label>`
        : nothing}
      ${this.problem()}
      <button data-action="propose-factor" ?disabled=${this.busy}>${t("web.enrolment.begin")}</button>
    </form>`;
  }
  private scanning({ secret, qr_svg }: ProposedFactor): TemplateResult {
    return html`${this.heading(t("web.enrolment.title"))}
      <p>${t("web.enrolment.why")}</p>
      <ol class="howto">
        <li>${t("web.enrolment.install")}</li>
        <li>${t("web.enrolment.scan")}
          <img class="qr" alt=${t("web.enrolment.qr")} src="data:image/svg+xml,${encodeURIComponent(qr_svg)}" />
          <details><summary>${t("web.enrolment.by_hand")}</summary>
            <p><code class="secret" data-secret=${secret}>${grouped(secret)}</code></p></details></li>
        <li>${t("web.enrolment.confirm")}</li>
      </ol>
      <form @submit=${this.submit}>
        <label>${t("web.enrolment.first_code")}
          <input name="code" class="code" inputmode="numeric" autocomplete="one-time-code" maxlength="10" required /></label>
        ${this.problem()}
        <button class="primary" data-action="confirm-factor" ?disabled=${this.busy}>${t("web.enrolment.done")}</button>
      </form>`;
  }
  private recoveryCodes(codes: string[]): TemplateResult {
    return html`${this.heading(t("web.codes.title"))}
      <p>${t("web.codes.about")}</p>
      <ol class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
      ${this.problem()}
      <div class="actions">
        <button type="button" data-action="print-codes" @click=${() => window.print()}>${t("web.codes.print")}</button>
        <button type="button" class="primary" data-action="codes-kept" ?disabled=${!this.answer} @click=${() => this.finish()}>${t("web.codes.kept")}</button>
      </div>`;
  }
}
