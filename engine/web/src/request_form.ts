// SPDX-License-Identifier: Apache-2.0
// The request, drawn from the programme's data; also the completion of one that was kept unfinished.
import { html, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, ApiError, newKey, now, textOf } from "./api";
import type { CaseRequest, DirectoryEntry, Exit, FormItem, Me, Programme } from "./api_types";
import { exitOf, put, readItem, startOf, type ReadItem } from "./clinical";
import { clinicalFields, flagName, nameOf, noneOf, openExit, redFlagCard } from "./clinical_fields";
import { directoryCard, directoryProblem, readDirectory } from "./directory_fields";
import { areaField, leadTo, problemList, selectField, typedText, type Problem, type Problems } from "./fields";
import "./files_picker";
import type { Chosen, FilesPicker } from "./files_picker";
import type { Draft, Outbox, Stage } from "./outbox";
import { capacityOf, consentFields, patientFields, peopleProblems, readPeople } from "./patient_fields";
import { DraftKeeper, fieldsOf, restoreFields } from "./request_draft";
import { stepBar, stepTitle, summaryLines } from "./request_summary";
import { dateTime, Page, t } from "./text";
import { isoDay } from "./time_left";
import "./tray_picker";
import type { TrayPicker } from "./tray_picker";

// A first sending that did not say "keep" is another intention than one that does.
type Way = "send" | "keep";
const kKeepable = ["clinical.", "red_flags."];

@customElement("telavis-request")
export class RequestForm extends Page {
  @property({ attribute: false }) me?: Me;
  @property({ attribute: false }) box?: Outbox;
  /** The case whose request is completed; empty for a new one. */
  @property() caseId = "";
  @state() private programmes: Programme[] = [];
  @state() private programme?: Programme;
  @state() private prior?: CaseRequest;
  @state() private directory: DirectoryEntry[] = [];
  @state() private typed = new FormData();
  @state() private problems: Problems = new Map();
  @state() private failure = "";
  @state() private doubted = false;
  @state() private draftOf = 0; // when the draft that was taken up was saved; 0: none was
  /** The question that is on its way. */
  @state() private leaving = "";
  private keeper?: DraftKeeper;
  private readonly follow = (): void => this.requestUpdate();
  private readonly hide = (): void => void this.saveDraft();

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.box) this.keeper = new DraftKeeper(this.box.store, this.caseId);
    this.box?.addEventListener("change", this.follow);
    document.addEventListener("visibilitychange", this.hide);
    void this.load();
  }
  override disconnectedCallback(): void {
    this.box?.removeEventListener("change", this.follow);
    document.removeEventListener("visibilitychange", this.hide);
    super.disconnectedCallback();
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
      const first = !this.programme;
      this.programmes = (await api.programmes()).programmes.filter((programme) => mine.has(programme.id));
      const kept = first ? await this.keeper?.load() : undefined;
      const wanted = this.programme?.id ?? kept?.draft.programme ?? this.prior?.programme;
      this.programme = this.programmes.find((programme) => programme.id === wanted) ?? this.programmes[0];
      await this.loadDirectory();
      await this.updateComplete;
      if (kept) await this.takeUp(kept.draft, kept.files);
      this.look();
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private async takeUp(draft: Draft, files: Omit<Chosen, "picture">[]): Promise<void> {
    this.picker()?.restore(files);
    this.tray()?.restore(draft.picks);
    // What is asked may depend on what was answered: the fields that this shows are filled in as well.
    for (let turn = 0; turn < 2; turn++) {
      const form = this.form();
      if (form) restoreFields(form, draft.fields);
      this.look();
      await this.updateComplete;
    }
    this.draftOf = draft.savedAt;
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

  // ---- the draft

  private draft(): [Omit<Draft, "files">, readonly Chosen[]] | undefined {
    const form = this.form();
    if (!form || !this.programme || this.leaving) return undefined;
    return [
      { caseId: this.caseId, programme: this.programme.id, fields: fieldsOf(form), picks: this.tray()?.picks ?? [], savedAt: now() },
      this.picker()?.all ?? [],
    ];
  }
  private touched = false;
  private typing(event: Event): void {
    this.touched = true;
    this.clear(event);
    this.saveSoon();
  }
  private changed(event: Event): void {
    this.touched = true;
    const before = this.exit();
    this.look();
    this.saveSoon();
    const flag = (event.target as HTMLInputElement).name?.startsWith("red_flags.");
    if (flag && this.exit() && this.exit() !== before) void this.updateComplete.then(() => openExit(this.form()));
  }
  private saveSoon(): void {
    this.keeper?.soon(() => this.draft(), (error) => (this.failure = textOf(error)));
  }
  /** The page may be about to go. */
  private async saveDraft(): Promise<void> {
    if (!this.touched || !document.hidden) return;
    try {
      await this.keeper?.save(this.draft());
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private async dropDraft(): Promise<void> {
    await this.keeper?.forget(true);
    this.touched = false;
    this.draftOf = 0;
    this.form()?.reset();
    this.picker()?.clear();
    this.tray()?.restore([]);
    this.problems = new Map();
    this.look();
    this.querySelector<HTMLElement>("h1")?.focus();
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
    if (this.leaving || !programme) return;
    const way: Way = (event as SubmitEvent).submitter?.getAttribute("value") === "keep" ? "keep" : "send";
    this.look();
    this.problems = this.found(programme, way);
    this.failure = "";
    if (this.problems.size > 0) {
      await this.updateComplete;
      leadTo(this.form(), [...this.problems.keys()][0]!);
      return;
    }
    try {
      const sent = await this.sent(programme, way);
      if (this.isConnected) location.hash = sent ? `#/cases/${sent}` : "#/";
    } catch (error) {
      // Who has left this page finds it in the list of what has not gone.
      if (this.isConnected) await this.refused(error);
    }
  }

  /** The question waits in the browser until the engine has it; gives the case's id, empty when another
   *  window has sent it. */
  private async sent(programme: Programme, way: Way): Promise<string> {
    const { box, keeper } = this;
    const draft = await keeper?.save(this.draft());
    if (!box || !keeper || !draft) return "";
    const id = newKey();
    await box.add({
      ...draft, id, title: programme.name, request: this.request(programme), keep: way === "keep",
      uploads: [], arrived: 0, posted: false, refusal: null,
    });
    this.leaving = id;
    await keeper.forget(false);
    const outcome = box.outcome(id);
    void box.run();
    await this.updateComplete;
    this.querySelector("[data-leaving]")?.scrollIntoView({ block: "nearest" });
    return (await outcome)?.case.id ?? "";
  }
  private stage(): Stage {
    return this.box?.all.find(({ question }) => question.id === this.leaving)?.stage ?? "sending";
  }

  private async refused(error: unknown): Promise<void> {
    // What was refused was not taken: corrected here, it is sent as another one.
    const question = this.box?.all.find((one) => one.question.id === this.leaving)?.question;
    if (question) await this.box?.reopen(question.id);
    if (question) this.keeper?.took(question.files);
    this.leaving = "";
    if (error instanceof ApiError && error.code === "reopened") return;
    this.doubted ||= error instanceof ApiError && error.code === "exam_unconfirmed";
    const known = error instanceof ApiError && error.code === "idempotency_key_reused";
    this.failure = known ? t("web.request.already") : textOf(error);
    const name = error instanceof ApiError ? this.fieldOf(error.field) : "";
    if (!name) return;
    this.problems = new Map([[name, { label: "", text: this.failure }]]);
    this.failure = "";
    await this.updateComplete;
    leadTo(this.form(), name);
  }
  /** The field of a member that the engine names: "vitals.spo2_percent", "red_flag.shock", ... */
  private fieldOf(member: string): string {
    const names = [member, `clinical.${member}`, member.replace(/^red_flag\./, "red_flags."), member.replace(/^clinical\./, ""), `${member}.name`];
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
    const { problems } = this;
    const capacity = capacityOf(this.typed, isoDay(new Date(now())));
    const left = this.found(programme, "send");
    return html`${this.leaving ? nothing : stepBar(left, () => this.form())} ${this.draftNote()}
    <form novalidate ?inert=${this.leaving !== ""} @submit=${this.send} @change=${this.changed} @input=${this.typing}>
      <p class="hint">${t("web.request.marked")}</p>
      <section class="card" id="step-programme">
        ${stepTitle("programme")} ${this.caseId ? nothing : this.programmeChoice(programme)} ${this.reasonField(programme)}
        ${programme.policy === "direct" ? directoryCard(this.directory, this.prior, problems) : nothing}
      </section>
      ${this.examsCard(programme)} ${this.clinicalCard(programme)}
      <section class="card" id="step-patient">
        ${stepTitle("patient")} ${patientFields(this.needsIdentity(), this.prior, problems)}
        ${consentFields(programme, capacity, this.prior, problems)}
      </section>
      <section class="card" id="step-summary">
        ${stepTitle("summary")}
        ${summaryLines({
          programme, typed: this.typed, files: this.picker()?.files.length ?? 0, picks: this.tray()?.picks.length ?? 0, noFlag: this.noFlag(programme),
        })}
        ${problemList(problems, () => this.form())}
        ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing} ${this.buttons()}
      </section>
    </form>
    ${this.leaving ? this.onItsWay() : nothing}`;
  }
  /** What is being corrected is not wrong any more until it is looked at again. */
  private clear(event: Event): void {
    const { name } = event.target as HTMLInputElement;
    if (!this.problems.has(name)) return;
    this.problems = new Map([...this.problems].filter(([one]) => one !== name));
  }

  private draftNote(): unknown {
    if (!this.draftOf || this.leaving) return nothing;
    return html`<div class="notice" data-draft-note>
      <p role="status">${t("web.draft.found", { at: dateTime(new Date(this.draftOf).toISOString()) })}</p>
      <p class="actions"><button type="button" data-action="drop-draft" @click=${() => void this.dropDraft()}>${t("web.draft.drop")}</button></p>
    </div>`;
  }
  private onItsWay(): unknown {
    const waits = this.stage() === "waiting";
    return html`<div class="notice" data-leaving=${waits ? "waiting" : "sending"}>
      <p role="status"><strong>${t(waits ? "web.outbox.held" : "web.request.sending")}</strong>
        ${waits ? t(this.box?.store.lasting ? "web.outbox.held_about" : "web.outbox.not_kept") : nothing}</p>
      ${waits ? html`<p class="actions"><a class="button" href="#/">${t("web.nav.cases")}</a></p>` : nothing}
    </div>`;
  }

  private buttons(): unknown {
    const keepable = !this.leaves() && [...this.problems.keys()].every((name) => kKeepable.some((one) => name.startsWith(one)));
    return html`<div class="actions">
        <button class="primary" data-action="submit" value="send">${t(this.leaves() ? "web.request.redirect" : "web.action.submit")}</button>
        ${keepable && !this.leaves()
          ? html`<button value="keep" data-action="keep" aria-describedby="keep-hint">${t("web.action.keep")}</button>`
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
  private reasonField(programme: Programme): unknown {
    return selectField({
      name: "reason", label: t("web.request.reason"), must: true, options: programme.reasons, value: startOf(this.prior, "reason"), problems: this.problems,
    });
  }

  private examsCard(programme: Programme): unknown {
    const problem = this.problems.get("files");
    return html`<section class="card" id="step-exams">
      ${stepTitle("exams")} ${this.prior ? html`<p class="hint">${t("web.request.more_files")}</p>` : nothing}
      <telavis-tray .doubted=${this.doubted}></telavis-tray>
      <telavis-files .speciality=${programme.speciality} .wanted=${programme.wanted_photos}></telavis-files>
      ${problem ? html`<span class="problem">${problem.text}</span>` : nothing}
    </section>`;
  }

  private noFlag(programme: Programme): boolean {
    return programme.red_flags.length > 0 && programme.red_flags.every(({ code }) => typedText(this.typed, flagName(code)) === "no");
  }
  private deny(programme: Programme): void {
    for (const { code } of programme.red_flags) {
      const no = this.form()?.querySelector<HTMLInputElement>(`[name="${CSS.escape(flagName(code))}"][value=no]`);
      if (no) no.checked = true;
    }
    this.problems = new Map([...this.problems].filter(([name]) => !name.startsWith("red_flags.")));
    this.touched = true;
    this.look();
    this.saveSoon();
  }

  private clinicalCard(programme: Programme): unknown {
    const { problems, prior } = this;
    const flags = {
      exit: this.exit(), regulated: typedText(this.typed, "regulated_at"), none: this.noFlag(programme), deny: () => this.deny(programme),
    };
    return html`<section class="card" id="step-clinical">
      ${stepTitle("clinical")} ${redFlagCard(programme, flags, problems, prior)}
      <div class="group">
        ${areaField({ name: "question", label: t("web.request.question"), must: true, value: prior?.question ?? "", problems })}
      </div>
      ${clinicalFields(programme, problems, prior)}
      <div class="group">
        ${areaField({ name: "own_reading", label: t("web.request.own_reading"), value: prior?.own_reading ?? "", rows: 2, problems })}
        ${areaField({ name: "context", label: t("web.request.context"), value: prior?.context ?? "", rows: 2, hint: t(`web.request.context_${programme.speciality}`), problems })}
      </div>
    </section>`;
  }
}
