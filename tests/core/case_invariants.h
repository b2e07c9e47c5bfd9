// SPDX-License-Identifier: Apache-2.0
// What holds of every decision, whatever happened before: for random sequences, the fuzzer and the
// simulation.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "engine/core/case.h"
#include "engine/core/rights.h"

namespace telavis::test {

/// Everything that is in force at one instant of a case: the instant of each timer.
inline std::map<TimerKind, Instant> timers_of(const Case& subject) {
  std::map<TimerKind, Instant> timers;
  for (int i = 0; i <= static_cast<int>(kLastTimerKind); ++i) {
    const auto kind = static_cast<TimerKind>(i);
    if (const auto at = timer_at(subject, kind)) timers[kind] = *at;
  }
  return timers;
}

/// Anything sealed, or the name of a sealed file.
inline bool keeps_content(const Case& subject) {
  const auto full = [](const auto& item) { return !item.sealed.empty(); };
  const auto reported = [](const KeptOpinion& kept) { return !kept.report.empty(); };
  const auto explained = [](const ReferentAccess& a) { return !a.sealed_reason.empty(); };
  return !subject.wrapped_key.empty() || !subject.sealed_request.empty() ||
         !subject.sealed_opinion.empty() || subject.draft || subject.pending_opinion ||
         !subject.exam_blobs.empty() || !subject.report_blob.empty() ||
         std::ranges::any_of(subject.dialogue, full) ||
         std::ranges::any_of(subject.kept_opinions, full) ||
         std::ranges::any_of(subject.kept_opinions, reported) ||
         std::ranges::any_of(subject.staff_reasons, full) ||
         std::ranges::any_of(subject.referent_access, explained);
}

/// Of the case alone. Empty, or what is wrong.
inline std::string wrong_case(const Case& subject) {
  const CaseState state = subject.state;
  const auto timer = next_timer(subject);
  if (!has_ended(state) && !timer) return "an open case without a timer";
  if (has_ended(state)) {
    const bool kept = !subject.erased_at && !subject.legal_hold;
    const auto retention = timer_at(subject, TimerKind::retention);
    if (kept != retention.has_value()) return "an ended case is not kept until its day";
    const bool alone = !timer || timer->kind == TimerKind::retention ||
                       (timer->kind == TimerKind::outcome && state == CaseState::closed);
    if (!alone) return "an ended case is not left alone";
    if (retention && *retention != subject.kept_until) return "kept until another day";
    if (subject.erased_at && subject.outcome_at) return "an erased case is asked about";
  }
  const bool asked = std::any_of(subject.offers.begin(), subject.offers.end(),
                                 [](const Offer& o) { return o.outcome == OfferOutcome::pending; });
  if (asked != (state == CaseState::offered)) return "somebody is asked outside Offered";
  std::map<UserId, int> pending;
  for (const Offer& offer : subject.offers) {
    if (offer.outcome == OfferOutcome::pending && ++pending[offer.expert] > 1) {
      return "two pending offers for one expert";
    }
  }
  const bool held = state == CaseState::accepted || state == CaseState::waiting;
  if (held && !subject.expert) return "accepted by nobody";
  if ((state == CaseState::queued || state == CaseState::offered) && subject.expert) {
    return "an expert has a case that is being offered";
  }
  const bool answered =
      state == CaseState::answered || state == CaseState::delivered || state == CaseState::closed;
  if (answered != subject.opinion.has_value()) return "answered without an opinion";
  const bool erased = subject.erased_at.has_value();
  if (answered && (!subject.answered_at || subject.report_blob.empty() != erased)) {
    return "no report";
  }
  if (answered && subject.expert != subject.opinion->expert) return "answered by somebody else";
  if (subject.waiting_since.has_value() != (state == CaseState::waiting)) return "a wait left over";
  if (subject.waited < Duration{}) return "a wait of negative length";
  if (subject.pending_opinion && has_ended(state)) return "an opinion never leaves";
  if (erased != subject.wrapped_key.empty()) return "half erased";
  if (erased && !has_ended(state)) return "erased before its end";
  if (erased && keeps_content(subject)) return "something was not erased";
  if (subject.restricted_at && is_open(state)) return "restricted while an answer is owed";
  if (subject.erasure_request && !has_ended(state)) return "to be erased before its end";
  return "";
}

/// Of one decision. `people` stand for the recipients' records.
inline std::string wrong_step(const Case& before, const Event& event, const Decision& decision,
                              const std::map<UserId, User>& people) {
  const Case& next = decision.next;
  if (next.version != before.version + 1) return "the version does not count";
  if (decision.audit.size() != 1) return "not one audit entry";
  if (before.promise) {
    if (!next.promise) return "a promise was lost";
    if (next.promise->completed_at != before.promise->completed_at ||
        next.promise->breach_at != before.promise->breach_at) {
      return "a promise moved";
    }
  }
  if (before.breached_at && next.breached_at != before.breached_at) return "a breach moved";
  if (before.answered_at && next.answered_at != before.answered_at) return "the answer moved";
  if (next.waited < before.waited) return "a wait was forgotten";
  if (next.kept_until < before.kept_until) return "a retention was shortened";
  if (before.erased_at && next.erased_at != before.erased_at) return "an erasure moved";
  if (before.legal_hold && next.erased_at != before.erased_at) return "erased under a legal hold";
  if (!before.erased_at && next.erased_at && event.actor && before.erasure_request &&
      before.erasure_request->by == *event.actor) {
    return "one person alone erased it";
  }
  if (!before.erased_at && next.erased_at && !event.actor &&
      before.state != CaseState::incomplete && event.at < before.kept_until) {
    return "erased before its day";
  }
  if (next.staff_reasons.size() < before.staff_reasons.size()) return "a reason was forgotten";
  if (next.offers.size() < before.offers.size()) return "an offer was forgotten";
  if (next.dialogue.size() < before.dialogue.size()) return "a word was forgotten";
  if (next.kept_opinions.size() < before.kept_opinions.size()) return "an opinion was forgotten";
  const bool released = std::holds_alternative<event::ReleaseOpinion>(event.body);
  if (!decision.acts.empty() && (!released || before.opinion)) return "acts without an opinion";
  if (before.opinion && !next.opinion) return "an opinion was withdrawn";
  if (before.opinion && next.opinion->hash != before.opinion->hash &&
      (next.opinion->corrects != before.opinion->hash || !released)) {
    return "an opinion was replaced";
  }
  if (has_ended(before.state) && has_ended(next.state)) {
    for (const MessageDraft& message : decision.messages) {
      const bool may = message.kind == MessageKind::opinion_not_used ||
                       message.kind == MessageKind::outcome_reminder ||
                       message.kind == MessageKind::report_patient;
      if (!may) return "an ended case writes";
    }
  }
  if (before.state == CaseState::cancelled && next.state != CaseState::cancelled) {
    return "a cancelled case lives";
  }
  for (const MessageDraft& message : decision.messages) {
    const int addressed = (message.recipient ? 1 : 0) + (message.group.empty() ? 0 : 1) +
                          (message.staff ? 1 : 0) + (message.copy_to ? 1 : 0);
    if (addressed != 1) return "a message to nobody or to several";
    if (!message.recipient) continue;
    // These tell somebody that he has no part in it any more.
    if (message.kind == MessageKind::withdrawn || message.kind == MessageKind::opinion_not_used ||
        message.kind == MessageKind::taken_back) {
      continue;
    }
    const auto person = people.find(*message.recipient);
    if (person == people.end()) return "a message to a stranger";
    if (next.wrapped_key.empty()) return "a message that cannot be sealed";
    if (access_to(person->second, next, event.at) < CaseAccess::coded) {
      return "a message to somebody who may not read it: " +
             std::string(message_kind_name(message.kind));
    }
  }
  return wrong_case(next);
}

/// What the engine does when the next timer is due: the event that it brings.
inline EventBody body_of_timer(const Case& subject, const Timer& timer, EventBody route_body,
                               std::optional<UserId> delegate) {
  if (timer.kind == TimerKind::route) return route_body;
  if (timer.kind == TimerKind::release) {
    event::ReleaseOpinion body{"seal", BlobRef("report " + subject.pending_opinion->hash), {}};
    if (!subject.opinion) body.acts.resize(2);
    return body;
  }
  return event::TimerFired{timer.kind, std::move(delegate)};
}

}  // namespace telavis::test
