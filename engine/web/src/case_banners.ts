// SPDX-License-Identifier: Apache-2.0
// What a case asks of its reader now, and what he may do besides.
import { html, nothing, type TemplateResult } from "lit";
import { kApi, now } from "./api";
import type { Command } from "./api_types";
import { contactLines, line } from "./case_cards";
import { isOpen, type CaseContext } from "./case_context";
import { askOpening, askReason, askReassignment, askTransfer } from "./case_dialogs";
import { phoneLink } from "./directory_fields";
import { findings } from "./exam_cards";
import { dateTime, dayAndTime, known, t, type MessageId } from "./text";

const kMostInSight = 8; // missing items

function button(context: CaseContext, command: Command, click: () => void, kind = ""): unknown {
  if (!context.may(command)) return nothing;
  return html`<button class=${kind} data-action=${command} ?disabled=${context.busy} @click=${click}>${t(`web.action.${command}` as MessageId)}</button>`;
}
const press = (context: CaseContext, command: Command, kind = ""): unknown =>
  button(context, command, () => context.press(command), kind);
const compose = (context: CaseContext, command: Command, kind = ""): unknown =>
  context.composing === command ? nothing : button(context, command, () => context.compose(command), kind);

/** A dialog that looks something up first: what it meets is shown on top of the page. */
export type Opening = (work: () => Promise<void>) => void;

export function actionRow(context: CaseContext, opening: Opening): TemplateResult {
  const { figures } = context;
  const offered = figures.state === "offered";
  const breached = context.may("wait");
  return html`<div class="actions">
    ${offered ? press(context, "accept", "primary") : nothing}
    ${offered ? button(context, "decline", () => askReason(context, "decline")) : nothing}
    ${compose(context, "need-info")}
    ${figures.state === "waiting" && figures.my_role === "requester" ? nothing : compose(context, "info")}
    ${compose(context, "follow-up")}
    ${figures.outcome_asked ? nothing : compose(context, "outcome")}
    ${press(context, "patient-informed")}
    ${context.content && !context.content.opinion?.urgent ? compose(context, "call") : nothing}
    ${button(context, "give-back", () => askReason(context, "give-back"))}
    ${breached ? nothing : button(context, "reassign", () => opening(() => askReassignment(context)))}
    ${breached ? nothing : button(context, "transfer", () => opening(() => askTransfer(context)))}
    ${!context.content ? button(context, "open", () => askOpening(context), "primary") : nothing}
    ${breached ? nothing : button(context, "cancel", () => askReason(context, "cancel"))}
  </div>`;
}

// ---- before an answer

function incomplete(context: CaseContext): unknown {
  const { figures } = context;
  if (figures.state !== "incomplete") return nothing;
  return html`<div class="warning plain">
    <p><strong>${t("web.banner.incomplete")}</strong></p>
    <details class="more" ?open=${figures.missing.length <= kMostInSight}>
      <summary>${t("web.banner.missing", { count: figures.missing.length })}</summary>
      <ul class="plain-list">${figures.missing.map((one) => html`<li>${one.label}</li>`)}</ul>
    </details>
    ${context.may("complete")
      ? html`<p class="actions"><a class="button" data-action="complete" href="#/cases/${figures.id}/complete">${t("web.action.complete")}</a></p>`
      : nothing}
  </div>`;
}

function redirected(context: CaseContext): unknown {
  const { figures } = context;
  if (figures.state !== "redirected") return nothing;
  const exit = figures.redirect_exit;
  return html`<div class="error">
    <p><strong>${t(exit ? `web.exit.${exit}` : "web.state.redirected")}</strong></p>
    ${figures.my_role === "requester" ? html`<p>${t("web.banner.redirected")}</p>` : nothing}
    <p class="actions">
      ${exit === "15_now" ? html`<a class="button danger" href="tel:15">${t("web.exit.call")}</a>` : nothing}
      ${context.reads("letter")
        ? html`<a class="button primary" data-action="letter" href="${kApi}/cases/${figures.id}/letter" target="_blank" rel="noopener">${t("web.action.letter")}</a>`
        : nothing}
      ${compose(context, "resume")}
    </p>
  </div>`;
}

/** After the promised instant: wait, another expert, another programme, or none. */
function overdue(context: CaseContext, opening: Opening): unknown {
  const { figures } = context;
  if (!isOpen(figures) || !(figures.breached_at || figures.late)) return nothing;
  const mine = context.may("wait") && figures.my_role === "requester";
  return html`<div class="warning plain" data-breached>
    <p><strong>${t("web.banner.breached", { at: dateTime(figures.promise?.breach_at ?? figures.submitted_at) })}</strong></p>
    ${figures.requester_waits ? html`<p>${t("web.banner.waits")}</p>` : nothing}
    ${mine
      ? html`<p>${t("web.banner.breached_choices")}</p>
          <div class="actions">
            ${figures.requester_waits ? nothing : press(context, "wait", "primary")}
            ${button(context, "reassign", () => opening(() => askReassignment(context)))}
            ${button(context, "transfer", () => opening(() => askTransfer(context)))}
            ${button(context, "cancel", () => askReason(context, "cancel"))}
          </div>`
      : nothing}
  </div>`;
}

/** What was promised to the requester, in the programme's own time. */
function promised({ figures }: CaseContext): unknown {
  const at = figures.promise?.breach_at;
  const awaited = ["queued", "offered", "accepted"].includes(figures.state) && !figures.breached_at && !figures.late;
  if (figures.my_role !== "requester" || !at || !awaited) return nothing;
  return html`<p class="notice" data-promised role="status">
    <strong>${t("web.banner.promised", { at: dayAndTime(at, figures.time_zone) })}</strong> ${t("web.banner.promised_about")}</p>`;
}

function waiting({ figures }: CaseContext): unknown {
  if (figures.state !== "waiting" || figures.my_role === "requester") return nothing;
  return html`<p class="notice">${t("web.banner.waiting")}</p>`;
}

/** Seconds until a signed opinion leaves; the page counts them. */
function leaving(context: CaseContext): unknown {
  const at = context.figures.pending_release_at;
  if (!at) return nothing;
  const seconds = Math.max(0, Math.ceil((Date.parse(at) - now()) / 1000));
  return html`<div class="notice" data-leaving>
    <p role="status">${t("web.case.signed", { at: dateTime(at) })}</p>
    <p class="actions">
      <strong aria-hidden="true">${seconds >= 120 ? t("web.banner.leaves_minutes", { count: Math.ceil(seconds / 60) }) : t("web.banner.leaves", { count: seconds })}</strong>
      ${press(context, "take-opinion-back")}
    </p>
  </div>`;
}

// ---- after it

function urgent(context: CaseContext): unknown {
  const { figures, content } = context;
  if (!content?.opinion?.urgent) return nothing;
  const requester = figures.my_role === "requester";
  const { patient_phone: phone } = content.request;
  return html`<div class="error urgent" data-urgent>
    <p><strong>${t("web.urgent.title")}</strong></p>
    <p>${t(requester ? "web.urgent.requester" : "web.urgent.expert")}</p>
    <dl>
      ${line("web.urgent.patient_phone", phone ? phoneLink(phone) : t("web.urgent.no_phone"))}
      ${requester
        ? line("web.urgent.expert_phone", contactLines(content.contacts.expert))
        : line("web.urgent.requester_phone", contactLines(content.contacts.requester))}
    </dl>
    ${figures.acknowledged_at
      ? html`<p>${t("web.urgent.acknowledged", { at: dateTime(figures.acknowledged_at) })}</p>`
      : html`<p>${t("web.urgent.alerts")}</p>`}
    <div class="actions">
      ${figures.acknowledged_at ? nothing : press(context, "acknowledge", "primary")} ${compose(context, "call")}
    </div>
  </div>`;
}

export function banners(context: CaseContext, opening: Opening): TemplateResult {
  const { figures } = context;
  const closed = context.may("open") && !context.content;
  return html`${incomplete(context)} ${redirected(context)} ${overdue(context, opening)} ${promised(context)} ${waiting(context)}
    ${leaving(context)} ${urgent(context)}
    ${figures.restricted_at ? html`<p class="notice">${t("web.banner.restricted", { at: dateTime(figures.restricted_at) })}</p>` : nothing}
    ${figures.erased_at ? html`<p class="notice">${t("web.banner.erased", { at: dateTime(figures.erased_at) })}</p>` : nothing}
    ${figures.state === "cancelled" ? html`<p class="notice">${t("web.banner.cancelled")}</p>` : nothing}
    ${closed ? html`<p class="notice">${t("web.open.closed")}</p>` : nothing}
    ${figures.state === "queued" && figures.no_expert_since ? html`<p class="warning">${t("web.banner.no_expert")}</p>` : nothing}`;
}

/** What an open pool sees of a case before somebody accepts it. */
export function codedCard({ coded, figures }: CaseContext): unknown {
  if (!coded) return nothing;
  const codes = [...new Set(figures.exams.flatMap((exam) => exam.findings))];
  return html`<section class="card coded" data-coded>
    <h2>${t("web.case.request")}</h2>
    <p class="hint">${t("web.coded.about")}</p>
    <dl>
      ${line("web.request.reason", coded.reason_words)}
      ${line("web.coded.age", coded.age_band && t("web.case.age", { age: coded.age_band }))}
      ${line("web.patient.sex", t(`sex.${coded.sex}`))}
      ${line("web.coded.exams", html`${figures.exams.map((exam) => html`<span class="block">${exam.format}, ${exam.detail}</span>`)}`)}
    </dl>
    ${findings(codes.map((code) => ({ code, severity: "info", text: known(`finding.${code}`) ?? code })))}
  </section>`;
}
