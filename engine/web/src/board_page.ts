// SPDX-License-Identifier: Apache-2.0
// The coordinator's board: what is open by the time that is left, and who could answer it.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, newKey, now, textOf } from "./api";
import type { CaseFigures, Person } from "./api_types";
import { association, type ExpertLoad, type PersonOnFile } from "./association_api";
import { stateChip, timeChip } from "./case_chips";
import { isOpen, type CaseContext } from "./case_context";
import { askReassignment } from "./case_dialogs";
import { phoneLink } from "./directory_fields";
import { Poll } from "./poll";
import { dateTime, Page, t } from "./text";

const dueAt = (one: CaseFigures): number => (one.promise ? Date.parse(one.promise.breach_at) : Number.MAX_SAFE_INTEGER);
const kSoon = 12 * 3_600_000;

/** Of a doctor of the case: a mail with the case's number alone, and his telephones. */
interface Reach {
  mail_address?: string;
  mobile_phone?: string;
  office_phone?: string;
}

@customElement("telavis-board")
export class Board extends Page {
  @state() private cases?: CaseFigures[];
  @state() private experts: ExpertLoad[] = [];
  @state() private reach = new Map<string, Reach>();
  @state() private failure = "";
  protected readonly poll = new Poll(this, () => this.refresh());

  private async refresh(): Promise<void> {
    try {
      const [{ cases }, { experts }] = await Promise.all([api.cases(), association.experts()]);
      // Looked up once: reading who is on file is written down.
      if (this.reach.size === 0) {
        const { people } = await association.people();
        this.reach = new Map(people.map(({ person }: PersonOnFile) => [person.id, person]));
      }
      const coordinated = cases.filter((one) => one.my_role === "coordinator" && (isOpen(one) || one.urgent_alert));
      this.cases = coordinated.sort((a, b) => Number(b.urgent_alert) - Number(a.urgent_alert) || dueAt(a) - dueAt(b));
      [this.experts, this.failure] = [experts, ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private context(figures: CaseFigures): CaseContext {
    return {
      figures, busy: false,
      may: (command) => figures.actions.includes(command),
      reads: (what) => figures.readable.includes(what),
      run: async (command, json = {}) => {
        await api.command(figures.id, command, json, newKey());
        await this.refresh();
      },
      press: () => undefined,
      compose: () => undefined,
    };
  }
  private async reassign(one: CaseFigures): Promise<void> {
    try {
      await askReassignment(this.context(one));
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    const { cases } = this;
    return html`<h1 tabindex="-1">${t("web.nav.board")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${cases ? this.summary(cases) : nothing}
      ${cases && cases.length === 0 ? html`<p class="card empty">${t("web.board.empty")}</p>` : nothing}
      <ul class="cases board">${(cases ?? []).map((one) => this.row(one))}</ul>
      ${this.experts.length > 0 ? this.pool() : nothing}`;
  }
  private summary(cases: readonly CaseFigures[]): TemplateResult {
    const late = cases.filter((one) => one.promise && dueAt(one) <= now()).length;
    const soon = cases.filter((one) => one.promise && dueAt(one) > now() && dueAt(one) - now() < kSoon).length;
    const nobody = cases.filter((one) => one.no_expert_since).length;
    const tile = (label: string, count: number, level: string): TemplateResult =>
      html`<div class="card tile" data-level=${count > 0 ? level : "calm"}><dt>${label}</dt><dd>${count}</dd></div>`;
    return html`<dl class="tiles">
      ${tile(t("web.board.open"), cases.length, "calm")} ${tile(t("web.board.late"), late, "late")}
      ${tile(t("web.board.soon"), soon, "soon")} ${tile(t("web.board.nobody"), nobody, "soon")}
    </dl>`;
  }
  private row(one: CaseFigures): TemplateResult {
    return html`<li class="case" data-case=${one.id}>
      <span class="number"><a href="#/cases/${one.id}">${one.number}</a></span>
      <span class="programme">${one.programme_name}</span>
      <span class="states">${stateChip(one)} ${one.no_expert_since ? html`<span class="chip" data-waits>${t("web.board.no_expert")}</span>` : nothing}</span>
      <span class="left">${timeChip(one)}</span>
      <span class="people">
        <span>${t("web.case.requester")} : ${one.requester.display_name}</span>${this.ways(one.requester.id, one)}
        ${this.answering(one).map((expert) => html`<span>${t(one.expert ? "web.case.expert" : "web.board.asked")} : ${expert.display_name}</span>${this.ways(expert.id, one)}`)}
      </span>
      <span class="exams">${one.actions.includes("reassign")
        ? html`<button data-action="reassign" @click=${() => void this.reassign(one)}>${t("web.action.reassign")}</button>`
        : nothing}</span>
    </li>`;
  }
  /** Who has the case, or is asked for it now. */
  private answering(one: CaseFigures): Person[] {
    return one.expert ? [one.expert] : one.offers.filter(({ outcome }) => outcome === "pending").map(({ expert }) => expert);
  }
  private ways(id: string, one: CaseFigures): unknown {
    const reach = this.reach.get(id);
    if (!reach) return nothing;
    const phones = [reach.mobile_phone, reach.office_phone].filter((phone): phone is string => Boolean(phone));
    // The number of the case and no other word: whose it is stays out of a mail's subject.
    return html`<span class="ways">${phones.map((phone) => phoneLink(phone))}
      ${reach.mail_address ? html`<a href="mailto:${reach.mail_address}?subject=${encodeURIComponent(one.number)}">${t("web.board.write")}</a>` : nothing}</span>`;
  }

  private pool(): TemplateResult {
    const there = (one: ExpertLoad): string => {
      if (one.status !== "active") return t("web.board.inactive");
      if (!one.next_open_at) return t("web.directory.never");
      return Date.parse(one.next_open_at) <= now() ? t("web.directory.now") : t("web.directory.from", { at: dateTime(one.next_open_at) });
    };
    const load = (one: ExpertLoad): string =>
      one.max_open_cases > 0 ? t("web.board.load_of", { open: one.open_cases, most: one.max_open_cases }) : String(one.open_cases);
    const columns = [t("web.case.expert"), t("web.board.availability"), t("web.board.load"), t("web.board.recent"), t("web.board.reach")];
    return html`<section class="card"><h2>${t("web.board.experts")}</h2>
      <table><thead><tr>${columns.map((label) => html`<th scope="col">${label}</th>`)}</tr></thead>
        <tbody>${this.experts.map((one) => html`<tr data-expert=${one.id}>
          <td data-label=${columns[0]!}><span>${one.name} <small>${[one.place, one.territory].filter(Boolean).join(", ")}</small></span></td>
          <td data-label=${columns[1]!}>${there(one)}</td>
          <td data-label=${columns[2]!}>${load(one)}</td>
          <td data-label=${columns[3]!}>${one.recent_offers}</td>
          <td data-label=${columns[4]!}><span class="ways">${phoneLink(one.mobile_phone)} ${phoneLink(one.office_phone)}
            ${one.mail_address ? html`<a href="mailto:${one.mail_address}">${t("web.board.write")}</a>` : nothing}</span></td>
        </tr>`)}</tbody></table>
      <p class="hint">${t("web.board.load_about")}</p></section>`;
  }
}
