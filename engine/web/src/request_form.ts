// SPDX-License-Identifier: Apache-2.0
// The request, drawn from the programme's data; also the completion of one that was kept unfinished.
import { html, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, ApiError, newKey, now, textOf } from "./api";
import type { CaseRequest, DirectoryEntry, Exit, FormItem, Me, Programme } from "./api_types";
import { exitOf, put, readItem, startOf, type ReadItem } from "./clinical";
import { clinicalFields, flagName, nameOf, noneOf, redFlagCard } from "./clinical_fields";
import { directoryCard, directoryProblem, readDirectory } from "./directory_fields";
import { areaField, leadTo, problemList, selectField, typedText, type Problem, type Problems } from "./fields";
import "./files_picker";
import type { FilesPicker } from "./files_picker";
import { capacityOf, consentCard, patientCard, peopleProblems, readPeople } from "./patient_fields";
import { Page, t } from "./text";
import { isoDay } from "./time_left";
import "./tray_picker";
import type { TrayPicker } from "./tray_picker";

// A first sending that did not say "keep" is another intention than one that does.
type Way = "send" | "keep";
const kKeepable = ["clinical.", "red_flags."];

@customElement("telavis-request")
export class RequestForm extends Page {
  @property({ attribute: false }) me?: Me;
  /** The case whose request is completed; empty for a new one. */
  @property() caseId = "";
  @state() private programmes: Programme[] = [];
  @state() private programme?: Programme;
  @state() private prior?: CaseRequest;
  @state() private directory: DirectoryEntry[] = [];
  @state() private typed = new FormData();
  @state() private problems: Problems = new Map();
  @state() private failure = "";
  @state() private busy = false;
  @state() private doubted = false;
  private readonly keys = new Map<Way, string>();

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  /** Labels come from the engine; what is typed stays. */
  protected override languageChanged(): void {
    void this.load();
  }
  private async load(): Promise<void> {
    const mine = new Set(this.me?.memberships.filter((m) => m.role === "requester").map((m) => m.programme));
    try {
      if (this.caseId && !this.prior) {
        const answer = await api.case(this.caseId);
        if (!answer.content || !answer.case.actions.includes("complete")) {
          location.hash = `#/cases/${this.caseId}`;
          return;
        }
        this.prior = answer.content.request;
      }
      this.programmes = (await api.programmes()).programmes.filter((programme) => mine.has(programme.id));
      const wanted = this.programme?.id ?? this.prior?.programme;
      this.programme = this.programmes.find((programme) => programme.id === wanted) ?? this.programmes[0];
      await this.loadDirectory();
      await this.updateComplete;
      this.look();
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private async loadDirectory(): Promise<void> {
    const { programme } = this;
    this.directory = programme?.policy === "direct" ? (await api.directory(programme.id)).directory : [];
  }
  private take(id: string): void {
    this.programme = this.programmes.find((programme) => programme.id === id);
    this.problems = new Map();
    void this.loadDirectory().catch((error) => (this.failure = textOf(error)));
  }
  protected override updated(changed: PropertyValues): void {
    // Another programme has other questions: what they answer is looked at again.
    if (changed.has("programme" as never)) this.look();
  }

  private form(): HTMLFormElement | null {
    return this.querySelector("form");
  }
  private picker(): FilesPicker | null {
    return this.querySelector("telavis-files");
  }
  private tray(): TrayPicker | null {
    return this.querySelector("telavis-tray");
  }
  /** What the form shows depends on what is typed: flags, consent, age. */
  private look(): void {
    const form = this.form();
    if (form) this.typed = new FormData(form);
  }
  private exit(): Exit | undefined {
    return this.programme && exitOf(this.programme, (code) => typedText(this.typed, flagName(code)));
  }
  private leaves(): boolean {
    return this.exit() !== undefined && typedText(this.typed, "regulated_at") === "";
  }
  private needsIdentity(): boolean {
    return this.programme?.speciality === "dermatology" || this.prior !== undefined;
  }
  private read(item: FormItem): ReadItem {
    const none = typedText(this.typed, noneOf(item)) === "yes";
    return readItem(item, typedText(this.typed, nameOf(item)), none);
  }

  // ---- what is wrong

  private itemProblem(item: FormItem, complete: boolean): string {
    const { value, problem } = this.read(item);
    if (problem) return t(`web.problem.${problem}`, { least: item.least ?? "", most: item.most ?? "" });
    return complete && item.mandatory && value === undefined ? t("web.problem.missing") : "";
  }

  private found(programme: Programme, way: Way): Problems {
    const found = new Map<string, Problem>();
    const note = (name: string, label: string, text: string): void => {
      if (text && !found.has(name)) found.set(name, { label, text });
    };
    const missing = (name: string, label: string): void =>
      note(name, label, typedText(this.typed, name) === "" ? t("web.problem.missing") : "");
    const complete = way === "send" && !this.leaves();
    if (complete) {
      for (const flag of programme.red_flags) missing(flagName(flag.code), flag.sentence);
    }
    missing("reason", t("web.request.reason"));
    missing("question", t("web.request.question"));
    note("requested_group", "", directoryProblem(this.typed));
    const today = isoDay(new Date(now()));
    for (const [name, { label, text }] of peopleProblems(this.typed, capacityOf(this.typed, today), this.needsIdentity(), today)) {
      note(name, label, text);
    }
    for (const item of programme.form) note(nameOf(item), item.label, this.itemProblem(item, complete));
    const picker = this.picker();
    const none = !this.prior && picker?.files.length === 0 && this.tray()?.picks.length === 0;
    note("files", "", none ? t("web.request.no_file") : picker?.problem || this.tray()?.problem || "");
    return found;
  }

  // ---- sending

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const { programme } = this;
    if (this.busy || !programme) return;
    const way: Way = (event as SubmitEvent).submitter?.getAttribute("value") === "keep" ? "keep" : "send";
    this.look();
    this.problems = this.found(programme, way);
    this.failure = "";
    if (this.problems.size > 0) {
      await this.updateComplete;
      leadTo(this.form(), [...this.problems.keys()][0]!);
      return;
    }
    this.busy = true;
    try {
      location.hash = `#/cases/${await this.sent(programme, way)}`;
    } catch (error) {
      await this.refused(error);
    }
    this.busy = false;
  }

  private async sent(programme: Programme, way: Way): Promise<string> {
    const key = this.keys.get(way) ?? newKey();
    this.keys.set(way, key);
    const files = this.picker()?.files ?? [];
    const request = this.request(programme);
    const answer = this.caseId
      ? await api.command(this.caseId, "complete", request, key, files)
      : await api.submit(request, files, way === "keep", key);
    return answer.case.id;
  }

  private async refused(error: unknown): Promise<void> {
    // The first sending arrived after all, and what it carried has been changed since.
    this.doubted ||= error instanceof ApiError && error.code === "exam_unconfirmed";
    const known = error instanceof ApiError && error.code === "idempotency_key_reused";
    this.failure = known ? t("web.request.already") : textOf(error);
    // A refused request was not taken: what is sent next is another one.
    if (error instanceof ApiError && error.code !== "network" && !known) this.keys.clear();
    const name = error instanceof ApiError ? this.fieldOf(error.field) : "";
    if (!name) return;
    this.problems = new Map([[name, { label: "", text: this.failure }]]);
    this.failure = "";
    await this.updateComplete;
    leadTo(this.form(), name);
  }
  /** The field of a member that the engine names: "vitals.spo2_percent", "red_flag.shock", ... */
  private fieldOf(member: string): string {
    const names = [member, `clinical.${member}`, member.replace(/^red_flag\./, "red_flags."), member.replace(/^clinical\./, "")];
    const found = names.find((name) => name && this.form()?.querySelector(`[name="${CSS.escape(name)}"]`));
    if (found || !member) return found ?? "";
    // "given_by" of "consent.given_by".
    return this.form()?.querySelector<HTMLInputElement>(`[name$=".${CSS.escape(member)}"]`)?.name ?? "";
  }

  private request(programme: Programme): CaseRequest {
    const text = (name: string): string => typedText(this.typed, name);
    const clinical: Record<string, unknown> = {};
    for (const item of programme.form) {
      const { value } = this.read(item);
      if (value !== undefined) put(clinical, item.name, value);
    }
    const flags: Record<string, boolean> = {};
    for (const { code } of programme.red_flags) {
      if (text(flagName(code)) !== "") flags[code] = text(flagName(code)) === "yes";
    }
    return {
      programme: programme.id,
      ...readPeople(this.typed, capacityOf(this.typed, isoDay(new Date(now()))), this.prior),
      reason: text("reason"),
      question: text("question"),
      context: text("context"),
      own_reading: text("own_reading"),
      clinical,
      red_flags: flags,
      regulated_at: this.exit() ? text("regulated_at") : "",
      ...readDirectory(this.typed),
      ...this.exams(),
    };
  }

  /** A role each, those of the tray behind the files; none where there is no file. */
  private exams(): Pick<CaseRequest, "file_roles" | "tray"> {
    const roles = this.picker()?.roles ?? [];
    const tray = this.tray()?.picks ?? [];
    return { file_roles: roles.length > 0 ? [...roles, ...tray.map(() => "unstated" as const)] : [], tray };
  }

  // ---- the page

  protected override render(): unknown {
    const { programme } = this;
    return html`${this.caseId ? html`<p><a href="#/cases/${this.caseId}">← ${t("web.case.title")}</a></p>` : nothing}
      <h1 tabindex="-1">${t(this.caseId ? "web.request.complete_title" : "web.request.title")}</h1>
      <p class="warning">${t("web.request.call_15")}</p>
      ${programme ? this.page(programme) : nothing}
      ${programme || !this.failure ? nothing : html`<p class="error" role="alert">${this.failure}</p>`}
      ${!programme && !this.failure ? html`<p>${t("web.loading")}</p>` : nothing}`;
  }

  private page(programme: Programme): unknown {
    const { problems, prior } = this;
    const today = isoDay(new Date(now()));
    return html`<form novalidate @submit=${this.send} @change=${this.look} @input=${this.clear}>
      <p class="hint">${t("web.request.marked")}</p>
      ${this.caseId ? nothing : html`<section class="card">${this.programmeChoice(programme)}</section>`}
      ${redFlagCard(programme, this.exit(), problems, prior)}
      ${patientCard(this.needsIdentity(), prior, problems)} ${this.questionCard(programme)}
      <section class="card">
        <h2>${t("web.request.clinical")}</h2>
        ${clinicalFields(programme, problems, prior)}
        ${areaField({ name: "context", label: t("web.request.context"), value: prior?.context ?? "", hint: t(`web.request.context_${programme.speciality}`), problems })}
        ${areaField({ name: "own_reading", label: t("web.request.own_reading"), value: prior?.own_reading ?? "", rows: 2, problems })}
      </section>
      <section class="card">
        <h2>${t("web.request.files")}</h2>
        ${prior ? html`<p class="hint">${t("web.request.more_files")}</p>` : nothing}
        <telavis-tray .doubted=${this.doubted}></telavis-tray>
        <telavis-files .speciality=${programme.speciality} .wanted=${programme.wanted_photos}></telavis-files>
        ${problems.has("files") ? html`<span class="problem">${problems.get("files")?.text}</span>` : nothing}
      </section>
      ${programme.policy === "direct" ? directoryCard(this.directory, prior, problems) : nothing}
      ${consentCard(programme, capacityOf(this.typed, today), prior, problems)}
      ${problemList(problems, () => this.form())}
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing} ${this.buttons()}
    </form>`;
  }
  /** What is being corrected is not wrong any more until it is looked at again. */
  private clear(event: Event): void {
    const { name } = event.target as HTMLInputElement;
    if (!this.problems.has(name)) return;
    this.problems = new Map([...this.problems].filter(([one]) => one !== name));
  }

  private buttons(): unknown {
    const keepable = !this.leaves() && [...this.problems.keys()].every((name) => kKeepable.some((one) => name.startsWith(one)));
    const id = this.busy ? "web.request.sending" : this.leaves() ? "web.request.redirect" : "web.action.submit";
    return html`<div class="actions">
        <button class="primary" data-action="submit" value="send" ?disabled=${this.busy}>${t(id)}</button>
        ${keepable && !this.leaves()
          ? html`<button value="keep" data-action="keep" ?disabled=${this.busy} aria-describedby="keep-hint">${t("web.action.keep")}</button>`
          : nothing}
      </div>
      ${keepable ? html`<p class="hint" id="keep-hint">${t("web.request.keep_hint")}</p>` : nothing}`;
  }

  private programmeChoice(chosen: Programme): unknown {
    const reason = typedText(this.typed, "reason");
    const line = chosen.lines.find((one) => one.reasons.includes(reason));
    return html`<label>${t("web.case.programme")}
        <select name="programme" @change=${(event: Event) => this.take((event.target as HTMLSelectElement).value)}>
          ${this.programmes.map((one) => html`<option value=${one.id} ?selected=${one === chosen}>${one.name} – ${one.association}</option>`)}
        </select></label>
      <p class="hint">
        ${t(chosen.working_hours ? "web.request.promise_working" : "web.request.promise", { hours: line?.open ? line.answer_hours : chosen.answer_hours })}
        ${line && !line.open ? t("web.request.line_closed") : nothing}
      </p>`;
  }

  private questionCard(programme: Programme): unknown {
    const { problems, prior } = this;
    return html`<section class="card">
      <h2>${t("web.request.asked")}</h2>
      ${selectField({
        name: "reason", label: t("web.request.reason"), must: true, options: programme.reasons, value: startOf(prior, "reason"), problems,
      })}
      ${areaField({ name: "question", label: t("web.request.question"), must: true, value: prior?.question ?? "", problems })}
    </section>`;
  }
}
