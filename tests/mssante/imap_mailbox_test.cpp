// SPDX-License-Identifier: Apache-2.0
#include "mssante/imap_mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes.h"
#include "tests/mssante/fake_imap.h"

namespace telavis::test {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ImapMailboxTest : public testing::Test {
 protected:
  ImapMailbox mailbox() {
    return {[this]() -> Result<std::unique_ptr<MailConnection>> {
              ++connections;
              return std::make_unique<FakeImapConnection>(server);
            },
            clock, limits};
  }
  Result<std::vector<FetchedMail>> fetched(MailboxCursor cursor = {}, std::size_t limit = 100) {
    server.commands.clear();
    server.said = 0;
    return mailbox().fetch_after(cursor, limit);
  }
  /// "validity/uid text", with what could not be had.
  static std::vector<std::string> shown(const Result<std::vector<FetchedMail>>& mails) {
    EXPECT_TRUE(mails) << mails.error().text;
    std::vector<std::string> all;
    for (const FetchedMail& mail : mails.value_or(std::vector<FetchedMail>{})) {
      std::string text = fmt::format("{}/{} {}", mail.cursor.uid_validity, mail.cursor.last_uid,
                                     as_text(mail.mime));
      if (mail.gap == MailGap::too_large) text += fmt::format(" (too large, {})", mail.size);
      if (mail.gap == MailGap::withheld) text += " (withheld)";
      all.push_back(text);
    }
    return all;
  }
  void expect_error(ErrorCode code, const std::string& what, MailboxCursor cursor = {}) {
    const auto mails = fetched(cursor);
    ASSERT_FALSE(mails) << what;
    EXPECT_EQ(mails.error().code, code) << what << ": " << mails.error().text;
    // The server's own words stay out: they may name somebody.
    EXPECT_THAT(mails.error().text, Not(HasSubstr("martin"))) << what;
  }
  void answer(const std::string& start, const std::string& text) {
    server.instead = [start, text](const std::string& command) {
      return command.starts_with(start) ? text : std::string();
    };
  }

  FakeImapServer server;
  SimClock clock{from_epoch_ms(1'767'600'000'000)};
  ImapMailboxLimits limits;
  int connections = 0;
};

TEST_F(ImapMailboxTest, ReadsWhatLiesBehindTheCursorAndChangesNothing) {
  server.mails = {{3, "c"}, {5, "e"}, {8, "h"}};
  EXPECT_THAT(shown(fetched({7, 3})), ElementsAre("7/5 e", "7/8 h"));
  EXPECT_THAT(server.commands,
              ElementsAre("EXAMINE INBOX", "UID SEARCH UID 4:*",
                          "UID FETCH 5 (UID RFC822.SIZE BODY.PEEK[]<0.52428801>)",
                          "UID FETCH 8 (UID RFC822.SIZE BODY.PEEK[]<0.52428801>)", "LOGOUT"));
  const auto mails = fetched({7, 5});
  ASSERT_TRUE(mails);
  EXPECT_EQ(mails->front().size, 1U);
  EXPECT_EQ(mails->front().gap, MailGap::none);
}

TEST_F(ImapMailboxTest, TheLastMailIsNotReadAgain) {
  server.mails = {{3, "c"}, {5, "e"}};
  EXPECT_THAT(shown(fetched({7, 5})), IsEmpty());
  EXPECT_THAT(shown(fetched({7, 9})), IsEmpty());
  EXPECT_THAT(server.commands, ElementsAre("EXAMINE INBOX", "UID SEARCH UID 10:*", "LOGOUT"));
  // No UID comes behind the greatest.
  EXPECT_THAT(shown(fetched({7, 4'294'967'295U})), IsEmpty());
  EXPECT_THAT(server.commands, ElementsAre("EXAMINE INBOX", "LOGOUT"));
  server.mails = {{4'294'967'295U, "z"}};
  EXPECT_THAT(shown(fetched({7, 5})), ElementsAre("7/4294967295 z"));
}

TEST_F(ImapMailboxTest, AnEmptyMailboxIsNotSearched) {
  EXPECT_THAT(shown(fetched()), IsEmpty());
  EXPECT_THAT(server.commands, ElementsAre("EXAMINE INBOX", "LOGOUT"));
  // A server that leaves out how many there are is asked.
  server.mails = {{1, "a"}};
  answer("EXAMINE", "* OK [UIDVALIDITY 7] .\r\n$T OK .\r\n");
  EXPECT_THAT(shown(fetched()), ElementsAre("7/1 a"));
}

TEST_F(ImapMailboxTest, AnotherUidValidityBeginsAtTheFirstMail) {
  server.mails = {{1, "a"}, {2, "b"}};
  server.uid_validity = 9;
  EXPECT_THAT(shown(fetched({7, 40})), ElementsAre("9/1 a", "9/2 b"));
  EXPECT_THAT(shown(fetched({9, 1})), ElementsAre("9/2 b"));
}

TEST_F(ImapMailboxTest, StopsAtTheLimitsOfOneCallAndGoesOnWithTheNext) {
  for (std::uint32_t uid = 1; uid <= 300; ++uid) server.mails[uid] = std::to_string(uid);
  EXPECT_THAT(shown(fetched({7, 0}, 2)), ElementsAre("7/1 1", "7/2 2"));
  EXPECT_THAT(shown(fetched({7, 2}, 1)), ElementsAre("7/3 3"));
  EXPECT_EQ(fetched({7, 0}, 250)->size(), 250U);
  EXPECT_THAT(shown(fetched({7, 0}, 0)), IsEmpty());
  server.mails = {{1, "12345"}, {2, "67890"}, {3, "x"}};
  limits.batch_bytes = 10;
  EXPECT_THAT(shown(fetched()), ElementsAre("7/1 12345", "7/2 67890"));
}

TEST_F(ImapMailboxTest, BytesArriveAsTheyAreInPiecesOfAnySize) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  server.mails = {{1, all + "\r\n)\r\nT3 OK done\r\n* BYE\r\n{5}\r\n"}, {2, ""}, {3, all}};
  for (const std::size_t piece : {1, 2, 3, 7, 100, 4096}) {
    server.piece = piece;
    const auto mails = fetched();
    ASSERT_TRUE(mails) << mails.error().text;
    ASSERT_EQ(mails->size(), 3U);
    for (const FetchedMail& mail : *mails)
      EXPECT_EQ(as_text(mail.mime), server.mails.at(mail.cursor.last_uid)) << piece;
  }
}

TEST_F(ImapMailboxTest, OfAMailAboveTheLimitTheHeaderIsRead) {
  const std::string header = "From: dr@medecin.test\r\nSubject: x\r\n\r\n";
  limits.mail_bytes = 100;
  server.mails = {{1, header + std::string(100 - header.size(), 'a')},
                  {2, header + std::string(101 - header.size(), 'b')},
                  {3, std::string(5000, 'c')},
                  {4, "d"}};
  EXPECT_THAT(shown(fetched()),
              ElementsAre("7/1 " + server.mails[1], "7/2 " + header + " (too large, 101)",
                          "7/3 " + std::string(101, 'c') + " (too large, 5000)", "7/4 d"));
  limits.mail_bytes = 1 << 20;
  server.mails = {{1, std::string(2 << 20, 'h')}};
  const auto mails = fetched();
  ASSERT_TRUE(mails && mails->size() == 1);
  EXPECT_EQ(mails->front().mime.size(), std::size_t{256} << 10);
  EXPECT_EQ(mails->front().size, std::size_t{2} << 20);
}

TEST_F(ImapMailboxTest, AMailThatIsWithheldIsToldOnceALaterOneIsGiven) {
  server.mails = {{1, "a"}, {2, "b"}, {3, "c"}};
  for (const char* how : {"$T NO [SERVERBUG] dr.martin\r\n", "$T NO\r\n",
                          "* 2 FETCH (UID 2 BODY[] NIL)\r\n$T OK .\r\n"}) {
    answer("UID FETCH 2 ", how);
    EXPECT_THAT(shown(fetched()), ElementsAre("7/1 a", "7/2  (withheld)", "7/3 c")) << how;
    EXPECT_THAT(shown(fetched({7, 1}, 1)), ElementsAre("7/2  (withheld)")) << how;
    server.mails.erase(3);
    // Now it may be the server that gives none.
    EXPECT_THAT(shown(fetched()), ElementsAre("7/1 a")) << how;
    expect_error(ErrorCode::mail_unreachable, how, {7, 1});
    server.mails[3] = "c";
  }
  answer("UID FETCH", "$T NO [UNAVAILABLE] dr.martin\r\n");
  expect_error(ErrorCode::mail_unreachable, "none is given");
  answer("UID FETCH", "$T NO [NOPERM] dr.martin\r\n");
  expect_error(ErrorCode::mail_refused, "none may be read");
}

TEST_F(ImapMailboxTest, AMailThatIsGoneMeanwhileIsPassedOver) {
  server.mails = {{1, "a"}, {2, "b"}, {3, "c"}};
  for (const char* how : {"* 2 EXPUNGE\r\n$T OK .\r\n", "$T NO [EXPUNGEISSUED] .\r\n"}) {
    answer("UID FETCH 2 ", how);
    EXPECT_THAT(shown(fetched({7, 0}, 2)), ElementsAre("7/1 a", "7/3 c")) << how;
  }
  answer("UID FETCH", "$T OK .\r\n");
  EXPECT_THAT(shown(fetched()), IsEmpty());
}

TEST_F(ImapMailboxTest, WhatWasReadBeforeAFailureCounts) {
  server.mails = {{1, "first mail"}, {2, "second mail"}};
  ASSERT_TRUE(fetched());
  const std::size_t whole = server.said;
  std::size_t none = 0, one = 0, both = 0;
  for (server.cut_after = 0; server.cut_after < whole; ++server.cut_after) {
    const auto mails = fetched();
    if (!mails) {
      EXPECT_EQ(mails.error().code, ErrorCode::mail_unreachable) << server.cut_after;
      ++none;
    } else if (mails->size() == 1) {
      EXPECT_THAT(shown(mails), ElementsAre("7/1 first mail"));
      ++one;
    } else {
      EXPECT_THAT(shown(mails), ElementsAre("7/1 first mail", "7/2 second mail"));
      ++both;
    }
  }
  EXPECT_GT(none, 150U);
  EXPECT_GT(one, 60U);
  EXPECT_EQ(both, 0U);  // LOGOUT is not waited for
}

TEST_F(ImapMailboxTest, ASlowServerIsLeftWithWhatItGave) {
  server.mails = {{1, "a"}, {2, std::string(1000, 'b')}};
  server.piece = 10;
  std::size_t reads = 0;
  server.before_read = [&] {
    ++reads;
    clock.advance(std::chrono::seconds(10));
  };
  EXPECT_THAT(shown(fetched()), ElementsAre("7/1 a"));
  EXPECT_EQ(reads, 61U);  // of ten minutes
  expect_error(ErrorCode::mail_unreachable, "slow from the start", {7, 1});
}

TEST_F(ImapMailboxTest, RefusalsTellWhatToDo) {
  server.mails = {{1, "a"}};
  const std::pair<const char*, ErrorCode> cases[] = {
      {"$T NO [NONEXISTENT] dr.martin has no such mailbox\r\n", ErrorCode::mail_refused},
      {"$T NO [AUTHORIZATIONFAILED] dr.martin\r\n", ErrorCode::mail_refused},
      {"$T NO [expired] dr.martin\r\n", ErrorCode::mail_refused},
      {"$T BAD dr.martin\r\n", ErrorCode::mail_refused},
      {"$T NO [UNAVAILABLE] dr.martin\r\n", ErrorCode::mail_unreachable},
      {"$T NO [INUSE] dr.martin\r\n", ErrorCode::mail_unreachable},
      {"$T NO dr.martin\r\n", ErrorCode::mail_unreachable},
      {"* BYE [UNAVAILABLE] dr.martin\r\n", ErrorCode::mail_unreachable},
      {"* BYE dr.martin\r\n$T OK .\r\n", ErrorCode::mail_unreachable},
      {"T99 OK dr.martin\r\n", ErrorCode::mail_unreachable},
      {"+ dr.martin\r\n", ErrorCode::mail_unreachable},
      {"dr.martin\r\n", ErrorCode::mail_unreachable},
  };
  for (const char* start : {"EXAMINE", "UID SEARCH", "UID FETCH"}) {
    for (const auto& [text, code] : cases) {
      answer(start, text);
      expect_error(code, std::string(start) + ": " + text);
    }
  }
  answer("EXAMINE", "* 1 EXISTS\r\n$T OK [READ-ONLY] no UIDs are kept\r\n");
  expect_error(ErrorCode::mail_refused, "no UIDVALIDITY");
  for (const char* validity : {"0", "", "x", "4294967296", "99999999999999999999999", "7 8"}) {
    answer("EXAMINE",
           fmt::format("* 1 EXISTS\r\n* OK [UIDVALIDITY {}] .\r\n$T OK .\r\n", validity));
    expect_error(ErrorCode::mail_unreachable, validity);
  }
}

TEST_F(ImapMailboxTest, AMailboxMadeAnewMeanwhileIsReadAgainLater) {
  server.mails = {{1, "a"}, {2, "b"}};
  answer("UID FETCH 2 ",
         "* OK [UIDVALIDITY 8] .\r\n* 2 FETCH (UID 2 BODY[] {1}\r\nx)\r\n$T OK .\r\n");
  EXPECT_THAT(shown(fetched()), ElementsAre("7/1 a"));
}

TEST_F(ImapMailboxTest, WhatNobodyAskedForIsLeftOut) {
  server.mails = {{1, "a"}, {2, "b"}};
  answer("UID FETCH 1 ",
         "* 2 FETCH (UID 2 BODY[] {5}\r\nwrong)\r\n* 9 FETCH (FLAGS (\\Seen))\r\n* 5 EXISTS\r\n"
         "* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n* SEARCH 900\r\n* 4 EXPUNGE\r\n"
         "* 1 FETCH (BODY[]<0> {3}\r\nyes UID 1)\r\n* 1 FETCH (UID 1 BODY[] {5}\r\ntwice)\r\n"
         "$T OK .\r\n");
  EXPECT_THAT(shown(fetched()), ElementsAre("7/1 yes", "7/2 b"));
}

TEST_F(ImapMailboxTest, SearchesOfAllServers) {
  server.mails = {{1, "a"}, {2, "b"}, {3, "c"}, {5, "e"}};
  for (const char* text : {"* SEARCH 5 1\r\n* SEARCH 3 2 3\r\n$T OK .\r\n",
                           "* ESEARCH (TAG \"$T\") UID ALL 5,1:3\r\n$T OK .\r\n",
                           // a range names UIDs that are not there
                           "* ESEARCH UID ALL 5000:1\r\n$T OK .\r\n"}) {
    answer("UID SEARCH", text);
    EXPECT_THAT(shown(fetched({7, 1})), ElementsAre("7/2 b", "7/3 c", "7/5 e")) << text;
  }
  answer("UID SEARCH", "$T OK .\r\n");
  EXPECT_THAT(shown(fetched()), IsEmpty());
}

TEST_F(ImapMailboxTest, AServerThatFloodsIsLeft) {
  server.mails = {{1, "a"}, {2, "b"}};
  limits.mail_bytes = 1000;
  for (const std::string& text :
       {"* 1 FETCH (UID 2 BODY[] {" + std::to_string((1 << 20) + 1002) + "}\r\n",
        "* LIST " + std::string(9 << 20, 'x'), std::string(9 << 20, '(') + "\r\n",
        "* ESEARCH UID ALL 1:4294967295\r\n" + std::string("* BYE\r\n")}) {
    answer("UID FETCH 2 ", text);
    EXPECT_THAT(shown(fetched()), ElementsAre("7/1 a")) << text.substr(0, 40);
    expect_error(ErrorCode::mail_unreachable, text.substr(0, 40), {7, 1});
  }
  std::string flood;
  for (int i = 0; i < 200'000; ++i) flood += "* 1 EXPUNGE\r\n";
  answer("UID FETCH 2 ", flood + "$T OK .\r\n");
  expect_error(ErrorCode::mail_unreachable, "two hundred thousand responses", {7, 1});
  flood = "* ESEARCH UID ALL 1";
  for (int i = 0; i < 250'000; ++i) flood += ",1";
  answer("UID SEARCH", flood + "\r\n" + flood + "\r\n$T OK .\r\n");
  expect_error(ErrorCode::mail_unreachable, "half a million UIDs", {7, 1});
}

TEST_F(ImapMailboxTest, WhatTheConnectionSaysIsPassedOn) {
  ImapMailbox unreachable(
      []() -> Result<std::unique_ptr<MailConnection>> {
        return fail(ErrorCode::mail_refused, "certificate");
      },
      clock);
  const auto mails = unreachable.fetch_after({}, 1);
  ASSERT_FALSE(mails);
  EXPECT_EQ(mails.error().code, ErrorCode::mail_refused);
  EXPECT_EQ(mails.error().text, "certificate");
  EXPECT_THAT(shown(fetched()), IsEmpty());
  EXPECT_EQ(connections, 1);
}

}  // namespace
}  // namespace telavis::test
