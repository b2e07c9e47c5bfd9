// SPDX-License-Identifier: Apache-2.0
// A programme's settings, and what a change of them would do to a case that is asked now.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { textOf } from "./api";
import { association, type Definition, type Preview, type Previews } from "./association_api";
import { ask } from "./dialog";
import { dayAndTime, known, language, Page, t, type MessageId } from "./text";

const kSpans = ["offer_window_minutes", "remind_minutes", "warn_minutes", "take_back_minutes", "breach_minutes"] as const;
const kPolicies = ["rotation", "direct", "open"] as const;
const kInstants = ["remind_at", "warn_at", "take_back_at", "breach_at"] as const;
const kKinds = ["ecg", "photo", "document"] as const;
const kMinutesPerHour = 60;

@customElement("telavis-programme")
export class ProgrammePage extends Page {
  /** Administrators alone store the next version. */
  @property({ type: Boolean }) admin = false;
  @state() private definitions?: Definition[];
  @state() private chosen = "";
  @state() private previews?: Previews;
  @state() private failure = "";
  @state() private saved = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }
  private async refresh(): Promise<void> {
    try {
      this.definitions = (await association.definitions()).programmes;
      if (!this.definitions.some(({ id }) => id === this.chosen)) this.chosen = this.definitions[0]?.id ?? "";
      this.failure = "";
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private definition(): Definition | undefined {
    return this.definitions?.find(({ id }) => id === this.chosen);
  }
  /** As the form says it now, as the version after the one on file. */
  private changed(form: FormData, before: Definition): Definition {
    const sla = { ...before.sla, working_hours: form.get("working_hours") !== null };
    for (const span of kSpans) sla[span] = Math.round(Number(String(form.get(span)).replace(",", ".")) * kMinutesPerHour);
    return { ...before, version: before.version + 1, policy: form.get("policy") as Definition["policy"], sla };
  }
  private readonly look = (event: Event): void => {
    event.preventDefault();
    const before = this.definition();
    const form = new FormData(event.target as HTMLFormElement);
    if (before) void this.preview(this.changed(form, before), form);
  };
  private async preview(programme: Definition, form: FormData): Promise<void> {
    try {
      this.previews = await association.preview(programme.id, {
        programme, reason: form.get("reason"), exam_kind: form.get("exam_kind"), territory: form.get("territory"),
      });
      [this.failure, this.saved] = ["", ""];
      await this.updateComplete;
      this.querySelector<HTMLElement>("[data-preview] h2")?.focus();
    } catch (error) {
      [this.previews, this.failure] = [undefined, textOf(error)];
    }
  }
  private save(): void {
    const before = this.definition();
    const form = this.querySelector("form");
    if (!before || !form) return;
    const next = this.changed(new FormData(form), before);
    void ask({
      title: t("web.programme.save"), body: html`<p>${t("web.programme.save_about", { version: next.version })}</p>`, confirm: t("web.programme.save"),
      send: async () => {
        await association.save(next);
        [this.saved, this.previews] = [t("web.programme.saved", { version: next.version }), undefined];
        await this.refresh();
      },
    });
  }

  protected override render(): unknown {
    const definition = this.definition();
    const definitions = this.definitions ?? [];
    return html`<h1 tabindex="-1">${t("web.nav.programmes")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      <p role="status" class=${this.saved ? "notice" : ""}>${this.saved}</p>
      ${definitions.length > 1
        ? html`<div class="bar card"><label class="inline">${t("web.list.programme")}
            <select name="programme" @change=${(event: Event) => {
              [this.chosen, this.previews] = [(event.target as HTMLSelectElement).value, undefined];
            }}>${definitions.map((one) => html`<option value=${one.id} ?selected=${one.id === this.chosen}>${language() === "fr" ? one.name_fr : one.name_en}</option>`)}</select></label></div>`
        : nothing}
      ${definition ? html`<div class="columns even">${this.settings(definition)} ${this.effect()}</div>` : nothing}`;
  }

  private settings(one: Definition): TemplateResult {
    const options = (codes: readonly string[], words: (code: string) => string, chosen = ""): TemplateResult[] =>
      codes.map((code) => html`<option value=${code} ?selected=${code === chosen}>${words(code)}</option>`);
    return html`<form class="card" data-form=${`${one.id} ${one.version}`} @submit=${this.look}>
      <h2>${language() === "fr" ? one.name_fr : one.name_en} <span class="count">${t("web.programme.version", { version: one.version })}</span></h2>
      <p class="hint">${t("web.programme.about")}</p>
      <div class="rows tight">
        <label>${t("web.programme.policy")}<select name="policy">${options(kPolicies, (code) => t(`web.programme.policy.${code}` as MessageId), one.policy)}</select></label>
        ${kSpans.map((span) => html`<label>${t(`web.programme.${span}`)}<span class="unit">
          <input name=${span} inputmode="decimal" .value=${String(one.sla[span] / kMinutesPerHour)} required /><span>h</span></span></label>`)}
      </div>
      <label class="option"><input type="checkbox" name="working_hours" .checked=${one.sla.working_hours} />${t("web.programme.working_hours")}</label>
      <fieldset><legend>${t("web.programme.example")}</legend><div class="rows tight">
        <label>${t("web.request.reason")}<select name="reason">${options(one.reasons, (code) => known(`reason.${code}`) ?? code)}</select></label>
        <label>${t("web.programme.exam")}<select name="exam_kind">${options(kKinds, (code) => t(`web.programme.exam.${code}` as MessageId), one.speciality === "cardiology" ? "ecg" : "photo")}</select></label>
        <label>${t("web.programme.territory")}<select name="territory">${options(one.territories, (code) => code)}</select></label>
      </div></fieldset>
      <div class="actions"><button class="primary" data-action="preview">${t("web.programme.preview")}</button>
        ${this.admin ? html`<button type="button" data-action="save" ?disabled=${!this.previews} @click=${() => this.save()}>${t("web.programme.save")}</button>` : nothing}</div>
      ${this.admin ? nothing : html`<p class="hint">${t("web.programme.admin_saves")}</p>`}
    </form>`;
  }

  private effect(): TemplateResult {
    const { previews } = this;
    if (!previews) return html`<section class="card"><h2>${t("web.programme.effect")}</h2><p class="hint">${t("web.programme.effect_about")}</p></section>`;
    const { before, after, changed } = previews;
    const row = (label: string, value: (preview: Preview) => unknown): TemplateResult =>
      html`<tr><th scope="row">${label}</th><td data-label=${t("web.programme.before")}>${before ? value(before) : "–"}</td><td data-label=${t("web.programme.after")}>${value(after)}</td></tr>`;
    return html`<section class="card" data-preview><h2 tabindex="-1">${t("web.programme.effect")}</h2>
      <p>${changed.length === 0 ? t("web.programme.unchanged") : t("web.programme.changed", { members: changed.map((name) => known(`web.programme.member.${name}`) ?? name).join(", ") })}</p>
      <table class="effect"><thead><tr><th scope="col">${t("web.programme.now")}</th><th scope="col">${t("web.programme.before")}</th><th scope="col">${t("web.programme.after")}</th></tr></thead><tbody>
        ${row(t("web.programme.policy"), ({ policy }) => t(`web.programme.policy.${policy}`))}
        ${kInstants.map((name) => row(t(`web.programme.${name}`), ({ promise, time_zone }) => dayAndTime(promise[name], time_zone)))}
        ${row(t("web.programme.first_asked"), (preview) => this.asked(preview))}
        ${row(t("web.programme.pool"), (preview) => this.pool(preview))}
      </tbody></table></section>`;
  }
  private asked({ experts, time_zone }: Preview): unknown {
    const first = experts.filter(({ invite_at }) => invite_at);
    if (first.length === 0) return t("web.programme.nobody");
    return first.map((one) => html`<span class="block">${one.expert}, ${t("web.programme.asked_at", { at: dayAndTime(one.invite_at!, time_zone) })}${one.expires_at ? html` ${t("web.programme.until", { at: dayAndTime(one.expires_at, time_zone) })}` : nothing}</span>`);
  }
  private pool({ experts }: Preview): unknown {
    if (experts.length === 0) return t("web.programme.nobody");
    return html`${experts.map((one) => html`<span class="block">${one.expert}${one.excluded_because
      ? html` <small>(${known(`web.excluded.${one.excluded_because}`) ?? one.excluded_because})</small>` : nothing}</span>`)}`;
  }
}
