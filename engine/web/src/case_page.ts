// SPDX-License-Identifier: Apache-2.0
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { answerForm, confirmAnswer } from "./answer_form";
import { api, imageUrl, kApi, newKey, now, textOf } from "./api";
import type { CaseContent, CaseFigures, Command, EcgExam, Exam, Finding, PhotoExam } from "./api";
import { stateChip, timeChip } from "./case_list";
import { ask, showImage } from "./dialog";
import "./ecg_view";
import { Poll } from "./poll";
import { civilDate, dateTime, known, language, Page, t, type MessageId } from "./text";
import { ageOn } from "./time_left";

const kReleaseSlack = 2_000; // the engine's timer needs a moment after the instant itself
const kReasons = {
  decline: {
    conflict_of_interest: "web.decline.conflict_of_interest",
    unavailable: "web.decline.unavailable",
    not_my_field: "web.decline.not_my_field",
    other: "web.decline.other",
  },
  cancel: {
    resolved_otherwise: "web.cancel.resolved_otherwise",
    sent_by_mistake: "web.cancel.sent_by_mistake",
    patient_withdrew: "web.cancel.patient_withdrew",
    other: "web.cancel.other",
  },
} as const;
const kMinOpeningReason = 10;

type LoadedExam = Exam | { failure: string };

@customElement("telavis-case")
export class CasePage extends Page {
  @property({ attribute: false }) caseId = "";
  @state() private figures?: CaseFigures;
  @state() private content?: CaseContent;
  @state() private exams: (LoadedExam | undefined)[] = [];
  @state() private failure = "";
  @state() private busy = false;
  private readonly keys = new Map<Command, string>();
  private release = 0;
  protected readonly poll = new Poll(this, () => (this.content ? this.follow() : this.refresh()));

  override disconnectedCallback(): void {
    clearTimeout(this.release);
    super.disconnectedCallback();
  }

  private async refresh(): Promise<void> {
    try {
      const answer = await api.case(this.caseId);
      [this.figures, this.content, this.failure] = [answer.case, answer.content, ""];
      if (answer.content) void this.loadExams(answer.case);
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
    const at = this.figures?.pending_release_at;
    if (!at || !this.isConnected) return;
    const wait = Math.max(0, Date.parse(at) - now()) + kReleaseSlack;
    this.release = window.setTimeout(() => void this.follow(), wait);
  }

  private async loadExams(figures: CaseFigures): Promise<void> {
    if (this.exams.length > 0) return;
    this.exams = figures.exams.map(() => undefined);
    for (const n of figures.exams.keys()) {
      const exam: LoadedExam = await api.exam(this.caseId, n).catch((error) => ({ failure: textOf(error) }));
      this.exams = this.exams.map((one, at) => (at === n ? exam : one));
    }
  }

  /** The key stays the same until the engine has answered yes. */
  private async command(command: Command, json: unknown): Promise<void> {
    const key = this.keys.get(command) ?? newKey();
    this.keys.set(command, key);
    await api.command(this.caseId, command, json, key);
    this.keys.delete(command);
    if (command === "decline") {
      // Who declined has nothing more to see here.
      location.hash = "#/";
      return;
    }
    await this.refresh();
    scrollTo(0, 0);
    this.querySelector<HTMLElement>("h1")?.focus();
  }

  private async accept(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.command("accept", {});
    } catch (error) {
      // The case may have gone on without us: show where it stands, and why this was refused.
      await this.refresh();
      this.failure = textOf(error);
    }
    this.busy = false;
  }

  private withReason(command: "decline" | "cancel"): void {
    void ask({
      title: t(`web.${command}.title`),
      body: html`<p>${t(`web.${command}.about`)}</p>
        <label>${t("web.reason_label")}
          <select name="reason" required>
            <option value="">${t("web.choose")}</option>
            ${Object.entries(kReasons[command]).map(([code, id]) => html`<option value=${code}>${t(id)}</option>`)}
          </select></label>`,
      confirm: t(`web.action.${command}`),
      danger: true,
      send: (form) => this.command(command, { reason: form.get("reason") }),
    });
  }

  private open(): void {
    void ask({
      title: t("web.open.title"),
      body: html`<p>${t("web.open.about")}</p>
        <label>${t("web.reason_label")}
          <textarea name="reason" rows="3" required minlength=${kMinOpeningReason}></textarea></label>`,
      confirm: t("web.action.open"),
      send: (form) => this.command("open", { reason: String(form.get("reason")).trim() }),
    });
  }

  private async answer(event: Event): Promise<void> {
    event.preventDefault();
    await confirmAnswer(event.target as HTMLFormElement, (opinion) => this.command("opinion", opinion));
  }

  protected override render(): unknown {
    const { figures, content } = this;
    return html`<article data-state=${figures?.state ?? "loading"}>
      <p><a href="#/">← ${t("web.nav.cases")}</a></p>
      <div class="title">
        <h1 tabindex="-1">${figures?.number ?? t("web.case.title")}</h1>
        ${figures ? html`${stateChip(figures)} ${timeChip(figures)}` : nothing}
      </div>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${figures ? html`${this.actions(figures)} ${this.notice(figures)}` : nothing}
      ${content?.opinion ? opinionCard(this.caseId, content.opinion, figures) : nothing}
      <div class="columns">
        ${content ? requestCard(content, figures) : nothing} ${figures ? followUp(figures) : nothing}
      </div>
      ${content ? this.exams.map((exam, n) => (exam && "kind" in exam && exam.kind !== "ecg" ? nothing : this.ecg(exam, n))) : nothing}
      ${content ? this.documents() : nothing} ${content ? this.photos() : nothing}
      ${figures?.may.answer && content ? answerForm((event) => void this.answer(event)) : nothing}
    </article>`;
  }

  private actions({ may }: CaseFigures): unknown {
    if (!(may.accept || may.decline || may.cancel || (may.open && !this.content))) return nothing;
    return html`<div class="actions">
      ${may.accept
        ? html`<button class="primary" data-action="accept" ?disabled=${this.busy} @click=${this.accept}>${t("web.action.accept")}</button>`
        : nothing}
      ${may.decline
        ? html`<button data-action="decline" @click=${() => this.withReason("decline")}>${t("web.action.decline")}</button>`
        : nothing}
      ${may.open && !this.content
        ? html`<button class="primary" data-action="open" @click=${this.open}>${t("web.action.open")}</button>`
        : nothing}
      ${may.cancel
        ? html`<button data-action="cancel" @click=${() => this.withReason("cancel")}>${t("web.action.cancel")}</button>`
        : nothing}
    </div>`;
  }

  private notice(figures: CaseFigures): unknown {
    if (figures.pending_release_at) {
      return html`<p class="notice" role="status">${t("web.case.signed", { at: dateTime(figures.pending_release_at) })}</p>`;
    }
    if (figures.may.open && !this.content) return html`<p class="notice">${t("web.open.closed")}</p>`;
    return nothing;
  }

  private ecg(exam: LoadedExam | undefined, n: number): unknown {
    return html`<section class="card" aria-busy=${exam ? "false" : "true"}>
      <div class="title">
        <h2>${t("web.exam.ecg")}</h2>
        <a href="${kApi}/cases/${this.caseId}/exams/${n}/original" download>${t("web.exam.original")}</a>
      </div>
      ${!exam ? html`<p>${t("web.loading")}</p>` : nothing}
      ${exam && "failure" in exam ? html`<p class="error" role="alert">${exam.failure}</p>` : nothing}
      ${exam && "kind" in exam
        ? html`<telavis-ecg .exam=${exam as EcgExam}></telavis-ecg> ${findings(exam.findings)}`
        : nothing}
    </section>`;
  }

  private documents(): unknown {
    return [...this.exams.entries()].map(([n, exam]) =>
      exam && "kind" in exam && exam.kind === "document"
        ? html`<section class="card">
            <h2>${t("web.exam.document")}</h2>
            <p>${t("web.exam.document_about", { pages: exam.pages })}</p>
            <div class="actions">
              <a class="button" data-document=${n} href="${kApi}/cases/${this.caseId}/exams/${n}/document" target="_blank" rel="noopener">
                ${t("web.exam.document_open")}</a>
            </div>
            ${findings(exam.findings)}
          </section>`
        : nothing,
    );
  }

  private photos(): unknown {
    const photos = [...this.exams.entries()].filter(([, exam]) => exam && "kind" in exam && exam.kind === "photo");
    if (photos.length === 0) return nothing;
    return html`<section class="card">
      <h2>${t("web.exam.photos")}</h2>
      <div class="photos">
        ${photos.map(([n, exam], index) => {
          const photo = exam as PhotoExam;
          const title = t("web.exam.photo_n", { n: index + 1 });
          return html`<figure>
            <button data-photo=${n} @click=${() => showImage(imageUrl(this.caseId, n, "full"), title)}>
              <img src=${imageUrl(this.caseId, n, "preview")} alt=${t("web.exam.enlarge", { title })} />
            </button>
            <figcaption>
              ${title}${photo.role === "unstated" ? "" : ` · ${t(`web.role.${photo.role}`)}`} · ${photo.width} × ${photo.height} ·
              <a href="${kApi}/cases/${this.caseId}/exams/${n}/original" download>${t("web.exam.original")}</a>
              ${findings(photo.findings)}
            </figcaption>
          </figure>`;
        })}
      </div>
    </section>`;
  }
}

function findings(list: Finding[]): unknown {
  if (list.length === 0) return nothing;
  return html`<details class="findings" ?open=${list.some((finding) => finding.severity !== "info")}>
    <summary>${t("web.findings.title", { count: list.length })}</summary>
    <ul>
      ${list.map(
        (finding) => html`<li data-severity=${finding.severity}>
          <strong>${t(`web.severity.${finding.severity}`)}</strong>
          ${(language() === "fr" ? known(`finding.${finding.code}`) : undefined) ?? html`<span lang="en">${finding.text}</span>`}
        </li>`,
      )}
    </ul>
  </details>`;
}

const field = (label: MessageId, value: unknown): unknown =>
  value ? html`<div><dt>${t(label)}</dt><dd>${value}</dd></div>` : nothing;

function requestCard(content: CaseContent, figures?: CaseFigures): TemplateResult {
  const { patient } = content;
  const age = ageOn(patient.birth_date, figures?.submitted_at ?? "");
  return html`<section class="card request">
    <h2>${t("web.case.request")}</h2>
    <p class="patient">
      <strong>${patient.family_name.toUpperCase()} ${patient.given_name}</strong> ·
      ${t(`sex.${patient.sex}`)}${patient.birth_date
        ? html` · ${t("web.case.born", { date: civilDate(patient.birth_date) })}${age === undefined ? nothing : html` (${t("web.case.age", { age })})`}`
        : nothing}
      ${patient.id ? html`<span class="hint">INS ${patient.id}</span>` : nothing}
    </p>
    <dl>
      ${field("web.request.reason", known(`reason.${content.reason}`) ?? content.reason)}
      ${field("web.request.question", content.question)}
      ${field("web.request.context", content.context)}
      ${field("web.case.own_reading", content.own_reading)}
    </dl>
  </section>`;
}

function followUp(figures: CaseFigures): TemplateResult {
  return html`<section class="card follow">
    <h2>${t("web.case.follow")}</h2>
    <dl>
      ${field("web.case.programme", figures.programme_name)}
      ${field("web.case.requester", figures.requester.display_name)}
      ${field("web.case.expert", figures.expert?.display_name ?? t("web.case.no_expert"))}
      ${field("web.case.submitted", dateTime(figures.submitted_at))}
      ${field("web.case.promised", dateTime(figures.breach_at))}
      ${field("web.case.answered", figures.answered_at && dateTime(figures.answered_at))}
      ${field("web.case.delivered", figures.delivered_at && dateTime(figures.delivered_at))}
    </dl>
  </section>`;
}

function opinionCard(id: string, opinion: NonNullable<CaseContent["opinion"]>, figures?: CaseFigures): TemplateResult {
  return html`<section class="card opinion">
    <div class="title">
      <h2>${t("web.opinion.title")}</h2>
      ${figures?.may.read_report
        ? html`<a class="button" data-action="report" href="${kApi}/cases/${id}/report" target="_blank" rel="noopener">${t("web.opinion.report")}</a>`
        : nothing}
    </div>
    <p class="hint">
      ${t("web.opinion.signed", { name: opinion.expert.display_name, at: dateTime(opinion.signed_at) })}
    </p>
    <dl>
      ${field("web.opinion.orientation", html`<strong data-orientation=${opinion.orientation}>${t(`orientation.${opinion.orientation}`)}</strong>`)}
      ${field("web.opinion.conclusion", opinion.conclusion)}
      ${field("web.opinion.conduct", opinion.conduct)}
      ${field("web.opinion.pedagogy", opinion.pedagogy)}
      ${field("web.opinion.data", t(opinion.data_sufficient ? "web.opinion.data_yes" : "web.opinion.data_no"))}
    </dl>
  </section>`;
}
