// SPDX-License-Identifier: Apache-2.0
// What is known of a case: the request, its course, the opinion, the dialogue.
import { html, nothing, type TemplateResult } from "lit";
import { kApi } from "./api";
import type { CaseContent, CaseFigures, Contact, DialogueEntry, Offer, OpinionText, SignedOpinion } from "./api_types";
import type { CaseContext } from "./case_context";
import "./copy_button";
import { phoneLink } from "./directory_fields";
import { opinionAsText } from "./opinion_text";
import { slotLines } from "./slots";
import { civilDate, dateTime, known, t, type MessageId } from "./text";
import { ageOn } from "./time_left";

export const line = (label: MessageId, value: unknown): unknown =>
  value ? html`<div><dt>${t(label)}</dt><dd>${value}</dd></div>` : nothing;

/** "DURAND Anne · féminin · né(e) le 02/03/1961 (65 ans)". */
export function patientLine({ request, words }: CaseContent, figures: CaseFigures): TemplateResult {
  const { patient, ins } = request;
  if (!patient) return html`<p class="patient">${t("web.case.no_identity")}</p>`;
  const age = ageOn(patient.birth_date, figures.submitted_at);
  return html`<p class="patient">
    <strong>${patient.family_name.toUpperCase()} ${patient.given_name}</strong> · ${t(`sex.${patient.sex}`)}${patient.birth_date
      ? html` · ${t("web.case.born", { date: civilDate(patient.birth_date) })}${age === undefined ? nothing : html` (${t("web.case.age", { age })})`}`
      : nothing}
    ${ins && words.ins_qualified ? html`<span class="hint">${t("web.case.ins", { matricule: ins.matricule })}</span>` : nothing}
  </p>`;
}

/** "DURAND Anne · 02/03/1961 · féminin · TE-2026-...": who is looked at, over everything that is. */
export function identityBar({ request: { patient } }: CaseContent, { number }: CaseFigures): TemplateResult {
  const marks = patient
    ? [patient.birth_date ? t("web.case.born", { date: civilDate(patient.birth_date) }) : "", t(`sex.${patient.sex}`)].filter(Boolean)
    : [];
  return html`<strong>${patient ? `${patient.family_name.toUpperCase()} ${patient.given_name}` : t("web.case.no_identity")}</strong>
    <span>${[...marks, number].join(" · ")}</span>`;
}

function consentWords({ request }: CaseContent): string {
  const { consent } = request;
  const who = consent.given_by === "representative"
    ? `${t("web.consent.representative")} : ${consent.representative_name} (${consent.representative_quality})`
    : t("web.consent.patient");
  const more = [
    request.guardianship === "none" ? "" : t(`guardianship.${request.guardianship}`),
    request.guardianship !== "none" && consent.given_by === "patient" && consent.representative_name
      ? `${consent.representative_name} (${consent.representative_quality})` : "",
    request.minor_secrecy ? t("web.case.minor_secrecy", { adult: consent.accompanying_adult ?? "" }) : "",
  ];
  return [who, ...more].filter(Boolean).join(" ; ");
}

function oppositionWords({ request }: CaseContent): string {
  const all = Object.entries(request.oppositions).filter(([, opposed]) => opposed);
  return all.map(([code]) => known(`opposition.${code}`) ?? code).join(", ");
}

export function requestCard(content: CaseContent, figures: CaseFigures): TemplateResult {
  const { request, words } = content;
  const flags = words.red_flags.filter((flag) => flag.answer);
  return html`<section class="card request">
    <h2>${t("web.case.request")}</h2>
    ${patientLine(content, figures)}
    <dl>
      ${line("web.patient.phone", phoneOf(request.patient_phone))}
      ${line("web.request.reason", words.reason)}
      ${line("web.request.question", html`<strong>${request.question}</strong>`)}
      ${flags.length > 0 ? line("web.flags.found", html`<span class="alarm">${flags.map((flag) => flag.sentence).join(" ; ")}</span>`) : nothing}
      ${line("web.case.regulated", request.regulated_at && t("web.case.regulated_at", { at: request.regulated_at }))}
      ${line("web.request.context", request.context)}
      ${line("web.case.own_reading", request.own_reading)}
    </dl>
    ${words.clinical.length > 0
      ? html`<h3>${t("web.request.clinical")}</h3>
          <dl class="items">
            ${words.clinical.map((item) => html`<div><dt>${item.label}</dt><dd>${item.value}</dd></div>`)}
          </dl>`
      : nothing}
    <details class="more">
      <summary>${t("web.consent.title")}</summary>
      <dl>
        ${line("web.consent.given_by", consentWords(content))}
        ${line("web.consent.information", `${t(request.information.form === "written" ? "web.consent.written" : "web.consent.oral")}${request.information.at ? `, ${dateTime(request.information.at)}` : ""}${request.information.text_version ? ` (${request.information.text_version})` : ""}`)}
        ${line("web.consent.oppositions", oppositionWords(content) || t("web.case.no_opposition"))}
      </dl>
    </details>
  </section>`;
}
const phoneOf = (phone: string): unknown => (phone ? phoneLink(phone) : "");

export function contactLines(contact: Contact | null): unknown {
  if (!contact) return nothing;
  const phones = [contact.office_phone, contact.mobile_phone].filter(Boolean);
  return html`<span class="contact">${phones.map((phone) => html`<span>${phoneLink(phone)}</span>`)}
    ${contact.place ? html`<small>${contact.place}</small>` : nothing}</span>`;
}

/** Nobody is looked for before a request is complete, nor after it was withdrawn. */
export function expertName({ expert, state }: CaseFigures): string {
  if (expert) return expert.display_name;
  return state === "queued" || state === "offered" ? t("web.case.no_expert") : "–";
}

function offerLine(offer: Offer): TemplateResult {
  const until = offer.outcome === "pending" && offer.expires_at ? ` (${t("web.offer.until", { at: dateTime(offer.expires_at) })})` : "";
  const reason = offer.reason ? known(`web.decline.${offer.reason}`) ?? known(`web.reassign.${offer.reason}`) ?? "" : "";
  return html`<li>
    <span>${offer.expert.display_name}</span>
    <small>${t(`web.offer.${offer.outcome}`)}${until}${reason ? ` : ${reason}` : ""}</small>
  </li>`;
}

export function courseCard({ figures, content }: CaseContext): TemplateResult {
  const at = (instant: string | null | undefined): string => (instant ? dateTime(instant) : "");
  const { promise } = figures;
  const waited = Math.floor(figures.waited_seconds / 3600);
  return html`<section class="card follow">
    <h2>${t("web.case.follow")}</h2>
    <dl>
      ${line("web.case.programme", figures.programme_name)}
      ${line("web.case.requester", html`${figures.requester.display_name} ${contactLines(content?.contacts.requester ?? null)}`)}
      ${line("web.case.expert", html`${expertName(figures)} ${contactLines(content?.contacts.expert ?? null)}`)}
      ${line("web.case.delegate", figures.delegate?.display_name)}
      ${line("web.case.submitted", at(figures.submitted_at))}
      ${line("web.case.completed", promise && promise.completed_at !== figures.submitted_at ? at(promise.completed_at) : "")}
      ${line("web.case.promised", at(promise?.breach_at))}
      ${line("web.case.line", figures.line ? t("web.case.fast_line") : "")}
      ${line("web.case.no_expert_since", at(figures.no_expert_since))}
      ${line("web.case.waiting_since", at(figures.waiting_since))}
      ${line("web.case.waited", waited > 0 ? t("web.case.hours", { hours: waited }) : "")}
      ${line("web.case.answered", at(figures.answered_at))}
      ${line("web.case.delivered", at(figures.delivered_at))}
      ${line("web.case.opened", at(figures.opened_at))}
      ${line("web.case.acknowledged", at(figures.acknowledged_at))}
      ${line("web.case.follow_up_due", at(figures.follow_up_due_at))}
    </dl>
    ${figures.offers.length > 0
      ? html`<h3>${t("web.offer.title")}</h3><ul class="offers">${figures.offers.map(offerLine)}</ul>`
      : nothing}
  </section>`;
}

// ---- the opinion

export function opinionLines(text: OpinionText): TemplateResult {
  const inPerson = text.in_person.needed
    ? [
        t("web.opinion.within", { days: text.in_person.delay_days ?? "" }),
        text.in_person.with === "requis" ? t("web.opinion.with_requis") : text.in_person.with === "other" ? t("web.opinion.with_other") : "",
      ].filter(Boolean).join(", ")
    : "";
  return html`<dl>
    ${line("web.opinion.orientation", html`<strong data-orientation=${text.orientation}>${t(`orientation.${text.orientation}`)}</strong>`)}
    ${line("web.opinion.conclusion", text.conclusion)}
    ${line("web.opinion.conduct", text.conduct)}
    ${line("web.opinion.in_person", inPerson)}
    ${text.slots && text.slots.length > 0 ? line("web.opinion.slots", slotLines(text.slots)) : nothing}
    ${line("web.opinion.suspicion", text.suspicion && t(`suspicion.${text.suspicion}`))}
    ${line("web.opinion.tracing", text.tracing && t(`tracing.${text.tracing}`))}
    ${line("web.opinion.confidence", text.confidence && t(`confidence.${text.confidence}`))}
    ${line("web.opinion.agreement", text.agreement_with_own_reading && t(`agreement.${text.agreement_with_own_reading}`))}
    ${line("web.opinion.pedagogy", text.pedagogy)}
    ${line("web.opinion.data", t(text.data_sufficient ? "web.opinion.data_yes" : "web.opinion.data_no"))}
    ${line("web.opinion.quality", text.media_quality && t(`media_quality.${text.media_quality}`))}
    ${line("web.opinion.redo", text.to_redo)}
    ${line("web.opinion.prescriptions", text.prescriptions)}
    ${line("web.opinion.incidents", text.technical_incidents)}
  </dl>`;
}

/** What the requester had read himself, above what the expert says. */
function ownReading({ request, words }: CaseContent): unknown {
  const items = words.clinical.filter((item) => item.name.startsWith("own_reading."));
  const said = [request.own_reading, ...items.map((item) => `${item.label} : ${item.value}`)].filter(Boolean);
  return said.length > 0 ? html`<dl class="mine">${line("web.opinion.mine", said.join("\n"))}</dl>` : nothing;
}

export function opinionCard(context: CaseContext, opinion: SignedOpinion, content: CaseContent): TemplateResult {
  const { figures } = context;
  return html`<section class="card opinion" data-released=${opinion.released_at ? "yes" : "no"}>
    <div class="title">
      <h2>${t(opinion.released_at ? "web.opinion.title" : "web.opinion.pending_title")}</h2>
      ${context.reads("report")
        ? html`<a class="button" data-action="report" href="${kApi}/cases/${figures.id}/report" target="_blank" rel="noopener">${t("web.opinion.report")}</a>`
        : nothing}
      ${figures.my_role === "requester" && opinion.released_at
        ? html`<telavis-copy .text=${() => opinionAsText(figures, content, opinion)}></telavis-copy>`
        : nothing}
      ${context.may("correct")
        ? html`<button data-action="correct" @click=${() => context.compose(context.composing === "correct" ? undefined : "correct")}>${t("web.action.correct")}</button>`
        : nothing}
    </div>
    <p class="hint">
      ${t("web.opinion.signed", { name: opinion.expert.display_name, at: dateTime(opinion.signed_at) })}
      ${opinion.corrects ? html`<strong>${t("web.opinion.corrected")}</strong>` : nothing}
    </p>
    ${figures.my_role === "requester" ? ownReading(content) : nothing} ${opinionLines(opinion.text)}
    ${content.technical_incidents.length > 0
      ? html`<dl>${line("web.opinion.incidents_met", content.technical_incidents.map((one) => html`<p>${dateTime(one.at)} · ${one.text}</p>`))}</dl>`
      : nothing}
    ${context.reads("report") && figures.my_role === "expert" ? html`<p class="hint">${t("web.opinion.filed")}</p>` : nothing}
    ${content.corrected_opinions.length > 0
      ? html`<p class="hint">${t("web.opinion.earlier", { dates: content.corrected_opinions.map((one) => dateTime(one.signed_at)).join(", ") })}</p>`
      : nothing}
  </section>`;
}

// ---- the dialogue

function answersOf(entry: DialogueEntry): unknown {
  const answers = entry.answers ?? {};
  if (entry.kind === "appointment") {
    return answers["date"]
      ? t("web.appointment.on", { date: civilDate(String(answers["date"])) })
      : t("web.appointment.none", { reason: String(answers["reason"] ?? "") });
  }
  if (entry.kind === "outcome") {
    return [known(`web.outcome.${answers["result"]}`), answers["text"]].filter(Boolean).join(" – ");
  }
  const words = (name: string): string => known(`close_out.${name}.${answers[name]}`) ?? String(answers[name] ?? "");
  return html`<dl>
    ${line("close_out.outcome", words("outcome"))} ${line("close_out.referral", words("referral"))}
    ${line("close_out.value_for_patient", String(answers["value_for_patient"] ?? ""))}
    ${line("close_out.value_for_requester", String(answers["value_for_requester"] ?? ""))}
    ${line("close_out.comment", answers["comment"])}
  </dl>`;
}

export function dialogueCard(entries: readonly DialogueEntry[]): unknown {
  if (entries.length === 0) return nothing;
  return html`<section class="card dialogue">
    <h2>${t("web.dialogue.title")}</h2>
    <ol>
      ${entries.map(
        (entry) => html`<li data-kind=${entry.kind}>
          <p class="hint"><strong>${t(`web.dialogue.${entry.kind}`)}</strong> · ${entry.author.display_name} · ${dateTime(entry.at)}</p>
          <div class="said">${entry.text ?? answersOf(entry)}</div>
        </li>`,
      )}
    </ol>
  </section>`;
}
