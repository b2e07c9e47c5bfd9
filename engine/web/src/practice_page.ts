// SPDX-License-Identifier: Apache-2.0
// An expert's own: his year, how much he takes and when he is told, his appointments, his texts.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, now, textOf } from "./api";
import type { OwnSlot, PersonRecord } from "./api_types";
import { ask } from "./dialog";
import { slotWords } from "./slots";
import { Page, t } from "./text";
import "./texts_editor";
import "./year_count";

const kHours = [...Array(24).keys()];
const kMostWeekly = 10_000;

@customElement("telavis-practice")
export class PracticePage extends Page {
  @state() private record?: PersonRecord;
  @state() private slots?: OwnSlot[];
  @state() private failure = "";
  @state() private saved = "";
  private where = { place: "", booking: "" };

  override connectedCallback(): void {
    super.connectedCallback();
    void this.attempt(async () => {
      [this.record, this.slots] = await Promise.all([api.record(), api.slots().then(({ slots }) => slots)]);
    });
  }
  private async attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      this.failure = "";
      await work();
      return true;
    } catch (error) {
      this.failure = textOf(error);
      return false;
    }
  }

  // ---- how much, and when he is told

  private async saveTerms(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const { record } = this;
    if (!record) return;
    const weekly = Number(form.get("max_weekly_cases") || 0);
    const hours = form.getAll("digest_hours").map(Number);
    this.saved = "";
    await this.attempt(async () => {
      const changed = await api.terms(record.version, { ...record.person.terms, max_weekly_cases: weekly, digest_hours: hours });
      this.record = { ...record, ...changed };
      this.saved = t("web.practice.saved");
    });
  }
  private terms({ person: { terms } }: PersonRecord): TemplateResult {
    return html`<form class="card" data-terms @submit=${this.saveTerms}>
      <h2>${t("web.practice.terms")}</h2>
      <label>${t("web.practice.weekly")}
        <input class="short" name="max_weekly_cases" type="number" min="0" max=${kMostWeekly} .value=${String(terms.max_weekly_cases ?? 0)} aria-describedby="weekly-about" /></label>
      <p class="hint" id="weekly-about">${t("web.practice.weekly_about")}</p>
      <fieldset>
        <legend>${t("web.practice.digest")}</legend>
        <p class="hint">${t("web.practice.digest_about")}</p>
        <div class="hours">${kHours.map((hour) => html`<label class="option">
          <input type="checkbox" name="digest_hours" value=${hour} ?checked=${terms.digest_hours?.includes(hour)} />${t("web.practice.hour", { hour })}</label>`)}</div>
      </fieldset>
      <div class="actions"><button class="primary" data-action="save-terms">${t("web.action.save")}</button>
        <span class="hint draft" role="status">${this.saved}</span></div>
    </form>`;
  }

  // ---- appointments

  private async addSlot(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const at = new Date(`${data.get("date")}T${data.get("time")}`);
    this.where = { place: String(data.get("place")).trim(), booking: String(data.get("booking")).trim() };
    await this.attempt(async () => {
      await api.addSlot({ starts_at: at.toISOString().replace(/\.\d+Z$/, "Z"), ...this.where });
      this.slots = (await api.slots()).slots;
      (form.elements.namedItem("time") as HTMLInputElement).value = "";
    });
  }
  private removeSlot(slot: OwnSlot): void {
    void ask({
      title: t("web.slots.remove"),
      body: html`<p><strong>${slotWords(slot)}</strong></p>`,
      confirm: t("web.slots.remove"),
      danger: true,
      send: async () => {
        await api.removeSlot(slot.id);
        this.slots = (await api.slots()).slots;
      },
    });
  }
  private appointments(): TemplateResult {
    const today = new Date(now()).toISOString().slice(0, 10);
    return html`<section class="card" data-slots>
      <h2>${t("web.slots.title")}</h2>
      <p class="hint">${t("web.slots.about")}</p>
      ${this.slots?.length === 0 ? html`<p>${t("web.slots.none")}</p>` : nothing}
      <ul class="sessions">${this.slots?.map((slot) => html`<li data-slot=${slot.id}>
        <div><strong>${slotWords(slot)}</strong> ${slot.offered ? html`<span class="chip">${t("web.slots.offered")}</span>` : nothing}
          <span class="hint block">${t("web.slots.book", { how: slot.booking })}</span></div>
        ${slot.offered ? nothing : html`<button data-action="remove-slot" @click=${() => this.removeSlot(slot)}>${t("web.slots.remove")}</button>`}
      </li>`)}</ul>
      <form @submit=${this.addSlot}>
        <h3>${t("web.slots.add")}</h3>
        <div class="pair">
          <label>${t("web.slots.date")}<input name="date" type="date" required min=${today} /></label>
          <label>${t("web.slots.time")}<input name="time" type="time" required /></label>
          <label>${t("web.slots.place")}<input name="place" required maxlength="200" .defaultValue=${this.where.place} /></label>
          <label>${t("web.slots.booking")}<input name="booking" required maxlength="200" .defaultValue=${this.where.booking} placeholder=${t("web.slots.booking_like")} /></label>
        </div>
        <div class="actions"><button class="primary" data-action="add-slot">${t("web.slots.add")}</button></div>
      </form>
    </section>`;
  }

  protected override render(): unknown {
    return html`<h1 tabindex="-1">${t("web.nav.practice")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      <telavis-year></telavis-year>
      ${this.record ? this.terms(this.record) : nothing}
      ${this.slots ? this.appointments() : nothing}
      <telavis-texts></telavis-texts>`;
  }
}
