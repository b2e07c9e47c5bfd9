// SPDX-License-Identifier: Apache-2.0
// Forms of a case that people write in: they stay in the page, with what was typed, until they are sent.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { textOf } from "./api";
import type { Command } from "./api_types";
import type { CaseContext } from "./case_context";
import { areaField, leadTo, radioField, textField, typedText, type Problem, type Problems } from "./fields";
import "./files_picker";
import type { FilesPicker } from "./files_picker";
import { Page, t } from "./text";

/** Commands whose body is one text. */
export type TextCommand = Extract<Command, "need-info" | "info" | "follow-up" | "follow-up-answer" | "call">;
export type Composed = TextCommand | Extract<Command, "appointment" | "close-out" | "outcome" | "resume">;

const kOutcomes = ["confirmed", "new_advice", "not_useful", "none_of_these"] as const;
export const kResults = [
  "benign", "premalignant", "carcinoma", "melanoma", "other_malignant", "confirmed", "other_diagnosis", "not_known_yet", "lost_to_follow_up",
] as const;
const kReferrals = ["avoided", "still_needed", "still_not_needed", "newly_needed", "no_benefit", "other"] as const;
const kValues = ["1", "2", "3", "4", "5"];

@customElement("telavis-composer")
export class Composer extends Page {
  @property({ attribute: false }) context?: CaseContext;
  @property() command: Composed = "info";
  /** It is the next step of the case: it cannot be put away. */
  @property({ type: Boolean }) fixed = false;
  @state() private problems: Problems = new Map();
  @state() private failure = "";
  @state() private busy = false;

  private form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const form = this.form();
    const { context } = this;
    if (this.busy || !form || !context) return;
    const data = new FormData(form);
    this.problems = this.found(data);
    this.failure = this.picker()?.problem ?? "";
    if (this.problems.size > 0) {
      await this.updateComplete;
      leadTo(form, [...this.problems.keys()][0]!);
    }
    if (this.problems.size > 0 || this.failure) return;
    this.busy = true;
    try {
      await context.run(this.command, this.body(data), this.picker()?.files ?? []);
      form.reset();
      this.picker()?.clear();
      context.compose();
    } catch (error) {
      this.failure = textOf(error);
    }
    this.busy = false;
  }
  private picker(): FilesPicker | null {
    return this.querySelector("telavis-files");
  }

  private found(data: FormData): Problems {
    const found = new Map<string, Problem>();
    const missing = (...names: string[]): void => {
      for (const name of names) {
        if (typedText(data, name) === "") found.set(name, { label: "", text: t("web.problem.missing") });
      }
    };
    switch (this.command) {
      case "appointment":
        if ((typedText(data, "date") === "") === (typedText(data, "reason") === "")) {
          found.set("date", { label: "", text: t("web.appointment.either") });
        }
        break;
      case "resume":
        missing("regulated_at");
        break;
      case "close-out":
        missing("outcome");
        break;
      case "outcome":
        missing("result");
        break;
      case "need-info":
      case "info":
      case "follow-up":
      case "follow-up-answer":
      case "call":
        missing("text");
    }
    return found;
  }

  private body(data: FormData): unknown {
    const text = (name: string): string => typedText(data, name);
    if (this.command === "appointment") return text("date") ? { date: text("date") } : { reason: text("reason") };
    if (this.command === "resume") return { regulated_at: text("regulated_at") };
    if (this.command === "outcome") return { result: text("result"), text: text("text") };
    if (this.command !== "close-out") return { text: text("text") };
    const value = (name: string): Record<string, number> => (text(name) ? { [name]: Number(text(name)) } : {});
    return {
      outcome: text("outcome"), comment: text("comment"), ...(text("referral") ? { referral: text("referral") } : {}),
      ...value("value_for_patient"), ...value("value_for_requester"),
    };
  }

  protected override render(): unknown {
    const { context } = this;
    if (!context) return nothing;
    return html`<section class="card composer" data-compose=${this.command}>
      <h2>${t(`web.compose.${this.command}`)}</h2>
      <p class="hint">${t(`web.compose_about.${this.command}`)}</p>
      ${this.question(context)}
      <form novalidate @submit=${this.send}>
        ${this.fields(context)}
        ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
        <div class="actions">
          <button class="primary" data-action="send" ?disabled=${this.busy}>${t(this.busy ? "web.request.sending" : "web.action.send")}</button>
          ${this.fixed ? nothing : html`<button type="button" @click=${() => context.compose()}>${t("web.action.back")}</button>`}
        </div>
      </form>
    </section>`;
  }

  /** What is answered stands above the answer. */
  private question(context: CaseContext): unknown {
    const kind = this.command === "info" ? "need_info" : this.command === "follow-up-answer" ? "follow_up" : undefined;
    const waits = this.command !== "info" || context.figures.state === "waiting";
    const asked = waits ? context.content?.dialogue.filter((entry) => entry.kind === kind).at(-1) : undefined;
    return asked ? html`<blockquote>${asked.text}<footer>${asked.author.display_name}</footer></blockquote>` : nothing;
  }

  private fields(context: CaseContext): TemplateResult {
    const { problems } = this;
    switch (this.command) {
      case "appointment":
        return html`<div class="pair">
          ${textField({ name: "date", label: t("web.appointment.date"), type: "date", problems })}
          ${textField({ name: "reason", label: t("web.appointment.reason"), problems })}
        </div>`;
      case "resume":
        return html`<div class="narrow">${textField({ name: "regulated_at", label: t("web.exit.regulated"), type: "time", must: true, problems })}</div>`;
      case "close-out":
        return this.closeOut();
      case "outcome":
        return html`<div class="answer">
          ${radioField({ name: "result", label: t("web.outcome.result"), must: true, problems, options: kResults.map((code) => ({ code, label: t(`web.outcome.${code}`) })) })}
          ${areaField({ name: "text", label: t("web.outcome.text"), hint: t("web.outcome.text_like"), rows: 3, problems })}
        </div>`;
      case "need-info":
      case "info":
      case "follow-up":
      case "follow-up-answer":
      case "call":
        return html`${areaField({ name: "text", label: t("web.compose.text"), must: true, rows: 4, problems })}
          ${this.command === "info" ? html`<telavis-files .speciality=${context.figures.speciality}></telavis-files>` : nothing}`;
    }
  }
  private closeOut(): TemplateResult {
    const { problems } = this;
    const values = (name: "value_for_patient" | "value_for_requester"): TemplateResult =>
      radioField({ name, label: t(`close_out.${name}`), problems, options: kValues.map((code) => ({ code, label: code })) });
    return html`<div class="answer">
        ${radioField({ name: "outcome", label: t("close_out.outcome"), must: true, problems, options: kOutcomes.map((code) => ({ code, label: t(`close_out.outcome.${code}`) })) })}
        ${radioField({ name: "referral", label: t("close_out.referral"), problems, options: kReferrals.map((code) => ({ code, label: t(`close_out.referral.${code}`) })) })}
      </div>
      <div class="answer scales">${values("value_for_patient")} ${values("value_for_requester")}</div>
      ${areaField({ name: "comment", label: t("close_out.comment"), rows: 2, problems })}`;
  }
}
