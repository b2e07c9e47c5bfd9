// SPDX-License-Identifier: Apache-2.0
#include "engine/core/close_out.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/core/catalogue.h"

namespace telavis {
namespace {

const std::string kAnswers =
    R"({"comment":"Utile.","value_for_requester":4,"value_for_patient":5,"referral":"avoided",)"
    R"("outcome":"new_advice"})";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}
std::string refusal(const std::string& json) {
  const auto answers = parse_close_out(json);
  return answers ? "" : std::string(error_name(answers.error().code));
}

TEST(CloseOut, IsCanonical) {
  EXPECT_EQ(parse_close_out(kAnswers).value(),
            R"({"outcome":"new_advice","referral":"avoided","value_for_patient":5,)"
            R"("value_for_requester":4,"comment":"Utile."})");
  const std::string canonical = parse_close_out(kAnswers).value();
  EXPECT_EQ(parse_close_out(canonical).value(), canonical);
  EXPECT_EQ(refusal(replaced(kAnswers, R"("comment":"Utile.",)", "")), "");
}

TEST(CloseOut, OneAnswerIsEnough) {
  EXPECT_EQ(parse_close_out(R"({"outcome":"confirmed"})").value(),
            R"({"outcome":"confirmed","comment":""})");
}

TEST(CloseOut, RefusesWhatIsMissingOrWrong) {
  EXPECT_EQ(refusal(R"({"referral":"avoided"})"), "missing_field");
  for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
           {"new_advice", "great"},
           {"avoided", "forgotten"},
           {":5", ":0"},
           {":5", ":6"},
           {":4", ":4.5"},
           {":4", ":\"4\""},
           {"Utile.", std::string(kMaxCloseOutComment + 1, 'a')},
           {"\"comment\"", "\"remark\""}}) {
    EXPECT_EQ(refusal(replaced(kAnswers, what, by)), "invalid_field") << what << " " << by;
  }
  EXPECT_EQ(refusal("{"), "malformed_request");
}

TEST(CloseOut, EveryAnswerHasItsWords) {
  for (const char* id :
       {"outcome", "outcome.confirmed", "outcome.new_advice", "outcome.not_useful",
        "outcome.none_of_these", "referral", "referral.avoided", "referral.still_needed",
        "referral.still_not_needed", "referral.newly_needed", "referral.no_benefit",
        "referral.other", "value_for_patient", "value_for_requester", "comment"}) {
    EXPECT_TRUE(has_message(std::string("close_out.") + id)) << id;
  }
}

}  // namespace
}  // namespace telavis
