// SPDX-License-Identifier: Apache-2.0
// Requests to take part, step by step until the activation kit; and who takes part.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { now, textOf } from "./api";
import { association, type PersonOnFile, type PersonRecord } from "./association_api";
import { ask } from "./dialog";
import { phoneLink } from "./directory_fields";
import { civilDate, known, Page, t, type MessageId } from "./text";
import { isoDay } from "./time_left";

const nameOf = ({ person }: PersonOnFile): string =>
  [person.title, person.given_name, person.family_name].filter(Boolean).join(" ");
const rolesOf = ({ person }: PersonOnFile): string =>
  [...new Set(person.memberships.map(({ role }) => known(`web.role.${role}`) ?? role))].join(", ");
const today = (): string => isoDay(new Date(now()));
const date = (name: string, label: MessageId): TemplateResult =>
  html`<label>${t(label)}<input type="date" name=${name} value=${today()} required /></label>`;

/** A step that asks for something first. */
interface Step {
  step: string;
  title: MessageId;
  about?: MessageId;
  fields?: () => TemplateResult;
  body?: (form: FormData) => Record<string, unknown>;
}
const kDay = (form: FormData): Record<string, unknown> => ({ date: form.get("date") });
const kSteps: Record<string, Step> = {
  no_identity_check: { step: "identity", title: "web.people.identity", about: "web.people.identity_about" },
  no_decision: { step: "decision", title: "web.people.accept", about: "web.people.accept_about", body: () => ({ decision: "accepted" }) },
  no_training: { step: "training", title: "web.people.training", fields: () => date("date", "web.people.date"), body: kDay },
  no_charter: {
    step: "charter", title: "web.people.charter",
    fields: () => html`<label>${t("web.people.charter_version")}<input name="charter" maxlength="60" required /></label>${date("date", "web.people.date")}`,
    body: (form) => ({ charter: String(form.get("charter")).trim(), date: form.get("date") }),
  },
  insurance_missing: { step: "insurance", title: "web.people.insurance", fields: () => date("until", "web.people.until"), body: (form) => ({ until: form.get("until") }) },
  order_check_due: { step: "order", title: "web.people.order", about: "web.people.order_about", fields: () => date("date", "web.people.date"), body: kDay },
};
kSteps["insurance_ended"] = kSteps["insurance_missing"]!;
const kRefuse: Step = { step: "decision", title: "web.people.refuse", about: "web.people.refuse_about", body: () => ({ decision: "refused" }) };
const kSuspend: Step = { step: "suspend", title: "web.people.suspend", about: "web.people.suspend_about" };
const kReturn: Step = { step: "return", title: "web.people.return" };

@customElement("telavis-people")
export class PeoplePage extends Page {
  @state() private people?: PersonOnFile[];
  @state() private records = new Map<string, PersonRecord>();
  @state() private failure = "";
  @state() private sent = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }
  protected override languageChanged(): void {
    void this.refresh();
  }
  private async refresh(): Promise<void> {
    try {
      const { people } = await association.people();
      const requests = people.filter(({ person }) => person.status === "requested");
      const records = await Promise.all(requests.map(({ person }) => association.person(person.id)));
      this.records = new Map(records.map((record) => [record.person.id, record]));
      [this.people, this.failure] = [people, ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private take(one: PersonOnFile, { step, title, about, fields, body }: Step, danger = false): void {
    void ask({
      title: t(title),
      body: html`<p><strong>${nameOf(one)}</strong></p>${about ? html`<p>${t(about)}</p>` : nothing}${fields?.() ?? nothing}`,
      confirm: t(title), danger,
      send: async (form) => {
        await association.step(one.person.id, step, { version: one.version, ...body?.(form) });
        this.sent = "";
        await this.refresh();
      },
    });
  }
  private async kit(one: PersonOnFile): Promise<void> {
    try {
      await association.kit(one.person.id);
      this.sent = t("web.people.kit_sent", { name: nameOf(one), address: one.person.mail_address ?? "" });
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    const people = this.people ?? [];
    const requests = people.filter(({ person }) => person.status === "requested");
    const others = people.filter(({ person }) => person.status !== "requested");
    return html`<h1 tabindex="-1">${t("web.nav.people")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      <p role="status" class=${this.sent ? "notice" : ""}>${this.sent}</p>
      <section><h2>${t("web.people.requests")} <span class="count">${requests.length}</span></h2>
        ${this.people && requests.length === 0 ? html`<p class="card empty">${t("web.people.no_request")}</p>` : nothing}
        ${requests.map((one) => this.request(this.records.get(one.person.id) ?? { ...one, warnings: [], obstacles: [] }))}</section>
      ${others.length > 0 ? this.members(others) : nothing}`;
  }

  private request(one: PersonRecord): TemplateResult {
    const { person } = one;
    const steps = [...one.obstacles, ...one.warnings].map(({ code }) => kSteps[code]).filter((step): step is Step => step !== undefined);
    const fact = (label: MessageId, value: unknown): unknown => (value ? html`<div><dt>${t(label)}</dt><dd>${value}</dd></div>` : nothing);
    return html`<article class="card" data-person=${person.id}>
      <div class="title"><h3>${nameOf(one)}</h3><span class="chip">${rolesOf(one)}</span></div>
      <dl class="items">
        ${fact("web.people.profession", person.speciality || person.profession)}
        ${fact("web.people.rpps", person.rpps)} ${fact("web.people.place", [person.place, person.territory].filter(Boolean).join(", "))}
        ${fact("web.people.mail", person.mail_address)} ${fact("web.people.phone", person.mobile_phone ? phoneLink(person.mobile_phone) : "")}
        ${fact("web.people.asked_on", person.enrolment?.requested_on && civilDate(person.enrolment.requested_on))}
      </dl>
      ${one.obstacles.length > 0
        ? html`<p class="hint">${t("web.people.obstacles")}</p><ul class="plain-list">${one.obstacles.map(({ text }) => html`<li>${text}</li>`)}</ul>`
        : html`<p class="hint">${t("web.people.ready")}</p>`}
      ${one.warnings.map(({ text }) => html`<p class="warning plain">${text}</p>`)}
      <div class="actions">
        ${steps.map((step, n) => html`<button class=${n === 0 ? "primary" : ""} data-step=${step.step} @click=${() => this.take(one, step)}>${t(step.title)}</button>`)}
        ${one.obstacles.length === 0 ? html`<button class="primary" data-step="kit" @click=${() => void this.kit(one)}>${t("web.people.kit")}</button>` : nothing}
        ${person.enrolment?.decided_on ? nothing : html`<button class="danger" data-step="refuse" @click=${() => this.take(one, kRefuse, true)}>${t("web.people.refuse")}</button>`}
      </div>
    </article>`;
  }

  private members(people: readonly PersonOnFile[]): TemplateResult {
    const columns: MessageId[] = ["web.people.name", "web.people.role", "web.people.status", "web.people.order_checked", "web.people.reach", "web.people.action"];
    const label = (n: number): string => t(columns[n]!);
    return html`<section class="card"><h2>${t("web.people.members")} <span class="count">${people.length}</span></h2>
      <table><thead><tr>${columns.map((id) => html`<th scope="col">${t(id)}</th>`)}</tr></thead>
        <tbody>${people.map((one) => {
          const { person } = one;
          const checked = person.enrolment?.order_checked_on;
          const doctor = person.memberships.some(({ role }) => role === "requester" || role === "expert");
          return html`<tr data-person=${person.id}>
            <td data-label=${label(0)}>${nameOf(one)}</td><td data-label=${label(1)}>${rolesOf(one)}</td>
            <td data-label=${label(2)}>${t(`web.people.status.${person.status}`)}</td>
            <td data-label=${label(3)}>${checked ? civilDate(checked) : "–"}</td>
            <td data-label=${label(4)}><span class="ways">${phoneLink(person.mobile_phone ?? "")}
              ${person.mail_address ? html`<a href="mailto:${person.mail_address}">${t("web.board.write")}</a>` : nothing}</span></td>
            <td data-label=${label(5)}>${doctor && person.status === "active"
              ? html`<button data-step="suspend" @click=${() => this.take(one, kSuspend, true)}>${t("web.people.suspend")}</button>`
              : doctor && person.status === "suspended"
                ? html`<button data-step="return" @click=${() => this.take(one, kReturn)}>${t("web.people.return")}</button>`
                : nothing}</td>
          </tr>`;
        })}</tbody></table></section>`;
  }
}
