// SPDX-License-Identifier: Apache-2.0
#include "mssante/smtp_grammar.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace telavis::test {
namespace {

/// All replies of a stream that comes in pieces of this size; nullopt in front: it is broken.
std::optional<std::vector<SmtpReply>> replies_of(const std::string& bytes, std::size_t piece) {
  SmtpReplyReader reader;
  std::vector<SmtpReply> replies;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(std::string_view(bytes).substr(at, piece));
    for (;;) {
      auto reply = reader.next();
      if (!reply) return std::nullopt;
      if (!*reply) break;
      replies.push_back(std::move(**reply));
    }
  }
  return replies;
}

SmtpReply reply_of(const std::string& line) {
  return replies_of(line + "\r\n", 1000)->at(0);
}

TEST(SmtpReplies, AreCutOutOfAnyPieces) {
  const std::string bytes =
      "220 ready\r\n250-mx.test\r\n250-SIZE 1000\r\n250 DSN\r\n550 5.1.1 <a@b.test>: unknown\r\n"
      "250\r\n250-2.1.5\r\n250 2.1.5\n";
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    const auto replies = replies_of(bytes, piece);
    ASSERT_TRUE(replies);
    ASSERT_EQ(replies->size(), 5U);
    EXPECT_EQ(replies->at(0).code, 220);
    EXPECT_EQ(replies->at(1).lines, (std::vector<std::string>{"mx.test", "SIZE 1000", "DSN"}));
    EXPECT_EQ(replies->at(2).code, 550);
    EXPECT_EQ(replies->at(2).enhanced, "5.1.1");
    EXPECT_EQ(replies->at(2).lines, std::vector<std::string>{"<a@b.test>: unknown"});
    EXPECT_EQ(replies->at(3).lines, std::vector<std::string>{""});
    EXPECT_EQ(replies->at(4).enhanced, "2.1.5");
  }
}

TEST(SmtpReplies, WhatIsNoneBreaksTheStream) {
  for (const std::string bytes :
       {"hello\r\n", "25\r\n", "\r\n", "2500 x\r\n", "250_x\r\n", "199 x\r\n", "600 x\r\n",
        "250-a\r\n251 b\r\n", "250-a\r\nb\r\n", "-50 x\r\n", "\x01\x02\r\n", "HTTP/1.1 400\r\n"}) {
    EXPECT_FALSE(replies_of(bytes, 1)) << bytes;
    EXPECT_FALSE(replies_of(bytes, 1000)) << bytes;
  }
}

TEST(SmtpReplies, HaveAnEnd) {
  EXPECT_FALSE(replies_of("250 " + std::string(kMaxReplyLine, 'x') + "\r\n", 1000));
  EXPECT_FALSE(replies_of(std::string(10 * kMaxReplyLine, '2'), 1000));
  std::string many;
  for (std::size_t i = 0; i < kMaxReplyLines + 1; ++i) many += "250-x\r\n";
  EXPECT_FALSE(replies_of(many, 1000));
}

TEST(SmtpReplies, ABrokenStreamStaysBroken) {
  SmtpReplyReader reader;
  reader.feed("nonsense\r\n");
  EXPECT_FALSE(reader.next());
  reader.feed("250 fine\r\n");
  const auto again = reader.next();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::mail_unreachable);
}

TEST(SmtpReplies, AnEnhancedStatusIsOneOfItsOwnClass) {
  EXPECT_EQ(reply_of("550 5.7.26 x").enhanced, "5.7.26");
  EXPECT_EQ(reply_of("550 5.1.1").enhanced, "5.1.1");
  for (const std::string line : {"550 4.1.1 x", "550 5.1 x", "550 5.1.1x", "550 5..1 x",
                                 "550 5.1.1111 x", "550 5.1111.1 x", "550 x 5.1.1", "250 5.1.1 x"})
    EXPECT_EQ(reply_of(line).enhanced, "") << line;
}

TEST(SmtpReplies, WhatWasNotAskedIsSeen) {
  SmtpReplyReader reader;
  reader.feed("250 a\r\n421 4.3.2 going down\r\n");
  ASSERT_TRUE(reader.next());
  EXPECT_TRUE(reader.has_more());
  ASSERT_TRUE(reader.next());
  EXPECT_FALSE(reader.has_more());
  reader.feed("250-a\r\n");
  ASSERT_TRUE(reader.next());
  EXPECT_TRUE(reader.has_more());
}

TEST(SmtpOffers, AreReadInAnyCase) {
  const auto offer = read_offer(
      replies_of("250-DSN greets SIZE 1\r\n250-size 10485760\r\n250-Dsn\r\n250 8BITMIME\r\n", 99)
          ->at(0));
  EXPECT_TRUE(offer.dsn);
  EXPECT_TRUE(offer.size);
  EXPECT_EQ(offer.max_bytes, 10485760U);
  const auto nothing = read_offer(replies_of("250-DSN\r\n250-DSNX\r\n250 SIZES 3\r\n", 99)->at(0));
  EXPECT_FALSE(nothing.dsn || nothing.size);
  for (const std::string size :
       {"SIZE", "SIZE ", "SIZE x", "SIZE -1", "SIZE 99999999999999999999"}) {
    const auto unknown = read_offer(replies_of("250-h\r\n250 " + size + "\r\n", 99)->at(0));
    EXPECT_TRUE(unknown.size) << size;
    EXPECT_EQ(unknown.max_bytes, 0U) << size;
  }
}

TEST(SmtpData, DotsAreStuffedAndTheEndIsOurs) {
  const auto data = [](std::string_view mime) { return data_of(as_bytes(mime)).value(); };
  EXPECT_EQ(data("A: b\r\n\r\nx\r\n"), "A: b\r\n\r\nx\r\n.\r\n");
  EXPECT_EQ(data("A: b\r\n\r\n.\r\n..\r\n.x\r\n"), "A: b\r\n\r\n..\r\n...\r\n..x\r\n.\r\n");
  EXPECT_EQ(data("A: b\r\n\r\nx"), "A: b\r\n\r\nx\r\n.\r\n");
  EXPECT_EQ(data(""), ".\r\n");
  EXPECT_EQ(data("."), "..\r\n.\r\n");
}

TEST(SmtpData, WhatAnotherServerMightReadOtherwiseDoesNotLeave) {
  // "SMTP smuggling": a line end by halves before the dot.
  for (const std::string mime : {"a\n.\nMAIL FROM:<x>\r\n", "a\r.\r\r\n", "a\r\n.\r", "a\n", "a\r",
                                 "caf\xc3\xa9\r\n", "\x80\r\n"}) {
    const auto data = data_of(as_bytes(mime));
    ASSERT_FALSE(data) << mime;
    EXPECT_EQ(data.error().code, ErrorCode::mail_failed);
  }
  EXPECT_FALSE(data_of(as_bytes(std::string_view("a\0b\r\n", 5))));
  EXPECT_TRUE(data_of(as_bytes(std::string(998, 'x') + "\r\n")));
  EXPECT_FALSE(data_of(as_bytes(std::string(999, 'x') + "\r\n")));
}

TEST(SmtpXtext, KeepsWhatRfc3461Allows) {
  EXPECT_EQ(xtext("dr.un@medecin.test"), "dr.un@medecin.test");
  EXPECT_EQ(xtext("a+b=c d\r\n\xe9~!"), "a+2Bb+3Dc+20d+0D+0A+E9~!");
}

// What becomes of a mail by each answer. R retry, A retry and the account is at fault, X refused.
TEST(SmtpVerdicts, FollowCodeStatusAndStep) {
  struct Case {
    SmtpStep step;
    std::string reply;
    char expected;
  };
  const SmtpStep mail = SmtpStep::mail, rcpt = SmtpStep::rcpt, data = SmtpStep::data,
                 body = SmtpStep::body;
  const std::vector<Case> cases = {
      {mail, "421 4.3.2 x", 'R'}, {mail, "451 x", 'R'},       {mail, "452 4.3.1 x", 'R'},
      {mail, "530 5.7.0 x", 'A'}, {mail, "530 x", 'A'},       {mail, "535 5.7.8 x", 'A'},
      {mail, "550 5.7.1 x", 'A'}, {mail, "553 5.7.1 x", 'A'}, {mail, "550 5.1.8 x", 'A'},
      {mail, "550 x", 'A'},       {mail, "552 x", 'X'},       {mail, "552 5.3.4 x", 'X'},
      {mail, "501 5.1.7 x", 'A'}, {mail, "555 5.5.4 x", 'A'}, {mail, "503 5.5.1 x", 'A'},
      {mail, "354 x", 'R'},       {rcpt, "421 x", 'R'},       {rcpt, "450 4.2.0 x", 'R'},
      {rcpt, "452 4.2.2 x", 'R'}, {rcpt, "451 4.7.1 x", 'R'}, {rcpt, "550 5.1.1 x", 'X'},
      {rcpt, "550 x", 'X'},       {rcpt, "552 5.2.2 x", 'X'}, {rcpt, "553 5.1.3 x", 'X'},
      {rcpt, "501 5.1.3 x", 'X'}, {rcpt, "501 x", 'A'},       {rcpt, "554 5.7.1 x", 'X'},
      {rcpt, "530 5.7.0 x", 'A'}, {rcpt, "504 5.5.2 x", 'A'}, {rcpt, "550 5.7.8 x", 'A'},
      {rcpt, "500 x", 'A'},       {rcpt, "555 5.5.4 x", 'A'}, {rcpt, "452 4.5.3 x", 'R'},
      {rcpt, "354 x", 'R'},       {data, "250 x", 'R'},       {data, "451 x", 'R'},
      {data, "554 5.5.1 x", 'A'}, {data, "503 x", 'A'},       {data, "554 x", 'X'},
      {body, "451 4.3.0 x", 'R'}, {body, "452 x", 'R'},       {body, "552 5.3.4 x", 'X'},
      {body, "554 5.6.0 x", 'X'}, {body, "550 5.7.1 x", 'X'}, {body, "554 x", 'X'},
      {body, "421 x", 'R'},       {body, "354 x", 'R'},
  };
  for (const Case& one : cases) {
    const auto verdict = judge(one.step, reply_of(one.reply));
    ASSERT_TRUE(verdict) << one.reply;
    const char given = verdict->outcome == SendOutcome::refused ? 'X'
                       : verdict->account_at_fault              ? 'A'
                                                                : 'R';
    EXPECT_EQ(given, one.expected) << static_cast<int>(one.step) << " " << one.reply;
    EXPECT_NE(verdict->outcome, SendOutcome::accepted);
  }
  for (const std::string good : {"250 ok", "251 2.1.5 forwarded", "200"}) {
    EXPECT_FALSE(judge(SmtpStep::mail, reply_of(good)));
    EXPECT_FALSE(judge(SmtpStep::rcpt, reply_of(good)));
    EXPECT_FALSE(judge(SmtpStep::body, reply_of(good)));
  }
  EXPECT_FALSE(judge(SmtpStep::data, reply_of("354 go on")));
}

TEST(SmtpVerdicts, SayWhatHappenedAndNameNobody) {
  const auto verdict = judge(SmtpStep::rcpt, reply_of("552 5.2.2 <dr.un@medecin.test> over quota"));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->reason, "RCPT: 552 5.2.2 (the mailbox is full)");
  EXPECT_EQ(judge(SmtpStep::body, reply_of("554 no"))->reason, "the mail's content: 554");
}

const Envelope kEnvelope{"0a1b", "filiere@cardio.test", "dr.un+x@medecin.test"};

/// The commands of one mail that goes well.
std::vector<std::string> commands(const Envelope& envelope, const SmtpOffer& offer,
                                  SmtpTransaction::Asked asked = {}) {
  const std::string data = "x\r\n.\r\n";
  SmtpTransaction mail(envelope, 3, data, offer, asked);
  std::vector<std::string> written;
  for (const std::string reply : {"250 ok", "250 ok", "354 go", "250 taken"}) {
    EXPECT_FALSE(mail.verdict());
    written.emplace_back(mail.command());
    mail.take(reply_of(reply));
  }
  EXPECT_EQ(mail.verdict()->outcome, SendOutcome::accepted);
  return written;
}

TEST(SmtpTransactions, AskForNothingThatIsNotOffered) {
  EXPECT_EQ(
      commands(kEnvelope, {}),
      (std::vector<std::string>{"MAIL FROM:<filiere@cardio.test>\r\n",
                                "RCPT TO:<dr.un+x@medecin.test>\r\n", "DATA\r\n", "x\r\n.\r\n"}));
}

TEST(SmtpTransactions, AskForReports) {
  const SmtpOffer offer{true, true, 0};
  auto written = commands(kEnvelope, offer);
  EXPECT_EQ(written[0], "MAIL FROM:<filiere@cardio.test> SIZE=3 RET=HDRS ENVID=0a1b\r\n");
  EXPECT_EQ(written[1],
            "RCPT TO:<dr.un+x@medecin.test> NOTIFY=SUCCESS,FAILURE,DELAY "
            "ORCPT=rfc822;dr.un+2Bx@medecin.test\r\n");
  written = commands(kEnvelope, offer, {false});
  EXPECT_NE(written[1].find(" NOTIFY=FAILURE,DELAY "), std::string::npos);
}

TEST(SmtpTransactions, AReportIsNeverReportedOn) {
  const auto written = commands({"k", "", "a@b.test"}, {true, false, 0});
  EXPECT_EQ(written[0], "MAIL FROM:<> RET=HDRS ENVID=k\r\n");
  EXPECT_NE(written[1].find(" NOTIFY=NEVER "), std::string::npos);
}

TEST(SmtpTransactions, ALongKeyIsNoEnvelopeId) {
  const auto written = commands({std::string(101, 'k'), "c@d.test", "a@b.test"}, {true, false, 0});
  EXPECT_EQ(written[0], "MAIL FROM:<c@d.test> RET=HDRS\r\n");
}

TEST(SmtpTransactions, WhatIsTooLargeIsNotEvenOffered) {
  const std::string data = "x\r\n.\r\n";
  const SmtpTransaction mail(kEnvelope, 1001, data, {false, true, 1000}, {});
  ASSERT_TRUE(mail.verdict());
  EXPECT_EQ(mail.verdict()->outcome, SendOutcome::refused);
  EXPECT_FALSE(SmtpTransaction(kEnvelope, 1000, data, {false, true, 1000}, {}).verdict());
}

TEST(SmtpTransactions, OnlyTheWholeMailIsUnanswered) {
  const std::string data = "x\r\n.\r\n";
  SmtpTransaction mail(kEnvelope, 3, data, {}, {});
  for (const std::string reply : {"250 ok", "250 ok", "354 go"}) {
    EXPECT_FALSE(mail.unanswered());
    mail.take(reply_of(reply));
  }
  EXPECT_TRUE(mail.unanswered());
  mail.take(reply_of("250 taken"));
  EXPECT_FALSE(mail.unanswered());
}

}  // namespace
}  // namespace telavis::test
