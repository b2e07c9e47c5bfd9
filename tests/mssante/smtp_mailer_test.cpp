// SPDX-License-Identifier: Apache-2.0
#include "mssante/smtp_mailer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace telavis::test {
namespace {

using namespace std::chrono_literals;

const std::string kMail = "Subject: x\r\n\r\nBonjour\r\n";

/// A server by its answers: each is given to the next thing written. "" closes instead, "..." is
/// silence until the time is over.
struct Script {
  std::deque<std::string> answers;
  std::vector<std::string> heard;
};

class ScriptedConnection : public MailConnection {
 public:
  explicit ScriptedConnection(Script& script) : script_(script) {}
  Result<void> write(std::string_view bytes) override {
    if (closed_) return fail(ErrorCode::mail_unreachable, "closed");
    script_.heard.emplace_back(bytes);
    if (bytes == "QUIT\r\n" || script_.answers.empty()) return {};
    pending_ += script_.answers.front();
    closed_ = script_.answers.front().empty();
    script_.answers.pop_front();
    return {};
  }
  Result<std::size_t> read(std::span<char> out) override {
    if (pending_ == "...") return fail(ErrorCode::mail_unreachable, "silent");
    const std::size_t count = std::min(out.size(), pending_.size());
    std::copy_n(pending_.begin(), count, out.begin());
    pending_.erase(0, count);
    return count;  // 0: closed
  }

 private:
  Script& script_;
  std::string pending_;
  bool closed_ = false;
};

const std::deque<std::string> kGoodMail = {"250 ok\r\n", "250 ok\r\n", "354 go\r\n",
                                           "250 2.0.0 taken\r\n"};

class SmtpMailerTest : public testing::Test {
 protected:
  SmtpMailerTest() {
    SmtpAccount one, two;
    one.submission.address = "un@cardio.test";
    two.submission.address = "deux@dermato.test";
    mailer_ = std::make_unique<SmtpMailer>(
        std::vector<SmtpAccount>{one, two}, SmtpOptions{},
        SmtpPorts{[this](const SmtpAccount& account) { return connect(account); },
                  [this] { return now_; },
                  [this](const std::string& line) { reports_.push_back(line); }});
  }
  Result<std::unique_ptr<MailConnection>> connect(const SmtpAccount& account) {
    connected_.push_back(account.submission.address);
    if (trouble_) return tl::unexpected(*trouble_);
    script_.answers.push_front("250-mx\r\n250-DSN\r\n250 SIZE 1000\r\n");
    return std::make_unique<ScriptedConnection>(script_);
  }
  SendResult send(const std::string& from = "un@cardio.test",
                  const std::string& to = "dr.un@medecin.test", const std::string& mime = kMail) {
    return mailer_->send({"k1", from, to}, as_bytes(mime));
  }
  SendResult send_with(std::deque<std::string> answers) {
    script_.answers = std::move(answers);
    return send();
  }
  std::size_t heard(const std::string& command) const {
    return static_cast<std::size_t>(
        std::count(script_.heard.begin(), script_.heard.end(), command));
  }

  Script script_;
  std::optional<Error> trouble_;
  std::chrono::steady_clock::time_point now_{1h};
  std::vector<std::string> connected_, reports_;
  std::unique_ptr<SmtpMailer> mailer_;
};

TEST_F(SmtpMailerTest, AMailLeavesWhole) {
  EXPECT_EQ(send_with(kGoodMail).outcome, SendOutcome::accepted);
  ASSERT_EQ(script_.heard.size(), 5U);
  EXPECT_EQ(script_.heard[0], "EHLO cardio.test\r\n");
  EXPECT_EQ(script_.heard[4], kMail + ".\r\n");
  EXPECT_EQ(mailer_->figures().accepted, 1);
  EXPECT_TRUE(reports_.empty());
  mailer_.reset();
  EXPECT_EQ(heard("QUIT\r\n"), 1U);
}

TEST_F(SmtpMailerTest, EachSenderHasItsAccount) {
  script_.answers = kGoodMail;
  EXPECT_EQ(send("deux@dermato.test").outcome, SendOutcome::accepted);
  script_.answers = kGoodMail;
  EXPECT_EQ(send("").outcome, SendOutcome::accepted);  // a report: from the first
  EXPECT_EQ(connected_, (std::vector<std::string>{"deux@dermato.test", "un@cardio.test"}));
  EXPECT_EQ(send("inconnu@cardio.test").outcome, SendOutcome::retry);
  EXPECT_EQ(connected_.size(), 2U);
}

TEST_F(SmtpMailerTest, WhatNoServerMayBeGivenIsRefused) {
  EXPECT_EQ(send("un@cardio.test", "a@b> SIZE=0\r\nRCPT TO:<c@d.test").outcome,
            SendOutcome::refused);
  EXPECT_EQ(send("un@cardio.test>", "a@b.test").outcome, SendOutcome::refused);
  EXPECT_EQ(send("un@cardio.test", "a@b.test", "x\n.\ny\r\n").outcome, SendOutcome::refused);
  EXPECT_TRUE(connected_.empty());
  EXPECT_EQ(mailer_->figures().refused, 3);
}

TEST_F(SmtpMailerTest, TheConnectionServesTheNextMail) {
  EXPECT_EQ(send_with(kGoodMail).outcome, SendOutcome::accepted);
  auto next = kGoodMail;
  next.push_front("250 reset\r\n");
  now_ += 29s;
  EXPECT_EQ(send_with(next).outcome, SendOutcome::accepted);
  EXPECT_EQ(mailer_->figures().connections, 1);
  now_ += 31s;
  EXPECT_EQ(send_with(kGoodMail).outcome, SendOutcome::accepted);
  EXPECT_EQ(mailer_->figures().connections, 2);
  EXPECT_EQ(heard("QUIT\r\n"), 1U);
}

TEST_F(SmtpMailerTest, AKeptConnectionThatEndedCostsNothing) {
  for (const std::string gone : {"", "...", "421 4.4.2 timeout\r\n"}) {
    EXPECT_EQ(send_with(kGoodMail).outcome, SendOutcome::accepted);
    // What answers RSET is gone; the new connection begins with EHLO.
    script_.answers = {gone};
    script_.answers.insert(script_.answers.end(), kGoodMail.begin(), kGoodMail.end());
    EXPECT_EQ(send().outcome, SendOutcome::accepted) << gone;
    now_ += 1min;
  }
  EXPECT_EQ(mailer_->figures().unanswered, 0);
}

TEST_F(SmtpMailerTest, AfterARefusalTheNextMailGoesOn) {
  EXPECT_EQ(send_with({"250 ok\r\n", "550 5.1.1 unknown\r\n"}).outcome, SendOutcome::refused);
  auto next = kGoodMail;
  next.push_front("250 reset\r\n");
  EXPECT_EQ(send_with(next).outcome, SendOutcome::accepted);
  EXPECT_EQ(mailer_->figures().connections, 1);
}

TEST_F(SmtpMailerTest, ACutAtEachStepIsTriedAgain) {
  for (const std::string how : {"", "...", "nonsense\r\n", "421 4.3.2 going down\r\n"}) {
    for (std::size_t step = 0; step < kGoodMail.size(); ++step) {
      auto answers = kGoodMail;
      answers[step] = how;
      const auto before = mailer_->figures().unanswered;
      EXPECT_EQ(send_with(answers).outcome, SendOutcome::retry) << how << step;
      const bool last = step + 1 == kGoodMail.size();
      EXPECT_EQ(mailer_->figures().unanswered - before, last && !how.starts_with("421") ? 1 : 0);
      // Whatever is left of that session is not used.
      EXPECT_EQ(send_with(kGoodMail).outcome, SendOutcome::accepted) << how << step;
      now_ += 1min;
    }
  }
  EXPECT_TRUE(reports_.empty());
}

TEST_F(SmtpMailerTest, AServerOutOfStepIsLeft) {
  EXPECT_EQ(send_with({"250 ok\r\n250 and more\r\n"}).outcome, SendOutcome::retry);
  EXPECT_EQ(send_with(kGoodMail).outcome, SendOutcome::accepted);
  EXPECT_EQ(mailer_->figures().connections, 2);
}

TEST_F(SmtpMailerTest, TooLargeIsRefusedBeforeItIsSent) {
  const auto sent = send("un@cardio.test", "a@b.test",
                         std::string(700, 'x') + "\r\n" + std::string(700, 'y') + "\r\n");
  EXPECT_EQ(sent.outcome, SendOutcome::refused);
  EXPECT_EQ(script_.heard.size(), 1U);  // EHLO
}

TEST_F(SmtpMailerTest, AnAccountInTroubleRestsIsReportedOnceAndCostsNoMail) {
  trouble_ = Error{ErrorCode::mail_refused, "the login was refused"};
  EXPECT_EQ(send().outcome, SendOutcome::retry);
  EXPECT_EQ(send().reason, "the login was refused");
  EXPECT_EQ(connected_.size(), 1U);  // the second was not even tried
  now_ += 31s;
  EXPECT_EQ(send().outcome, SendOutcome::retry);
  EXPECT_EQ(connected_.size(), 2U);
  EXPECT_EQ(
      reports_,
      (std::vector<std::string>{"mail from un@cardio.test cannot leave: the login was refused"}));
  // The other account is not held up.
  trouble_.reset();
  script_.answers = kGoodMail;
  EXPECT_EQ(send("deux@dermato.test").outcome, SendOutcome::accepted);
  now_ += 31s;
  EXPECT_EQ(send_with(kGoodMail).outcome, SendOutcome::accepted);
  EXPECT_EQ(reports_.back(), "mail from un@cardio.test leaves again");
}

TEST_F(SmtpMailerTest, ALapsedAccountIsReportedAndParksItsMails) {
  EXPECT_EQ(send_with({"530 5.7.0 log in first\r\n"}).outcome, SendOutcome::retry);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_NE(reports_[0].find("MAIL: 530 5.7.0"), std::string::npos);
}

TEST_F(SmtpMailerTest, AServerThatDripsIsLeftInTime) {
  class Dripping : public MailConnection {
   public:
    explicit Dripping(std::chrono::steady_clock::time_point& now) : now_(now) {}
    Result<void> write(std::string_view) override { return {}; }
    Result<std::size_t> read(std::span<char> out) override {
      now_ += 50s;
      out[0] = "250-"[at_++ % 4];
      return std::size_t{1};
    }

   private:
    std::chrono::steady_clock::time_point& now_;
    std::size_t at_ = 0;
  };
  SmtpAccount account;
  account.submission.address = "un@cardio.test";
  SmtpMailer mailer({account}, {},
                    {[this](const SmtpAccount&) -> Result<std::unique_ptr<MailConnection>> {
                       return std::make_unique<Dripping>(now_);
                     },
                     [this] { return now_; }, [](const std::string&) {}});
  const auto begun = now_;
  EXPECT_EQ(mailer.send({"k", "un@cardio.test", "a@b.test"}, as_bytes(kMail)).outcome,
            SendOutcome::retry);
  EXPECT_LT(now_ - begun, 10min);  // the lease of an outbox row
}

}  // namespace
}  // namespace telavis::test
