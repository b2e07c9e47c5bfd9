// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: sessions, second factors, the ways back in, failed attempts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

class AccessContract : public RepositoryContract {
 protected:
  void enrol(const std::string& id) {
    ASSERT_TRUE(repository().put_user(user_of(id, {}), {kMonday, "admin-1", std::nullopt}));
  }
  void log_in(const std::string& hash, const std::string& id, Instant at = kMonday) {
    ASSERT_TRUE(repository().put_session({hash, UserId(id), at, at, at + hours(12)}));
  }
  bool is_open(const std::string& hash) { return repository().session(hash)->has_value(); }
  std::vector<std::string> sessions_of(const std::string& id) {
    std::vector<std::string> hashes;
    const auto sessions = repository().sessions_of(UserId(id)).value();
    for (const Session& session : sessions) hashes.push_back(session.token_hash);
    return hashes;
  }
  static SecondFactor factor_of(const std::string& id, std::uint8_t key = 1) {
    return {UserId(id), kMonday, 7, Bytes(80, key)};
  }
};

TEST_P(AccessContract, ASessionGoesOnUnderAnotherToken) {
  enrol("u1");
  log_in("half", "u1");
  Session next = **repository().session("half");
  next.token_hash = "whole";
  next.second_factor_at = kMonday + minutes(1);
  next.last_seen_at = kMonday + minutes(2);
  next.expires_at = kMonday + hours(3);
  next.proposed_factor = {1, 2, 3};
  EXPECT_TRUE(repository().change_session("half", next).value());
  EXPECT_FALSE(is_open("half"));
  const auto read = repository().session("whole").value();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, UserId("u1"));
  EXPECT_EQ(read->created_at, kMonday);
  EXPECT_EQ(read->second_factor_at, next.second_factor_at);
  EXPECT_EQ(read->last_seen_at, next.last_seen_at);
  EXPECT_EQ(read->expires_at, next.expires_at);
  EXPECT_EQ(read->proposed_factor, next.proposed_factor);
}

TEST_P(AccessContract, ASessionThatHasEndedComesBackByNothing) {
  enrol("u1");
  log_in("s", "u1");
  const Session session = **repository().session("s");
  ASSERT_TRUE(repository().erase_session("s"));
  EXPECT_TRUE(repository().touch_session("s", kMonday + hours(1)));
  EXPECT_FALSE(repository().change_session("s", session).value());
  EXPECT_FALSE(is_open("s"));
}

TEST_P(AccessContract, SessionsOfAPersonAreListedAndEnd) {
  enrol("u1");
  enrol("u2");
  log_in("a", "u1");
  log_in("b", "u1", kMonday + hours(1));
  log_in("c", "u1", kMonday + minutes(1));
  log_in("other", "u2");
  ASSERT_TRUE(repository().touch_session("a", kMonday + hours(2)));
  EXPECT_THAT(sessions_of("u1"), ElementsAre("b", "c", "a"));
  EXPECT_EQ((*repository().session("a"))->last_seen_at, kMonday + hours(2));
  ASSERT_TRUE(repository().erase_sessions_of(UserId("u1"), "c"));
  EXPECT_THAT(sessions_of("u1"), ElementsAre("c"));
  ASSERT_TRUE(repository().erase_sessions_of(UserId("u1"), ""));
  EXPECT_THAT(sessions_of("u1"), IsEmpty());
  EXPECT_TRUE(is_open("other"));
}

TEST_P(AccessContract, ASecondFactorIsReplacedWithItsRecoveryCodes) {
  enrol("u1");
  const UserId u1("u1");
  EXPECT_FALSE(*repository().second_factor(u1));
  ASSERT_TRUE(repository().put_second_factor(factor_of("u1"), {"old-1", "old-2"}, std::nullopt));
  ASSERT_TRUE(repository().put_second_factor(factor_of("u1", 2), {"one", "two"},
                                             message_of(CaseId(), "told", kMonday)));
  const auto read = repository().second_factor(u1).value();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->enrolled_at, kMonday);
  EXPECT_EQ(read->last_step, 7);
  EXPECT_EQ(read->wrapped_key, Bytes(80, 2));
  EXPECT_EQ(repository().recovery_codes_left(u1).value(), 2);
  EXPECT_FALSE(repository().take_recovery_code(u1, "old-1").value());
  EXPECT_EQ(repository().take_recovery_code(u1, "one").value(), 1);
  EXPECT_FALSE(repository().take_recovery_code(u1, "one").value());
  EXPECT_EQ(repository().take_recovery_code(u1, "two").value(), 0);
  // What is told comes with what was done, or neither does.
  EXPECT_FALSE(repository().put_second_factor(factor_of("u1", 3), {},
                                              message_of(CaseId(), "told", kMonday)));
  EXPECT_EQ((*repository().second_factor(u1))->wrapped_key, Bytes(80, 2));
  EXPECT_FALSE(repository().put_second_factor(factor_of("nobody"), {}, std::nullopt));
}

TEST_P(AccessContract, AStepIsTakenOnce) {
  enrol("u1");
  const UserId u1("u1");
  EXPECT_FALSE(repository().take_factor_step(u1, 8, 9).value());
  ASSERT_TRUE(repository().put_second_factor(factor_of("u1"), {}, std::nullopt));
  EXPECT_FALSE(repository().take_factor_step(u1, 7, 8).value());
  EXPECT_TRUE(repository().take_factor_step(u1, 9, 9).value());
  EXPECT_FALSE(repository().take_factor_step(u1, 9, 10).value());
  EXPECT_FALSE(repository().take_factor_step(u1, 8, 9).value());
  EXPECT_TRUE(repository().take_factor_step(u1, 10, 10).value());
  // Taken by a clock that stood ahead.
  EXPECT_TRUE(repository().take_factor_step(u1, 1000, 1001).value());
  EXPECT_TRUE(repository().take_factor_step(u1, 12, 13).value());
  EXPECT_FALSE(repository().take_factor_step(u1, 12, 13).value());
}

TEST_P(AccessContract, AResetEndsTheSessionsAndTellsThePerson) {
  enrol("u1");
  enrol("u2");
  const UserId u1("u1");
  log_in("s", "u1");
  log_in("other", "u2");
  EXPECT_FALSE(
      repository().erase_second_factor(u1, message_of(CaseId(), "told-1", kMonday)).value());
  EXPECT_TRUE(nothing_to_claim(kMonday));
  EXPECT_TRUE(is_open("s"));
  ASSERT_TRUE(repository().put_second_factor(factor_of("u1"), {"one"}, std::nullopt));
  EXPECT_TRUE(
      repository().erase_second_factor(u1, message_of(CaseId(), "told-2", kMonday)).value());
  EXPECT_FALSE(*repository().second_factor(u1));
  EXPECT_EQ(repository().recovery_codes_left(u1).value(), 0);
  EXPECT_FALSE(is_open("s"));
  EXPECT_TRUE(is_open("other"));
  EXPECT_TRUE(*repository().find_message(OutboxId("told-2")));
}

TEST_P(AccessContract, FactorsAreWrappedAnew) {
  enrol("u1");
  enrol("u2");
  ASSERT_TRUE(repository().put_second_factor(factor_of("u1", 0xAB), {}, std::nullopt));
  ASSERT_TRUE(repository().put_second_factor(factor_of("u2", 0xCD), {}, std::nullopt));
  const std::string current = "cdcdcdcdcdcdcdcd";
  const auto others = repository().factors_not_wrapped_by(current, 10).value();
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others.front().id, "u1");
  EXPECT_FALSE(repository().rewrap_factor("u1", Bytes(80, 1), Bytes(80, 0xCD)).value());
  EXPECT_TRUE(repository().rewrap_factor("u1", others.front().wrapped, Bytes(80, 0xCD)).value());
  EXPECT_THAT(repository().factors_not_wrapped_by(current, 10).value(), IsEmpty());
  EXPECT_EQ((*repository().second_factor(UserId("u1")))->wrapped_key, Bytes(80, 0xCD));
}

TEST_P(AccessContract, AnAccessCodeServesOnceInItsTime) {
  enrol("u1");
  const UserId u1("u1");
  const Instant end = kMonday + minutes(15);
  ASSERT_TRUE(
      repository().put_access_code({u1, "old", end, 5}, message_of(CaseId(), "mail-1", kMonday)));
  ASSERT_TRUE(
      repository().put_access_code({u1, "new", end, 5}, message_of(CaseId(), "mail-2", kMonday)));
  EXPECT_FALSE(repository().take_access_code(u1, "old", kMonday).value());
  EXPECT_TRUE(repository().take_access_code(u1, "new", end - Duration(1)).value());
  EXPECT_FALSE(repository().take_access_code(u1, "new", kMonday).value());
  ASSERT_TRUE(
      repository().put_access_code({u1, "late", end, 5}, message_of(CaseId(), "mail-3", kMonday)));
  EXPECT_FALSE(repository().take_access_code(u1, "late", end).value());
  EXPECT_FALSE(repository().take_access_code(u1, "late", kMonday).value());
  EXPECT_FALSE(
      repository().put_access_code({u1, "more", end, 5}, message_of(CaseId(), "mail-3", kMonday)));
  EXPECT_FALSE(repository().take_access_code(u1, "more", kMonday).value());
}

TEST_P(AccessContract, AnAccessCodeBearsFiveTries) {
  enrol("u1");
  const UserId u1("u1");
  const AccessCode code{u1, "right", kMonday + minutes(15), 5};
  ASSERT_TRUE(repository().put_access_code(code, message_of(CaseId(), "mail-1", kMonday)));
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(repository().take_access_code(u1, "wrong", kMonday).value());
  EXPECT_TRUE(repository().take_access_code(u1, "right", kMonday).value());
  ASSERT_TRUE(repository().put_access_code(code, message_of(CaseId(), "mail-2", kMonday)));
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(repository().take_access_code(u1, "wrong", kMonday).value());
  EXPECT_FALSE(repository().take_access_code(u1, "right", kMonday).value());
}

TEST_P(AccessContract, AttemptsAreCountedWithinTheirWindow) {
  const AttemptLimit limit{3, minutes(15)};
  const auto may = [&](const std::string& mark, Instant at) {
    return repository().begin_attempt(mark, at, limit).value();
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(may("a", kMonday + minutes(i)));
  EXPECT_FALSE(may("a", kMonday + minutes(14)));
  EXPECT_FALSE(may("a", kMonday - hours(1)));  // a clock that jumps back forgives nothing
  EXPECT_TRUE(may("b", kMonday));
  EXPECT_TRUE(may("a", kMonday + minutes(15)));
  EXPECT_FALSE(may("a", kMonday + minutes(15)));
  ASSERT_TRUE(repository().forget_attempts("a"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(may("a", kMonday + minutes(20)));
  ASSERT_TRUE(repository().erase_attempts_before(kMonday + minutes(19)));
  EXPECT_FALSE(may("a", kMonday + minutes(20)));
  ASSERT_TRUE(repository().erase_attempts_before(kMonday + minutes(20)));
  EXPECT_TRUE(may("a", kMonday + minutes(20)));
}

TEST_P(AccessContract, AChangeOfAPersonTellsHim) {
  User user = user_of("u1", {});
  Change change{kMonday, "u1", std::nullopt};
  change.tells = message_of(CaseId(), "told", kMonday);
  ASSERT_TRUE(repository().put_user(user, change));
  EXPECT_TRUE(*repository().find_message(OutboxId("told")));
  user.mobile_phone = "+590690000009";
  EXPECT_FALSE(repository().put_user(user, change));  // the message is there already
  EXPECT_NE((*repository().user(UserId("u1")))->mobile_phone, user.mobile_phone);
}

INSTANTIATE_TEST_SUITE_P(Each, AccessContract, every_store(),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace telavis::test
