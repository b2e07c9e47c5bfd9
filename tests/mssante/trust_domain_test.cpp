// SPDX-License-Identifier: Apache-2.0
#include "mssante/trust_domain.h"

#include <gtest/gtest.h>

#include <deque>
#include <fstream>

#include "engine/core/catalogue.h"
#include "tests/fakes.h"
#include "tests/mssante/trust_list_builder.h"
#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Instant at(const char* text) {
  return parse_instant(text).value();
}

class TrustDomainTest : public ::testing::Test {
 protected:
  std::unique_ptr<TrustDomain> open() {
    auto opened = TrustDomain::open(folder(), options, [this]() -> Result<Bytes> {
      ++fetched;
      if (answers.empty()) return fail(ErrorCode::unavailable, "planned");
      const std::string answer = answers.front();
      answers.pop_front();
      return Bytes(answer.begin(), answer.end());
    });
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  std::filesystem::path folder() const { return temporary.path() / "trust_list"; }
  std::filesystem::path file() const { return folder() / TrustDomain::kFileName; }
  void put(const std::string& text) const {
    std::filesystem::create_directories(folder());
    std::ofstream(file(), std::ios::binary) << text;
  }

  TempFolder temporary;
  TrustListOptions options;
  std::deque<std::string> answers;
  int fetched = 0;
  Instant now = at("2026-01-06T12:00:00Z");
  const std::string first = trust_list_xml({{"medecin.test"}, {"ancien.test"}});
  const std::string second =
      trust_list_xml({{"medecin.test"}, {"nouveau.test"}}, "2026-01-06T18:00:00Z");
};

TEST_F(TrustDomainTest, KnowsNobodyWithoutAList) {
  const auto trust = open();
  const auto round = trust->round(now);
  ASSERT_FALSE(round);
  EXPECT_EQ(round.error().code, ErrorCode::unavailable);
  EXPECT_EQ(trust->trust_in("dr.un@medecin.test", now), MailTrust::unknown);
  EXPECT_EQ(trust->figures(now).domains, 0);
}

TEST_F(TrustDomainTest, TakesAListAndKeepsItOverARestart) {
  answers = {first};
  {
    const auto trust = open();
    EXPECT_EQ(trust->round(now), 1);
    EXPECT_EQ(trust->trust_in("dr.un@medecin.test", now), MailTrust::member);
    EXPECT_EQ(trust->trust_in("Dr.Un@MEDECIN.test", now), MailTrust::member);
    for (const char* outsider : {"dr.un@autre.test", "dr.un", "", "@medecin.test", "a@b@autre.test",
                                 "medecin.test", "dr@medecin.test.autre.test", "dr@"})
      EXPECT_EQ(trust->trust_in(outsider, now), MailTrust::outsider) << outsider;
    const auto figures = trust->figures(now);
    EXPECT_EQ(figures.domains, 2);
    EXPECT_EQ(figures.age, hours(6));
  }
  EXPECT_EQ(open()->trust_in("dr.un@medecin.test", now), MailTrust::member);
}

TEST_F(TrustDomainTest, AsksAgainWhenItIsDueAndSoonerAfterAFailure) {
  answers = {first, second};
  const auto trust = open();
  EXPECT_EQ(trust->round(now), 1);
  EXPECT_EQ(trust->round(now + hours(5)), 0);
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(trust->round(now + hours(6)), 1);
  EXPECT_EQ(trust->trust_in("a@nouveau.test", now), MailTrust::member);
  EXPECT_EQ(trust->trust_in("a@ancien.test", now), MailTrust::outsider);
  EXPECT_FALSE(trust->round(now + hours(12)));
  EXPECT_EQ(fetched, 3);
  EXPECT_FALSE(trust->round(now + hours(12) + minutes(9)));  // still wrong, not asked yet
  EXPECT_EQ(fetched, 3);
  EXPECT_FALSE(trust->round(now + hours(12) + minutes(10)));
  EXPECT_EQ(fetched, 4);
  EXPECT_EQ(trust->figures(now).failures, 2);
  answers = {second};  // the same one again: good, and nothing new
  EXPECT_EQ(trust->round(now + hours(13)), 0);
  EXPECT_EQ(trust->round(now + hours(14)), 0);
}

TEST_F(TrustDomainTest, KeepsTheLastGoodListWhateverIsOffered) {
  answers = {second};
  const auto trust = open();
  EXPECT_EQ(trust->round(now), 1);
  Instant when = now;
  for (const std::string& offered :
       {first /* older */, std::string(), second.substr(0, second.size() / 2),
        trust_list_xml({}, "2026-01-07T00:00:00Z"),
        trust_list_xml({{"malefic.test"}}, "2027-01-01T00:00:00Z") /* of the future */,
        std::string("<html>Maintenance</html>")}) {
    when += hours(1);
    answers = {offered};
    const auto round = trust->round(when + hours(6));
    EXPECT_FALSE(round) << offered;
    EXPECT_EQ(trust->trust_in("a@nouveau.test", now), MailTrust::member);
    EXPECT_EQ(trust->trust_in("a@malefic.test", now), MailTrust::outsider);
  }
  EXPECT_EQ(open()->trust_in("a@nouveau.test", now), MailTrust::member);
  // A restart knows as well what is older.
  const auto again = open();
  answers = {first};
  const auto round = again->round(now);
  ASSERT_FALSE(round);
  EXPECT_EQ(round.error().code, ErrorCode::state_conflict);
}

TEST_F(TrustDomainTest, SaysWhenTheListIsOldAndThenGoesByItNoMore) {
  answers = {first};
  const auto trust = open();
  EXPECT_EQ(trust->round(now), 1);
  const Instant generated = at("2026-01-06T06:00:00Z");
  answers = {first, first, first};
  EXPECT_EQ(trust->round(generated + options.alert_age), 0);
  const auto old = trust->round(generated + options.alert_age + hours(6));
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, ErrorCode::unavailable);
  EXPECT_NE(old.error().text.find("78 h"), std::string::npos) << old.error().text;
  EXPECT_EQ(trust->trust_in("a@medecin.test", generated + options.max_age), MailTrust::member);
  EXPECT_EQ(trust->trust_in("a@medecin.test", generated + options.max_age + minutes(1)),
            MailTrust::unknown);
}

TEST_F(TrustDomainTest, WithoutAnUrlTheFileIsTheOperators) {
  auto opened = TrustDomain::open(folder(), options);
  ASSERT_TRUE(opened);
  const auto& trust = *opened;
  EXPECT_FALSE(trust->round(now));
  put(first);
  EXPECT_EQ(trust->round(now + minutes(10)), 0);
  EXPECT_EQ(trust->trust_in("a@ancien.test", now), MailTrust::member);
  put(second);
  EXPECT_EQ(trust->round(now + hours(7)), 0);
  EXPECT_EQ(trust->trust_in("a@ancien.test", now), MailTrust::outsider);
  put(first);  // may not bring back what was taken off
  EXPECT_EQ(trust->round(now + hours(14)), 0);
  EXPECT_EQ(trust->trust_in("a@ancien.test", now), MailTrust::outsider);
}

TEST_F(TrustDomainTest, ADamagedFileIsNoListAndIsToldOf) {
  put(first.substr(0, 300));
  const auto trust = open();
  EXPECT_EQ(trust->trust_in("a@medecin.test", now), MailTrust::unknown);
  answers = {first};
  EXPECT_EQ(trust->round(now), 1);
  EXPECT_EQ(trust->trust_in("a@medecin.test", now), MailTrust::member);
}

TEST_F(TrustDomainTest, NamesAMissingCaFile) {
  options.ca_file = temporary.path() / "absent.pem";
  const auto opened = TrustDomain::open(folder(), options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::configuration_invalid);
}

TEST_F(TrustDomainTest, ASenderIsBothHisAddressAndHisReturnPath) {
  put(first);
  const auto trust = open();
  const auto judged = [&](const char* from, const char* path) {
    return trust->trust_in_sender(from, path, now);
  };
  EXPECT_EQ(judged("a@medecin.test", ""), MailTrust::member);
  EXPECT_EQ(judged("a@medecin.test", "bounce@ancien.test"), MailTrust::member);
  EXPECT_EQ(judged("a@medecin.test", "b@dehors.test"), MailTrust::outsider);
  EXPECT_EQ(judged("a@dehors.test", "b@medecin.test"), MailTrust::outsider);
  EXPECT_EQ(judged("", ""), MailTrust::outsider);
}

TEST_F(TrustDomainTest, TheMailerSendsToMembersAlone) {
  put(first);
  const auto trust = open();
  SimClock clock(now);
  RecordingMailer inner;
  TrustingMailer mailer(inner, *trust, clock);
  const Bytes mime{1};
  EXPECT_EQ(mailer.send({"k1", "f@medecin.test", "a@medecin.test"}, mime).outcome,
            SendOutcome::accepted);
  const SendResult outside = mailer.send({"k2", "f@medecin.test", "zz@dehors.test"}, mime);
  EXPECT_EQ(outside.outcome, SendOutcome::refused);
  EXPECT_TRUE(outside.reason.starts_with(TrustingMailer::kOutsideTrustDomain));
  EXPECT_EQ(outside.reason.find("dehors"), std::string::npos);
  EXPECT_TRUE(has_message("send_refusal." + std::string(TrustingMailer::kOutsideTrustDomain)));
  clock.advance(options.max_age);
  EXPECT_EQ(mailer.send({"k3", "f@medecin.test", "a@medecin.test"}, mime).outcome,
            SendOutcome::retry);
  EXPECT_EQ(mailer.send({"k4", "f@medecin.test", "zz@dehors.test"}, mime).outcome,
            SendOutcome::retry);
  EXPECT_EQ(inner.sent().size(), 1U);
  inner.answer_next({SendOutcome::retry, "inner"});
  clock.set(now);
  EXPECT_EQ(mailer.send({"k5", "f@medecin.test", "a@medecin.test"}, mime).reason, "inner");
}

}  // namespace
}  // namespace telavis::test
