// SPDX-License-Identifier: Apache-2.0
#include "engine/core/expert_digest.h"

#include <gtest/gtest.h>

#include "tests/core/case_world.h"

namespace telavis::expert_digest_test {
namespace {

using std::chrono::hours;

Instant instant(const char* text) {
  return parse_instant(text).value();
}

TEST(ExpertDigest, ItsHoursAreThoseOfTheExpert) {
  const DigestHours guadeloupe{{7, 12, 18}, "America/Guadeloupe"};  // UTC-4, no change of clocks
  EXPECT_EQ(guadeloupe.next_after(instant("2026-01-06T11:00:00Z")),
            instant("2026-01-06T16:00:00Z"));
  EXPECT_EQ(guadeloupe.next_after(instant("2026-01-06T10:59:59Z")),
            instant("2026-01-06T11:00:00Z"));
  EXPECT_EQ(guadeloupe.next_after(instant("2026-01-06T22:00:00Z")),
            instant("2026-01-07T11:00:00Z"));
  EXPECT_EQ(guadeloupe.last_until(instant("2026-01-06T16:00:00Z")),
            instant("2026-01-06T16:00:00Z"));
  EXPECT_EQ(guadeloupe.last_until(instant("2026-01-06T10:59:59Z")),
            instant("2026-01-05T22:00:00Z"));
  // 29 March 2026: 2 h is 3 h in Paris.
  const DigestHours paris{{2, 8}, "Europe/Paris"};
  EXPECT_EQ(paris.next_after(instant("2026-03-28T23:30:00Z")), instant("2026-03-29T06:00:00Z"));
  EXPECT_EQ(paris.next_after(instant("2026-03-29T06:00:00Z")), instant("2026-03-30T00:00:00Z"));
  const DigestHours lost{{8}, "Mars/Olympus"};  // counts as UTC
  EXPECT_EQ(lost.next_after(test::kStart), test::kStart + hours(24));
}

/// A case offered to `kHolder` for eight hours at 8 h UTC.
struct OfferedCase {
  Case subject = draft_case_offered();
  Programme programme;
  DigestHours digest{{10}, "UTC"};

  static Case draft_case_offered() {
    Case subject = test::draft_case();
    subject.state = CaseState::offered;
    subject.promise = promise_of(subject.plan, test::kStart);
    subject.offers = {
        {test::kHolder, test::kStart, test::kStart + hours(8), OfferOutcome::pending, ""}};
    return subject;
  }
  OfferedCase() { programme.by_mail = false; }
  bool waits(MessageKind kind = MessageKind::invitation) const {
    return waits_for_digest(kind, subject, programme, test::kHolder, digest, test::kStart);
  }
};

TEST(ExpertDigest, AnInvitationWaitsForIt) {
  EXPECT_TRUE(OfferedCase().waits());
}

TEST(ExpertDigest, NeverDefeatsAPromise) {
  const auto at_once = [](auto change) {
    OfferedCase scene;
    change(scene);
    return !scene.waits();
  };
  EXPECT_TRUE(at_once([](OfferedCase& s) { s.digest.hours.clear(); }));
  EXPECT_TRUE(
      at_once([](OfferedCase& s) { s.digest.hours = {13}; }));  // half of the window is 12 h
  EXPECT_FALSE(at_once([](OfferedCase& s) { s.digest.hours = {12}; }));
  EXPECT_TRUE(at_once([](OfferedCase& s) { s.subject.plan.line = "melanoma"; }));
  EXPECT_TRUE(at_once([](OfferedCase& s) { s.programme.by_mail = true; }));
  EXPECT_TRUE(
      at_once([](OfferedCase& s) { s.subject.promise->remind_at = test::kStart + hours(1); }));
  EXPECT_TRUE(at_once([](OfferedCase& s) { s.subject.offers.clear(); }));
  for (int i = 0; i <= static_cast<int>(kLastMessageKind); ++i) {
    const auto kind = static_cast<MessageKind>(i);
    const bool invites = kind == MessageKind::invitation || kind == MessageKind::open_invitation;
    EXPECT_EQ(OfferedCase().waits(kind), invites) << message_kind_name(kind);
  }
}

TEST(ExpertDigest, OfAPoolThatIsAskedOpenlyWaitsUntilTheReminder) {
  OfferedCase scene;
  scene.subject.offers[0].expires_at.reset();
  scene.digest.hours = {7};  // in 23 hours
  EXPECT_TRUE(scene.waits(MessageKind::open_invitation));
  scene.subject.promise->remind_at = test::kStart + hours(22);
  EXPECT_FALSE(scene.waits(MessageKind::open_invitation));
}

}  // namespace
}  // namespace telavis::expert_digest_test
