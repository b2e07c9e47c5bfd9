// SPDX-License-Identifier: Apache-2.0
// What PatientRights asks of a case.
#include <boost/json.hpp>
#include <utility>

#include "engine/core/patient_search.h"
#include "engine/core/service.h"

namespace telavis {
namespace {

Result<void> check_referent(const User& actor, const Case& subject) {
  if (actor.has(Role::medical_referent, subject.programme)) return {};
  return fail(ErrorCode::forbidden,
              "Only the medical referent of the programme answers for a patient's data in it.");
}

}  // namespace

std::string reason_body(std::string_view reason) {
  return boost::json::serialize(boost::json::object{{"reason", reason}});
}

Result<Candidate> Service::candidate(const User& referent, Case subject) {
  if (const auto may = check_referent(referent, subject); !may) return tl::unexpected(may.error());
  auto request = applier_.request_of(subject);
  if (!request) return tl::unexpected(request.error());
  return Candidate{std::move(subject), std::move(request->patient), std::move(request->ins)};
}

Result<Bytes> Service::report_of(const Case& subject, const BlobRef& blob) {
  const auto key = applier_.data_key(subject);
  if (!key) return tl::unexpected(key.error());
  const auto sealed = ports_.blobs.get(blob);
  if (!sealed) return tl::unexpected(sealed.error());
  return unseal_stream(*key, "report/" + blob.value, *sealed);
}

Result<CopiedOpinion> Service::copied_opinion(const Case& subject, const Opinion& opinion,
                                              ByteView sealed, const BlobRef& report,
                                              std::string why) {
  auto text = opinion_of(subject, sealed);
  if (!text) return tl::unexpected(text.error());
  CopiedOpinion copy{opinion, std::move(*text), std::move(why), {}};
  if (report.empty()) return copy;
  auto pdf = report_of(subject, report);
  if (!pdf) return tl::unexpected(pdf.error());
  copy.report = std::move(*pdf);
  return copy;
}

Result<std::vector<BillableAct>> Service::stored_acts_of(const Case& subject) {
  ActQuery query;
  query.case_id = subject.id;
  const auto rows = ports_.repository.acts(query);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<BillableAct> acts;
  for (const ActRow& row : *rows) acts.push_back(row.act);
  return acts;
}

Result<CaseCopy> Service::copy_for_patient(const User& actor, const CaseId& id) {
  const auto run = [&]() -> Result<CaseCopy> {
    auto loaded = case_with_access(actor, id, CaseAccess::content);
    if (!loaded) return tl::unexpected(loaded.error());
    if (const auto may = check_referent(actor, *loaded); !may) return tl::unexpected(may.error());
    const auto recorded = record_read(actor, id, event::ContentRead{"patient_copy"});
    if (!recorded) return tl::unexpected(recorded.error());
    CaseCopy copy;
    copy.subject = std::move(*loaded);
    const Case& subject = copy.subject;
    auto request = applier_.request_of(subject);
    if (!request) return tl::unexpected(request.error());
    copy.request = std::move(*request);
    auto dialogue = dialogue_of(subject);
    if (!dialogue) return tl::unexpected(dialogue.error());
    copy.dialogue = std::move(*dialogue);
    auto exams = archived_exams(subject);
    if (!exams) return tl::unexpected(exams.error());
    copy.exams = std::move(*exams);
    auto acts = stored_acts_of(subject);
    if (!acts) return tl::unexpected(acts.error());
    copy.acts = std::move(*acts);
    auto incidents = incidents_of(subject, ports_.clock.now());
    if (!incidents) return tl::unexpected(incidents.error());
    copy.incidents = std::move(*incidents);
    if (subject.opinion) {
      auto opinion = copied_opinion(subject, *subject.opinion, subject.sealed_opinion,
                                    subject.report_blob, "");
      if (!opinion) return tl::unexpected(opinion.error());
      copy.opinions.push_back(std::move(*opinion));
    }
    for (const KeptOpinion& kept : subject.kept_opinions) {
      auto opinion = copied_opinion(subject, kept.opinion, kept.sealed, kept.report, kept.why);
      if (!opinion) return tl::unexpected(opinion.error());
      copy.opinions.push_back(std::move(*opinion));
    }
    return copy;
  };
  return audited(actor, "patient_copy", run());
}

Result<std::vector<AuditEntry>> Service::chain_for_patient(const User& actor, const CaseId& id) {
  const auto run = [&]() -> Result<std::vector<AuditEntry>> {
    const auto subject = case_with_access(actor, id, CaseAccess::figures);
    if (!subject) return tl::unexpected(subject.error());
    if (const auto may = check_referent(actor, *subject); !may) return tl::unexpected(may.error());
    const auto recorded = record_read(actor, id, event::ContentRead{"access_log"});
    if (!recorded) return tl::unexpected(recorded.error());
    return ports_.repository.audit_chain(id.value);
  };
  return audited(actor, "access_log", run());
}

}  // namespace telavis
