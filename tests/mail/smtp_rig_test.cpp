// SPDX-License-Identifier: Apache-2.0
// SmtpMailer against two Postfix and a Dovecot: trust, login, refusals, cuts, kills.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "mssante/smtp_mailer.h"
#include "mssante/token_source.h"
#include "tests/mssante/rig/mail_rig.h"

namespace telavis::test {
namespace {

const std::string kFrom = "engine@cardio.mssante.test";
const std::string kTo = "gp1@mg.mssante.test";

int number_of(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

class SmtpRig : public testing::Test {
 protected:
  static void SetUpTestSuite() { rig_ = std::make_unique<MailRig>(); }
  static void TearDownTestSuite() { rig_.reset(); }
  void SetUp() override {
    if (!rig_->why_not().empty()) GTEST_SKIP() << rig_->why_not();
  }
  MailRig& rig() { return *rig_; }

  /// An application mailbox: the certificate alone.
  SmtpAccount account(const std::string& way = "mutual") {
    SmtpAccount account;
    account.submission = rig().account(kFrom);
    account.submission.port = rig().smtp_port("cardio", way);
    rig().show_certificate(account.submission);
    return account;
  }
  /// A personal mailbox: a login.
  SmtpAccount login(const std::string& sasl, const std::string& token) {
    SmtpAccount account;
    account.submission = rig().account(kFrom);
    account.submission.port = rig().smtp_port("cardio", "submission");
    account.submission.login = kFrom;
    account.submission.sasl = sasl;
    account.tokens = std::make_shared<ReadTokens>([token]() -> Result<Bytes> {
      const auto view = as_bytes(token);
      return Bytes(view.begin(), view.end());
    });
    return account;
  }
  std::unique_ptr<SmtpMailer> mailer(const SmtpAccount& account) {
    return std::make_unique<SmtpMailer>(
        std::vector<SmtpAccount>{account}, SmtpOptions{false, std::chrono::seconds(0)},
        smtp_ports([this](const std::string& line) { reports_.push_back(line); }));
  }
  static std::string mail(const std::string& id, const std::string& more = "") {
    return "From: " + kFrom + "\r\nTo: " + kTo + "\r\nSubject: essai\r\nMessage-ID: <" + id +
           "@cardio.mssante.test>\r\n" + more + "\r\nBonjour\r\n.\r\n..\r\nFin\r\n";
  }
  static SendResult send(SmtpMailer& mailer, const std::string& id, const std::string& to = kTo,
                         const std::string& more = "") {
    return mailer.send({id, kFrom, to}, as_bytes(mail(id, more)));
  }
  Error refusal(const SmtpAccount& account) {
    const auto connected =
        connect_mail(MailProtocol::submission, account.submission, account.tokens.get());
    return connected ? Error{ErrorCode::internal, "it was connected"} : connected.error();
  }
  /// How often a mail is in a mailbox.
  std::size_t copies(const std::string& id, const std::string& address = kTo) {
    std::size_t count = 0;
    for (const auto& file : rig().mails(address)) {
      std::ifstream in(file, std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      if (text.find("Message-ID: <" + id + "@") != text.npos) ++count;
    }
    return count;
  }

  std::vector<std::string> reports_;

 private:
  static std::unique_ptr<MailRig> rig_;
};
std::unique_ptr<MailRig> SmtpRig::rig_;

TEST_F(SmtpRig, AMailCrossesBothOperatorsByteForByte) {
  const auto sender = mailer(account());
  ASSERT_EQ(send(*sender, "whole", "gp2@mg.mssante.test").outcome, SendOutcome::accepted);
  const auto files = rig().wait_mail("gp2@mg.mssante.test", 1);
  ASSERT_EQ(files.size(), 1U);
  std::ifstream in(files[0], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(text.ends_with("\n\nBonjour\n.\n..\nFin\n")) << text;
}

TEST_F(SmtpRig, EveryLoginIsTaken) {
  for (const std::string sasl : {"XOAUTH2", "OAUTHBEARER", "PLAIN"}) {
    const auto secret = sasl == "PLAIN" ? rig().password() : rig().token(kFrom);
    const auto sender = mailer(login(sasl, secret));
    const auto sent = send(*sender, "login-" + sasl);
    EXPECT_EQ(sent.outcome, SendOutcome::accepted) << sasl << ": " << sent.reason;
  }
  const auto at_once = account("submissions");
  auto wrapped = at_once;
  wrapped.submission.security = MailSecurity::implicit_tls;
  EXPECT_EQ(send(*mailer(wrapped), "wrapped").outcome, SendOutcome::accepted);
}

TEST_F(SmtpRig, ALoginThatIsNotTakenIsTheAccountsTrouble) {
  const std::string revoked = rig().token(kFrom);
  rig().ask("revoke " + revoked);
  for (const auto& [sasl, secret] : std::vector<std::pair<std::string, std::string>>{
           {"XOAUTH2", rig().token(kFrom, 0)},
           {"XOAUTH2", revoked},
           {"OAUTHBEARER", "forged"},
           {"XOAUTH2", rig().token("gp1@mg.mssante.test")},
           {"PLAIN", "wrong"}}) {
    EXPECT_EQ(refusal(login(sasl, secret)).code, ErrorCode::mail_refused) << sasl << " " << secret;
    EXPECT_EQ(send(*mailer(login(sasl, secret)), "never").outcome, SendOutcome::retry);
  }
  EXPECT_EQ(reports_.size(), 5U);
  EXPECT_EQ(copies("never"), 0U);
}

TEST_F(SmtpRig, AServerThatIsNotTrustedGetsNothing) {
  for (const std::string way : {"expired", "elsewhere", "rogue", "clear", "old_tls"}) {
    const Error error = refusal(account(way));
    EXPECT_EQ(error.code, ErrorCode::mail_refused) << way << ": " << error.text;
  }
  auto checked = account("revoked");
  checked.submission.crl_file = rig().pki("ca.crl");
  EXPECT_EQ(refusal(checked).code, ErrorCode::mail_refused) << refusal(checked).text;
  // A list that has run out says nothing any more.
  checked = account();
  checked.submission.crl_file = rig().pki("ca-old.crl");
  EXPECT_EQ(refusal(checked).code, ErrorCode::mail_refused) << refusal(checked).text;
  checked.submission.crl_file = rig().pki("ca.crl");
  EXPECT_EQ(send(*mailer(checked), "checked").outcome, SendOutcome::accepted);
  // The name counts, not the machine; and only our authority, not those of the system.
  auto other = account();
  other.submission.host = "127.0.0.1";
  EXPECT_EQ(refusal(other).code, ErrorCode::mail_refused);
  other = account();
  other.submission.ca_file = rig().pki("rogue-ca.pem");
  EXPECT_EQ(refusal(other).code, ErrorCode::mail_refused);
  other.submission.ca_file = "/no/such/file";
  EXPECT_EQ(refusal(other).code, ErrorCode::mail_refused);
}

TEST_F(SmtpRig, ACertificateThatIsNotTakenIsTheAccountsTrouble) {
  for (const std::string name : {"client-expired", "client-rogue"}) {
    auto wrong = account();
    rig().show_certificate(wrong.submission, name);
    const auto sender = mailer(wrong);
    EXPECT_EQ(send(*sender, "never").outcome, SendOutcome::retry) << name;
    ASSERT_FALSE(reports_.empty()) << name;
    reports_.clear();
  }
  auto none = account();
  none.submission.certificate_file = none.submission.key_file = "";
  EXPECT_EQ(send(*mailer(none), "never").outcome, SendOutcome::retry);
  EXPECT_EQ(copies("never"), 0U);
}

TEST_F(SmtpRig, WhatTheOperatorAnswersDecides) {
  const auto sender = mailer(account());
  const auto outcome = [&](const std::string& local, const std::string& more = "") {
    return send(*sender, "answered", local + "@cardio.mssante.test", more).outcome;
  };
  EXPECT_EQ(outcome("reply-452-4-2-2"), SendOutcome::retry);
  EXPECT_EQ(outcome("reply-552-5-2-2"), SendOutcome::refused);
  EXPECT_EQ(outcome("reply-550-5-1-1"), SendOutcome::refused);
  EXPECT_EQ(outcome("reply-421-4-3-2"), SendOutcome::retry);
  EXPECT_EQ(outcome("nobody"), SendOutcome::refused);
  EXPECT_EQ(outcome("expert1", "X-Rig-Refuse: yes\r\n"), SendOutcome::refused);
  EXPECT_EQ(outcome("expert1"), SendOutcome::accepted);
  const std::string line = std::string(76, 'x') + "\r\n";
  std::string large = mail("large");
  while (large.size() < 11 * 1024 * 1024) large += line;
  EXPECT_EQ(sender->send({"large", kFrom, kTo}, as_bytes(large)).outcome, SendOutcome::refused);
}

/// Sends with the connection cut or stalled when so many bytes have gone one way; then without.
TEST_F(SmtpRig, ACutAnywhereLosesNothingAndDoublesOnlyWhatWasUnanswered) {
  const char* const wanted = std::getenv("TELAVIS_MAIL_CUTS");  // a direction; short form: 12
  const int cuts = wanted == nullptr ? 12 : std::max(2, number_of(wanted));
  auto through = account();
  through.submission.port = rig().proxy("cut", rig().smtp_port("cardio", "mutual"));
  ASSERT_EQ(send(*mailer(through), "uncut").outcome, SendOutcome::accepted);
  const auto passed = rig().ask("passed cut");
  std::size_t number = 0;
  std::vector<std::pair<std::string, std::size_t>> sent;  // id, most copies
  for (const std::string way : {"up", "down"}) {
    const auto whole = passed.at(way).as_int64();
    ASSERT_GT(whole, 1000);
    for (int cut = 0; cut < cuts; ++cut) {
      rig().ask("fault cut " + way + " " + std::to_string(whole * cut / cuts) + " cut");
      const auto sender = mailer(through);
      const std::string id = "cut" + std::to_string(number++);
      std::size_t most = 1;
      auto result = send(*sender, id);
      if (result.outcome != SendOutcome::accepted) {
        most += static_cast<std::size_t>(sender->figures().unanswered);
        EXPECT_EQ(result.outcome, SendOutcome::retry) << way << cut << ": " << result.reason;
        result = send(*sender, id);
      }
      EXPECT_EQ(result.outcome, SendOutcome::accepted) << way << cut << ": " << result.reason;
      sent.emplace_back(id, most);
    }
  }
  // Whatever is on its way has arrived when this one, which was sent last, has.
  ASSERT_EQ(send(*mailer(account()), "last").outcome, SendOutcome::accepted);
  rig().wait_mail(kTo, sent.size() + 2);
  for (const auto& [id, most] : sent) {
    EXPECT_GE(copies(id), 1U) << id;
    EXPECT_LE(copies(id), most) << id;
  }
}

TEST_F(SmtpRig, ASilentServerIsGivenUp) {
  auto through = account();
  through.submission.timeout = std::chrono::seconds(1);
  through.submission.port = rig().proxy("stall", rig().smtp_port("cardio", "mutual"));
  for (const int bytes : {0, 100, 1500}) {
    rig().ask("fault stall down " + std::to_string(bytes) + " stall");
    EXPECT_EQ(send(*mailer(through), "stalled").outcome, SendOutcome::retry) << bytes;
  }
}

TEST_F(SmtpRig, AKilledOperatorIsTriedAgain) {
  const auto sender = mailer(account());
  ASSERT_EQ(send(*sender, "before", "expert2@cardio.mssante.test").outcome, SendOutcome::accepted);
  rig().ask("kill9 cardio");
  EXPECT_EQ(send(*sender, "during", "expert2@cardio.mssante.test").outcome, SendOutcome::retry);
  EXPECT_EQ(reports_.size(), 1U);
  rig().ask("start cardio");
  EXPECT_EQ(send(*sender, "during", "expert2@cardio.mssante.test").outcome, SendOutcome::accepted);
  rig().wait_mail("expert2@cardio.mssante.test", 2);
  EXPECT_EQ(copies("before", "expert2@cardio.mssante.test"), 1U);
  EXPECT_EQ(copies("during", "expert2@cardio.mssante.test"), 1U);
  EXPECT_EQ(reports_.size(), 2U);
}

TEST_F(SmtpRig, ImapIsReachedByTheSameWay) {
  MailAccount mailbox = rig().account("expert1@cardio.mssante.test");
  mailbox.login = mailbox.address;
  mailbox.sasl = "XOAUTH2";
  ReadTokens tokens([this]() -> Result<Bytes> {
    const std::string token = rig().token("expert1@cardio.mssante.test");
    return Bytes(token.begin(), token.end());
  });
  for (const auto security : {MailSecurity::starttls, MailSecurity::implicit_tls}) {
    mailbox.security = security;
    mailbox.port = security == MailSecurity::starttls ? rig().imap_port() : rig().imaps_port();
    const auto connected = connect_mail(MailProtocol::imap, mailbox, &tokens);
    ASSERT_TRUE(connected) << connected.error().text;
    ASSERT_TRUE((*connected)->write("t1 NOOP\r\n"));
    std::array<char, 256> answer{};
    const auto count = (*connected)->read(answer);
    ASSERT_TRUE(count);
    EXPECT_TRUE(std::string_view(answer.data(), *count).starts_with("t1 OK"));
  }
  ReadTokens wrong([]() -> Result<Bytes> { return Bytes{'x'}; });
  const auto refused = connect_mail(MailProtocol::imap, mailbox, &wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::mail_refused);
}

}  // namespace
}  // namespace telavis::test
