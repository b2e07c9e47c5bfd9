// SPDX-License-Identifier: Apache-2.0
#include "engine/core/list_reading.h"

#include <utility>

#include "engine/core/service.h"

namespace telavis {
namespace {

constexpr Duration kLongestSession = std::chrono::hours(24);
// The newest ones: a notebook is leafed through, not exported.
constexpr std::size_t kMostInNotebook = 200;

}  // namespace

bool ListReadings::knows(const std::string& session, std::string_view list, const CaseId& id) {
  const std::lock_guard lock(mutex_);
  const auto seen = sessions_.find(session);
  return seen != sessions_.end() && seen->second.cases.contains({std::string(list), id});
}

void ListReadings::note(const std::string& session, std::string_view list, const CaseId& id,
                        Instant now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_,
                [&](const auto& one) { return one.second.since + kLongestSession < now; });
  sessions_.try_emplace(session, Seen{now, {}}).first->second.cases.emplace(std::string(list), id);
}

Result<void> Service::record_listed(const User& actor, const std::string& session,
                                    std::string_view list, const CaseId& id) {
  if (readings_.knows(session, list, id)) return {};
  auto recorded = record_read(actor, id, event::ContentRead{std::string(list)});
  if (recorded) readings_.note(session, list, id, ports_.clock.now());
  return recorded;
}

Result<std::optional<CaseBrief>> Service::brief_of(const User& actor, const Case& subject) const {
  const CaseAccess granted = access(actor, subject);
  if (has_ended(subject.state) || granted < CaseAccess::coded) return std::nullopt;
  CaseBrief brief;
  if (granted == CaseAccess::coded) {
    auto coded = applier_.coded_of(subject);
    if (!coded) return tl::unexpected(coded.error());
    brief = {true, std::move(coded->reason), std::move(coded->sex), std::move(coded->age_band), {}};
    return brief;
  }
  const auto request = applier_.request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto local = local_time(subject.submitted_at, subject.plan.time_zone);
  if (!local) return tl::unexpected(local.error());
  brief.reason = request->reason;
  brief.sex = sex_name(request->patient.sex);
  const int age = age_in_years(request->patient.birth_date, local->date);
  if (age >= 0) brief.age = age;
  return brief;
}

Result<std::map<CaseId, CaseBrief>> Service::briefs(const User& actor, const std::string& session,
                                                    const std::vector<Case>& cases) {
  std::map<CaseId, CaseBrief> all;
  for (const Case& subject : cases) {
    auto brief = brief_of(actor, subject);
    if (!brief) return tl::unexpected(brief.error());
    if (!*brief) continue;
    if (const auto noted = record_listed(actor, session, "list", subject.id); !noted) {
      return tl::unexpected(noted.error());
    }
    all.emplace(subject.id, std::move(**brief));
  }
  return all;
}

Result<NotebookEntry> Service::notebook_entry(const Case& subject) const {
  auto request = applier_.request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto opinion = opinion_of(subject, subject.sealed_opinion);
  if (!opinion) return tl::unexpected(opinion.error());
  const auto dialogue = dialogue_of(subject);
  if (!dialogue) return tl::unexpected(dialogue.error());
  NotebookEntry entry{subject.id,
                      subject.number,
                      *subject.answered_at,
                      std::move(*request),
                      opinion->conclusion,
                      opinion->agreement_with_own_reading,
                      ""};
  for (const DialogueText& said : *dialogue) {
    if (said.kind == DialogueKind::outcome) entry.outcome = said.text;
  }
  return entry;
}

Result<std::vector<NotebookEntry>> Service::notebook(const User& actor,
                                                     const std::string& session) {
  CaseQuery query;
  query.requester = actor.id;
  query.limit = kMostInNotebook;
  const auto cases = ports_.repository.cases(query);
  if (!cases) return tl::unexpected(cases.error());
  std::vector<NotebookEntry> entries;
  for (const Case& subject : *cases) {
    const bool own = subject.requester == actor.id && subject.opinion &&
                     access(actor, subject) == CaseAccess::content;
    if (!own) continue;
    auto entry = notebook_entry(subject);
    if (!entry) return tl::unexpected(entry.error());
    if (const auto noted = record_listed(actor, session, "notebook", subject.id); !noted) {
      return tl::unexpected(noted.error());
    }
    entries.push_back(std::move(*entry));
  }
  return entries;
}

}  // namespace telavis
