// SPDX-License-Identifier: Apache-2.0
// Every mail of whole cases, as it leaves: no link to log in by, nobody asked for a password, and
// each says so. (Of a campaign in a region, one professional in ten clicked on a false notice of
// secure mail, one in twenty-five typed a password.)
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "engine/core/letters.h"
#include "tests/service/stories_world.h"

namespace telavis::test::mail_scan_test {
namespace {

/// What is wrong with the words of a mail; empty: nothing.
std::string phishing_in(std::string text) {
  for (const Language language : {Language::french, Language::english}) {
    const std::string said = message(language, "mail.no_link");
    const auto found = text.find(said);
    if (found == std::string::npos) continue;
    text.erase(found, said.size());
    for (char& c : text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    for (const char* bait :
         {"http", "www.", "://", "href", "<a ", "mot de passe", "password", "cliquez", "click",
          "connectez-vous", "log in", "sign in", " lien", " link", "vérifiez votre compte"}) {
      if (text.find(bait) != std::string::npos) return bait;
    }
    return {};
  }
  return "does not say that it holds no link";
}

TEST(Bait, IsSeen) {
  const std::string said = message(Language::french, "mail.no_link");
  EXPECT_EQ(phishing_in("Bonjour.\n\n" + said), "");
  EXPECT_NE(phishing_in("Bonjour."), "");
  for (const char* bait : {"https://telavis.test", "Votre mot de passe expire", "Cliquez ici",
                           "un lien vous attend", "www.telavis.test"})
    EXPECT_NE(phishing_in(std::string(bait) + "\n\n" + said), "") << bait;
}

class MailScan : public Story {
 protected:
  /// Of all that left so far; gives the kinds seen.
  std::set<MessageKind> scan() {
    std::set<MessageKind> kinds;
    for (const LeftMail& mail : engine.postman.left()) {
      EXPECT_EQ(phishing_in(mail.text), "") << message_kind_name(mail.kind) << ": " << mail.text;
      kinds.insert(mail.kind);
    }
    return kinds;
  }
};

TEST_F(MailScan, AWholeCaseHoldsNoBait) {
  // Declined, silent, taken back, waiting, urgent, unopened, followed up, closed.
  const CaseId id = submitted();
  name_experts(id);
  run_until(hour(1));
  engine.done(first, "decline", id, reason("unavailable"));
  run_until(hour(24.5));
  engine.done(second, "accept", id);
  engine.done(second, "need-info", id, kText);
  run_until(hour(30));
  engine.done(engine.gp, "info", id, kText);
  run_until(hour(80));
  engine.done(engine.coordinator, "reassign", id,
              R"({"expert":")" + first.id.value + R"(","reason":"nobody_eligible"})");
  engine.done(first, "opinion", id, kUrgentJson);
  run_until(hour(82));
  engine.done(engine.gp, "acknowledge", id);
  engine.done(engine.gp, "follow-up", id, kText);
  run_until(hour(24.0 * 32));
  const auto kinds = scan();
  EXPECT_GE(kinds.size(), 14U);
  for (const MessageKind kind :
       {MessageKind::invitation, MessageKind::info_needed, MessageKind::breach_alert,
        MessageKind::report, MessageKind::urgent_opinion, MessageKind::urgent_alert,
        MessageKind::follow_up})
    EXPECT_TRUE(kinds.contains(kind)) << message_kind_name(kind);
}

TEST_F(MailScan, AnUnreadOpinionHoldsNoBait) {
  answered(kInPersonJson);
  run_until(hour(24.0 * 10));
  EXPECT_GE(scan().size(), 3U);
}

TEST_F(MailScan, TheActivationKitHoldsNoBait) {
  User member = engine.expert_a;
  member.id = UserId("u-new");
  member.login = "new";
  member.password_hash.clear();
  const auto kit = message(Language::french, "mail.activation_kit.text",
                           {{"programme", "P"},
                            {"login", member.login},
                            {"code", "ABCD"},
                            {"expires", "demain"},
                            {"no_link", message(Language::french, "mail.no_link")}});
  EXPECT_EQ(phishing_in(kit), "");
}

TEST_F(MailScan, LettersAndNoticesHoldNoBait) {
  const Programme programme = rhythmology();
  for (const Language language : {Language::french, Language::english}) {
    std::string words;
    for (const ReportSection& section :
         patient_notice_content(programme, Declaration{}, language).sections) {
      for (const auto& [label, text] : section.lines) words += label + " " + text + "\n";
    }
    // The notice names where to complain; that is the one address on it.
    const auto authority = words.find("www.cnil.fr");
    ASSERT_NE(authority, std::string::npos);
    words.erase(authority, 11);
    EXPECT_EQ(phishing_in(words + message(language, "mail.no_link")), "");
  }
}

}  // namespace
}  // namespace telavis::test::mail_scan_test
