// SPDX-License-Identifier: Apache-2.0
#include "engine/core/personal_texts.h"

#include <gtest/gtest.h>

#include "engine/core/outcome.h"

namespace telavis {
namespace {

std::string refusal_of_texts(const std::string& json) {
  JsonReader reader(json);
  read_personal_texts(reader);
  const auto read = reader.finish();
  return read ? "" : std::string(error_name(read.error().code));
}

TEST(PersonalTexts, AreCanonical) {
  const std::string json =
      R"({"templates":[{"title":"Nævus banal","speciality":"dermatology",)"
      R"("fields":{"conclusion":"Lésion bénigne.","orientation":"gp_management"}}],)"
      R"("phrases":[{"title":"Photos","speciality":"","text":"Merci pour ces photos."}]})";
  JsonReader reader(json);
  const PersonalTexts texts = read_personal_texts(reader);
  ASSERT_TRUE(reader.finish());
  EXPECT_EQ(texts.templates.at(0).fields.at("orientation"), "gp_management");
  EXPECT_EQ(personal_texts_json(texts), json);
  // An empty field fills in nothing.
  JsonReader empty(R"({"templates":[{"title":"a","fields":{"conduct":""}}],"phrases":[]})");
  EXPECT_TRUE(read_personal_texts(empty).templates.at(0).fields.empty());
  EXPECT_TRUE(empty.finish());
}

TEST(PersonalTexts, RefuseWhatIsNoneOfThem) {
  EXPECT_EQ(refusal_of_texts(R"({"templates":[]})"), "missing_field");
  EXPECT_EQ(refusal_of_texts(R"({"templates":[{"title":"a"}],"phrases":[]})"), "missing_field");
  EXPECT_EQ(refusal_of_texts(R"({"templates":[],"phrases":[{"title":"","text":"b"}]})"),
            "missing_field");
  EXPECT_EQ(
      refusal_of_texts(R"({"templates":[{"title":"a","fields":{"patient":"b"}}],"phrases":[]})"),
      "invalid_field");
  const std::string long_text(kMaxPersonalTextBytes + 1, 'a');
  EXPECT_EQ(refusal_of_texts(R"({"templates":[],"phrases":[{"title":"a","text":")" + long_text +
                             R"("}]})"),
            "invalid_field");
  std::string many;
  for (std::size_t i = 0; i <= kMaxPhrases; ++i) {
    many += std::string(i == 0 ? "" : ",") + R"({"title":"a","text":"b"})";
  }
  EXPECT_EQ(refusal_of_texts(R"({"templates":[],"phrases":[)" + many + "]}"), "invalid_field");
}

TEST(OutcomeOfAPatient, IsACodeAndWords) {
  const auto melanoma = parse_outcome(R"({"text":"Breslow 0,4 mm","result":"melanoma"})");
  ASSERT_TRUE(melanoma);
  EXPECT_EQ(melanoma->json, R"({"result":"melanoma","text":"Breslow 0,4 mm"})");
  EXPECT_TRUE(melanoma->is_known);
  EXPECT_FALSE(parse_outcome(R"({"result":"not_known_yet"})")->is_known);
  for (const char* wrong :
       {R"({"text":"a"})", R"({"result":"fine"})", R"({"result":"benign","mm":1})"}) {
    EXPECT_FALSE(parse_outcome(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_outcome(R"({"result":"benign","text":")" +
                             std::string(kMaxOutcomeText + 1, 'a') + "\"}"));
}

}  // namespace
}  // namespace telavis
