// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, newKey, textOf } from "./api";
import type { CaseFigures, ExamKind } from "./api_types";
import { expertName } from "./case_cards";
import { stateChip, timeChip } from "./case_chips";
import { awaitsCloseOut, awaitsMe, isOpen, openWith } from "./case_context";
import { kNoFilter, kOnly, matches, moved, type CaseFilter, type Only } from "./case_filter";
import { LongList } from "./long_list";
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
  @state() private filter: CaseFilter = kNoFilter;
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
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    const known = this.cases ?? [];
    const all = known.filter((one) => matches(one, this.filter));
    const mine = all.filter(awaitsMe).sort((a, b) => Number(b.urgent_alert) - Number(a.urgent_alert) || byDue(a, b));
    const others = all.filter((one) => !awaitsMe(one));
    const closing = others.filter(awaitsCloseOut);
    return html`<h1 tabindex="-1">${t("web.nav.cases")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure} ${t("web.list.retry")}</p>` : nothing}
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
        ${this.long.part(cases).map((one) => html`<li>${this.entry(one)}</li>`)}
      </ul>
      ${this.long.end(cases)}
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
