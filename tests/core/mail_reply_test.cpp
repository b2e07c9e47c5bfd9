// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_reply.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/core/catalogue.h"
#include "tests/core/reply_corpus.h"

namespace telavis::test {
namespace {

using Kind = ReplyReading::Kind;

bool same(const ReplyReading& read, const ExpectedReply& expected) {
  if (expected.kind == Kind::unclear) return read.kind == Kind::unclear;
  return read.kind == expected.kind && read.urgent == expected.urgent &&
         read.conclusion == expected.conclusion && read.conduct == expected.conduct &&
         read.delay == expected.delay && read.question == expected.question &&
         read.reason == expected.reason;
}

TEST(MailReply, TheCorpusIsReadWithoutOneWrongOpinion) {
  const auto corpus = reply_corpus();
  ASSERT_GE(corpus.size(), 200U);
  int taken = 0, right = 0, readable = 0, opinions = 0;
  for (const ExpectedReply& expected : corpus) {
    const ReplyReading read = read_reply(expected.mail);
    SCOPED_TRACE(expected.name + "\n" + expected.mail.text);
    const bool correct = same(read, expected);
    if (expected.kind != Kind::unclear) ++readable;
    if (read.kind == Kind::unclear) {
      EXPECT_FALSE(read.doubts.empty());
      EXPECT_TRUE(read.conclusion.empty());
    } else {
      ++taken;
      opinions += read.kind == Kind::opinion ? 1 : 0;
      // A false accept: something was taken that was not said, or in other words.
      EXPECT_TRUE(correct) << reply_kind_name(read.kind) << "\n[" << read.conclusion << "]\n["
                           << read.conduct << "]\n[" << read.delay << "]\n[" << read.question
                           << "]\n[" << read.reason << "]";
      right += correct ? 1 : 0;
      EXPECT_EQ(read.case_number.empty() ? "TE-2026-7K3M9Q2A" : read.case_number,
                "TE-2026-7K3M9Q2A");
    }
    if (expected.kind != Kind::unclear) {
      EXPECT_TRUE(correct) << reply_kind_name(read.kind) << " "
                           << testing::PrintToString(read.doubts);
    }
  }
  std::cout << "replies " << corpus.size() << ", answers taken " << taken << " (opinions "
            << opinions << "), precision " << (taken > 0 ? 100.0 * right / taken : 0)
            << " %, recall " << 100.0 * right / readable << " %, false accepts " << taken - right
            << "\n";
  EXPECT_EQ(taken, right);
  EXPECT_GE(100 * right, 99 * readable);
}

IncomingMail mail_with(const std::string& text) {
  IncomingMail mail;
  mail.from = "paul.martin@medecin.test";
  mail.from_label = "Dr Paul Martin";
  mail.subject = "Re: TE-2026-7K3M9Q2A";
  mail.text = text;
  return mail;
}

bool doubts(const ReplyReading& reading, std::string_view doubt) {
  return std::ranges::find(reading.doubts, doubt) != reading.doubts.end();
}

TEST(MailReply, WhatIsQuotedIsNeverTaken) {
  const auto filled = read_reply(mail_with("> AVIS : FA\n> CONDUITE : AOD"));
  EXPECT_EQ(filled.kind, Kind::unclear);
  EXPECT_TRUE(doubts(filled, "token_in_quote"));
  const auto inside = read_reply(mail_with("> AVIS :\nFA\n> CONDUITE :\nAOD"));
  EXPECT_EQ(inside.kind, Kind::unclear);
  const auto split = read_reply(mail_with("AVIS : FA\n\n> Question ?\nanticoaguler\n> Merci"));
  EXPECT_TRUE(doubts(split, "words_between_quotes")) << testing::PrintToString(split.doubts);
  const auto corrected = read_reply(mail_with(
      "AVIS : flutter\n\nLe 05/01/2026 à 10:02, ECG a écrit :\n> Compris ainsi :\n> AVIS : FA"));
  EXPECT_EQ(corrected.kind, Kind::opinion) << testing::PrintToString(corrected.doubts);
  EXPECT_EQ(corrected.conclusion, "flutter");
}

TEST(MailReply, ASentenceIsNoHeaderOfAQuotation) {
  const auto read = read_reply(
      mail_with("AVIS : Le patient de 45 ans a écrit :\nil va mieux\nDe : rien\nDate : inconnue"));
  EXPECT_EQ(read.kind, Kind::opinion) << testing::PrintToString(read.doubts);
  EXPECT_EQ(read.conclusion,
            "Le patient de 45 ans a écrit :\nil va mieux\nDe : rien\nDate : inconnue");
}

TEST(MailReply, TheCaseIsNamedOnceOrAsked) {
  auto mail = mail_with("AVIS : FA");
  EXPECT_EQ(read_reply(mail).case_number, "TE-2026-7K3M9Q2A");
  mail.subject = "RE: te 2026 \u2013 7k3m9q2a";
  EXPECT_EQ(read_reply(mail).case_number, "TE-2026-7K3M9Q2A");
  mail.text += "\n\n> dossier TE-2026-AAAAAAAA";
  EXPECT_TRUE(doubts(read_reply(mail), "two_cases"));
  mail.subject = "Re: avis";
  EXPECT_EQ(read_reply(mail).case_number, "TE-2026-AAAAAAAA");
  mail.subject = "Tr: avis";
  EXPECT_TRUE(doubts(read_reply(mail), "forwarded"));
}

TEST(MailReply, MachinesAndBrokenMailsAreNotAnswers) {
  auto mail = mail_with("AVIS : FA");
  for (const MailNature nature :
       {MailNature::auto_reply, MailNature::mailing_list, MailNature::delivery_report,
        MailNature::read_report, MailNature::calendar}) {
    mail.nature = nature;
    EXPECT_TRUE(doubts(read_reply(mail), "not_a_message"));
  }
  mail.nature = MailNature::message;
  mail.doubts = {"part_unreadable"};
  EXPECT_TRUE(doubts(read_reply(mail), "unreadable"));
}

TEST(MailReply, OurOwnInstructionsAreNoAnswer) {
  for (const Language language : {Language::french, Language::english}) {
    const auto read = read_reply(mail_with(message(language, "mail_reply.how")));
    EXPECT_EQ(read.kind, Kind::unclear);
    EXPECT_TRUE(doubts(read, "no_token")) << testing::PrintToString(read.doubts);
  }
}

TEST(MailReply, AnUnclearUrgencyIsToldAsOne) {
  const auto read = read_reply(mail_with("URGENT appelez le 15"));
  EXPECT_EQ(read.kind, Kind::unclear);
  EXPECT_TRUE(read.urgent);
  EXPECT_EQ(read.own_words, "URGENT appelez le 15");
}

TEST(MailReply, MapsToTheAnswerForm) {
  auto read = read_reply(mail_with("AVIS : mélanome\nCONDUITE : exérèse\nDELAI : 8 jours"));
  OpinionText opinion = opinion_of(read);
  EXPECT_EQ(opinion.orientation, "in_person");
  EXPECT_EQ(opinion.in_person.delay_days, 8);
  EXPECT_EQ(opinion.conduct, "exérèse\n8 jours");
  EXPECT_TRUE(parse_opinion(opinion_json(opinion)));
  opinion = opinion_of(read_reply(mail_with("URGENT : TV, le 15")));
  EXPECT_EQ(opinion.orientation, "emergency_15");
  EXPECT_TRUE(marks_of(opinion).urgent);
  opinion = opinion_of(read_reply(mail_with("AVIS : normal\nDELAI : sans")));
  EXPECT_EQ(opinion.orientation, "gp_management");
  EXPECT_TRUE(parse_opinion(opinion_json(opinion)));
}

TEST(MailReply, DurationsAsDoctorsWriteThem) {
  const std::vector<std::pair<const char*, int>> known = {
      {"15 jours", 15},        {"15j", 15},
      {"3 sem.", 21},          {"48 h", 2},
      {"un mois", 30},         {"6 à 8 semaines", 56},
      {"sous huitaine", 7},    {"demain", 1},
      {"1 an", 365},           {"ce jour", 0},
      {"Sous 72h maximum", 3}, {"dans les 3 mois", 90},
      {"24-48 heures", 2}};
  for (const auto& [text, days] : known) EXPECT_EQ(duration_in_days(text), days) << text;
  for (const char* text :
       {"", "rapidement", "2,5 mois", "avant le 15/03", "plus de 3 mois", "3 ans",
        "15 jours puis 3 mois", "dès que possible", "pas avant 3 mois", "15"}) {
    EXPECT_FALSE(duration_in_days(text)) << text;
  }
}

}  // namespace
}  // namespace telavis::test
