// SPDX-License-Identifier: Apache-2.0
// Cases member by member: shown whole, to compare them, and filled by chance. Every member is bound
// by name here too: one that is added stops the build of the tests.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/case.h"

namespace telavis::test {

template <typename T, typename Struct>
concept Member = std::same_as<std::remove_const_t<T>, Struct>;

/// Calls `visit` with every member of a struct that cases are made of.
void with_members(Member<Offer> auto& subject, auto visit) {
  auto& [expert, offered_at, expires_at, outcome, reason] = subject;
  visit(expert, offered_at, expires_at, outcome, reason);
}
void with_members(Member<ExamSummary> auto& subject, auto visit) {
  auto& [kind, format, detail, findings] = subject;
  visit(kind, format, detail, findings);
}
void with_members(Member<Sla> auto& subject, auto visit) {
  auto& [working_hours, offer_window, late_offer_window, remind, warn, take_back, breach,
         release_delay, mail_release_delay, route_retry] = subject;
  visit(working_hours, offer_window, late_offer_window, remind, warn, take_back, breach,
        release_delay, mail_release_delay, route_retry);
}
void with_members(Member<MinuteRange> auto& subject, auto visit) {
  auto& [from, to] = subject;
  visit(from, to);
}
void with_members(Member<DateRange> auto& subject, auto visit) {
  auto& [from, to] = subject;
  visit(from, to);
}
void with_members(Member<Timetable> auto& subject, auto visit) {
  auto& [time_zone, holidays, week, shut] = subject;
  visit(time_zone, holidays, week, shut);
}
void with_members(Member<Plan> auto& subject, auto visit) {
  auto& [policy, line, sla, time_zone, working_hours, retention_years] = subject;
  visit(policy, line, sla, time_zone, working_hours, retention_years);
}
void with_members(Member<Promise> auto& subject, auto visit) {
  auto& [completed_at, remind_at, warn_at, take_back_at, breach_at] = subject;
  visit(completed_at, remind_at, warn_at, take_back_at, breach_at);
}
void with_members(Member<OpinionCodes> auto& subject, auto visit) {
  auto& [orientation, suspicion, tracing, media_quality, agreement, in_person, data_sufficient] =
      subject;
  visit(orientation, suspicion, tracing, media_quality, agreement, in_person, data_sufficient);
}
void with_members(Member<OpinionMarks> auto& subject, auto visit) {
  auto& [urgent, needs_appointment, codes] = subject;
  visit(urgent, needs_appointment, codes);
}
void with_members(Member<PendingOpinion> auto& subject, auto visit) {
  auto& [expert, signed_at, release_at, hash, marks, corrects, sealed, slots] = subject;
  visit(expert, signed_at, release_at, hash, marks, corrects, sealed, slots);
}
void with_members(Member<Opinion> auto& subject, auto visit) {
  auto& [expert, signed_at, released_at, hash, seal, marks, corrects, slots] = subject;
  visit(expert, signed_at, released_at, hash, seal, marks, corrects, slots);
}
void with_members(Member<KeptOpinion> auto& subject, auto visit) {
  auto& [opinion, why, sealed, report] = subject;
  visit(opinion, why, sealed, report);
}
void with_members(Member<Draft> auto& subject, auto visit) {
  auto& [expert, changed_at, sealed] = subject;
  visit(expert, changed_at, sealed);
}
void with_members(Member<DialogueItem> auto& subject, auto visit) {
  auto& [kind, author, at, sealed] = subject;
  visit(kind, author, at, sealed);
}
void with_members(Member<MailReport> auto& subject, auto visit) {
  auto& [message, kind, outcome, status, at] = subject;
  visit(message, kind, outcome, status, at);
}
void with_members(Member<ReferentAccess> auto& subject, auto visit) {
  auto& [referent, until, sealed_reason] = subject;
  visit(referent, until, sealed_reason);
}
void with_members(Member<LegalHold> auto& subject, auto visit) {
  auto& [by, since] = subject;
  visit(by, since);
}
void with_members(Member<ErasureRequest> auto& subject, auto visit) {
  auto& [by, at, reason_hash] = subject;
  visit(by, at, reason_hash);
}
void with_members(Member<StaffReason> auto& subject, auto visit) {
  auto& [action, by, at, sealed] = subject;
  visit(action, by, at, sealed);
}
void with_members(Member<AuditHead> auto& subject, auto visit) {
  auto& [length, hash] = subject;
  visit(length, hash);
}
void with_members(Member<Case> auto& subject, auto visit) {
  auto& [id, number, version, state, programme, programme_version, requester, expert, offers,
         requested_experts, requested_group, exams, plan, submitted_at, missing, redirect_exit,
         redirect_remind_at, purge_at, incomplete_remind_at, promise, route_at, reminded, warned,
         hold_until, breach_alert_at, breached_at, requester_waits, no_expert_since, waiting_since,
         waiting_remind_at, waited, draft, pending_opinion, opinion, kept_opinions, answered_at,
         undelivered_at, delivered_at, opened_at, unopened_at, requester_delegate, acknowledged_at,
         urgent_alert_at, appointment_at, close_out_at, follow_up_due_at, outcome_at, dialogue,
         mail_reports, referent_access, kept_until, legal_hold, erasure_request, restricted_at,
         erased_at, staff_reasons, audit, wrapped_key, sealed_request, sealed_opinion, exam_blobs,
         report_blob] = subject;
  visit(id, number, version, state, programme, programme_version, requester, expert, offers,
        requested_experts, requested_group, exams, plan, submitted_at, missing, redirect_exit,
        redirect_remind_at, purge_at, incomplete_remind_at, promise, route_at, reminded, warned,
        hold_until, breach_alert_at, breached_at, requester_waits, no_expert_since, waiting_since,
        waiting_remind_at, waited, draft, pending_opinion, opinion, kept_opinions, answered_at,
        undelivered_at, delivered_at, opened_at, unopened_at, requester_delegate, acknowledged_at,
        urgent_alert_at, appointment_at, close_out_at, follow_up_due_at, outcome_at, dialogue,
        mail_reports, referent_access, kept_until, legal_hold, erasure_request, restricted_at,
        erased_at, staff_reasons, audit, wrapped_key, sealed_request, sealed_opinion, exam_blobs,
        report_blob);
}

/// Everything that a value holds, in the order of the members.
class Shown {
 public:
  std::string text;

  void add(const std::string& value) { text += "'" + value + "' "; }
  void add(std::int64_t value) { text += std::to_string(value) + " "; }
  void add(Instant value) { add(to_epoch_ms(value)); }
  void add(Duration value) { add(value.count()); }
  template <typename Tag>
  void add(const Id<Tag>& value) {
    add(value.value);
  }
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void add(Enum value) { add(static_cast<std::int64_t>(value)); }
  template <typename T>
  void add(const std::optional<T>& value) {
    if (!value)
      text += "none ";
    else
      add(*value);
  }
  template <typename T>
  void add(const std::vector<T>& values) {
    text += "[";
    for (const T& value : values) add(value);
    text += "]\n";
  }
  void add(const std::array<std::vector<MinuteRange>, 7>& values) {
    for (const auto& value : values) add(value);
  }
  template <typename Struct>
  requires requires(const Struct& value) {
    with_members(value, [](const auto&...) {});
  }
  void add(const Struct& value) {
    text += "{";
    with_members(value, [this](const auto&... member) { (this->add(member), ...); });
    text += "}\n";
  }
};
inline std::string shown(const Case& subject) {
  Shown all;
  all.add(subject);
  return all.text;
}

/// Fills everything by chance; texts are clean UTF-8, ranges of minutes lie within a day.
class ByChance {
 public:
  explicit ByChance(std::uint64_t seed) : engine_(seed) {}

  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(limit));
  }
  bool coin() { return below(2) == 0; }

  void fill(std::string& value) {
    static const std::vector<std::string> kPieces = {"a",  "Z", "0", " ", "\"", "\\", "/",
                                                     "\n", "é", "€", "𝄞", "{",  "]",  "null"};
    value.clear();
    for (std::int64_t i = below(8); i > 0; --i)
      value += kPieces[static_cast<std::size_t>(below(static_cast<std::int64_t>(kPieces.size())))];
  }
  void fill(bool& value) { value = coin(); }
  void fill(std::int64_t& value) {
    value = below(3) == 0 ? 0 : static_cast<std::int64_t>(engine_());
  }
  void fill(int& value) { value = static_cast<int>(below(1441)); }
  void fill(std::uint8_t& value) { value = static_cast<std::uint8_t>(below(256)); }
  void fill(Instant& value) {
    value = below(4) == 0 ? Instant{} : from_epoch_ms(below(253'402'300'800'000));
  }
  void fill(Duration& value) {
    value = below(4) == 0 ? Duration{} : Duration(below(1'000'000'000));
  }
  void fill(CaseState& value) { value = static_cast<CaseState>(below(10)); }
  void fill(OfferPolicy& value) { value = static_cast<OfferPolicy>(below(3)); }
  void fill(OfferOutcome& value) { value = static_cast<OfferOutcome>(below(7)); }
  void fill(MessageKind& value) { value = static_cast<MessageKind>(below(36)); }
  void fill(MailOutcome& value) { value = static_cast<MailOutcome>(below(4)); }
  void fill(DialogueKind& value) { value = static_cast<DialogueKind>(below(7)); }
  template <typename Tag>
  void fill(Id<Tag>& value) {
    fill(value.value);
  }
  template <typename T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (coin()) fill(value.emplace());
  }
  template <typename T>
  void fill(std::vector<T>& values) {
    values.clear();
    for (std::int64_t i = below(4); i > 0; --i) fill(values.emplace_back());
  }
  void fill(std::array<std::vector<MinuteRange>, 7>& values) {
    for (auto& value : values) fill(value);
  }
  template <typename Struct>
  requires requires(Struct& value) {
    with_members(value, [](auto&...) {});
  }
  void fill(Struct& value) {
    with_members(value, [this](auto&... member) { (this->fill(member), ...); });
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace telavis::test
