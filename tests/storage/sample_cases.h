// SPDX-License-Identifier: Apache-2.0
// Cases and commits for the storage tests: every member filled, nothing decided.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/core/ports.h"
#include "tests/storage/case_members.h"

namespace telavis::test {

inline constexpr Instant kMonday = Instant(Duration(1'767'600'000'000));  // 2026-01-05T08:00:00Z

inline Bytes bytes_of(std::string_view text) {
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

/// Queued, with a timer at `kMonday`.
inline Case queued_case(const std::string& id) {
  using std::chrono::hours;
  Case subject;
  subject.id = CaseId(id);
  subject.number = "TE-2026-" + id;
  subject.state = CaseState::queued;
  subject.programme = ProgrammeId("meligua-rythmologie");
  subject.requester = UserId("gp-1");
  subject.exams = {{"ecg", "SCP-ECG", "12 x 10.0 s", {"lead_off", "noise"}}};
  subject.plan.time_zone = "America/Guadeloupe";
  subject.submitted_at = kMonday;
  subject.promise = Promise{kMonday, kMonday + hours(24), kMonday + hours(32), kMonday + hours(36),
                            kMonday + hours(48)};
  subject.breach_alert_at = subject.promise->breach_at;
  subject.route_at = kMonday;
  subject.wrapped_key = {0, 1, 2, 255};
  subject.sealed_request = Bytes(300, 0xA5);
  subject.exam_blobs = {BlobRef(id + "-exams")};
  return subject;
}

/// Answered, with every optional member present and every list filled; timers run from hour 50 on.
inline Case answered_case(const std::string& id) {
  using std::chrono::hours;
  Case subject = queued_case(id);
  subject.state = CaseState::answered;
  subject.programme_version = 3;
  subject.expert = UserId("expert-2");
  subject.offers = {
      {UserId("expert-1"), kMonday, kMonday + hours(4), OfferOutcome::expired, ""},
      {UserId("expert-3"), kMonday + hours(4), std::nullopt, OfferOutcome::declined,
       "not_my_field"},
      {UserId("expert-2"), kMonday + hours(5), kMonday + hours(9), OfferOutcome::accepted, ""}};
  subject.requested_experts = {UserId("expert-1"), UserId("expert-3")};
  subject.requested_group = "cabinet-du-port";
  subject.exams.push_back({"photo", "JPEG", "1600 x 1200 px", {}});
  subject.plan = {OfferPolicy::direct,
                  "melanoma",
                  {true, hours(3), hours(2), hours(23), hours(31), hours(35), hours(47),
                   std::chrono::seconds(59), std::chrono::minutes(14), std::chrono::minutes(13)},
                  "Europe/Paris",
                  {}};
  subject.plan.working_hours.time_zone = "Europe/Paris";
  subject.plan.working_hours.holidays = "metropole";
  subject.plan.working_hours.week[0] = {{480, 720}, {840, 1440}};
  subject.plan.working_hours.week[6] = {{0, 1}};
  subject.plan.working_hours.shut = {{"2026-02-01", "2026-02-14"}};
  subject.missing = {"clinical.vitals.hr_bpm", "consent"};
  subject.redirect_exit = "15_now";
  subject.redirect_remind_at = kMonday + hours(6);
  subject.purge_at = kMonday + hours(7 * 24);
  subject.reminded = true;
  subject.warned = true;
  subject.hold_until = kMonday + hours(37);
  subject.breach_alert_at = kMonday + hours(72);
  subject.breached_at = kMonday + hours(48);
  subject.requester_waits = true;
  subject.no_expert_since = kMonday + hours(1);
  subject.waiting_since = kMonday + hours(10);
  subject.waiting_remind_at = kMonday + hours(14);
  subject.waited = hours(5) + Duration(1);
  subject.draft = Draft{UserId("expert-2"), kMonday + hours(40), {1, 2, 3}};
  subject.pending_opinion = PendingOpinion{UserId("expert-9"),
                                           kMonday + hours(50),
                                           kMonday + hours(51),
                                           "ab12",
                                           {true, false},
                                           "dead",
                                           {4, 5},
                                           {"slot-1", "slot-2"}};
  subject.opinion = Opinion{UserId("expert-2"),
                            kMonday + hours(49),
                            kMonday + hours(50),
                            "c0ffee",
                            "5ea1",
                            {false, true,
                             OpinionCodes{"in_person", "malignant_suspected", "abnormal", "usable",
                                          "partial", true, true}},
                            "c0de",
                            {"slot-3"}};
  subject.kept_opinions = {
      {{UserId("expert-1"), kMonday + hours(52), Instant{}, "aa", "bb", {true, true}, ""},
       "second",
       {6},
       BlobRef(id + "-report-0")}};
  subject.answered_at = kMonday + hours(49) + Duration(1);
  subject.undelivered_at = kMonday + hours(73);
  subject.delivered_at = kMonday + hours(74);
  subject.opened_at = kMonday + hours(75);
  subject.unopened_at = kMonday + hours(76);
  subject.requester_delegate = UserId("gp-9");
  subject.acknowledged_at = kMonday + hours(77);
  subject.urgent_alert_at = kMonday + hours(78);
  subject.appointment_at = kMonday + hours(79);
  subject.close_out_at = kMonday + hours(80);
  subject.follow_up_due_at = kMonday + hours(81);
  subject.outcome_at = kMonday + hours(82);
  subject.dialogue = {{DialogueKind::need_info, UserId("expert-2"), kMonday + hours(10), {7, 8}},
                      {DialogueKind::info, UserId("gp-1"), kMonday + hours(11), {}}};
  subject.referent_access = {{UserId("referent-1"), kMonday + hours(51), "0a0b"}};
  subject.sealed_opinion = {9, 8, 7};
  subject.exam_blobs.emplace_back(id + "-more-exams");
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

inline OutboxMessage message_of(const CaseId& subject, const std::string& id, Instant created_at) {
  OutboxMessage message;
  message.id = OutboxId(id);
  message.case_id = subject;
  message.kind = MessageKind::report;
  message.from = "filiere@telavis.test";
  message.to = "dr@medecin.test";
  message.sealed_mime = bytes_of("sealed " + id);
  message.created_at = created_at;
  message.not_before = created_at;
  return message;
}
inline OutboxMessage message_of(const Case& subject, const std::string& id, Instant created_at) {
  return message_of(subject.id, id, created_at);
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

inline void expect_same(const Case& actual, const Case& expected) {
  EXPECT_EQ(shown(actual), shown(expected));
}

}  // namespace telavis::test
