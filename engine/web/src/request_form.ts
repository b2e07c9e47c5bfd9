// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, ApiError, newKey, textOf, type Me, type PhotoRole, type Programme, type Sex, type Speciality } from "./api";
import { Page, t, type MessageId } from "./text";

// The engine's own bounds: said here before a long upload, decided there.
const kMaxFiles = 20;
const kMaxFileBytes = 64 * 1024 * 1024;
const kReasons = {
  cardiology: [
    "rhythm_disorder", "conduction_disorder", "atypical_chest_pain_non_urgent", "preoperative",
    "screening_sport", "screening_chronic_disease", "treatment_monitoring_qt", "other",
  ],
  dermatology: ["suspicious_lesion", "changing_naevus", "rash", "chronic_dermatosis", "wound", "other"],
} as const;
const kShown = ["image/jpeg", "image/png", "image/webp"];
const kRoles: PhotoRole[] = ["unstated", "overview", "close_up", "dermoscopy"];
const kSexes: Sex[] = ["female", "male", "other", "unknown"];

interface Chosen {
  file: File;
  picture: string; // blob: URL of an image that browsers show, empty for anything else
  role: PhotoRole;
}

@customElement("telavis-request")
export class RequestForm extends Page {
  @property({ attribute: false }) me?: Me;
  @state() private programmes: Programme[] = [];
  @state() private programme?: Programme;
  @state() private files: Chosen[] = [];
  @state() private failure = "";
  @state() private busy = false;
  @state() private over = false;
  private readonly key = newKey();

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  override disconnectedCallback(): void {
    for (const { picture } of this.files) URL.revokeObjectURL(picture);
    super.disconnectedCallback();
  }
  private async load(): Promise<void> {
    const mine = new Set(this.me?.memberships.filter((m) => m.role === "requester").map((m) => m.programme));
    try {
      this.programmes = (await api.programmes()).programmes.filter((programme) => mine.has(programme.id));
      this.programme = this.programmes[0];
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  private add(list: FileList | null | undefined): void {
    const added = [...(list ?? [])].map((file) => ({
      file,
      picture: kShown.includes(file.type) ? URL.createObjectURL(file) : "",
      role: "unstated" as const,
    }));
    this.files = [...this.files, ...added];
    this.failure = this.fileProblem();
  }
  private takeOff(chosen: Chosen): void {
    URL.revokeObjectURL(chosen.picture);
    this.files = this.files.filter((one) => one !== chosen);
    this.failure = "";
  }
  private fileProblem(): string {
    if (this.files.length > kMaxFiles) return t("web.request.too_many", { max: kMaxFiles });
    const large = this.files.find(({ file }) => file.size > kMaxFileBytes);
    if (large) return t("web.request.too_large", { name: large.file.name, max: kMaxFileBytes / 1024 / 1024 });
    return "";
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    this.failure = this.files.length === 0 ? t("web.request.no_file") : this.fileProblem();
    if (this.failure) return;
    this.busy = true;
    try {
      const answer = await api.submit(this.body(event.target as HTMLFormElement), this.key);
      location.hash = `#/cases/${answer.case.id}`;
    } catch (error) {
      // The first sending arrived after all, and what it carried has been changed since.
      const known = error instanceof ApiError && error.code === "idempotency_key_reused";
      this.failure = known ? t("web.request.already") : textOf(error);
    }
    this.busy = false;
  }

  private body(form: HTMLFormElement): FormData {
    const data = new FormData(form);
    const text = (name: string): string => String(data.get(name) ?? "").trim();
    const identity = ["family_name", "given_name", "birth_date", "sex", "id"].map((name) => [name, text(name)] as const);
    const named = identity.some(([name, value]) => value !== "" && name !== "sex");
    const request = {
      programme: this.programme?.id ?? "",
      // Nothing typed: the identity that the tracing carries is meant.
      ...(named ? { patient: Object.fromEntries(identity.filter(([name, value]) => name !== "id" || value)) } : {}),
      reason: text("reason"),
      question: text("question"),
      context: text("context"),
      own_reading: text("own_reading"),
      consent: { given_by: text("given_by"), information: text("information") },
      file_roles: this.files.map(({ role }) => role),
    };
    const body = new FormData();
    body.append("request", new Blob([JSON.stringify(request)], { type: "application/json" }), "request.json");
    for (const { file } of this.files) body.append("file", file, file.name);
    return body;
  }

  protected override render(): unknown {
    return html`<h1 tabindex="-1">${t("web.request.title")}</h1>
      <p class="warning">${t("web.request.call_15")}</p>
      ${this.programme ? this.form(this.programme) : this.failure ? this.problem() : nothing}`;
  }

  private form(programme: Programme): unknown {
    return html`<form @submit=${this.send}>
      <section class="card">
        ${this.programmeChoice(programme)}
        <p class="hint">${t("web.request.promise", { hours: programme.answer_hours })}</p>
        <label>${t("web.request.reason")}
          <select name="reason" required>
            <option value="">${t("web.choose")}</option>
            ${kReasons[programme.speciality].map((reason) => html`<option value=${reason}>${t(`reason.${reason}`)}</option>`)}
          </select></label>
        <label>${t("web.request.question")}<textarea name="question" rows="3" required></textarea></label>
        <label>${t("web.request.context")} ${t("web.optional")}
          <textarea name="context" rows="3" aria-describedby="context-hint"></textarea></label>
        <p class="hint" id="context-hint">${t(`web.request.context_${programme.speciality}`)}</p>
        <label>${t("web.request.own_reading")} ${t("web.optional")}<textarea name="own_reading" rows="2"></textarea></label>
      </section>
      ${this.patient(programme.speciality === "dermatology")} ${this.picker(programme.speciality)} ${this.consent()}
      ${this.failure ? this.problem() : nothing}
      <div class="actions">
        <button class="primary" data-action="submit" ?disabled=${this.busy}>
          ${this.busy ? t("web.request.sending") : t("web.action.submit")}
        </button>
      </div>
    </form>`;
  }
  private problem(): unknown {
    return html`<p class="error" role="alert">${this.failure}</p>`;
  }

  private programmeChoice(chosen: Programme): unknown {
    const take = (event: Event): void => {
      const id = (event.target as HTMLSelectElement).value;
      this.programme = this.programmes.find((programme) => programme.id === id);
    };
    return html`<label>${t("web.case.programme")}
      <select @change=${take}>
        ${this.programmes.map((one) => html`<option value=${one.id} ?selected=${one === chosen}>${one.name} – ${one.association}</option>`)}
      </select></label>`;
  }

  private patient(needed: boolean): unknown {
    return html`<section class="card">
      <h2>${t("web.request.patient")}</h2>
      ${needed ? nothing : html`<p class="hint">${t("web.request.patient_hint")}</p>`}
      <div class="pair">
        <label>${t("web.patient.family_name")}<input name="family_name" autocomplete="off" ?required=${needed} /></label>
        <label>${t("web.patient.given_name")}<input name="given_name" autocomplete="off" ?required=${needed} /></label>
        <label>${t("web.patient.birth_date")}<input name="birth_date" type="date" ?required=${needed} /></label>
        <label>${t("web.patient.sex")}
          <select name="sex">
            ${kSexes.map((sex) => html`<option value=${sex} ?selected=${sex === "unknown"}>${t(`sex.${sex}`)}</option>`)}
          </select></label>
        <label>${t("web.patient.ins")} ${t("web.optional")}<input name="id" autocomplete="off" inputmode="numeric" maxlength="15" /></label>
      </div>
    </section>`;
  }

  private picker(speciality: Speciality): unknown {
    const pick = (event: Event): void => {
      const input = event.target as HTMLInputElement;
      this.add(input.files);
      input.value = "";
    };
    const drag = (event: DragEvent): void => {
      event.preventDefault();
      this.over = event.type === "dragover";
      if (event.type === "drop") this.add(event.dataTransfer?.files);
    };
    return html`<section class="card">
      <h2>${t("web.request.files")}</h2>
      <label class="drop" ?data-over=${this.over} @dragover=${drag} @dragleave=${drag} @drop=${drag}>
        <span><strong>${t("web.request.pick")}</strong> ${t("web.request.or_drop")}</span>
        <span class="hint">${t(`web.request.files_${speciality}`)}</span>
        <input type="file" multiple @change=${pick} />
      </label>
      <ul class="files">
        ${this.files.map(
          (chosen) => html`<li>
            ${chosen.picture ? html`<img src=${chosen.picture} alt="" />` : html`<span class="sheet" aria-hidden="true"></span>`}
            <span>${chosen.file.name}<br /><small>${t("web.request.size", { size: Math.ceil(chosen.file.size / 1024) })}</small></span>
            ${speciality === "dermatology" && chosen.file.type !== "application/pdf" ? this.roleOf(chosen) : nothing}
            <button type="button" aria-label=${t("web.request.remove", { name: chosen.file.name })} @click=${() => this.takeOff(chosen)}>✕</button>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  private roleOf(chosen: Chosen): unknown {
    const take = (event: Event): void => {
      chosen.role = (event.target as HTMLSelectElement).value as PhotoRole;
    };
    return html`<select aria-label=${t("web.request.role", { name: chosen.file.name })} @change=${take}>
      ${kRoles.map((role) => html`<option value=${role} ?selected=${role === chosen.role}>${t(`web.role.${role}`)}</option>`)}
    </select>`;
  }

  private consent(): unknown {
    const radio = (name: string, value: string, label: MessageId): unknown =>
      html`<label class="option"><input type="radio" name=${name} value=${value} required />${t(label)}</label>`;
    return html`<section class="card">
      <h2>${t("web.consent.title")}</h2>
      <p>${t("web.consent.about")}</p>
      <div class="pair">
        <fieldset>
          <legend>${t("web.consent.given_by")}</legend>
          ${radio("given_by", "patient", "web.consent.patient")} ${radio("given_by", "representative", "web.consent.representative")}
        </fieldset>
        <fieldset>
          <legend>${t("web.consent.information")}</legend>
          ${radio("information", "oral", "web.consent.oral")} ${radio("information", "written", "web.consent.written")}
        </fieldset>
      </div>
    </section>`;
  }
}
