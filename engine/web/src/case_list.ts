// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, textOf } from "./api";
import type { CaseFigures, ExamKind } from "./api_types";
import { expertName } from "./case_cards";
import { stateChip, timeChip } from "./case_chips";
import { awaitsCloseOut, awaitsMe, isOpen } from "./case_context";
import { Poll } from "./poll";
import { Page, t, type MessageId } from "./text";

function exams(figures: CaseFigures): string {
  const count = (kind: ExamKind): number => figures.exams.filter((exam) => exam.kind === kind).length;
  const [ecg, photos, documents] = [count("ecg"), count("photo"), count("document")];
  return [
    ecg > 0 ? t("web.exam.ecg_count", { count: ecg }) : "",
    photos > 0 ? t(photos === 1 ? "web.exam.photo_one" : "web.exam.photo_count", { count: photos }) : "",
    documents > 0 ? t("web.exam.document_count", { count: documents }) : "",
  ].filter(Boolean).join(", ");
}

// A case without a promise yet waits for its requester: it stands before all others.
const dueAt = (one: CaseFigures): number => (one.promise ? Date.parse(one.promise.breach_at) : 0);
const byDue = (a: CaseFigures, b: CaseFigures): number => dueAt(a) - dueAt(b);

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
    const mine = all.filter(awaitsMe).sort((a, b) => Number(b.urgent_alert) - Number(a.urgent_alert) || byDue(a, b));
    const others = all.filter((one) => !awaitsMe(one));
    const closing = others.filter(awaitsCloseOut);
    return html`<h1 tabindex="-1">${t("web.nav.cases")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure} ${t("web.list.retry")}</p>` : nothing}
      ${this.cases && all.length === 0 ? html`<p class="card empty">${t("web.list.empty")}</p>` : nothing}
      ${this.section("web.list.mine", mine)}
      ${this.section("web.list.open", others.filter(isOpen).sort(byDue))}
      ${this.section("web.list.closing", closing)}
      ${this.section("web.list.ended", others.filter((one) => !isOpen(one) && !closing.includes(one)))}`;
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
        <span><small>${t("web.case.expert")}</small> ${expertName(one)}</span>
      </span>
      <span class="exams">${exams(one)}</span>`;
    return one.my_role && one.my_role !== "treasurer"
      ? html`<a class="case" href="#/cases/${one.id}" data-case=${one.id} data-state=${one.state}>${inside}</a>`
      : html`<div class="case" data-case=${one.id} data-state=${one.state}>${inside}</div>`;
  }
}
