// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./answer_form";
import { api, newKey, now, textOf } from "./api";
import type { CaseContent, CaseFigures, CodedRequest, Command, OpinionText } from "./api_types";
import { actionRow, banners, codedCard } from "./case_banners";
import { courseCard, dialogueCard, identityBar, opinionCard, requestCard } from "./case_cards";
import { stateChip, timeChip } from "./case_chips";
import { leaveWith, takeWanted, type CaseContext } from "./case_context";
import { nextButton } from "./next_case";
import { askReason } from "./case_dialogs";
import "./composer";
import type { Composed } from "./composer";
import { startOf } from "./clinical";
import { clinicalTools } from "./clinical_tools";
import { examCards, type LoadedExam, type Shown } from "./exam_cards";
import { Poll } from "./poll";
import "./routing_card";
import { Page, t } from "./text";
import { loadViewer } from "./viewers";

const kReleaseSlack = 2_000; // the engine's timer needs a moment after the instant itself
const kTick = 1_000;
const kComposed: Composed[] = ["need-info", "info", "follow-up", "follow-up-answer", "call", "appointment", "close-out", "outcome", "resume"];
// Who leaves a case has nothing more to see there.
const kLeaving: Command[] = ["decline", "give-back"];

@customElement("telavis-case")
export class CasePage extends Page {
  @property({ attribute: false }) caseId = "";
  @property() reader = "";
  @state() private figures?: CaseFigures;
  @state() private content?: CaseContent;
  @state() private coded?: CodedRequest;
  @state() private exams: LoadedExam[] = [];
  @state() private failure = "";
  @state() private busy = false;
  @state() private tools = false;
  @state() private composing?: Command;
  private readonly keys = new Map<string, string>();
  private release = 0;
  private tick = 0;
  protected readonly poll = new Poll(this, () => (this.content || this.coded ? this.follow() : this.refresh()));

  override disconnectedCallback(): void {
    clearTimeout(this.release);
    clearInterval(this.tick);
    super.disconnectedCallback();
  }
  protected override languageChanged(): void {
    void this.refresh();
  }

  private async refresh(): Promise<void> {
    try {
      const answer = await api.case(this.caseId);
      [this.figures, this.content, this.coded, this.failure] = [answer.case, answer.content, answer.coded, ""];
      if (answer.content) void this.loadExams(answer.case);
      if (takeWanted(this.caseId) === "decline") askReason(this.context(answer.case), "decline");
    } catch (error) {
      this.failure = textOf(error);
    }
    this.awaitRelease();
  }

  /** Reading a content is written into the case's audit: what merely looks whether the case has moved
   *  asks for the figures. */
  private async follow(): Promise<void> {
    try {
      const listed = (await api.cases()).cases.find((one) => one.id === this.caseId);
      if (JSON.stringify(listed) !== JSON.stringify(this.figures)) await this.refresh();
      else this.requestUpdate();
    } catch (error) {
      this.failure = textOf(error);
    }
    this.awaitRelease();
  }

  private awaitRelease(): void {
    clearTimeout(this.release);
    clearInterval(this.tick);
    const at = this.figures?.pending_release_at;
    if (!at || !this.isConnected) return;
    const wait = Math.max(0, Date.parse(at) - now()) + kReleaseSlack;
    this.release = window.setTimeout(() => void this.follow(), wait);
    this.tick = window.setInterval(() => this.requestUpdate(), kTick);
  }

  private async loadExams(figures: CaseFigures): Promise<void> {
    const known = this.exams.length;
    if (known >= figures.exams.length) return;
    this.exams = [...this.exams, ...figures.exams.slice(known).map(() => undefined)];
    await this.attempt(async () => void (this.tools = await clinicalTools()));
    for (let n = known; n < figures.exams.length; n++) {
      const exam: LoadedExam = await Promise.all([api.exam(this.caseId, n), loadViewer(figures.exams[n]!.kind)])
        .then(([loaded]) => loaded, (error: unknown) => ({ failure: textOf(error) }));
      this.exams = this.exams.map((one, at) => (at === n ? exam : one));
    }
  }

  /** The key stays the same until the engine has answered yes. */
  private async run(command: Command, json: unknown = {}, files: readonly File[] = []): Promise<void> {
    const body = JSON.stringify(json) + files.map((file) => `${file.name} ${file.size}`).join();
    const intention = `${command} ${body}`;
    const key = this.keys.get(intention) ?? newKey();
    this.keys.set(intention, key);
    await api.command(this.caseId, command, json, key, files);
    this.keys.delete(intention);
    if (kLeaving.includes(command)) {
      leaveWith(this.caseId);
      return;
    }
    this.composing = undefined;
    await this.refresh();
    scrollTo(0, 0);
    this.querySelector<HTMLElement>("h1")?.focus();
  }

  private async press(command: Command): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.run(command);
    } catch (error) {
      // The case may have gone on without us: show where it stands, and why this was refused.
      await this.refresh();
      this.failure = textOf(error);
    }
    this.busy = false;
  }
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      this.failure = "";
      await work();
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  private async compose(command?: Command): Promise<void> {
    this.composing = command;
    if (!command) return;
    await this.updateComplete;
    const opened = this.querySelector<HTMLElement>(`[data-compose="${command}"], telavis-answer[corrects]`);
    opened?.scrollIntoView({ block: "nearest" });
    opened?.querySelector<HTMLElement>("textarea, input")?.focus();
  }

  private context(figures: CaseFigures): CaseContext {
    return {
      figures, content: this.content, coded: this.coded, busy: this.busy, composing: this.composing,
      may: (command) => figures.actions.includes(command),
      reads: (what) => figures.readable.includes(what),
      run: (command, json, files) => this.run(command, json, files),
      press: (command) => void this.press(command),
      compose: (command) => void this.compose(command),
    };
  }

  protected override render(): unknown {
    const { figures } = this;
    return html`<article data-state=${figures?.state ?? "loading"}>
      <p><a href="#/">← ${t("web.nav.cases")}</a></p>
      <div class="title">
        <h1 tabindex="-1">${figures?.number ?? t("web.case.title")}</h1>
        ${figures ? html`${stateChip(figures)} ${timeChip(figures)}` : nothing}
      </div>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${figures ? this.page(this.context(figures)) : nothing}
    </article>`;
  }

  private page(context: CaseContext): unknown {
    const { content, figures } = context;
    const opening = (work: () => Promise<void>): void => void this.attempt(work);
    const opinion = content?.opinion ? opinionCard(context, content.opinion, content) : nothing;
    const actions = actionRow(context, opening);
    // The next step first: whoever asked reads before he does anything. What follows an opinion, below it.
    const reads = figures.my_role === "requester" && figures.answered_at !== null;
    return html`${figures.pending_release_at ? nextButton(figures.id) : nothing}
      ${content ? html`<div class="identity">${identityBar(content, figures)}</div>` : nothing} ${banners(context, opening)}
      ${reads ? html`${opinion} ${actions}` : html`${actions} ${opinion}`} ${this.composers(context)}
      ${content && this.composing === "correct" && content.opinion
        ? html`<telavis-answer .context=${context} corrects=${content.opinion.hash} .start=${content.opinion.text}></telavis-answer>`
        : nothing}
      <div class=${content || context.coded ? "columns" : ""}>
        <div>${content ? requestCard(content, figures) : codedCard(context)} ${dialogueCard(content?.dialogue ?? [])}</div>
        <div>${courseCard(context)}</div>
      </div>
      ${context.reads("routing") ? html`<telavis-routing .caseId=${figures.id}></telavis-routing>` : nothing}
      ${content ? examCards(this.shown(content, figures), this.exams) : nothing}
      ${context.may("opinion") && content ? this.answer(context, content.draft ?? {}) : nothing}`;
  }

  private shown(content: CaseContent, figures: CaseFigures): Shown {
    return {
      caseId: figures.id, identity: identityBar(content, figures), watermark: `${this.reader} · ${figures.number}`,
      sensitive: content.sensitive_photos, site: startOf(content.request.clinical, "lesion.site"), tools: this.tools,
    };
  }

  /** Forms that stay open while the case waits for them, and the one that the reader asked for. */
  private composers(context: CaseContext): unknown {
    const { figures } = context;
    const fixed: Composed[] = [];
    if (figures.state === "waiting" && figures.my_role === "requester" && context.may("info")) fixed.push("info");
    if (context.may("follow-up-answer")) fixed.push("follow-up-answer");
    if (context.may("appointment")) fixed.push("appointment");
    if (figures.outcome_asked && context.may("outcome")) fixed.push("outcome");
    if (context.may("close-out") && figures.state === "delivered" && figures.dialogue.close_out === 0) fixed.push("close-out");
    return kComposed.map((command) => {
      const always = fixed.includes(command);
      if (!always && !(this.composing === command && context.may(command))) return nothing;
      return html`<telavis-composer .context=${context} .command=${command} .fixed=${always}></telavis-composer>`;
    });
  }

  private answer(context: CaseContext, draft: Partial<OpinionText>): unknown {
    return html`<telavis-answer .context=${context} .start=${draft}></telavis-answer>`;
  }
}
