// SPDX-License-Identifier: Apache-2.0
// An opinion as plain text, whole, for the requester's own record. Pure but for the catalogue.
import type { CaseContent, CaseFigures, SignedOpinion } from "./api_types";
import { slotWords } from "./slots";
import { civilDate, dateTime, known, t, type MessageId } from "./text";

/** One line a statement, "label : words"; statements without words are left out. */
export function opinionAsText(figures: CaseFigures, content: CaseContent, opinion: SignedOpinion): string {
  const { request, words } = content;
  const { text } = opinion;
  const { patient } = request;
  const said = (label: MessageId, value: string): string => (value.trim() ? `${t(label)}${t("web.copy.colon")}${value.trim()}` : "");
  const coded = (family: string, code: string): string => (code ? known(`${family}.${code}`) ?? code : "");
  const who = patient
    ? `${patient.family_name.toUpperCase()} ${patient.given_name}, ${coded("sex", patient.sex)}${patient.birth_date ? `, ${t("web.case.born", { date: civilDate(patient.birth_date) })}` : ""}`
    : "";
  const inPerson = text.in_person.needed
    ? [t("web.opinion.within", { days: text.in_person.delay_days ?? "" }), text.in_person.with ? t(text.in_person.with === "requis" ? "web.opinion.with_requis" : "web.opinion.with_other") : ""].filter(Boolean).join(", ")
    : "";
  const blocks = [
    [t("web.copy.title", { number: figures.number }), said("web.case.programme", figures.programme_name), said("web.request.patient", who)],
    [
      said("web.case.requester", figures.requester.display_name), said("web.case.submitted", dateTime(figures.submitted_at)),
      said("web.request.reason", words.reason), said("web.request.question", request.question), said("web.case.own_reading", request.own_reading),
    ],
    [
      t("web.opinion.signed", { name: opinion.expert.display_name, at: dateTime(opinion.signed_at) }),
      said("web.opinion.orientation", coded("orientation", text.orientation)), said("web.opinion.conclusion", text.conclusion),
      said("web.opinion.conduct", text.conduct), said("web.opinion.in_person", inPerson),
      said("web.opinion.slots", (text.slots ?? []).map((slot) => `${slotWords(slot)} (${t("web.slots.book", { how: slot.booking ?? "" })})`).join(" ; ")),
      said("web.opinion.suspicion", coded("suspicion", text.suspicion ?? "")), said("web.opinion.tracing", coded("tracing", text.tracing ?? "")), said("web.opinion.confidence", coded("confidence", text.confidence ?? "")),
      said("web.opinion.agreement", coded("agreement", text.agreement_with_own_reading ?? "")), said("web.opinion.pedagogy", text.pedagogy),
      said("web.opinion.data", t(text.data_sufficient ? "web.opinion.data_yes" : "web.opinion.data_no")),
      said("web.opinion.quality", coded("media_quality", text.media_quality ?? "")), said("web.opinion.redo", text.to_redo),
      said("web.opinion.prescriptions", text.prescriptions), said("web.opinion.incidents", text.technical_incidents),
    ],
    [opinion.corrects ? t("web.opinion.corrected") : ""],
  ];
  return `${blocks.map((block) => block.filter(Boolean).join("\n")).filter(Boolean).join("\n\n")}\n`;
}
