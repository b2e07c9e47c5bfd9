// SPDX-License-Identifier: Apache-2.0
// The expert's opinion: kept as a draft while it is written, signed after a look at whom it is about.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, now, textOf } from "./api";
import type { OpinionText, Orientation, OwnSlot } from "./api_types";
import { opinionLines, patientLine } from "./case_cards";
import type { CaseContext } from "./case_context";
import { numberOf, startOf } from "./clinical";
import { ask } from "./dialog";
import { areaField, checkField, leadTo, problemList, radioField, selectField, textField, typedText, type Problem, type Problems } from "./fields";
import { merged, inserted, type OpinionTemplate, type Phrase } from "./personal_texts";
import { slotWords } from "./slots";
import { OneTab } from "./one_tab";
import { Page, t, timeOfDay } from "./text";
import "./text_bar";

const kOrientations: Orientation[] = [
  "gp_management", "other_specialty", "in_person", "repeat_recording", "emergency_15",
];
const kQualities = ["good", "usable", "unusable"] as const;
const kSuspicions = ["none", "benign", "premalignant", "malignant_suspected"] as const;
const kTracings = ["normal", "doubtful", "abnormal"] as const;
const kConfidences = ["high", "medium", "low"] as const;
const kAgreements = ["full", "partial", "none", "not_given"] as const;
const kDraftEvery = 5_000; // a sentence is typed in between
const kMostDays = 730; // the engine's own bound
const kPreviewKept = 60_000; // ms; the tab has read it by then

@customElement("telavis-answer")
export class AnswerForm extends Page {
  @property({ attribute: false }) context?: CaseContext;
  /** Hash of the opinion that this one replaces; empty for a first opinion. */
  @property() corrects = "";
  /** What the form begins with. */
  @property({ attribute: false }) start: Partial<OpinionText> = {};
  @state() private typed = new FormData();
  @state() private problems: Problems = new Map();
  @state() private saved = "";
  @state() private unsaved = "";
  @state() private slots: OwnSlot[] = [];
  @state() private previewing = false;
  private begun?: Partial<OpinionText>;
  private timer = 0;
  private dirty = false;
  private saving?: Promise<void>;
  private writing = "conclusion"; // where a phrase goes: the text that was typed in last
  private readonly leaving = (): void => void this.save();
  private readonly tab = new OneTab(
    this, () => `answer/${this.context?.figures.id ?? ""}`, () => this.save(), () => this.beginAgain(),
  );

  override connectedCallback(): void {
    super.connectedCallback();
    // Later readings of the case bring the draft that is written here: the fields are ahead of it.
    this.begun ??= this.start;
    window.addEventListener("pagehide", this.leaving);
  }
  override disconnectedCallback(): void {
    window.removeEventListener("pagehide", this.leaving);
    void this.save();
    super.disconnectedCallback();
  }
  protected override firstUpdated(): void {
    void this.loadSlots();
  }
  private shown = false; // the form: it comes with the tab's turn
  protected override updated(): void {
    const shown = this.form() !== null;
    if (shown && !this.shown) this.look();
    this.shown = shown;
  }
  /** Another tab has written meanwhile. */
  private async beginAgain(): Promise<void> {
    const id = this.context?.figures.id;
    if (!id || this.corrects) return;
    try {
      const { content } = await api.case(id);
      this.begun = content?.draft ?? {};
    } catch (error) {
      this.unsaved = textOf(error);
    }
  }
  private async loadSlots(): Promise<void> {
    try {
      const mine = new Set(this.begun?.slots?.map(({ id }) => id));
      this.slots = (await api.slots()).slots.filter((slot) => !slot.offered || mine.has(slot.id));
    } catch (error) {
      this.unsaved = textOf(error);
    }
  }

  // ---- templates and phrases

  private control(name: string): HTMLTextAreaElement | HTMLInputElement | HTMLSelectElement | RadioNodeList | null {
    return (this.form()?.elements.namedItem(name) ?? null) as HTMLTextAreaElement | HTMLInputElement | HTMLSelectElement | RadioNodeList | null;
  }
  private fill({ fields }: OpinionTemplate): void {
    for (const [name, text] of Object.entries(fields)) {
      const control = this.control(name);
      if (control instanceof HTMLTextAreaElement) control.value = merged(control.value, text);
      else if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = text === "yes";
      else if (control) control.value = text;
    }
    this.touched([...Object.keys(fields)]);
  }
  private insert({ text }: Phrase): void {
    const area = this.control(this.writing);
    if (!(area instanceof HTMLTextAreaElement)) return;
    const made = inserted(area.value, area.selectionStart, area.selectionEnd, text);
    area.value = made.text;
    area.focus();
    area.setSelectionRange(made.cursor, made.cursor);
    this.touched([this.writing]);
  }

  private form(): HTMLFormElement | null {
    return this.querySelector("form");
  }
  private look(): void {
    const form = this.form();
    if (form) this.typed = new FormData(form);
  }

  // ---- the draft

  private type(event: Event): void {
    this.touched([(event.target as HTMLInputElement).name]);
  }
  private touched(names: readonly string[]): void {
    if (names.some((name) => this.problems.has(name))) this.problems = new Map([...this.problems].filter(([one]) => !names.includes(one)));
    this.look();
    if (!this.context?.may("draft") || this.corrects) return;
    this.dirty = true;
    if (this.timer === 0) this.timer = window.setTimeout(() => void this.save(), kDraftEvery);
  }
  private async save(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = 0;
    await this.saving;
    const id = this.context?.figures.id;
    if (!this.dirty || !id) return;
    this.dirty = false;
    this.saving = this.store(id);
    await this.saving;
  }
  private async store(id: string): Promise<void> {
    try {
      await api.draft(id, this.unfinished());
      [this.saved, this.unsaved] = [new Date(now()).toISOString(), ""];
    } catch (error) {
      this.dirty = true;
      this.unsaved = textOf(error);
      // Tried again while the page is open; a refusal that lasts is in sight.
      if (this.isConnected && this.timer === 0) this.timer = window.setTimeout(() => void this.save(), kDraftEvery * 2);
    }
  }

  // ---- the opinion

  private read(): OpinionText {
    const text = (name: string): string => typedText(this.typed, name);
    const orientation = text("orientation") as Orientation;
    const needed = orientation === "in_person" || text("in_person.needed") === "yes";
    const days = numberOf(text("in_person.delay_days"));
    return {
      conclusion: text("conclusion"),
      conduct: text("conduct"),
      orientation,
      data_sufficient: text("data_sufficient") !== "no",
      pedagogy: text("pedagogy"),
      media_quality: text("media_quality") as OpinionText["media_quality"],
      to_redo: text("to_redo"),
      suspicion: text("suspicion") as OpinionText["suspicion"],
      ...(text("tracing") ? { tracing: text("tracing") as OpinionText["tracing"] } : {}),
      confidence: text("confidence") as OpinionText["confidence"],
      in_person: {
        needed,
        with: needed ? (text("in_person.with") as OpinionText["in_person"]["with"]) : "",
        ...(needed && days !== undefined ? { delay_days: days } : {}),
      },
      ...(needed && this.chosenSlots().length > 0 ? { slots: this.chosenSlots() } : {}),
      agreement_with_own_reading: text("agreement_with_own_reading") as OpinionText["agreement_with_own_reading"],
      prescriptions: text("prescriptions"),
      technical_incidents: text("technical_incidents"),
    };
  }

  private chosenSlots(): NonNullable<OpinionText["slots"]> {
    const chosen = new Set(this.typed.getAll("slots"));
    return this.slots.filter(({ id }) => chosen.has(id)).map(({ offered: _, ...slot }) => slot);
  }

  /** The report as it would be; the same problems stand in its way as in the signature's. */
  private async preview(): Promise<void> {
    const { context } = this;
    if (!context || this.previewing) return;
    this.look();
    const opinion = this.read();
    if (await this.isUnsound(opinion)) return;
    this.previewing = true;
    try {
      const url = URL.createObjectURL(await api.preview(context.figures.id, opinion));
      setTimeout(() => URL.revokeObjectURL(url), kPreviewKept);
      const link = document.createElement("a");
      [link.href, link.target, link.rel] = [url, "_blank", "noopener"];
      link.click();
      this.unsaved = "";
    } catch (error) {
      this.unsaved = textOf(error);
    }
    this.previewing = false;
  }

  /** A draft answers no question that its author has not answered. */
  private unfinished(): Partial<OpinionText> {
    const { data_sufficient: sufficient, ...rest } = this.read();
    return typedText(this.typed, "data_sufficient") === "" ? rest : { ...rest, data_sufficient: sufficient };
  }

  private found(opinion: OpinionText): Problems {
    const found = new Map<string, Problem>();
    const missing = (name: string, label: string): void => {
      found.set(name, { label, text: t("web.problem.missing") });
    };
    if (typedText(this.typed, "data_sufficient") === "") missing("data_sufficient", t("web.opinion.data"));
    if (opinion.data_sufficient && opinion.conclusion === "") missing("conclusion", t("web.opinion.conclusion"));
    if (!opinion.data_sufficient && opinion.to_redo === "") missing("to_redo", t("web.opinion.redo"));
    if (!opinion.orientation) missing("orientation", t("web.opinion.orientation"));
    const days = opinion.in_person.delay_days;
    if (opinion.in_person.needed && (days === undefined || !Number.isInteger(days) || days < 0 || days > kMostDays)) {
      found.set("in_person.delay_days", { label: "", text: t("web.problem.days", { most: kMostDays }) });
    }
    return found;
  }

  private async sign(event: Event): Promise<void> {
    event.preventDefault();
    const { context } = this;
    if (!context?.content) return;
    this.look();
    const opinion = this.read();
    if (await this.isUnsound(opinion)) return;
    await ask({
      title: t(this.corrects ? "web.answer.confirm_correction" : "web.answer.confirm"),
      body: this.confirmation(context, opinion),
      confirm: t("web.action.sign"),
      send: () => this.send(context, opinion),
    });
  }
  private async isUnsound(opinion: OpinionText): Promise<boolean> {
    this.problems = this.found(opinion);
    if (this.problems.size === 0) return false;
    await this.updateComplete;
    leadTo(this.form(), [...this.problems.keys()][0]!);
    return true;
  }
  private async send(context: CaseContext, opinion: OpinionText): Promise<void> {
    // A draft on its way would find the opinion signed.
    clearTimeout(this.timer);
    this.timer = 0;
    await this.saving;
    const wasDirty = this.dirty;
    this.dirty = false;
    try {
      await (this.corrects
        ? context.run("correct", { ...opinion, corrects: this.corrects })
        : context.run("opinion", opinion));
    } catch (error) {
      this.dirty = wasDirty;
      throw error;
    }
  }
  private confirmation(context: CaseContext, opinion: OpinionText): TemplateResult {
    const urgent = opinion.orientation === "emergency_15";
    return html`<div class="whom">
        ${patientLine(context.content!, context.figures)}
        <p>${t("web.answer.case", { number: context.figures.number })}</p>
      </div>
      ${opinionLines(opinion)}
      ${urgent ? html`<p class="error">${t("web.answer.call")}</p>` : nothing}
      <p class="hint">${t(this.corrects ? "web.answer.final_correction" : urgent ? "web.answer.final_urgent" : "web.answer.final")}</p>`;
  }

  private elsewhere(): unknown {
    if (this.tab.writes === undefined) return nothing;
    return html`<section class="card">
      <h2>${t(this.corrects ? "web.answer.correction" : "web.answer.title")}</h2>
      <p class="notice" data-elsewhere>${t("web.answer.elsewhere")}</p>
      <button data-action="write-here" @click=${() => void this.tab.takeOver()}>${t("web.answer.write_here")}</button>
    </section>`;
  }
  protected override render(): unknown {
    if (!this.tab.writes) return this.elsewhere();
    const { problems } = this;
    return html`<section class="card">
      <h2>${t(this.corrects ? "web.answer.correction" : "web.answer.title")}</h2>
      ${this.context
        ? html`<telavis-text-bar .speciality=${this.context.figures.speciality} .patient=${this.context.content?.request.patient}
            .value=${(name: string) => typedText(this.typed, name)}
            @telavis-template=${(event: CustomEvent<OpinionTemplate>) => this.fill(event.detail)}
            @telavis-phrase=${(event: CustomEvent<Phrase>) => this.insert(event.detail)}></telavis-text-bar>`
        : nothing}
      <form novalidate @submit=${this.sign} @input=${this.type} @focusin=${(event: FocusEvent) => this.noteWriting(event)}>
        <p class="hint">${t("web.request.marked")}</p>
        <div class="answer">
          <div>${this.leftSide()}</div>
          <div>${this.rightSide()}</div>
        </div>
        ${problemList(problems, () => this.form())}
        <div class="actions">
          <button class="primary" data-action="sign">${t("web.action.sign")}</button>
          ${this.context?.may("opinion")
            ? html`<button type="button" data-action="preview" ?disabled=${this.previewing} @click=${() => void this.preview()}>${t(this.previewing ? "web.answer.previewing" : "web.answer.preview")}</button>`
            : nothing}
          ${this.corrects
            ? html`<button type="button" @click=${() => this.context?.compose()}>${t("web.action.back")}</button>`
            : nothing}
          <span class="hint draft" role="status" data-draft=${this.saved ? "saved" : "none"}>
            ${this.saved ? t("web.answer.saved", { at: timeOfDay(this.saved) }) : nothing}
          </span>
          ${this.unsaved ? html`<span class="problem">${t("web.answer.unsaved", { why: this.unsaved })}</span>` : nothing}
        </div>
      </form>
    </section>`;
  }

  private noteWriting(event: FocusEvent): void {
    if (event.target instanceof HTMLTextAreaElement) this.writing = event.target.name;
  }
  private slotChoice(): unknown {
    if (this.slots.length === 0) return html`<p class="hint"><a href="#/practice">${t("web.slots.declare")}</a></p>`;
    const chosen = new Set(this.begun?.slots?.map(({ id }) => id));
    return html`<fieldset class="slots"><legend>${t("web.slots.offer")}</legend>
      ${this.slots.map((slot) => html`<label class="option"><input type="checkbox" name="slots" value=${slot.id} ?checked=${chosen.has(slot.id)} />${slotWords(slot)}</label>`)}
    </fieldset>`;
  }
  private value(name: string): string {
    return startOf(this.begun, name);
  }
  private leftSide(): TemplateResult {
    const { problems } = this;
    const insufficient = typedText(this.typed, "data_sufficient") === "no";
    const again = insufficient || typedText(this.typed, "orientation") === "repeat_recording" || typedText(this.typed, "to_redo") !== "";
    return html`${radioField({
        name: "data_sufficient", label: t("web.opinion.data"), must: true, value: this.value("data_sufficient"), problems,
        options: [{ code: "yes", label: t("web.opinion.data_yes") }, { code: "no", label: t("web.opinion.data_no") }],
      })}
      <div ?hidden=${!again}>
        ${areaField({ name: "to_redo", label: t("web.opinion.redo"), must: insufficient, rows: 2, value: this.value("to_redo"), problems })}
      </div>
      ${areaField({ name: "conclusion", label: t("web.opinion.conclusion"), must: !insufficient, rows: 4, value: this.value("conclusion"), problems })}
      ${areaField({ name: "conduct", label: t("web.opinion.conduct"), rows: 4, value: this.value("conduct"), problems })}
      ${areaField({ name: "pedagogy", label: t("web.opinion.pedagogy"), rows: 3, value: this.value("pedagogy"), problems })}
      ${areaField({ name: "prescriptions", label: t("web.opinion.prescriptions"), rows: 2, value: this.value("prescriptions"), problems })}
      ${areaField({ name: "technical_incidents", label: t("web.opinion.incidents"), rows: 2, value: this.value("technical_incidents"), problems })}`;
  }
  private rightSide(): TemplateResult {
    const { problems } = this;
    const empty = t("web.opinion.not_said");
    const orientation = typedText(this.typed, "orientation");
    const inPerson = orientation === "in_person";
    const needed = inPerson || typedText(this.typed, "in_person.needed") === "yes";
    return html`${radioField({
        name: "orientation", label: t("web.opinion.orientation"), must: true, value: this.value("orientation"), problems,
        options: kOrientations.map((code) => ({ code, label: t(`orientation.${code}`) })),
      })}
      ${orientation === "emergency_15" ? html`<p class="error">${t("web.answer.call")}</p>` : nothing}
      <div ?hidden=${inPerson}>
        ${checkField({ name: "in_person.needed", label: t("web.opinion.in_person_needed"), value: this.value("in_person.needed"), problems })}
      </div>
      <div class="pair" ?hidden=${!needed}>
        ${textField({
          name: "in_person.delay_days", label: t("web.opinion.delay"), must: true, mode: "numeric", unit: t("web.opinion.days"),
          value: this.value("in_person.delay_days"), problems,
        })}
        ${selectField({
          name: "in_person.with", label: t("web.opinion.with"), value: this.value("in_person.with"), problems, empty,
          options: [{ code: "requis", label: t("web.opinion.with_requis") }, { code: "other", label: t("web.opinion.with_other") }],
        })}
      </div>
      <div ?hidden=${!needed}>${this.slotChoice()}</div>
      <div class="pair">
        ${this.context?.figures.speciality === "cardiology"
          ? selectField({ name: "tracing", label: t("web.opinion.tracing"), value: this.value("tracing"), problems, empty, options: kTracings.map((code) => ({ code, label: t(`tracing.${code}`) })) })
          : selectField({ name: "suspicion", label: t("web.opinion.suspicion"), value: this.value("suspicion"), problems, empty, options: kSuspicions.map((code) => ({ code, label: t(`suspicion.${code}`) })) })}
        ${selectField({ name: "confidence", label: t("web.opinion.confidence"), value: this.value("confidence"), problems, empty, options: kConfidences.map((code) => ({ code, label: t(`confidence.${code}`) })) })}
        ${selectField({ name: "agreement_with_own_reading", label: t("web.opinion.agreement"), value: this.value("agreement_with_own_reading"), problems, empty, options: kAgreements.map((code) => ({ code, label: t(`agreement.${code}`) })) })}
        ${selectField({ name: "media_quality", label: t("web.opinion.quality"), value: this.value("media_quality"), problems, empty, options: kQualities.map((code) => ({ code, label: t(`media_quality.${code}`) })) })}
      </div>`;
  }
}
