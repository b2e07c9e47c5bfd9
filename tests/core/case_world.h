// SPDX-License-Identifier: Apache-2.0
// Cases in every state, reached by real events; people who had every part in them.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/case.h"

namespace telavis::test {

inline const Instant kStart = from_epoch_ms(1'767'600'000'000);  // 2026-01-05T08:00:00Z, a Monday

/// Hours after the start.
inline Instant hour(std::int64_t count) {
  return kStart + std::chrono::hours(count);
}
inline Instant minute(std::int64_t count) {
  return kStart + std::chrono::minutes(count);
}

inline const UserId kRequester("requester");
inline const UserId kDelegate("delegate");    // of the requester, asked to read
inline const UserId kHolder("holder");        // the expert who has, had or will have the case
inline const UserId kOffered("offered");      // asked together with the holder
inline const UserId kExpired("expired");      // his window passed
inline const UserId kDecliner("decliner");    // declined
inline const UserId kTakenBack("takenback");  // accepted and was silent
inline const UserId kCoordinator("coordinator");
inline const UserId kReferent("referent");
inline const UserId kStranger("stranger");

inline Case draft_case() {
  Case subject;
  subject.id = CaseId("case1");
  subject.number = "TE-2026-TEST";
  subject.programme = ProgrammeId("p");
  subject.requester = kRequester;
  subject.plan.time_zone = "UTC";
  subject.wrapped_key = {1};
  subject.sealed_request = {2};
  subject.exam_blobs = {BlobRef("exams")};
  return subject;
}

inline Event event_of(Instant at, std::optional<UserId> actor, EventBody body,
                      std::optional<Role> role = {}) {
  return {"e", at, std::move(actor), role, std::move(body)};
}

/// The decision, which must be made.
inline Decision decided(const Case& before, const Event& event) {
  auto decision = decide(&before, event);
  EXPECT_TRUE(decision) << event_name(event.body) << ": "
                        << (decision ? "" : decision.error().text);
  return decision ? std::move(*decision) : Decision{before, {}, {}, {}};
}

/// The case afterwards.
inline Case after(const Case& before, Instant at, std::optional<UserId> actor, EventBody body,
                  std::optional<Role> role = {}) {
  return decided(before, event_of(at, std::move(actor), std::move(body), role)).next;
}

inline Case submitted(Case draft, Instant at = kStart) {
  const Event event = event_of(at, kRequester, event::Submit{std::move(draft)});
  auto decision = decide(nullptr, event);
  EXPECT_TRUE(decision) << (decision ? "" : decision.error().text);
  return std::move(decision->next);
}

/// Asks these experts; no window: the pool.
inline event::Route route_to(const std::vector<UserId>& experts, Instant at,
                             std::optional<Duration> window = std::chrono::hours(4)) {
  event::Route body;
  for (const UserId& expert : experts) {
    body.assignment.chosen.push_back(
        {expert, at, window ? std::optional(at + *window) : std::nullopt});
    body.assignment.considered.push_back({expert, "", 1, "equal"});
  }
  return body;
}

inline event::TimerFired timer(TimerKind kind, std::optional<UserId> delegate = {}) {
  return {kind, std::move(delegate)};
}

inline event::Reassign reassign_to(const UserId& expert, Instant at) {
  return {{expert, at, at + std::chrono::hours(4)}, "other"};
}

inline event::Sign opinion(const std::string& hash, OpinionMarks marks = {},
                           const std::string& corrects = "") {
  event::Sign body;
  body.hash = hash;
  body.sealed = {static_cast<std::uint8_t>(hash.size())};
  body.marks = marks;
  body.corrects = corrects;
  return body;
}

inline event::ReleaseOpinion release(const std::string& name = "report") {
  return {"seal of " + name, BlobRef(name), {}};
}

inline std::vector<MessageKind> kinds_of(const Decision& decision) {
  std::vector<MessageKind> kinds;
  for (const MessageDraft& draft : decision.messages) kinds.push_back(draft.kind);
  return kinds;
}

/// Queued at 36 h: one expert declined, one let his window pass, one was silent.
inline Case queued_case() {
  Case subject = submitted(draft_case());
  subject = after(subject, hour(0), {}, route_to({kDecliner}, hour(0)));
  subject = after(subject, hour(1), kDecliner, event::Decline{"other"});
  subject = after(subject, hour(1), {}, route_to({kExpired}, hour(1)));
  subject = after(subject, hour(5), {}, timer(TimerKind::offer_window));
  subject = after(subject, hour(5), {}, route_to({kTakenBack}, hour(5)));
  subject = after(subject, hour(6), kTakenBack, event::Accept{});
  subject = after(subject, hour(36), {}, timer(TimerKind::take_back));
  EXPECT_EQ(subject.state, CaseState::queued);
  return subject;
}

inline Case offered_case() {
  return after(queued_case(), hour(36), {}, route_to({kHolder, kOffered}, hour(36)));
}

inline Case accepted_case() {
  return after(offered_case(), hour(37), kHolder, event::Accept{});
}

inline Case waiting_case() {
  return after(accepted_case(), hour(37), kHolder, event::NeedInfo{{3}});
}

/// An opinion is signed and leaves a minute after the 38th hour.
inline Case signed_case(OpinionMarks marks = {}) {
  return after(accepted_case(), hour(38), kHolder, opinion("hash", marks));
}

/// Urgent, and an appointment is awaited.
inline Case answered_case(OpinionMarks marks = {true, true}) {
  const Case subject = signed_case(marks);
  return after(subject, subject.pending_opinion->release_at, {}, release());
}

inline Case delivered_case(OpinionMarks marks = {true, true}) {
  return after(answered_case(marks), hour(39), {}, event::MessageSent{MessageKind::report});
}

/// Nothing was left open, and the requester said what it brought.
inline Case closed_case() {
  Case subject = after(delivered_case({}), hour(40), kRequester, event::CloseOut{{4}});
  EXPECT_EQ(subject.state, CaseState::closed);
  return subject;
}

inline Case incomplete_case() {
  Case draft = draft_case();
  draft.missing = {"question"};
  return submitted(std::move(draft));
}

inline Case redirected_case() {
  Case draft = draft_case();
  draft.redirect_exit = "15_now";
  return submitted(std::move(draft));
}

inline Case cancelled_case() {
  return after(accepted_case(), hour(38), kRequester, event::Cancel{"other"});
}

}  // namespace telavis::test
