// SPDX-License-Identifier: Apache-2.0
// Cases and commits for the storage tests: every member filled, nothing decided.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/core/ports.h"

namespace telavis::test {

inline constexpr Instant kMonday = Instant(Duration(1'767'600'000'000));  // 2026-01-05T08:00:00Z

inline Bytes bytes_of(std::string_view text) {
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

/// Queued, with a timer at `kMonday`.
inline Case queued_case(const std::string& id) {
  Case subject;
  subject.id = CaseId(id);
  subject.number = "TE-2026-" + id;
  subject.state = CaseState::queued;
  subject.programme = ProgrammeId("meligua-rythmologie");
  subject.requester = UserId("gp-1");
  subject.exams = {{"ecg", "SCP-ECG", "12 leads, 10.0 s", {"lead_off", "noise"}}};
  subject.submitted_at = kMonday;
  subject.breach_at = kMonday + std::chrono::hours(48);
  subject.breach_alert_at = subject.breach_at;
  subject.route_at = kMonday;
  subject.wrapped_key = {0, 1, 2, 255};
  subject.sealed_request = Bytes(300, 0xA5);
  subject.exam_blob = BlobRef(id + "-exams");
  return subject;
}

/// Answered, with every optional member present.
inline Case answered_case(const std::string& id) {
  Case subject = queued_case(id);
  subject.state = CaseState::answered;
  subject.programme_version = 3;
  subject.expert = UserId("expert-2");
  subject.offers = {
      {UserId("expert-1"), kMonday, kMonday + std::chrono::hours(4), OfferOutcome::expired},
      {UserId("expert-3"), kMonday + std::chrono::hours(4), kMonday + std::chrono::hours(8),
       OfferOutcome::declined},
      {UserId("expert-2"), kMonday + std::chrono::hours(5), kMonday + std::chrono::hours(9),
       OfferOutcome::accepted}};
  subject.exams.push_back({"photo", "JPEG", "1600 x 1200", {}});
  subject.sla = {std::chrono::minutes(61), std::chrono::hours(47), std::chrono::seconds(59),
                 std::chrono::minutes(13)};
  subject.breach_alert_at = kMonday + std::chrono::hours(72);
  subject.breached_at = kMonday + std::chrono::hours(48);
  subject.no_expert_since = kMonday + std::chrono::hours(1);
  subject.pending_opinion =
      PendingOpinion{UserId("expert-9"), kMonday + Duration(1), kMonday + Duration(2), "ab12"};
  subject.opinion = Opinion{UserId("expert-2"), kMonday + std::chrono::hours(49), "c0ffee", "5ea1"};
  subject.delivered_at = kMonday + std::chrono::hours(50);
  subject.referent_access = {{UserId("referent-1"), kMonday + std::chrono::hours(51), "0a0b"}};
  subject.sealed_opinion = {9, 8, 7};
  subject.report_blob = BlobRef(id + "-report");
  return subject;
}

/// The commit that brings the case from its version to the next, with one audit entry.
inline Commit commit_of(Case subject, const std::string& event_id) {
  Commit commit;
  commit.event_id = event_id;
  commit.event_kind = "test";
  commit.at = kMonday;
  commit.request_hash = "hash of " + event_id;
  commit.answer = "{\"event\":\"" + event_id + "\"}";
  commit.expected_version = subject.version;
  subject.version += 1;
  commit.audit.push_back(
      append_audit(subject.id.value, subject.audit, {kMonday, "gp-1", "test", event_id}));
  commit.next = std::move(subject);
  return commit;
}

inline OutboxMessage message_of(const Case& subject, const std::string& id, Instant created_at) {
  return {OutboxId(id),        subject.id,
          MessageKind::report, "filiere@telavis.test",
          "dr@medecin.test",   bytes_of("sealed " + id),
          created_at,          0};
}

inline BillableAct act_of(const Case& subject, ActRole role) {
  return {subject.id,
          role,
          role == ActRole::expert ? "TE2" : "RQD",
          UserId("expert-2"),
          "2026-01-07",
          "DROM",
          role == ActRole::expert ? 2000 : 1000,
          true,
          ""};
}

inline User user_of(const std::string& id, std::vector<Membership> memberships) {
  User user;
  user.id = UserId(id);
  user.login = id + "@telavis.test";
  user.password_hash = "$argon2id$of-" + id;
  user.title = "Dr";
  user.given_name = "Élise";
  user.family_name = "D’Été";
  user.rpps = "10000000001";
  user.profession = "medecin";
  user.mail_address = id + "@medecin.test";
  user.mobile_phone = "+590690000000";
  user.territory = "971";
  user.active = true;
  user.available = false;
  user.memberships = std::move(memberships);
  return user;
}

/// Commits and expects it to be taken.
inline void must_commit(Repository& repository, const Commit& commit) {
  const auto result = repository.commit(commit);
  ASSERT_TRUE(result) << result.error().text;
  ASSERT_EQ(result->outcome, CommitOutcome::committed) << commit.event_id;
}

/// The case as the repository has it; fails the test when it has none.
inline Case loaded(Repository& repository, const CaseId& id) {
  const auto found = repository.load_case(id);
  EXPECT_TRUE(found) << found.error().text;
  if (!found || !*found) {
    ADD_FAILURE() << "no case " << id.value;
    return {};
  }
  return **found;
}

inline void expect_same_offers(const Case& actual, const Case& expected) {
  ASSERT_EQ(actual.offers.size(), expected.offers.size());
  for (std::size_t i = 0; i < actual.offers.size(); ++i) {
    EXPECT_EQ(actual.offers[i].expert, expected.offers[i].expert);
    EXPECT_EQ(actual.offers[i].offered_at, expected.offers[i].offered_at);
    EXPECT_EQ(actual.offers[i].expires_at, expected.offers[i].expires_at);
    EXPECT_EQ(actual.offers[i].outcome, expected.offers[i].outcome);
  }
}

inline void expect_same_exams(const Case& actual, const Case& expected) {
  ASSERT_EQ(actual.exams.size(), expected.exams.size());
  for (std::size_t i = 0; i < actual.exams.size(); ++i) {
    EXPECT_EQ(actual.exams[i].kind, expected.exams[i].kind);
    EXPECT_EQ(actual.exams[i].format, expected.exams[i].format);
    EXPECT_EQ(actual.exams[i].detail, expected.exams[i].detail);
    EXPECT_EQ(actual.exams[i].findings, expected.exams[i].findings);
  }
}

inline void expect_same_opinions(const Case& actual, const Case& expected) {
  ASSERT_EQ(actual.pending_opinion.has_value(), expected.pending_opinion.has_value());
  if (actual.pending_opinion) {
    EXPECT_EQ(actual.pending_opinion->expert, expected.pending_opinion->expert);
    EXPECT_EQ(actual.pending_opinion->signed_at, expected.pending_opinion->signed_at);
    EXPECT_EQ(actual.pending_opinion->release_at, expected.pending_opinion->release_at);
    EXPECT_EQ(actual.pending_opinion->hash, expected.pending_opinion->hash);
  }
  ASSERT_EQ(actual.opinion.has_value(), expected.opinion.has_value());
  if (actual.opinion) {
    EXPECT_EQ(actual.opinion->expert, expected.opinion->expert);
    EXPECT_EQ(actual.opinion->signed_at, expected.opinion->signed_at);
    EXPECT_EQ(actual.opinion->hash, expected.opinion->hash);
    EXPECT_EQ(actual.opinion->seal, expected.opinion->seal);
  }
  ASSERT_EQ(actual.referent_access.size(), expected.referent_access.size());
  for (std::size_t i = 0; i < actual.referent_access.size(); ++i) {
    EXPECT_EQ(actual.referent_access[i].referent, expected.referent_access[i].referent);
    EXPECT_EQ(actual.referent_access[i].until, expected.referent_access[i].until);
    EXPECT_EQ(actual.referent_access[i].sealed_reason, expected.referent_access[i].sealed_reason);
  }
}

inline void expect_same(const Case& actual, const Case& expected) {
  EXPECT_EQ(actual.id, expected.id);
  EXPECT_EQ(actual.number, expected.number);
  EXPECT_EQ(actual.version, expected.version);
  EXPECT_EQ(actual.state, expected.state);
  EXPECT_EQ(actual.programme, expected.programme);
  EXPECT_EQ(actual.programme_version, expected.programme_version);
  EXPECT_EQ(actual.requester, expected.requester);
  EXPECT_EQ(actual.expert, expected.expert);
  EXPECT_EQ(actual.sla.offer_window, expected.sla.offer_window);
  EXPECT_EQ(actual.sla.breach, expected.sla.breach);
  EXPECT_EQ(actual.sla.release_delay, expected.sla.release_delay);
  EXPECT_EQ(actual.sla.route_retry, expected.sla.route_retry);
  EXPECT_EQ(actual.submitted_at, expected.submitted_at);
  EXPECT_EQ(actual.breach_at, expected.breach_at);
  EXPECT_EQ(actual.route_at, expected.route_at);
  EXPECT_EQ(actual.breach_alert_at, expected.breach_alert_at);
  EXPECT_EQ(actual.breached_at, expected.breached_at);
  EXPECT_EQ(actual.no_expert_since, expected.no_expert_since);
  EXPECT_EQ(actual.delivered_at, expected.delivered_at);
  EXPECT_EQ(actual.audit.length, expected.audit.length);
  EXPECT_EQ(actual.audit.hash, expected.audit.hash);
  EXPECT_EQ(actual.wrapped_key, expected.wrapped_key);
  EXPECT_EQ(actual.sealed_request, expected.sealed_request);
  EXPECT_EQ(actual.sealed_opinion, expected.sealed_opinion);
  EXPECT_EQ(actual.exam_blob, expected.exam_blob);
  EXPECT_EQ(actual.report_blob, expected.report_blob);
  expect_same_offers(actual, expected);
  expect_same_exams(actual, expected);
  expect_same_opinions(actual, expected);
}

}  // namespace telavis::test
