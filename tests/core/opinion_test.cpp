// SPDX-License-Identifier: Apache-2.0
#include "engine/core/opinion.h"

#include <gtest/gtest.h>

#include "engine/core/request.h"

namespace telavis {
namespace {

std::string refusal(const std::string& json) {
  const auto opinion = parse_opinion(json);
  return opinion ? "" : std::string(error_name(opinion.error().code));
}

TEST(Opinion, AShortAnswerStaysPossible) {
  const auto opinion =
      parse_opinion(R"({"conclusion":"Rythme sinusal.","orientation":"gp_management"})");
  ASSERT_TRUE(opinion) << opinion.error().text;
  EXPECT_TRUE(opinion->data_sufficient);
  EXPECT_EQ(opinion->suspicion, "");
  EXPECT_FALSE(opinion->in_person.needed);
}

TEST(Opinion, ReadsTheWholeForm) {
  const OpinionText opinion = parse_opinion(R"({
    "conclusion":"Lésion mélanocytaire suspecte.","conduct":"Exérèse.","orientation":"in_person",
    "data_sufficient":true,"pedagogy":"Réseau atypique.","media_quality":"usable",
    "to_redo":"Gros plan flou.","suspicion":"malignant_suspected","confidence":"medium",
    "in_person":{"needed":true,"with":"requis","delay_days":14},
    "agreement_with_own_reading":"full"})")
                                  .value();
  EXPECT_EQ(opinion.in_person.delay_days, 14);
  EXPECT_EQ(opinion.in_person.with, "requis");
  EXPECT_EQ(opinion.agreement_with_own_reading, "full");
  const std::string canonical = opinion_json(opinion);
  EXPECT_EQ(opinion_json(parse_opinion(canonical).value()), canonical);
}

TEST(Opinion, ConcludesOrSaysWhatToDoAgain) {
  EXPECT_EQ(refusal(R"({"orientation":"gp_management"})"), "missing_field");
  EXPECT_EQ(refusal(R"({"conclusion":"  ","orientation":"gp_management"})"), "missing_field");
  EXPECT_EQ(refusal(R"({"orientation":"repeat_recording","data_sufficient":false})"),
            "missing_field");
  EXPECT_EQ(
      refusal(
          R"({"orientation":"repeat_recording","data_sufficient":false,"conclusion":"Non lisible."})"),
      "missing_field");
  EXPECT_EQ(refusal(R"({"orientation":"repeat_recording","data_sufficient":false,
                        "to_redo":"Refaire V1 et V2."})"),
            "");
}

TEST(Opinion, SeenInPersonHasADelay) {
  const auto with = [](const std::string& in_person, const std::string& orientation) {
    return R"({"conclusion":"Vu.","orientation":")" + orientation + "\"" + in_person + "}";
  };
  EXPECT_EQ(refusal(with("", "in_person")), "missing_field");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"needed":true})", "in_person")), "missing_field");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"needed":false,"delay_days":3})", "in_person")),
            "missing_field");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"needed":true})", "gp_management")), "missing_field");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"needed":false})", "gp_management")), "");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"delay_days":0})", "in_person")), "");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"delay_days":-1})", "in_person")), "invalid_field");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"delay_days":731})", "in_person")), "invalid_field");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"delay_days":3,"with":"me"})", "in_person")),
            "invalid_field");
  EXPECT_EQ(refusal(with(R"(,"in_person":true)", "in_person")), "invalid_field");
  EXPECT_EQ(refusal(with(R"(,"in_person":{"delay_days":3,"slot":"9:00"})", "in_person")),
            "invalid_field");
}

TEST(Opinion, RefusesUnknownCodesAndMembers) {
  const std::string start = R"({"conclusion":"x","orientation":"gp_management")";
  for (const char* more :
       {R"(,"media_quality":"blurred")", R"(,"suspicion":"cancer")", R"(,"confidence":"90%")",
        R"(,"agreement_with_own_reading":"yes")", R"(,"diagnosis":"x")",
        R"(,"data_sufficient":"yes")", R"(,"pedagogy":7)"}) {
    EXPECT_EQ(refusal(start + more + "}"), "invalid_field") << more;
  }
  EXPECT_EQ(refusal(R"({"conclusion":"x","orientation":"nowhere"})"), "invalid_field");
  EXPECT_EQ(refusal(R"({"conclusion":"x"})"), "missing_field");
  EXPECT_EQ(refusal("[]"), "malformed_request");
  EXPECT_EQ(refusal(start + ",\"conduct\":\"" + std::string(kMaxTextBytes + 1, 'a') + "\"}"),
            "invalid_field");
}

TEST(Opinion, IsBoundToItsCase) {
  const auto hash = [](const char* id, const char* expert, int at, const char* json = "{}") {
    return opinion_hash(CaseId(id), UserId(expert), from_epoch_ms(at), json);
  };
  EXPECT_EQ(hash("a", "b", 1), hash("a", "b", 1));
  EXPECT_NE(hash("a", "b", 1), hash("x", "b", 1));
  EXPECT_NE(hash("a", "b", 1), hash("a", "x", 1));
  EXPECT_NE(hash("a", "b", 1), hash("a", "b", 2));
  EXPECT_NE(hash("a", "b", 1), hash("a", "b", 1, "{} "));
  EXPECT_NE(hash("ab", "c", 1), hash("a", "bc", 1));
}

TEST(Opinion, CodesAreCountedWithoutAWordOfTheText) {
  const auto codes = marks_of(parse_opinion(R"({"conclusion":"ZZTEXT","orientation":"in_person",
      "in_person":{"needed":true,"delay_days":7},"tracing":"doubtful","media_quality":"usable",
      "agreement_with_own_reading":"partial","suspicion":"benign"})")
                                  .value())
                         .codes;
  ASSERT_TRUE(codes);
  const OpinionCodes expected{"in_person", "benign", "doubtful", "usable", "partial", true, true};
  EXPECT_TRUE(*codes == expected);
}

TEST(Opinion, OfBeforeTheJudgementOfTracingsKeepsItsHash) {
  const auto json = [](const char* text) { return opinion_json(parse_opinion(text).value()); };
  EXPECT_EQ(json(R"({"conclusion":"x","orientation":"gp_management"})").find("tracing"),
            std::string::npos);
  EXPECT_NE(json(R"({"conclusion":"x","orientation":"gp_management","tracing":"normal"})")
                .find(R"("tracing":"normal")"),
            std::string::npos);
  EXPECT_FALSE(
      parse_opinion(R"({"conclusion":"x","orientation":"gp_management","tracing":"odd"})"));
}

TEST(Opinion, MarksComeFromCodesAlone) {
  const auto marks = [](const char* json) { return marks_of(parse_opinion(json).value()); };
  const auto plain = marks(R"({"conclusion":"URGENT, mélanome, à voir","orientation":
      "gp_management","suspicion":"premalignant"})");
  EXPECT_FALSE(plain.urgent);
  EXPECT_FALSE(plain.needs_appointment);
  const auto emergency = marks(R"({"conclusion":"x","orientation":"emergency_15"})");
  EXPECT_TRUE(emergency.urgent);
  EXPECT_FALSE(emergency.needs_appointment);
  EXPECT_TRUE(marks(R"({"conclusion":"x","orientation":"in_person",
                        "in_person":{"delay_days":14}})")
                  .needs_appointment);
  EXPECT_TRUE(marks(R"({"conclusion":"x","orientation":"other_specialty",
                        "in_person":{"needed":true,"delay_days":14}})")
                  .needs_appointment);
  EXPECT_TRUE(marks(R"({"conclusion":"x","orientation":"gp_management",
                        "suspicion":"malignant_suspected"})")
                  .needs_appointment);
}

}  // namespace
}  // namespace telavis
