// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, textOf, trayImageUrl } from "./api";
import type { TrayExam, TrayPick } from "./api_types";
import { civilDate, dateTime, Page, t, writtenInstant } from "./text";

// What may speak against an exam (engine/core/exam_tray.h). Whoever says that it is this patient's
// has its name, birth date and day before him.
const kDoubts = ["identity_differs", "exam_without_identity", "exam_old"];

/** Exams that the doctor's devices have sent: those ticked go with the request. */
@customElement("telavis-tray")
export class TrayPicker extends Page {
  /** The engine has asked whether the chosen exams are this patient's. */
  @property({ type: Boolean }) doubted = false;
  @state() private failure = "";
  @state() private exams: TrayExam[] = [];
  private loaded = false;
  @state() private chosen = new Set<string>();
  @state() private confirmed = new Set<string>();

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  private async load(): Promise<void> {
    try {
      this.exams = (await api.tray()).exams;
      this.loaded = true;
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  get picks(): TrayPick[] {
    const there = new Set(this.exams.map((exam) => exam.id));
    return [...this.chosen].filter((id) => !this.loaded || there.has(id)).map((id) => ({ id, confirmed: this.confirmed.has(id) ? kDoubts : [] }));
  }
  /** Those of a draft; what has left the tray since is left out. */
  restore(picks: readonly TrayPick[]): void {
    this.chosen = new Set(picks.map((pick) => pick.id));
    this.confirmed = new Set(picks.filter((pick) => pick.confirmed.length > 0).map((pick) => pick.id));
  }
  /** Why they cannot go, or nothing. */
  get problem(): string {
    const open = this.doubted && [...this.chosen].some((id) => !this.confirmed.has(id));
    return open ? t("web.tray.confirm_first") : "";
  }

  private tick(from: "chosen" | "confirmed", id: string, event: Event): void {
    const next = new Set(this[from]);
    if ((event.target as HTMLInputElement).checked) next.add(id);
    else next.delete(id);
    this[from] = next;
  }

  protected override render(): unknown {
    if (this.failure) return html`<p class="error" role="alert">${t("web.tray.title")}: ${this.failure}</p>`;
    if (this.exams.length === 0) return nothing;
    return html`<fieldset class="tray">
      <legend>${t("web.tray.title")}</legend>
      <ul>
        ${this.exams.map((exam) => this.line(exam))}
      </ul>
    </fieldset>`;
  }
  private line(exam: TrayExam): unknown {
    const { patient } = exam;
    const name = [patient.family_name, patient.given_name].filter((part) => part).join(" ");
    const born = patient.birth_date ? t("web.tray.born", { date: civilDate(patient.birth_date) }) : "";
    const recorded = exam.recorded_at ? t("web.tray.recorded", { at: writtenInstant(exam.recorded_at) }) : t("web.tray.undated");
    return html`<li>
      <label class="option">
        <input type="checkbox" name="tray" value=${exam.id} .checked=${this.chosen.has(exam.id)} @change=${(event: Event) => this.tick("chosen", exam.id, event)} />
        <span><strong>${name || t("web.tray.nobody")}</strong> ${born}<br />
          ${t(`web.tray.${exam.kind}`)} ${exam.detail}, ${recorded}<br />
          <span class="hint">${t("web.tray.received", { at: dateTime(exam.received_at), device: exam.device })}</span></span>
      </label>
      ${exam.kind === "document" ? nothing : html`<a href=${trayImageUrl(exam.id)} target="_blank" rel="noopener">${t("web.tray.look")}</a>`}
      ${this.doubted && this.chosen.has(exam.id)
        ? html`<label class="option warning">
            <input type="checkbox" name="tray_confirmed" value=${exam.id} .checked=${this.confirmed.has(exam.id)} @change=${(event: Event) => this.tick("confirmed", exam.id, event)} />
            <span>${t("web.tray.confirm")}</span></label>`
        : nothing}
    </li>`;
  }
}
