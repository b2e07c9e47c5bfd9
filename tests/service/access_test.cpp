// SPDX-License-Identifier: Apache-2.0
// Coming in: password, second factor, sessions, and the ways back in, on a whole engine in virtual
// time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/core/totp.h"
#include "tests/service/second_factor.h"
#include "tests/service/world.h"

namespace telavis::access_test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::string kPassword = "une phrase de passe";
const std::string kNewPassword = "une autre phrase de passe";
const Origin kHere{"192.0.2.1", "firefox/linux"};

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorCode::internal : result.error().code;
}

class AccessTest : public ::testing::Test {
 protected:
  AccessTest() { enrol(engine); }
  void enrol(test::Engine& at) {
    at.enrol();
    for (User* user : {&at.gp, &at.treasurer}) {
      user->password_hash = hash_password(kPassword).value();
      at.put(*user);
    }
  }

  AccessDesk& desk() { return engine.access; }
  OpenedSession log_in(const std::string& login = "gp", const std::string& password = kPassword) {
    auto opened = desk().log_in(login, password, kHere);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text);
    return opened.value();
  }
  /// A session of somebody who enrols on the way; his app is `app`.
  ConfirmedFactor enrolled() {
    const OpenedSession half = log_in();
    const auto proposed = desk().propose_factor(half.visit, "");
    EXPECT_TRUE(proposed);
    app = test::App(proposed->secret, disk.clock);
    auto confirmed = desk().confirm_factor(*desk().visit(half.cookie), app.code());
    EXPECT_TRUE(confirmed) << (confirmed ? "" : confirmed.error().text);
    EXPECT_TRUE(engine.settle());  // what is told leaves before what is told next
    return confirmed.value();
  }
  /// The next code: no two are asked for in one step.
  std::string next_code() {
    disk.clock.advance(seconds(30));
    return app.code();
  }
  OpenedSession whole_session() {
    const OpenedSession half = log_in();
    auto opened = desk().give_second_factor(half.visit, next_code());
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text);
    return opened.value();
  }
  SessionStage stage(const std::string& cookie) {
    const auto visit = desk().visit(cookie);
    EXPECT_TRUE(visit) << (visit ? "" : visit.error().text);
    return visit ? visit->stage : SessionStage::locked;
  }
  bool has_ended(const std::string& cookie) { return !desk().visit(cookie); }
  /// The words of the newest mail of a kind to the GP; empty: none.
  std::string mail(MessageKind kind) {
    EXPECT_TRUE(engine.settle());
    std::string text;
    for (const auto& left : engine.postman.left()) {
      if (left.kind == kind && left.to == engine.gp.mail_address) text = left.text;
    }
    return text;
  }
  /// Of the newest code mail.
  std::string mailed_code() {
    std::smatch found;
    const std::string text = mail(MessageKind::access_code);
    EXPECT_TRUE(std::regex_search(text, found, std::regex("[0-9a-z]{4}-[0-9a-z]{4}"))) << text;
    return found.str();
  }
  std::vector<std::string> trail() {
    std::vector<std::string> lines;
    const auto chain = engine.repository->audit_chain("node").value();
    for (const AuditEntry& entry : chain) {
      lines.push_back(entry.what.actor + " " + entry.what.action + " " + entry.what.detail);
    }
    return lines;
  }

  test::Disk disk;
  test::Engine engine{disk};
  test::App app{disk.clock};
};

// ---- coming in

TEST_F(AccessTest, AWrongPasswordAndAnUnknownLoginAreRefusedAlike) {
  const auto wrong = desk().log_in("gp", "wrong", kHere);
  const auto unknown = desk().log_in("nobody", "wrong", kHere);
  EXPECT_EQ(code_of(wrong), ErrorCode::login_failed);
  EXPECT_EQ(code_of(unknown), ErrorCode::login_failed);
  EXPECT_EQ(wrong.error().text, unknown.error().text);
  EXPECT_EQ(code_of(desk().visit("x")), ErrorCode::login_required);
  EXPECT_THAT(trail(), testing::IsSupersetOf({"u-gp refused:login login_failed",
                                              "anonymous refused:login login_failed"}));
}

TEST_F(AccessTest, ThePasswordAloneOpensNothing) {
  const OpenedSession half = log_in();
  EXPECT_EQ(half.visit.stage, SessionStage::enrolment);
  const auto refused = desk().require_open(*desk().visit(half.cookie), "showCase");
  EXPECT_EQ(code_of(refused), ErrorCode::second_factor_required);
  EXPECT_THAT(trail(), testing::Contains("u-gp refused:showCase second_factor_required"));
  disk.clock.advance(minutes(20));
  EXPECT_TRUE(has_ended(half.cookie));
}

TEST_F(AccessTest, EnrolmentOpensTheSessionUnderAnotherToken) {
  const OpenedSession half = log_in();
  const auto proposed = desk().propose_factor(half.visit, "");
  ASSERT_TRUE(proposed);
  EXPECT_THAT(proposed->secret, SizeIs(32));
  EXPECT_THAT(proposed->uri, HasSubstr("secret=" + proposed->secret));
  app = test::App(proposed->secret, disk.clock);
  EXPECT_EQ(code_of(desk().confirm_factor(*desk().visit(half.cookie), "000000")),
            ErrorCode::second_factor_failed);
  const auto confirmed = desk().confirm_factor(*desk().visit(half.cookie), app.code());
  ASSERT_TRUE(confirmed);
  EXPECT_TRUE(has_ended(half.cookie));
  EXPECT_EQ(stage(confirmed->session.cookie), SessionStage::open);
  EXPECT_THAT(confirmed->recovery_codes, SizeIs(10));
  EXPECT_THAT(mail(MessageKind::access_notice), HasSubstr("second facteur a été enregistré"));
  EXPECT_THAT(trail(), testing::Contains("u-gp factor_enrolled "));
  const auto stored = engine.repository->second_factor(engine.gp.id);
  const Bytes secret(as_bytes(proposed->secret).begin(), as_bytes(proposed->secret).end());
  EXPECT_EQ(std::search((*stored)->wrapped_key.begin(), (*stored)->wrapped_key.end(),
                        secret.begin(), secret.end()),
            (*stored)->wrapped_key.end());
}

TEST_F(AccessTest, ACodeIsNeverTakenTwice) {
  enrolled();
  const OpenedSession first = log_in();
  const OpenedSession second = log_in();
  EXPECT_EQ(first.visit.stage, SessionStage::second_factor);
  EXPECT_EQ(code_of(desk().give_second_factor(first.visit, app.code())),
            ErrorCode::second_factor_failed);  // confirmed the enrolment
  const std::string code = next_code();
  const auto opened =
      desk().give_second_factor(first.visit, code.substr(0, 3) + " " + code.substr(3));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->visit.stage, SessionStage::open);
  EXPECT_EQ(code_of(desk().give_second_factor(second.visit, code)),
            ErrorCode::second_factor_failed);
  EXPECT_EQ(stage(second.cookie), SessionStage::second_factor);
  EXPECT_TRUE(has_ended(first.cookie));
  EXPECT_EQ(code_of(desk().give_second_factor(opened->visit, next_code())),
            ErrorCode::state_conflict);
}

TEST_F(AccessTest, FiveWrongCodesAreTooManyFromWherever) {
  enrolled();
  const OpenedSession half = log_in();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(code_of(desk().give_second_factor(half.visit, "000000")),
              ErrorCode::second_factor_failed);
  }
  EXPECT_EQ(code_of(desk().give_second_factor(half.visit, next_code())),
            ErrorCode::too_many_attempts);
  disk.clock.advance(minutes(15));
  EXPECT_TRUE(desk().give_second_factor(log_in().visit, next_code()));
}

TEST_F(AccessTest, ARecoveryCodeServesOnceAndIsTold) {
  const ConfirmedFactor confirmed = enrolled();
  const std::string code = confirmed.recovery_codes.front();
  EXPECT_TRUE(desk().give_second_factor(log_in().visit, code));
  EXPECT_THAT(mail(MessageKind::access_notice), HasSubstr("Il vous en reste 9"));
  EXPECT_EQ(code_of(desk().give_second_factor(log_in().visit, code)),
            ErrorCode::second_factor_failed);
  std::string typed = confirmed.recovery_codes.back();
  std::erase(typed, '-');
  for (char& c : typed) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  EXPECT_TRUE(desk().give_second_factor(log_in().visit, typed));
}

TEST_F(AccessTest, AnotherDeviceNeedsTheOneBefore) {
  const ConfirmedFactor confirmed = enrolled();
  const OpenedSession elsewhere = whole_session();
  const auto visit = [&] { return *desk().visit(confirmed.session.cookie); };
  EXPECT_EQ(code_of(desk().propose_factor(visit(), "")), ErrorCode::second_factor_failed);
  const auto proposed = desk().propose_factor(visit(), next_code());
  ASSERT_TRUE(proposed);
  test::App other(proposed->secret, disk.clock);
  ASSERT_TRUE(desk().confirm_factor(visit(), other.code()));
  EXPECT_TRUE(has_ended(elsewhere.cookie));
  EXPECT_EQ(code_of(desk().give_second_factor(log_in().visit, next_code())),
            ErrorCode::second_factor_failed);
  EXPECT_TRUE(desk().give_second_factor(log_in().visit, other.code()));
}

TEST_F(AccessTest, AProposalBelongsToItsSession) {
  const OpenedSession half = log_in();
  const OpenedSession other = log_in();
  const auto proposed = desk().propose_factor(half.visit, "");
  ASSERT_TRUE(proposed);
  app = test::App(proposed->secret, disk.clock);
  EXPECT_EQ(code_of(desk().confirm_factor(*desk().visit(other.cookie), app.code())),
            ErrorCode::state_conflict);
}

TEST_F(AccessTest, AProposalOfBeforeDoesNotReplaceAFactor) {
  const OpenedSession thief = log_in();  // has the password
  const auto proposed = desk().propose_factor(thief.visit, "");
  ASSERT_TRUE(proposed);
  enrolled();  // the doctor himself, in another session
  const OpenedSession again = log_in();
  Session kept = again.visit.session;
  kept.proposed_factor = {1};
  ASSERT_TRUE(engine.repository->put_session(kept));
  const Visit visit = *desk().visit(again.cookie);
  EXPECT_EQ(visit.stage, SessionStage::second_factor);
  EXPECT_EQ(code_of(desk().confirm_factor(visit, "000000")), ErrorCode::second_factor_required);
  EXPECT_EQ(code_of(desk().propose_factor(visit, "")), ErrorCode::second_factor_required);
  EXPECT_TRUE(has_ended(thief.cookie));
}

TEST_F(AccessTest, StaffNeedsOneUnlessTheConfigurationSaysOtherwise) {
  EXPECT_EQ(log_in("treasurer").visit.stage, SessionStage::enrolment);
  disk.access_rules.second_factor_for_staff = false;
  test::Engine lenient(disk);
  const auto treasurer = lenient.access.log_in("treasurer", kPassword, kHere);
  EXPECT_EQ(treasurer->visit.stage, SessionStage::open);
  EXPECT_EQ(lenient.access.log_in("gp", kPassword, kHere)->visit.stage, SessionStage::enrolment);
  // Who becomes a carer needs one from then on.
  User promoted = lenient.treasurer;
  promoted.password_hash = (*lenient.repository->user(promoted.id))->password_hash;
  promoted.memberships.push_back({test::kRhythmology, Role::medical_referent});
  lenient.put(promoted);
  EXPECT_EQ(lenient.access.visit(treasurer->cookie)->stage, SessionStage::enrolment);
}

TEST_F(AccessTest, OnlyWhoIsNamedIsLetOffInADemonstration) {
  disk.access_rules.exempt = {"gp"};
  test::Engine demonstration(disk);
  EXPECT_EQ(demonstration.access.log_in("gp", kPassword, kHere)->visit.stage, SessionStage::open);
  EXPECT_EQ(demonstration.access.log_in("treasurer", kPassword, kHere)->visit.stage,
            SessionStage::enrolment);
}

// ---- the throttle

TEST_F(AccessTest, ARestartForgivesNoGuess) {
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(code_of(desk().log_in("gp", "wrong", kHere)), ErrorCode::login_failed);
  test::Engine again(disk);
  EXPECT_EQ(code_of(again.access.log_in("gp", kPassword, kHere)), ErrorCode::too_many_attempts);
  EXPECT_TRUE(again.access.log_in("gp", kPassword, {"192.0.2.2", ""}));
  disk.clock.advance(minutes(15));
  EXPECT_TRUE(again.access.log_in("gp", kPassword, kHere));
}

TEST_F(AccessTest, AnIpv6NetworkIsOneAddress) {
  EXPECT_EQ(address_block("2001:db8:1:2::1"), address_block("2001:db8:1:2:ffff::9"));
  EXPECT_NE(address_block("2001:db8:1:2::1"), address_block("2001:db8:1:3::1"));
  EXPECT_EQ(address_block("fe80::1%eth0"), address_block("fe80::2"));
  EXPECT_EQ(address_block("192.0.2.1"), "192.0.2.1");
  EXPECT_NE(address_block("::ffff:192.0.2.1"), address_block("::ffff:192.0.2.2"));
}

// ---- sessions

TEST_F(AccessTest, ASessionLocksWhenItIsLeftAlone) {
  enrolled();
  const OpenedSession session = whole_session();
  for (int i = 0; i < 5; ++i) {
    disk.clock.advance(minutes(14));
    EXPECT_EQ(stage(session.cookie), SessionStage::open);
  }
  disk.clock.advance(minutes(15));
  EXPECT_EQ(stage(session.cookie), SessionStage::locked);
  EXPECT_EQ(stage(session.cookie), SessionStage::locked);  // asking does not open it
  const auto locked = *desk().visit(session.cookie);
  EXPECT_EQ(code_of(desk().require_open(locked, "showCase")), ErrorCode::session_locked);
  EXPECT_EQ(code_of(desk().unlock(locked, "wrong", kHere)), ErrorCode::login_failed);
  ASSERT_TRUE(desk().unlock(locked, kPassword, kHere));
  EXPECT_EQ(stage(session.cookie), SessionStage::open);
  EXPECT_EQ(code_of(desk().unlock(*desk().visit(session.cookie), kPassword, kHere)),
            ErrorCode::state_conflict);
}

TEST_F(AccessTest, APageThatAsksByItselfKeepsNothingOpen) {
  enrolled();
  const OpenedSession session = whole_session();
  for (int i = 1; i < 15; ++i) {
    disk.clock.advance(minutes(1));
    EXPECT_EQ(desk().visit(session.cookie, minutes(i))->stage, SessionStage::open) << i;
  }
  disk.clock.advance(minutes(1));
  EXPECT_EQ(desk().visit(session.cookie, minutes(15))->stage, SessionStage::locked);
  EXPECT_EQ(desk().visit(session.cookie, seconds(0))->stage, SessionStage::locked);
}

TEST_F(AccessTest, ASessionEndsWhateverIsDoneInIt) {
  enrolled();
  const OpenedSession session = whole_session();
  for (int i = 0; i < 71; ++i) {
    disk.clock.advance(minutes(10));
    ASSERT_EQ(stage(session.cookie), SessionStage::open) << i;
  }
  disk.clock.advance(minutes(10));
  EXPECT_TRUE(has_ended(session.cookie));
}

TEST_F(AccessTest, AClockThatWasSetBackEndsASession) {
  enrolled();
  const OpenedSession session = whole_session();
  disk.clock.advance(-minutes(16));
  EXPECT_TRUE(has_ended(session.cookie));
}

TEST_F(AccessTest, OnesOwnSessionsAreListedAndEnd) {
  enrolled();
  const OpenedSession first = whole_session();
  const OpenedSession second = whole_session();
  const Visit visit = *desk().visit(second.cookie);
  auto listed = desk().sessions(visit).value();
  ASSERT_THAT(listed, SizeIs(3));  // with the one of the enrolment
  EXPECT_TRUE(listed.front().current);
  EXPECT_EQ(listed.front().browser, "firefox/linux");
  EXPECT_FALSE(listed[1].current);
  for (const auto& one : listed) EXPECT_THAT(second.visit.session.token_hash, Not(one.id));
  ASSERT_TRUE(desk().end_session(visit, listed[1].id));
  EXPECT_TRUE(has_ended(first.cookie));
  EXPECT_EQ(code_of(desk().end_session(visit, listed[1].id)), ErrorCode::not_found);
  ASSERT_TRUE(desk().end_other_sessions(visit));
  EXPECT_THAT(desk().sessions(visit).value(), SizeIs(1));
  EXPECT_EQ(stage(second.cookie), SessionStage::open);
}

TEST_F(AccessTest, NobodyEndsASessionOfSomebodyElse) {
  enrolled();
  const OpenedSession session = whole_session();
  const OpenedSession other = log_in("treasurer");
  const std::string id = desk().sessions(session.visit)->front().id;
  EXPECT_EQ(code_of(desk().end_session(other.visit, id)), ErrorCode::not_found);
  EXPECT_EQ(stage(session.cookie), SessionStage::open);
}

TEST_F(AccessTest, WhoLogsOutOrIsSuspendedIsOut) {
  enrolled();
  const OpenedSession first = whole_session();
  ASSERT_TRUE(desk().log_out(first.cookie));
  EXPECT_TRUE(has_ended(first.cookie));
  const OpenedSession second = whole_session();
  User user = *engine.repository->user(engine.gp.id).value();
  user.status = PersonStatus::suspended;
  engine.put(user);
  EXPECT_TRUE(has_ended(second.cookie));
  EXPECT_EQ(code_of(desk().log_in("gp", kPassword, kHere)), ErrorCode::login_failed);
}

// ---- the ways back in

TEST_F(AccessTest, AMailedCodeAndTheSecondFactorGiveANewPassword) {
  const ConfirmedFactor confirmed = enrolled();
  ASSERT_TRUE(desk().ask_for_code("gp", kHere));
  const std::string text = mail(MessageKind::access_code);
  EXPECT_THAT(text, HasSubstr("Si vous n'avez rien demandé"));
  EXPECT_THAT(text, HasSubstr("aucun lien"));
  EXPECT_THAT(text, Not(HasSubstr("http")));
  ASSERT_TRUE(desk().recover_password("gp", mailed_code(), next_code(), kNewPassword, kHere));
  EXPECT_TRUE(has_ended(confirmed.session.cookie));
  EXPECT_THAT(mail(MessageKind::access_notice), HasSubstr("mot de passe a été remplacé"));
  EXPECT_EQ(code_of(desk().log_in("gp", kPassword, kHere)), ErrorCode::login_failed);
  EXPECT_EQ(log_in("gp", kNewPassword).visit.stage, SessionStage::second_factor);
  EXPECT_THAT(trail(),
              testing::IsSupersetOf({"u-gp access_code_asked ", "u-gp password_recovered "}));
}

TEST_F(AccessTest, AMailedCodeAndThePasswordTakeTheSecondFactorAway) {
  const ConfirmedFactor confirmed = enrolled();
  ASSERT_TRUE(desk().ask_for_code("gp", kHere));
  ASSERT_TRUE(desk().recover_factor("gp", mailed_code(), kPassword, kHere));
  EXPECT_TRUE(has_ended(confirmed.session.cookie));
  EXPECT_THAT(mail(MessageKind::access_notice), HasSubstr("second facteur a été supprimé"));
  EXPECT_EQ(log_in().visit.stage, SessionStage::enrolment);
}

TEST_F(AccessTest, TheMailedCodeAloneOpensNothing) {
  enrolled();
  ASSERT_TRUE(desk().ask_for_code("gp", kHere));
  const std::string code = mailed_code();
  EXPECT_EQ(code_of(desk().recover_password("gp", code, "000000", kNewPassword, kHere)),
            ErrorCode::recovery_failed);
  EXPECT_EQ(code_of(desk().recover_factor("gp", code, "wrong", kHere)), ErrorCode::recovery_failed);
  // Neither cost the code; it serves for one of the two.
  ASSERT_TRUE(desk().recover_factor("gp", code, kPassword, kHere));
  EXPECT_EQ(code_of(desk().recover_factor("gp", code, kPassword, kHere)),
            ErrorCode::recovery_failed);
}

TEST_F(AccessTest, AMailedCodeEndsAfterAQuarterOfAnHourOrFiveTries) {
  enrolled();
  ASSERT_TRUE(desk().ask_for_code("gp", kHere));
  const std::string late = mailed_code();
  disk.clock.advance(minutes(15));
  EXPECT_EQ(code_of(desk().recover_factor("gp", late, kPassword, kHere)),
            ErrorCode::recovery_failed);
  ASSERT_TRUE(desk().ask_for_code("gp", kHere));
  const std::string guessed = mailed_code();
  for (int i = 0; i < 5; ++i) {
    const Origin from{"192.0.2." + std::to_string(10 + i), ""};
    EXPECT_EQ(code_of(desk().recover_factor("gp", "0000-0000", kPassword, from)),
              ErrorCode::recovery_failed);
  }
  EXPECT_EQ(code_of(desk().recover_factor("gp", guessed, kPassword, kHere)),
            ErrorCode::recovery_failed);
}

TEST_F(AccessTest, NobodyLearnsWhoIsEnrolled) {
  enrolled();
  EXPECT_TRUE(desk().ask_for_code("nobody", kHere));
  EXPECT_TRUE(desk().ask_for_code("gp", kHere));
  const auto text_of = [&](const std::string& login) {
    const auto refused = desk().recover_password(login, "0000-0000", "000000", kNewPassword, kHere);
    EXPECT_FALSE(refused);
    return std::string(error_name(refused.error().code)) + refused.error().text;
  };
  for (int i = 0; i < 6; ++i) EXPECT_EQ(text_of("nobody"), text_of("gp")) << i;
  EXPECT_EQ(text_of("gp").substr(0, 17), "too_many_attempts");
  EXPECT_THAT(trail(), testing::Contains("anonymous refused:access_code not_found"));
}

TEST_F(AccessTest, CodesAreMailedThreeTimesAnHourAtMost) {
  enrolled();
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(desk().ask_for_code("gp", {"198.51.100." + std::to_string(i), ""}));
  EXPECT_TRUE(engine.settle());
  std::size_t mails = 0;
  for (const auto& left : engine.postman.left()) mails += left.kind == MessageKind::access_code;
  EXPECT_EQ(mails, 3U);
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(desk().ask_for_code("nobody" + std::to_string(i), kHere));
  EXPECT_EQ(code_of(desk().ask_for_code("gp", kHere)), ErrorCode::too_many_attempts);
}

TEST_F(AccessTest, WhoHasNoSecondFactorIsSentToTheAssociation) {
  ASSERT_TRUE(desk().ask_for_code("gp", kHere));
  EXPECT_EQ(mail(MessageKind::access_code), "");
  EXPECT_THAT(mail(MessageKind::access_notice), HasSubstr("code d'activation"));
}

TEST_F(AccessTest, TheOperatorResetsASecondFactor) {
  const ConfirmedFactor confirmed = enrolled();
  EXPECT_EQ(code_of(desk().reset_factor("operator", UserId("nobody"))), ErrorCode::not_found);
  ASSERT_TRUE(desk().reset_factor("operator", engine.gp.id));
  EXPECT_TRUE(has_ended(confirmed.session.cookie));
  EXPECT_THAT(mail(MessageKind::access_notice), HasSubstr("l'exploitant a supprimé"));
  EXPECT_THAT(trail(), testing::Contains("operator factor_reset u-gp"));
  EXPECT_EQ(code_of(desk().reset_factor("operator", engine.gp.id)), ErrorCode::not_found);
  EXPECT_EQ(log_in().visit.stage, SessionStage::enrolment);
}

TEST_F(AccessTest, ASecondFactorOutlivesItsMasterKey) {
  enrolled();
  const Key next(std::array<std::uint8_t, 32>{9});
  engine.service.use_ring(KeyRing({next, test::kMasterKey}));
  EXPECT_GE(engine.service.rewrap(10).value(), 1);
  engine.service.use_ring(KeyRing({next}));
  EXPECT_TRUE(desk().give_second_factor(log_in().visit, next_code()));
}

}  // namespace
}  // namespace telavis::access_test
