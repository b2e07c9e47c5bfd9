// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "engine/core/access_log.h"
#include "engine/core/patient_copy_parts.h"
#include "formats/inspect.h"

namespace telavis {
namespace {

namespace json = boost::json;

/// What the engine wrote itself: JSON where the kind says so.
json::value parsed(const std::string& text) {
  boost::system::error_code wrong;
  auto value = json::parse(text, wrong);
  return wrong ? json::value(text) : value;
}

json::object person(const UserId& id, const PatientCopy& copy) {
  json::object out{{"id", id.value}};
  if (const auto found = copy.people.find(id); found != copy.people.end()) {
    out["name"] = found->second.display_name();
    if (!found->second.rpps.empty()) out["rpps"] = found->second.rpps;
  }
  return out;
}

json::array files(const CaseDocuments& documents, std::size_t of, bool reports) {
  json::array names;
  for (const CopiedDocument& document : documents.list) {
    const bool is_report = document.kind == DocumentKind::report;
    if (document.of == of && is_report == reports) names.emplace_back(document.name);
  }
  return names;
}

json::array dialogue(const CaseCopy& one, const PatientCopy& copy) {
  json::array items;
  for (const DialogueText& item : one.dialogue) {
    const bool is_json =
        item.kind == DialogueKind::appointment || item.kind == DialogueKind::close_out;
    items.push_back(json::object{{"at", format_utc(item.at)},
                                 {"kind", dialogue_kind_name(item.kind)},
                                 {"author", person(item.author, copy)},
                                 {"said", is_json ? parsed(item.text) : json::value(item.text)}});
  }
  return items;
}

json::array opinions(const CaseCopy& one, const PatientCopy& copy, const CaseDocuments& documents) {
  json::array items;
  for (std::size_t i = 0; i < one.opinions.size(); ++i) {
    const CopiedOpinion& opinion = one.opinions[i];
    items.push_back(json::object{{"expert", person(opinion.opinion.expert, copy)},
                                 {"signed_at", format_utc(opinion.opinion.signed_at)},
                                 {"hash", opinion.opinion.hash},
                                 {"corrects", opinion.opinion.corrects},
                                 {"not_the_answer_because", opinion.why},
                                 {"opinion", parsed(opinion_json(opinion.text))},
                                 {"files", files(documents, i, true)}});
  }
  return items;
}

json::array exams(const CaseCopy& one, const CaseDocuments& documents) {
  json::array items;
  for (std::size_t i = 0; i < one.exams.size(); ++i) {
    const ArchivedExam& exam = one.exams[i];
    items.push_back(json::object{{"source", exam.source},
                                 {"name_as_sent", exam.name},
                                 {"content", parsed(inspect_json(exam.normalised.exam))},
                                 {"files", files(documents, i, false)}});
  }
  return items;
}

json::array acts(const CaseCopy& one, const PatientCopy& copy) {
  json::array items;
  for (const BillableAct& act : one.acts) {
    items.push_back(json::object{{"role", act_role_name(act.role)},
                                 {"professional", person(act.professional, copy)},
                                 {"code", act.code},
                                 {"care_date", act.care_date},
                                 {"amount_cents", act.amount_cents},
                                 {"billable", act.billable},
                                 {"refusal", act.refusal}});
  }
  return items;
}

json::array incidents(const CaseCopy& one) {
  json::array items;
  for (const Incident& incident : one.incidents) {
    items.push_back(json::object{{"at", format_utc(incident.at)}, {"text", incident.text}});
  }
  return items;
}

json::array accesses(const CaseCopy& one, const PatientCopy& copy, Language language) {
  json::array items;
  for (const AccessLine& line : copy.log) {
    if (line.case_number != one.subject.number) continue;
    items.push_back(json::object{{"at", format_utc(line.at)},
                                 {"actor", line.actor},
                                 {"name", line.actor_name},
                                 {"action", line.action},
                                 {"words", access_in_words(line, language)},
                                 {"detail", line.detail}});
  }
  return items;
}

json::object case_object(const CaseCopy& one, const PatientCopy& copy,
                         const CaseDocuments& documents, Language language) {
  const Case& subject = one.subject;
  json::object out{{"number", subject.number},
                   {"programme", subject.programme.value},
                   {"state", case_state_name(subject.state)},
                   {"submitted_at", format_utc(subject.submitted_at)},
                   {"requester", person(subject.requester, copy)}};
  if (const auto programme = copy.programmes.find(subject.programme);
      programme != copy.programmes.end()) {
    out["programme_name"] = programme->second.name(language == Language::french);
  }
  if (subject.answered_at) out["answered_at"] = format_utc(*subject.answered_at);
  out["request"] = parsed(case_request_json(one.request));
  out["exams"] = exams(one, documents);
  out["dialogue"] = dialogue(one, copy);
  out["opinions"] = opinions(one, copy, documents);
  out["acts"] = acts(one, copy);
  out["technical_incidents"] = incidents(one);
  out["accesses"] = accesses(one, copy, language);
  return out;
}

}  // namespace

std::string patient_copy_json(const PatientCopy& copy, const std::vector<CaseDocuments>& documents,
                              Language language) {
  json::array cases;
  for (std::size_t i = 0; i < copy.cases.size(); ++i) {
    cases.push_back(case_object(copy.cases[i], copy, documents[i], language));
  }
  return json::serialize(json::object{{"format", "telavis-patient-copy"},
                                      {"version", 1},
                                      {"made_at", format_utc(copy.made_at)},
                                      {"cases", std::move(cases)}});
}

}  // namespace telavis
