// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, now, textOf, type CaseFigures, type CaseState, type ExamKind } from "./api";
import { Poll } from "./poll";
import { Page, t, type MessageId } from "./text";
import { hoursBetween, timeLeft } from "./time_left";

const kOpenStates: CaseState[] = ["queued", "offered", "accepted"];

const awaitsMe = (one: CaseFigures): boolean =>
  one.may.accept || one.may.answer || (one.my_role === "requester" && one.state === "answered");

/** The state in words, as seen by the reader: an offer is a question to its expert only. */
export function stateChip(figures: CaseFigures): unknown {
  const words = figures.may.accept
    ? t("web.state.offered_to_me")
    : figures.pending_release_at
      ? t("web.state.signed")
      : t(`web.state.${figures.state}`);
  return html`<span class="chip" data-state=${figures.state} ?data-mine=${awaitsMe(figures)}>${words}</span>`;
}

/** The time left while an answer is awaited, the time it took once it is there. */
export function timeChip(figures: CaseFigures): unknown {
  if (kOpenStates.includes(figures.state)) {
    const { level, unit, count } = timeLeft(now(), figures.breach_at);
    const sense = level === "late" ? "late" : "left";
    return html`<span class="time" data-level=${level}>${t(`web.time.${sense}_${unit}`, { count })}</span>`;
  }
  if (!figures.answered_at) return nothing;
  const hours = hoursBetween(figures.submitted_at, figures.answered_at);
  return html`<span class="time">
    ${hours === 0 ? t("web.time.answered_soon") : t("web.time.answered", { hours })}
    ${figures.breached ? html`<span class="time" data-level="late">${t("web.time.breached")}</span>` : nothing}
  </span>`;
}

function exams(figures: CaseFigures): string {
  const count = (kind: ExamKind): number => figures.exams.filter((exam) => exam.kind === kind).length;
  const [ecg, photos, documents] = [count("ecg"), count("photo"), count("document")];
  return [
    ecg > 0 ? t("web.exam.ecg_count", { count: ecg }) : "",
    photos > 0 ? t(photos === 1 ? "web.exam.photo_one" : "web.exam.photo_count", { count: photos }) : "",
    documents > 0 ? t("web.exam.document_count", { count: documents }) : "",
  ].filter(Boolean).join(", ");
}

@customElement("telavis-cases")
export class CaseList extends Page {
  @state() private cases?: CaseFigures[];
  @state() private failure = "";
  protected readonly poll = new Poll(this, () => this.refresh());

  private async refresh(): Promise<void> {
    try {
      this.cases = (await api.cases()).cases;
      this.failure = "";
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    const all = this.cases ?? [];
    const open = all
      .filter((one) => kOpenStates.includes(one.state))
      .sort((a, b) => Date.parse(a.breach_at) - Date.parse(b.breach_at));
    return html`<h1 tabindex="-1">${t("web.nav.cases")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure} ${t("web.list.retry")}</p>` : nothing}
      ${this.cases && all.length === 0 ? html`<p class="card empty">${t("web.list.empty")}</p>` : nothing}
      ${this.section("web.list.mine", all.filter(awaitsMe))}
      ${this.section("web.list.open", open.filter((one) => !awaitsMe(one)))}
      ${this.section("web.list.ended", all.filter((one) => !awaitsMe(one) && !kOpenStates.includes(one.state)))}`;
  }

  private section(title: MessageId, cases: CaseFigures[]): unknown {
    if (cases.length === 0) return nothing;
    return html`<section>
      <h2>${t(title)} <span class="count">${cases.length}</span></h2>
      <ul class="cases">
        ${cases.map((one) => html`<li>${this.entry(one)}</li>`)}
      </ul>
    </section>`;
  }

  private entry(one: CaseFigures): unknown {
    const inside = html`<span class="number">${one.number}</span>
      <span class="programme">${one.programme_name}</span>
      <span class="states">${stateChip(one)}</span>
      <span class="left">${timeChip(one)}</span>
      <span class="people">
        <span><small>${t("web.case.requester")}</small> ${one.requester.display_name}</span>
        <span><small>${t("web.case.expert")}</small> ${one.expert?.display_name ?? t("web.case.no_expert")}</span>
      </span>
      <span class="exams">${exams(one)}</span>`;
    return one.may.read_content || one.may.open
      ? html`<a class="case" href="#/cases/${one.id}" data-case=${one.id} data-state=${one.state}>${inside}</a>`
      : html`<div class="case" data-case=${one.id}>${inside}</div>`;
  }
}
