// SPDX-License-Identifier: Apache-2.0
// Rights and reading.
#include "engine/core/service.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/core/exam_archive.h"
#include "engine/core/letters.h"
#include "engine/core/text_bounds.h"

namespace telavis {

Service::Service(ServicePorts ports, const ServiceKeys& keys)
    : ports_(std::move(ports)),
      ring_(keys.ring),
      lookup_(keys.lookup),
      seal_(keys.seal_seed),
      changes_(std::to_string(ports_.clock.now().time_since_epoch().count())),
      applier_(ports_, ring_, changes_),
      tray_(*this, ports_, ring_, lookup_),
      studies_(*this, ports_),
      desk_(ports_, lookup_) {}

void Service::audit_refusal(const std::string& actor, std::string_view action, const Error& error) {
  const AuditDraft draft{ports_.clock.now(), actor.empty() ? "anonymous" : actor,
                         "refused:" + std::string(action), std::string(error_name(error.code)),
                         trace_salt(ports_.random)};
  const auto written = ports_.repository.append_node_audit(draft);
  // The refusal stands whether or not it could be written down; the count of lost entries is shown.
  if (!written) ++unaudited_;
}

// ---- reading ------------------------------------------------------------------------------------

CaseAccess Service::access(const User& actor, const Case& subject) const {
  return access_to(actor, subject, ports_.clock.now());
}

Result<Case> Service::case_with_access(const User& actor, const CaseId& id, CaseAccess least) {
  auto loaded = ports_.repository.load_case(id);
  if (!loaded) return tl::unexpected(loaded.error());
  const CaseAccess granted = *loaded ? access(actor, **loaded) : CaseAccess::none;
  const Case* subject = *loaded ? &**loaded : nullptr;
  if (const auto seen = check_access(subject, granted, least); !seen) {
    return tl::unexpected(seen.error());
  }
  return std::move(**loaded);
}

Result<void> Service::check_access(const Case* subject, CaseAccess granted, CaseAccess least) {
  if (granted == CaseAccess::none) {
    return fail(ErrorCode::not_found, "There is no such case, or it is not yours.");
  }
  if (granted >= least) return {};
  if (subject != nullptr && subject->restricted_at) {
    return fail(ErrorCode::forbidden,
                "The patient has this case kept and not used: nobody sees its content until the "
                "coordinator or the medical referent lifts the restriction.");
  }
  return fail(ErrorCode::forbidden,
              "You do not see the content of this case: an expert of the pool accepts it first, a "
              "medical referent opens it with a reason.");
}

Case Service::shown(Case subject) const {
  if (!ports_.exam_limits.ecg.exchanged_electrodes) leave_out_clinical_hints(subject);
  return subject;
}

Result<void> Service::record_read(const User& actor, const CaseId& id, EventBody event) {
  EventToApply read;
  read.id = "read/" + random_id(ports_.random, 16);
  read.case_id = id;
  read.actor = actor.id;
  read.body = std::move(event);
  const auto applied = applier_.apply(read);
  if (!applied) return tl::unexpected(applied.error());
  return {};
}

Result<std::vector<Case>> Service::list(const User& actor) {
  std::vector<Case> found;
  const auto add = [&](const CaseQuery& query) -> Result<void> {
    auto cases = ports_.repository.cases(query);
    if (!cases) return tl::unexpected(cases.error());
    for (Case& subject : *cases) {
      const bool known = std::any_of(found.begin(), found.end(),
                                     [&](const Case& other) { return other.id == subject.id; });
      if (!known && access(actor, subject) != CaseAccess::none) {
        found.push_back(shown(std::move(subject)));
      }
    }
    return {};
  };
  std::vector<CaseQuery> queries(2);
  queries[0].requester = actor.id;
  queries[1].expert = actor.id;
  for (const Role role : {Role::coordinator, Role::treasurer, Role::medical_referent}) {
    CaseQuery query;
    query.programmes = actor.programmes_as(role);
    if (!query.programmes.empty()) queries.push_back(std::move(query));
  }
  for (const CaseQuery& query : queries) {
    if (const auto added = add(query); !added) return tl::unexpected(added.error());
  }
  std::sort(found.begin(), found.end(), [](const Case& left, const Case& right) {
    return left.submitted_at > right.submitted_at;
  });
  return found;
}

Result<Case> Service::figures(const User& actor, const CaseId& id) {
  auto subject = audited(actor, "figures", case_with_access(actor, id, CaseAccess::figures));
  if (!subject) return subject;
  return shown(std::move(*subject));
}

Result<OpinionText> Service::opinion_of(const Case& subject, ByteView sealed) const {
  const auto key = applier_.data_key(subject);
  if (!key) return tl::unexpected(key.error());
  const auto plain = unseal(*key, "opinion/" + subject.id.value, sealed);
  if (!plain) return tl::unexpected(plain.error());
  return parse_opinion(as_text(*plain));
}

Result<std::string> Service::opinion_hash_of(const Case& subject, const Opinion& opinion,
                                             ByteView sealed) const {
  const auto text = opinion_of(subject, sealed);
  if (!text) return tl::unexpected(text.error());
  return opinion_hash(subject.id, opinion.expert, opinion.signed_at, opinion_json(*text));
}

Result<std::vector<ArchivedExam>> Service::archived_exams(const Case& subject) const {
  const auto key = applier_.data_key(subject);
  if (!key) return tl::unexpected(key.error());
  std::vector<ArchivedExam> all;
  for (const BlobRef& blob : subject.exam_blobs) {
    auto exams = applier_.exams_in(subject, blob);
    if (!exams) return exams;
    std::move(exams->begin(), exams->end(), std::back_inserter(all));
  }
  if (!ports_.exam_limits.ecg.exchanged_electrodes) leave_out_clinical_hints(all);
  return all;
}

Result<std::vector<DialogueText>> Service::dialogue_of(const Case& subject) const {
  const auto key = applier_.data_key(subject);
  if (!key) return tl::unexpected(key.error());
  std::vector<DialogueText> dialogue;
  for (const DialogueItem& item : subject.dialogue) {
    const auto plain = unseal(*key, "dialogue/" + subject.id.value, item.sealed);
    if (!plain) return tl::unexpected(plain.error());
    dialogue.push_back({item.kind, item.author, item.at, std::string(as_text(*plain))});
  }
  return dialogue;
}

Result<OpenCase> Service::open(const User& actor, const CaseId& id) {
  auto subject = audited(actor, "open", case_with_access(actor, id, CaseAccess::content));
  if (!subject) return tl::unexpected(subject.error());
  const auto recorded = record_read(actor, id, event::ContentRead{"request"});
  if (!recorded) return tl::unexpected(recorded.error());
  auto request = applier_.request_of(*subject);
  if (!request) return tl::unexpected(request.error());
  auto dialogue = dialogue_of(*subject);
  if (!dialogue) return tl::unexpected(dialogue.error());
  auto incidents = incidents_of(*subject, ports_.clock.now());
  if (!incidents) return tl::unexpected(incidents.error());
  OpenCase opened{
      shown(std::move(*subject)), std::move(*request), std::nullopt, std::move(*dialogue), "",
      std::move(*incidents)};
  const Case& now = opened.subject;
  const bool own_pending = now.pending_opinion && now.pending_opinion->expert == actor.id;
  if (own_pending || now.opinion) {
    auto opinion = opinion_of(now, own_pending ? now.pending_opinion->sealed : now.sealed_opinion);
    if (!opinion) return tl::unexpected(opinion.error());
    opened.opinion = std::move(*opinion);
  }
  if (now.draft && now.draft->expert == actor.id) {
    const auto key = applier_.data_key(now);
    if (!key) return tl::unexpected(key.error());
    const auto plain = unseal(*key, "opinion/" + id.value, now.draft->sealed);
    if (!plain) return tl::unexpected(plain.error());
    opened.draft = std::string(as_text(*plain));
  }
  return opened;
}

Result<CodedCase> Service::open_coded(const User& actor, const CaseId& id) {
  auto subject = audited(actor, "open_coded", case_with_access(actor, id, CaseAccess::coded));
  if (!subject) return tl::unexpected(subject.error());
  auto coded = applier_.coded_of(*subject);
  if (!coded) return tl::unexpected(coded.error());
  const auto recorded = record_read(actor, id, event::ContentRead{"coded"});
  if (!recorded) return tl::unexpected(recorded.error());
  return CodedCase{shown(std::move(*subject)), std::move(*coded)};
}

Result<std::vector<RoutingRound>> Service::routing(const User& actor, const CaseId& id) {
  const auto run = [&]() -> Result<std::vector<RoutingRound>> {
    const auto subject = case_with_access(actor, id, CaseAccess::figures);
    if (!subject) return tl::unexpected(subject.error());
    if (!looks_after(actor, *subject)) {
      return fail(ErrorCode::forbidden,
                  "How experts compare is shown to the coordinator and the medical referent of the "
                  "programme.");
    }
    const auto chain = ports_.repository.audit_chain(id.value);
    if (!chain) return tl::unexpected(chain.error());
    return routing_rounds(*chain);
  };
  return audited(actor, "routing", run());
}

Result<std::vector<ArchivedExam>> Service::exams(const User& actor, const CaseId& id) {
  const auto subject = audited(actor, "exams", case_with_access(actor, id, CaseAccess::content));
  if (!subject) return tl::unexpected(subject.error());
  const auto recorded = record_read(actor, id, event::ContentRead{"exams"});
  if (!recorded) return tl::unexpected(recorded.error());
  return archived_exams(*subject);
}

Result<Bytes> Service::transfer_letter(const User& actor, const CaseId& id) {
  const auto run = [&]() -> Result<Bytes> {
    const auto subject = case_with_access(actor, id, CaseAccess::content);
    if (!subject) return tl::unexpected(subject.error());
    if (subject->redirect_exit.empty()) {
      return fail(ErrorCode::state_conflict,
                  "No red flag led out of the programme: there is no letter to write.");
    }
    const auto programme = applier_.programme_of(*subject);
    if (!programme) return tl::unexpected(programme.error());
    const auto requester = applier_.person(subject->requester);
    if (!requester) return tl::unexpected(requester.error());
    const auto request = applier_.request_of(*subject);
    if (!request) return tl::unexpected(request.error());
    const auto exams = archived_exams(*subject);
    if (!exams) return tl::unexpected(exams.error());
    const auto recorded = record_read(actor, id, event::ContentRead{"letter"});
    if (!recorded) return tl::unexpected(recorded.error());
    return transfer_letter_pdf({*programme, *requester, *request, *exams, subject->number,
                                subject->redirect_exit, ports_.clock.now()});
  };
  return audited(actor, "transfer_letter", run());
}

Result<Bytes> Service::report(const User& actor, const CaseId& id) {
  const auto subject = audited(actor, "report", case_with_access(actor, id, CaseAccess::content));
  if (!subject) return tl::unexpected(subject.error());
  if (subject->report_blob.empty()) {
    return fail(ErrorCode::state_conflict,
                "There is no report yet: it is made when the opinion is given.");
  }
  auto pdf = report_of(*subject, subject->report_blob);
  if (!pdf) return tl::unexpected(pdf.error());
  const auto recorded = record_read(actor, id, event::ReportRead{});
  if (!recorded) return tl::unexpected(recorded.error());
  return pdf;
}

Result<std::vector<ActRow>> Service::acts(const User& actor, const std::string& from_date,
                                          const std::string& to_date) {
  ActQuery query;
  query.from_date = from_date;
  query.to_date = to_date;
  for (const Role role : {Role::treasurer, Role::coordinator}) {
    for (ProgrammeId& programme : actor.programmes_as(role)) {
      query.programmes.push_back(std::move(programme));
    }
  }
  if (query.programmes.empty()) {
    if (!actor.has_anywhere(Role::requester) && !actor.has_anywhere(Role::expert)) {
      return audited<std::vector<ActRow>>(
          actor, "acts",
          fail(ErrorCode::forbidden,
               "Acts are for the doctors who did them, the treasurer and the "
               "coordinator of their programme."));
    }
    query.professional = actor.id;
  }
  return ports_.repository.acts(query);
}

}  // namespace telavis
