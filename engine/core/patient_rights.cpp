// SPDX-License-Identifier: Apache-2.0
#include "engine/core/patient_rights.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/patient_marks.h"

namespace telavis {
namespace {

constexpr std::size_t kReasonDigits = 32;  // 128 bits of a keyed hash

std::string joined(const std::vector<std::string>& numbers) {
  return fmt::format("{}", fmt::join(numbers, ", "));
}

}  // namespace

PatientRights::PatientRights(Service& service, Random& random, const Key& lookup)
    : service_(service), random_(random), lookup_(lookup) {}

std::string PatientRights::reason_mark(std::string_view reason) const {
  const std::string purpose = "telavis/patient-reason/" + std::string(reason);
  return to_hex(derive_key(lookup_, purpose).view()).substr(0, kReasonDigits);
}

Result<void> PatientRights::check_asker(const User& actor, std::string_view reason) const {
  if (!actor.has_anywhere(Role::medical_referent)) {
    return fail(ErrorCode::forbidden,
                "Only a medical referent answers for a patient's data: coordinators and operators "
                "see no identity.");
  }
  return check_referent_reason(reason);
}

Result<FoundCases> PatientRights::find(const User& actor, const PatientQuery& query) {
  const int this_year = mark_year(service_.clock().now());
  const auto ids = service_.repository().cases_of_patient(
      marks_of_query(lookup_, kFirstMarkYear, this_year, query));
  if (!ids) return tl::unexpected(ids.error());
  FoundCases found;
  std::vector<Candidate> candidates;
  for (const CaseId& id : *ids) {
    auto subject = service_.repository().load_case(id);
    if (!subject) return tl::unexpected(subject.error());
    if (!*subject || (*subject)->wrapped_key.empty()) continue;  // erased in between
    if (!actor.has(Role::medical_referent, (*subject)->programme)) {
      ++found.elsewhere;
      continue;
    }
    auto candidate = service_.candidate(actor, std::move(**subject));
    if (!candidate) return tl::unexpected(candidate.error());
    candidates.push_back(std::move(*candidate));
  }
  found.match = match_patient(query, std::move(candidates));
  return found;
}

Result<FoundCases> PatientRights::begin(const User& actor, std::string_view action,
                                        const PatientQuery& query, std::string_view reason) {
  if (const auto may = check_asker(actor, reason); !may) return tl::unexpected(may.error());
  auto found = find(actor, query);
  if (!found) return found;
  const auto written = service_.repository().append_node_audit(
      {service_.clock().now(), actor.id.value, std::string(action),
       fmt::format("cases {}, doubtful {}, elsewhere {}, reason {}", found->match.cases.size(),
                   found->match.doubtful.size(), found->elsewhere, reason_mark(reason))});
  if (!written) return tl::unexpected(written.error());
  return found;
}

Result<FoundCases> PatientRights::begin_with_cases(const User& actor, std::string_view action,
                                                   const PatientQuery& query,
                                                   std::string_view reason) {
  auto found = begin(actor, action, query, reason);
  if (!found || !found->match.cases.empty()) return found;
  std::string text =
      "No case of this person is in your programmes: try other spellings, the name of birth, the "
      "INS; what was erased is not found any more.";
  if (!found->match.doubtful.empty()) {
    text += " These may be the person's or a namesake's: " + joined(found->match.doubtful) +
            ". Give the INS, or accept them with --include after looking at them.";
  }
  if (found->elsewhere > 0) {
    text += fmt::format(" Other programmes hold {} under such a name or INS: ask their referents.",
                        found->elsewhere);
  }
  return fail(ErrorCode::not_found, std::move(text));
}

// ---- reading ------------------------------------------------------------------------------------

Result<void> PatientRights::add_log(const User& actor, const Case& subject,
                                    std::vector<AccessLine>& lines) {
  const auto chain = service_.chain_for_patient(actor, subject.id);
  if (!chain) return tl::unexpected(chain.error());
  std::map<std::string, std::string> names;
  for (const AuditEntry& entry : *chain) {
    const AuditDraft& what = entry.what;
    auto name = names.find(what.actor);
    if (name == names.end()) {
      const auto user = service_.repository().user(UserId(what.actor));
      if (!user) return tl::unexpected(user.error());
      name = names.emplace(what.actor, *user ? (*user)->display_name() : "").first;
    }
    lines.push_back({what.at, subject.number, subject.plan.time_zone, what.actor, name->second,
                     what.action, what.detail});
  }
  return {};
}

Result<void> PatientRights::add_people(const Case& subject, std::map<UserId, User>& people) {
  std::vector<UserId> ids = {subject.requester};
  if (subject.expert) ids.push_back(*subject.expert);
  if (subject.opinion) ids.push_back(subject.opinion->expert);
  for (const KeptOpinion& kept : subject.kept_opinions) ids.push_back(kept.opinion.expert);
  for (const DialogueItem& item : subject.dialogue) ids.push_back(item.author);
  for (const UserId& id : ids) {
    if (people.contains(id)) continue;
    auto user = service_.repository().user(id);
    if (!user) return tl::unexpected(user.error());
    if (*user) people.emplace(id, std::move(**user));
  }
  return {};
}

Result<void> PatientRights::add_case(const User& actor, const Case& subject,
                                     std::string_view reason, PatientCopy& copy) {
  // A new key each time: every copy is a disclosure of its own.
  const auto opened =
      service_.open_as_referent(actor, "patient/" + random_id(random_, 16), subject.id, reason);
  if (!opened) return tl::unexpected(opened.error());
  auto one = service_.copy_for_patient(actor, subject.id);
  if (!one) return tl::unexpected(one.error());
  if (auto added = add_people(one->subject, copy.people); !added) return added;
  if (!copy.programmes.contains(subject.programme)) {
    auto programme = service_.repository().programme(subject.programme);
    if (!programme) return tl::unexpected(programme.error());
    if (!*programme) return fail(ErrorCode::unknown_programme, "A programme is not configured.");
    copy.programmes.emplace(subject.programme, std::move(**programme));
  }
  copy.cases.push_back(std::move(*one));
  return add_log(actor, subject, copy.log);
}

Result<PatientCopy> PatientRights::copy(const User& actor, const PatientQuery& query,
                                        std::string_view reason) {
  constexpr std::string_view kAction = "patient_export";
  const auto run = [&]() -> Result<PatientCopy> {
    auto found = begin_with_cases(actor, kAction, query, reason);
    if (!found) return tl::unexpected(found.error());
    PatientCopy copy;
    copy.made_at = service_.clock().now();
    for (const Case& subject : found->match.cases) {
      const auto added = add_case(actor, subject, reason, copy);
      if (!added) return tl::unexpected(added.error());
    }
    copy.found = std::move(*found);
    return copy;
  };
  return audited(actor, kAction, run());
}

Result<PatientLog> PatientRights::access_log(const User& actor, const PatientQuery& query,
                                             std::string_view reason) {
  constexpr std::string_view kAction = "patient_access_log";
  const auto run = [&]() -> Result<PatientLog> {
    auto found = begin_with_cases(actor, kAction, query, reason);
    if (!found) return tl::unexpected(found.error());
    PatientLog log;
    for (const Case& subject : found->match.cases) {
      const auto added = add_log(actor, subject, log.lines);
      if (!added) return tl::unexpected(added.error());
    }
    log.found = std::move(*found);
    return log;
  };
  return audited(actor, kAction, run());
}

// ---- opposition and restriction -----------------------------------------------------------------

Result<OppositionAnswer> PatientRights::oppose(const User& actor, const PatientQuery& query,
                                               std::string_view reason) {
  constexpr std::string_view kAction = "patient_oppose";
  const auto run = [&]() -> Result<OppositionAnswer> {
    auto found = begin(actor, kAction, query, reason);
    if (!found) return tl::unexpected(found.error());
    OppositionAnswer answer{std::move(*found), false};
    Repository& repository = service_.repository();
    const Instant now = service_.clock().now();
    const int year = mark_year(now);
    for (const std::string& mark : marks_of_query(lookup_, year, year, query)) {
      const auto there = repository.opposition({mark});
      if (!there) return tl::unexpected(there.error());
      if (*there) answer.stood_before = true;
      if (*there) continue;
      const auto put = repository.put_opposition({mark, now, actor.id.value, reason_mark(reason)});
      if (!put) return tl::unexpected(put.error());
    }
    return answer;
  };
  return audited(actor, kAction, run());
}

Result<OppositionAnswer> PatientRights::lift_opposition(const User& actor,
                                                        const PatientQuery& query,
                                                        std::string_view reason) {
  constexpr std::string_view kAction = "patient_lift_opposition";
  const auto run = [&]() -> Result<OppositionAnswer> {
    auto found = begin(actor, kAction, query, reason);
    if (!found) return tl::unexpected(found.error());
    const auto marks =
        marks_of_query(lookup_, kFirstMarkYear, mark_year(service_.clock().now()), query);
    const auto there = service_.repository().opposition(marks);
    if (!there) return tl::unexpected(there.error());
    const auto erased = service_.repository().erase_opposition(marks);
    if (!erased) return tl::unexpected(erased.error());
    return OppositionAnswer{std::move(*found), there->has_value()};
  };
  return audited(actor, kAction, run());
}

Result<RestrictionAnswer> PatientRights::restrict_cases(const User& actor,
                                                        const PatientQuery& query,
                                                        std::string_view reason,
                                                        Restriction restriction) {
  const bool put = restriction == Restriction::put;
  const std::string_view action = put ? "patient_restrict" : "patient_lift_restriction";
  const std::string_view command = put ? "restrict" : "lift-restriction";
  const auto run = [&]() -> Result<RestrictionAnswer> {
    auto found = begin_with_cases(actor, action, query, reason);
    if (!found) return tl::unexpected(found.error());
    RestrictionAnswer answer;
    for (const Case& subject : found->match.cases) {
      RestrictionAnswer::Row row{subject.number, std::nullopt,
                                 subject.restricted_at.has_value() == put};
      if (!row.stood_before) {
        const auto done = service_.command(actor, command, "patient/" + random_id(random_, 16),
                                           subject.id, put ? reason_body(reason) : "{}");
        if (!done) row.refused = done.error();
      }
      answer.rows.push_back(std::move(row));
    }
    answer.found = std::move(*found);
    return answer;
  };
  return audited(actor, action, run());
}

}  // namespace telavis
