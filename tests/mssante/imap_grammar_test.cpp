// SPDX-License-Identifier: Apache-2.0
#include "mssante/imap_grammar.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telavis::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string response_text(const ImapResponse& response) {
  struct Show {
    std::string operator()(const ImapIgnored&) const { return "ignored"; }
    std::string operator()(const ImapCondition& one) const {
      const std::array<const char*, 5> names = {"ok", "no", "bad", "preauth", "bye"};
      return fmt::format("{} <{}> <{}>", names.at(static_cast<std::size_t>(one.status)), one.code,
                         one.argument);
    }
    std::string operator()(const ImapExists& one) const {
      return fmt::format("exists {}", one.mails);
    }
    std::string operator()(const ImapSearch& one) const {
      std::string text = "search";
      for (const ImapUids& uids : one.found) text += fmt::format(" {}-{}", uids.first, uids.last);
      return text;
    }
    std::string operator()(const ImapFetch& one) const {
      std::string text = "fetch";
      if (one.uid) text += fmt::format(" uid {}", *one.uid);
      if (one.size) text += fmt::format(" size {}", *one.size);
      if (one.body) text += fmt::format(" body <{}>", as_text(*one.body));
      return text;
    }
  };
  return response.tag + " " + std::visit(Show{}, response.what);
}

/// Everything that the bytes say, "error: ..." last when they are no IMAP.
std::vector<std::string> responses_in(std::string_view bytes, std::size_t step = 1'000'000,
                                      ImapLimits limits = {}) {
  ImapReader reader(limits);
  std::vector<std::string> all;
  while (true) {
    const auto next = reader.next();
    if (!next) {
      EXPECT_EQ(next.error().code, ErrorCode::mail_unreachable);
      all.push_back("error: " + next.error().text);
      return all;
    }
    if (*next) {
      all.push_back(response_text(**next));
      continue;
    }
    if (bytes.empty()) return all;
    reader.add(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
}

TEST(ImapGrammarTest, ASessionReadsTheSameInPiecesOfAnySize) {
  // A NUL would end a string made of one literal.
  std::string bytes(
      "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready {12}\r\n"
      "* FLAGS (\\Answered \\Flagged \"odd flag\")\r\n"
      "* OK [PERMANENTFLAGS ()] Read-only mailbox.\r\n"
      "* 17 EXISTS\r\n* 0 RECENT\r\n"
      "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n"
      "* OK [UIDNEXT 4392] Predicted next UID\r\n"
      "T1 OK [READ-ONLY] Examine completed (0.001 + 0.000 secs).\r\n"
      "* SEARCH 2 84 882\r\n"
      "* SEARCH\r\n"
      "T2 ok done\r\n"
      "* 23 FETCH (UID 4391 RFC822.SIZE 44827 BODY[]<0> {11}\r\nA\r\n)");
  bytes += '\0';
  bytes +=
      "{3}\r\n\xff FLAGS (\\Seen))\r\n"
      "* 24 FETCH (FLAGS (\\Seen) MODSEQ (65402))\r\n"
      "T3 NO [EXPUNGEISSUED] gone\r\n"
      "* BYE Logging out\r\n";
  std::string body = "A\r\n)";
  body += '\0';
  body += "{3}\r\n\xff";
  const auto expected = ElementsAre(
      "* ok <CAPABILITY> <IMAP4rev1 STARTTLS>", "* ignored", "* ok <PERMANENTFLAGS> <()>",
      "* exists 17", "* ignored", "* ok <UIDVALIDITY> <3857529045>", "* ok <UIDNEXT> <4392>",
      "T1 ok <READ-ONLY> <>", "* search 2-2 84-84 882-882", "* search", "T2 ok <> <>",
      "* fetch uid 4391 size 44827 body <" + body + ">", "* fetch", "T3 no <EXPUNGEISSUED> <>",
      "* bye <> <>");
  for (std::size_t step = 1; step <= bytes.size(); ++step)
    EXPECT_THAT(responses_in(bytes, step), expected) << step;
}

TEST(ImapGrammarTest, FormsThatServersReallyUse) {
  const std::pair<const char*, const char*> cases[] = {
      // lower case, no text, a bare line feed
      {"* ok\r\n", "* ok <> <>"},
      {"a.17 bad\n", "a.17 bad <> <>"},
      {"* PREAUTH [capability IMAP4rev2] hello\r\n", "* preauth <CAPABILITY> <IMAP4rev2>"},
      {"+ idling\r\n", "+ ignored"},
      {"+\r\n", "+ ignored"},
      {"\r\n", "* ignored"},
      {"* CAPABILITY IMAP4rev1\r\n", "* ignored"},
      {"* ENABLED\r\n", "* ignored"},
      {"* LIST (\\Noselect) \"/\" {5}\r\nIN\r\nX\r\n", "* ignored"},
      {"* 5 expunge\r\n", "* ignored"},
      {"* search 4 2 \r\n", "* search 4-4 2-2"},
      {"* SEARCH 2 5 (MODSEQ 917162500)\r\n", "* search 2-2 5-5"},
      {"* ESEARCH (TAG \"T2\") UID ALL 4:18,21,30:28 COUNT 19\r\n", "* search 4-18 21-21 28-30"},
      {"* ESEARCH UID MIN 4 ALL 7\r\n", "* search 7-7"},
      {"* ESEARCH (TAG \"a)\\\"b\") UID\r\n", "* search"},
      {"* ESEARCH\r\n", "* search"},
      {"* OK [UIDVALIDITY 7\r\n", "* ok <> <>"},
      {"* NO [X<script>] y\r\n", "* no <> <>"},
      {"* 1 FETCH ()\r\n", "* fetch"},
      {"* 1 FETCH (UID 5 )\r\n", "* fetch uid 5"},
      {"* 1 FETCH (uid 5 body[] \"a\\\"b\\\\c\" rfc822.size 5)\r\n",
       "* fetch uid 5 size 5 body <a\"b\\c>"},
      {"* 1 FETCH (UID 5 BODY[] NIL)\r\n", "* fetch uid 5"},
      {"* 1 FETCH (UID 5 BODY[] ~{2}\r\nab)\r\n", "* fetch uid 5 body <ab>"},
      {"* 1 FETCH (UID 5 BODY[] {2+}\r\nab)\r\n", "* fetch uid 5 body <ab>"},
      {"* 1 FETCH (UID 5 BODY[] {0}\r\n)\r\n", "* fetch uid 5 body <>"},
      // not from the first byte on, not the whole: not what was asked for
      {"* 1 FETCH (UID 5 BODY[]<3> {2}\r\nab)\r\n", "* fetch uid 5"},
      {"* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)]<0> {2}\r\nab UID 5)\r\n", "* fetch uid 5"},
      {"* 1 FETCH (BODY ((\"TEXT\" \"PLAIN\" NIL)(\"IMAGE\" {3}\r\nGIF)) UID 5)\r\n",
       "* fetch uid 5"},
      {"* 1 FETCH (ENVELOPE (\"x\" NIL ((NIL NIL \"a\" \"b\")) {2}\r\n)( \"\") UID 5)\r\n",
       "* fetch uid 5"},
  };
  for (const auto& [bytes, expected] : cases)
    EXPECT_THAT(responses_in(bytes), ElementsAre(expected)) << bytes;
}

TEST(ImapGrammarTest, WhatIsNoImapIsRefused) {
  for (const char* bytes : {
           " \r\n",
           "T1\r\n",
           "T1 MAYBE\r\n",
           "T1 BYE\r\n",
           "*\r\n",
           "* \r\n",
           "HTTP/1.1 400 Bad Request\r\n",
           "* 5\r\n",
           "* 5x EXISTS\r\n",
           "* 99999999999 EXISTS\r\n",
           "* -1 EXISTS extra\r\nT1 X\r\n",
           "* SEARCH 0\r\n",
           "* SEARCH 4294967296\r\n",
           "* SEARCH 1 two\r\n",
           "* ESEARCH ALL 4\r\n",
           "* ESEARCH UID ALL 4:*\r\n",
           "* ESEARCH UID ALL\r\n",
           "* ESEARCH UID ALL 4,\r\n",
           "* ESEARCH (TAG \"x\" UID\r\n",
           "* ESEARCH UID COUNT\r\n",
           "* 1 FETCH\r\n",
           "* 1 FETCH (\r\n",
           "* 1 FETCH UID 5\r\n",
           "* 1 FETCH (UID 5\r\n",
           "* 1 FETCH (UID 0)\r\n",
           "* 1 FETCH (UID x)\r\n",
           "* 1 FETCH (UID)\r\n",
           "* 1 FETCH (UID 5) x\r\n",
           "* 1 FETCH (UID 5))\r\n",
           "* 1 FETCH (UID 5RFC822.SIZE 1)\r\n",
           "* 1 FETCH (BODY[ {1}\r\na)\r\n",
           "* 1 FETCH (BODY[]<x> {1}\r\na)\r\n",
           "* 1 FETCH (BODY[]<0 {1}\r\na)\r\n",
           "* 1 FETCH (BODY[] a)\r\n",
           "* 1 FETCH (BODY[] \"a)\r\n",
           "* 1 FETCH (BODY[] \"a\\\r\n",
           "* 1 FETCH (BODY[] {1} )\r\n",
           "* 1 FETCH (BODY[] {1}x\r\n",
           "* 1 FETCH (FLAGS (\\Seen)\r\n",
           "* 1 FETCH (X (()\r\n",
           "* 1 FETCH ({1}\r\na)\r\n",
           "* 1 FETCH (UID 5 {1}\r\na)\r\n",
           "* 1 FETCH (BODY[] {1}\r\na {1}\r\nb)\r\n",
       }) {
    const auto all = responses_in(bytes);
    ASSERT_FALSE(all.empty()) << bytes;
    EXPECT_THAT(all.back(), HasSubstr("error: The mail server's answer is not understood"))
        << bytes;
  }
}

TEST(ImapGrammarTest, NestingCostsNoStack) {
  const std::size_t depth = 200'000;
  EXPECT_THAT(
      responses_in("* 1 FETCH (X " + std::string(depth, '(') + std::string(depth, ')') + ")\r\n"),
      ElementsAre("* fetch"));
  EXPECT_THAT(responses_in("* 1 FETCH (X " + std::string(depth, '(') + "\r\n").back(),
              HasSubstr("error"));
}

TEST(ImapGrammarTest, LimitsHoldWhateverIsAnnounced) {
  const ImapLimits small{21, 10};  // the carriage return counts
  EXPECT_THAT(responses_in("* SEARCH 1 2 3 4 5 6\r\n", 1, small),
              ElementsAre("* search 1-1 2-2 3-3 4-4 5-5 "
                          "6-6"));
  EXPECT_THAT(responses_in("* SEARCH 1 2 3 4 5 6 7\r\n", 1, small).front(),
              HasSubstr("a line above"));
  // No line end at all, in one piece and in many.
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}})
    EXPECT_THAT(responses_in(std::string(1000, 'x'), step, small).front(),
                HasSubstr("a line above"));
  EXPECT_THAT(responses_in("* LIST {5}\r\nabcde{5}\r\nabcde\r\n", 3, small),
              ElementsAre("* ignored"));
  for (const char* bytes :
       {"* LIST {11}\r\n", "* LIST {5}\r\nabcde{6}\r\n", "* LIST {18446744073709551615}\r\n",
        "* LIST {99999999999999999999}\r\n"})
    EXPECT_THAT(responses_in(bytes, 3, ImapLimits{64, 10}).back(), HasSubstr("a literal above"))
        << bytes;
  // Behind a response the count begins anew.
  EXPECT_THAT(responses_in("* LIST {9}\r\n123456789\r\n* LIST {9}\r\n123456789\r\n", 4, small),
              ElementsAre("* ignored", "* ignored"));
  std::string many = "* LIST";
  for (int i = 0; i < 65; ++i) many += " {0}\r\n";
  EXPECT_THAT(responses_in(many).back(), HasSubstr("too many literals"));
}

TEST(ImapGrammarTest, AWordThatLooksLikeALiteralInATextIsNone) {
  for (const char* line :
       {"* OK see {3}\r\n", "* NO see {3}\r\n", "* bye {3}\r\n", "T1 OK see {3}\r\n", "+ {3}\r\n"})
    EXPECT_THAT(responses_in(std::string(line) + "* 3 EXISTS\r\n"),
                ElementsAre(testing::_, "* exists 3"))
        << line;
  // At the end of a line a literal may have been the last value.
  EXPECT_THAT(responses_in("* LIST {3}\r\nabc\r\n* 3 EXISTS\r\n"),
              ElementsAre("* ignored", "* exists 3"));
  EXPECT_THAT(responses_in("* LIST {3}\r\nabc{2}\r\nde\r\n"), ElementsAre("* ignored"));
}

TEST(ImapGrammarTest, NothingComesOfWhatIsNotWhole) {
  const std::string bytes = "* 1 FETCH (UID 5 BODY[] {4}\r\nabcd)\r\n";
  for (std::size_t i = 0; i < bytes.size(); ++i)
    EXPECT_THAT(responses_in(std::string_view(bytes).substr(0, i)), IsEmpty()) << i;
}

}  // namespace
}  // namespace telavis::test
