// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, newKey, textOf } from "./api";
import type { CaseBrief, CaseFigures, ExamKind } from "./api_types";
import { expertName } from "./case_cards";
import { stateChip, timeChip } from "./case_chips";
import { awaitsCloseOut, awaitsMe, byDue, isOpen, openWith, takeLeft, waiting } from "./case_context";
import { kNoFilter, kOnly, matches, moved, type CaseFilter, type Only } from "./case_filter";
import { LongList } from "./long_list";
import { nextButton } from "./next_case";
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

/** "Naevus qui change · femme, 64 ans". */
function briefWords(brief: CaseBrief): string {
  const age = brief.age_band ?? (brief.age === null ? "" : String(brief.age));
  const who = [t(`sex.${brief.sex}`), age ? t("web.case.age", { age }) : ""].filter(Boolean).join(", ");
  return [brief.reason_words, who].filter(Boolean).join(" · ");
}

const kOneTap = ["confirmed", "new_advice", "not_useful"] as const;

@customElement("telavis-cases")
export class CaseList extends Page {
  /** The reader may see patients: he is no mere administrator of the programme. */
  @property({ type: Boolean }) reads = false;
  @state() private cases?: CaseFigures[];
  @state() private failure = "";
  @state() private filter: CaseFilter = kNoFilter;
  @state() private briefs: ReadonlyMap<string, CaseBrief> = new Map();
  private readonly left = takeLeft();
  private accepting = ""; // id of the case whose acceptance is under way
  protected readonly poll = new Poll(this, () => this.refresh());
  private readonly long = new LongList(this);
  private readonly pressed = (event: KeyboardEvent): void => this.onKey(event);

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.pressed);
  }
  override disconnectedCallback(): void {
    document.removeEventListener("keydown", this.pressed);
    super.disconnectedCallback();
  }

  /** j, k, Home, End move; Enter opens (it is a link); a accepts; d opens the form of a refusal. */
  private onKey(event: KeyboardEvent): void {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || this.closest("[hidden]")) return;
    if (event.key === "/") {
      event.preventDefault();
      this.querySelector<HTMLElement>("[type=search]")?.focus();
      return;
    }
    const entries = [...this.querySelectorAll<HTMLElement>("a.case")];
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const to = moved(event.key, at, entries.length);
    if (to !== at) {
      event.preventDefault();
      entries[to]?.focus();
      if (to === entries.length - 1) this.long.more();
      return;
    }
    const one = this.cases?.find(({ id }) => id === entries[at]?.dataset["case"]);
    if (event.key === "a" && one?.actions.includes("accept")) void this.accept(one);
    if (event.key === "d" && one?.actions.includes("decline")) openWith(one.id, "decline");
  }

  private async accept(one: CaseFigures): Promise<void> {
    if (this.accepting) return;
    this.accepting = one.id;
    try {
      await api.command(one.id, "accept", {}, newKey());
      openWith(one.id);
    } catch (error) {
      await this.refresh(); // somebody else may have it
      this.failure = textOf(error);
    }
    this.accepting = "";
  }

  private async refresh(): Promise<void> {
    try {
      this.cases = (await api.cases()).cases;
      this.failure = "";
      if (this.reads) this.briefs = new Map((await api.briefs()).briefs.map((brief) => [brief.id, brief]));
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  protected override languageChanged(): void {
    void this.refresh(); // the engine writes the reasons
  }

  /** The first of the questions that close a case; the others stand in the case. */
  private async closeOut(one: CaseFigures, outcome: string): Promise<void> {
    if (this.accepting) return;
    this.accepting = one.id;
    try {
      await api.command(one.id, "close-out", { outcome }, newKey());
      await this.refresh();
    } catch (error) {
      this.failure = textOf(error);
    }
    this.accepting = "";
  }

  protected override render(): unknown {
    const known = this.cases ?? [];
    const all = known.filter((one) => matches(one, this.filter));
    const mine = waiting(all);
    const others = all.filter((one) => !awaitsMe(one));
    const closing = others.filter(awaitsCloseOut);
    return html`<h1 tabindex="-1">${t("web.nav.cases")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure} ${t("web.list.retry")}</p>` : nothing}
      ${this.left ? html`<div class="notice" data-left>${t("web.next.left")} ${nextButton(this.left)}</div>` : nothing}
      ${known.length > 0 ? this.toolbar(known) : nothing}
      ${this.cases && all.length === 0
        ? html`<p class="card empty">${t(known.length === 0 ? "web.list.empty" : "web.list.nothing_found")}</p>` : nothing}
      ${this.section("web.list.mine", mine)}
      ${this.section("web.list.open", others.filter(isOpen).sort(byDue))}
      ${this.section("web.list.closing", closing)}
      ${this.section("web.list.ended", others.filter((one) => !isOpen(one) && !closing.includes(one)))}`;
  }

  private toolbar(known: CaseFigures[]): unknown {
    const programmes = new Map(known.map((one) => [one.programme, one.programme_name]));
    const set = (change: Partial<CaseFilter>): void => {
      this.filter = { ...this.filter, ...change };
    };
    return html`<search class="toolbar">
      <label><span>${t("web.list.search")}</span>
        <input type="search" .value=${this.filter.text} aria-keyshortcuts="/"
          @input=${(event: Event) => set({ text: (event.target as HTMLInputElement).value })} /></label>
      ${programmes.size > 1
        ? html`<label><span>${t("web.list.programme")}</span>
            <select @change=${(event: Event) => set({ programme: (event.target as HTMLSelectElement).value })}>
              <option value="">${t("web.list.every_programme")}</option>
              ${[...programmes].map(([id, name]) => html`<option value=${id}>${name}</option>`)}
            </select></label>`
        : nothing}
      <label><span>${t("web.list.only")}</span>
        <select @change=${(event: Event) => set({ only: (event.target as HTMLSelectElement).value as Only })}>
          ${kOnly.map((only) => html`<option value=${only}>${t(`web.list.only_${only}`)}</option>`)}
        </select></label>
      <p class="hint">${t("web.list.keys")}</p>
    </search>`;
  }

  private section(title: MessageId, cases: CaseFigures[]): unknown {
    if (cases.length === 0) return nothing;
    return html`<section>
      <h2>${t(title)} <span class="count">${cases.length}</span></h2>
      <ul class="cases">
        ${this.long.part(cases).map((one) => html`<li>${this.entry(one)} ${awaitsCloseOut(one) ? this.oneTap(one) : nothing}</li>`)}
      </ul>
      ${this.long.end(cases)}
    </section>`;
  }

  private oneTap(one: CaseFigures): unknown {
    return html`<div class="one-tap" role="group" aria-label=${t("web.list.close", { number: one.number })}>
      <span class="hint">${t("close_out.outcome")}</span>
      ${kOneTap.map((code) => html`<button data-close=${code} @click=${() => void this.closeOut(one, code)}>${t(`close_out.outcome.${code}`)}</button>`)}
    </div>`;
  }
  private entry(one: CaseFigures): unknown {
    const brief = this.briefs.get(one.id);
    const inside = html`<span class="number">${one.number}</span>
      <span class="programme">${one.programme_name}</span>
      <span class="states">${stateChip(one)}</span>
      <span class="left">${timeChip(one)}</span>
      <span class="people">
        <span><small>${t("web.case.requester")}</small> ${one.requester.display_name}</span>
        <span><small>${t("web.case.expert")}</small> ${expertName(one)}</span>
      </span>
      <span class="exams">${exams(one)}</span>
      ${brief ? html`<span class="brief">${briefWords(brief)}</span>` : nothing}`;
    return one.my_role && one.my_role !== "treasurer"
      ? html`<a class="case" href="#/cases/${one.id}" data-case=${one.id} data-state=${one.state}>${inside}</a>`
      : html`<div class="case" data-case=${one.id} data-state=${one.state}>${inside}</div>`;
  }
}
