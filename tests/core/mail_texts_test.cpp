// SPDX-License-Identifier: Apache-2.0
// The words of every mail, in engine/messages.json.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "engine/core/case.h"
#include "engine/core/catalogue.h"

namespace telavis {
namespace {

namespace json = boost::json;

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (int kind = 0; kind <= static_cast<int>(kLastMessageKind); ++kind) {
    names.emplace_back(message_kind_name(static_cast<MessageKind>(kind)));
  }
  return names;
}

const json::object& catalogue() {
  static const json::value parsed = [] {
    std::ifstream file(TELAVIS_SOURCE_DIR "/engine/messages.json");
    return json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
  }();
  return parsed.as_object();
}

std::string pattern(const std::string& id, const char* language) {
  const json::value* entry = catalogue().if_contains(id);
  if (entry == nullptr || !entry->as_object().contains(language)) return {};
  return std::string(entry->as_object().at(language).as_string());
}

std::multiset<std::string> placeholders(const std::string& text) {
  static const std::regex braces(R"(\{([^}]*)\})");
  std::multiset<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), braces), end; it != end; ++it) {
    names.insert((*it)[1]);
  }
  return names;
}

TEST(MailTexts, StandInBothLanguagesForEveryKind) {
  ASSERT_EQ(kinds().size(), 45U);
  for (const std::string& kind : kinds()) {
    for (const char* part : {"subject", "text"}) {
      const std::string id = "mail." + kind + "." + part;
      EXPECT_FALSE(pattern(id, "fr").empty()) << id;
      EXPECT_FALSE(pattern(id, "en").empty()) << id;
    }
  }
}

TEST(MailTexts, AskOnlyForWhatIsKnown) {
  const std::set<std::string> common = {"number", "programme", "requester", "expert",
                                        "exams",  "due",       "no_link"};
  const std::set<std::pair<std::string, std::string>> special = {
      {"invitation", "offer_due"}, {"incomplete", "missing"},     {"open_invitation", "coded"},
      {"activation_kit", "code"},  {"activation_kit", "expires"}, {"activation_kit", "login"},
      {"access_code", "code"},     {"access_code", "expires"},    {"access_code", "login"},
      {"access_notice", "what"},   {"access_notice", "at"},       {"access_notice", "login"},
      {"audit_root", "root"},      {"audit_root", "at"},          {"opinion_echo", "release"},
      {"opinion_echo", "words"},   {"mail_noted", "words"},       {"mail_unclear", "words"},
      {"mail_refused", "words"},   {"mail_kept_alert", "words"},  {"request_received", "words"},
      {"refusal", "words"},        {"mailbox_alert", "words"},    {"device_alert", "words"},
      {"expert_digest", "words"},
  };
  // Before the request is complete nothing is promised; the pool learns no name; a kit has no case;
  // where nobody has the case, or others than requester and expert are told, no expert is named.
  const std::set<std::pair<std::string, std::string>> unknown = {
      {"incomplete", "due"},
      {"incomplete", "expert"},
      {"redirect_reminder", "due"},
      {"redirect_reminder", "expert"},
      {"audit_root", "due"},
      {"audit_root", "number"},
      {"audit_root", "exams"},
      {"audit_root", "expert"},
      {"audit_root", "programme"},
      {"audit_root", "requester"},
      {"activation_kit", "due"},
      {"activation_kit", "number"},
      {"activation_kit", "exams"},
      {"activation_kit", "expert"},
      {"not_accepted", "expert"},
      {"activation_kit", "requester"},
      {"no_expert_alert", "expert"},
      {"breach_alert", "expert"},
      {"open_invitation", "requester"},
      {"unopened_reminder", "expert"},
      {"urgent_alert", "expert"},
      {"follow_up_overdue", "expert"},
      {"appointment_reminder", "expert"},
      {"delivery_failed_alert", "expert"},
      {"mail_noted", "requester"},
      {"mail_noted", "expert"},
      {"mail_unclear", "requester"},
      {"mail_unclear", "expert"},
      {"mail_refused", "number"},
      {"mail_refused", "due"},
      {"mail_kept_alert", "number"},
      {"mail_kept_alert", "due"},
      {"mailbox_alert", "number"},
      {"device_alert", "number"},
      {"device_alert", "due"},
      {"mailbox_alert", "due"},
      {"incomplete_alert", "due"},
      {"incomplete_alert", "expert"},
      {"emergency", "due"},
      {"emergency", "expert"},
      {"request_received", "expert"},
  };
  for (const std::string& kind : kinds()) {
    const std::string text = pattern("mail." + kind + ".text", "fr");
    const auto asked = placeholders(text);
    for (const std::string& name : asked) {
      const bool known =
          common.contains(name) ? !unknown.contains({kind, name}) : special.contains({kind, name});
      EXPECT_TRUE(known) << kind << " {" << name << "}";
    }
    EXPECT_EQ(asked, placeholders(pattern("mail." + kind + ".text", "en"))) << kind;
    const auto subject = placeholders(pattern("mail." + kind + ".subject", "fr"));
    EXPECT_EQ(subject, placeholders(pattern("mail." + kind + ".subject", "en"))) << kind;
    EXPECT_EQ(subject,
              kind == "activation_kit" || kind == "access_code" || kind == "access_notice" ||
                      kind == "audit_root" || kind == "mail_refused" || kind == "mail_kept_alert" ||
                      kind == "mailbox_alert" || kind == "device_alert" || kind == "expert_digest"
                  ? std::multiset<std::string>()
                  : std::multiset<std::string>{"number"})
        << kind;
  }
}

TEST(MailTexts, HoldNoLinkAndSaySo) {
  for (const std::string& kind : kinds()) {
    for (const char* language : {"fr", "en"}) {
      const std::string text = pattern("mail." + kind + ".text", language);
      EXPECT_TRUE(text.ends_with("\n\n{no_link}")) << kind;
      for (const char* link : {"http", "www.", "://", "href", "@"}) {
        EXPECT_EQ(text.find(link), std::string::npos) << kind;
      }
      EXPECT_LT(text.size(), 700U) << kind << ": a short message is read";
    }
  }
}

TEST(MailTexts, UrgentOnesSayToCall) {
  for (const char* kind : {"urgent_opinion", "urgent_alert"}) {
    const std::string id = std::string("mail.") + kind;
    for (const char* language : {"fr", "en"}) {
      EXPECT_NE(pattern(id + ".subject", language).find("URGENT"), std::string::npos);
      EXPECT_NE(pattern(id + ".text", language).find("15"), std::string::npos);
    }
    EXPECT_NE(pattern(id + ".text", "fr").find("ppelez"), std::string::npos);
    EXPECT_NE(pattern(id + ".text", "en").find("call"), std::string::npos);
  }
}

}  // namespace
}  // namespace telavis
