// SPDX-License-Identifier: Apache-2.0
// The acts that leave with an opinion, and what was billed for its patient before.
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "engine/core/patient_marks.h"
#include "engine/core/patient_search.h"
#include "engine/core/service.h"

namespace telavis {
namespace {

/// Longer than a civil year of any zone.
constexpr Duration kAYear = std::chrono::hours(24 * 368);

}  // namespace

std::vector<std::unique_lock<std::recursive_mutex>> ActTurns::take(const CaseRequest& request,
                                                                   const Key& lookup) {
  std::set<std::size_t> places;  // in one order, so that two never wait for each other
  for (const std::string& mark :
       patient_marks(lookup, kFirstMarkYear, request.patient, request.ins)) {
    places.insert(std::hash<std::string>()(mark) % places_.size());
  }
  std::vector<std::unique_lock<std::recursive_mutex>> turns;
  turns.reserve(places.size());
  for (const std::size_t place : places) turns.emplace_back(places_[place]);
  return turns;
}

Result<std::vector<BillableAct>> Service::acts_of(ActContext context, const CaseRequest& request,
                                                  const OpinionText& opinion) {
  const PendingOpinion& pending = *context.subject.pending_opinion;
  // A correction makes no act: those of the first opinion stand.
  if (!pending.corrects.empty()) return stored_acts_of(context.subject);
  const auto care = local_time(pending.signed_at, context.programme.time_zone);
  if (!care) return tl::unexpected(care.error());
  auto known = acts_of_patient(context, request, pending.signed_at);
  if (!known) return tl::unexpected(known.error());
  context.care_date = care->date;
  context.signed_at = pending.signed_at;
  context.data_sufficient = opinion.data_sufficient;
  context.qualified_ins = is_qualified(request.ins);
  context.known = std::move(*known);
  return ports_.price_acts(context);
}

Result<std::vector<PatientAct>> Service::acts_of_patient(const ActContext& context,
                                                         const CaseRequest& request, Instant now) {
  PatientQuery query;
  query.ins = request.ins;
  query.patient = request.patient;
  const auto ids = ports_.repository.cases_of_patient(
      marks_of_query(lookup_, kFirstMarkYear, mark_year(now), query));
  if (!ids) return tl::unexpected(ids.error());
  std::vector<Candidate> candidates;
  std::map<CaseId, std::vector<BillableAct>> acts;
  for (const CaseId& id : *ids) {
    ActQuery of_case;
    of_case.case_id = id;
    auto rows = ports_.repository.acts(of_case);
    if (!rows) return tl::unexpected(rows.error());
    std::erase_if(*rows, [&](const ActRow& row) {
      const bool theirs =
          row.act.professional == context.expert.id || row.act.professional == context.requester.id;
      return !theirs || row.signed_at < now - kAYear;
    });
    if (rows->empty()) continue;
    auto subject = ports_.repository.load_case(id);
    if (!subject) return tl::unexpected(subject.error());
    if (!*subject || (*subject)->wrapped_key.empty()) continue;  // erased in between
    const auto earlier = applier_.request_of(**subject);
    if (!earlier) return tl::unexpected(earlier.error());
    for (ActRow& row : *rows) acts[id].push_back(std::move(row.act));
    candidates.push_back({std::move(**subject), earlier->patient, earlier->ins});
  }
  std::map<std::string, CaseId> by_number;
  for (const Candidate& one : candidates) by_number.emplace(one.subject.number, one.subject.id);
  const PatientMatch match = match_patient(query, std::move(candidates));
  std::vector<PatientAct> known;
  const auto add = [&](const CaseId& id, PatientAct::Match how) {
    for (const BillableAct& act : acts[id]) known.push_back({act, how});
  };
  for (const Case& one : match.cases) {
    const bool by_traits = std::find(match.by_traits.begin(), match.by_traits.end(), one.number) !=
                           match.by_traits.end();
    add(one.id, by_traits ? PatientAct::Match::traits : PatientAct::Match::ins);
  }
  for (const std::string& number : match.doubtful) {
    add(by_number.at(number), PatientAct::Match::doubtful);
  }
  return known;
}

}  // namespace telavis
