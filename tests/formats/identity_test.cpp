// SPDX-License-Identifier: Apache-2.0
#include "formats/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telavis::test::identity_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PatientIdentity person(std::string family, std::string given, std::string birth = "",
                       Sex sex = Sex::unknown, std::string id = "") {
  return {std::move(id), std::move(family), std::move(given), std::move(birth), sex};
}

TEST(Identity, FoldsNamesToWords) {
  EXPECT_THAT(name_words("Élise D'Été-Œuf"), ElementsAre("ELISE", "D", "ETE", "OEUF"));
  EXPECT_THAT(name_words("E\xCC\x81lise"), ElementsAre("ELISE"));  // combining accent
  EXPECT_THAT(name_words("D\xE2\x80\x99"
                         "Ivoire\xC2\xA0Stra\xC3\x9F"
                         "e"),
              ElementsAre("D", "IVOIRE", "STRASSE"));
  EXPECT_THAT(name_words("Łukasz Šimák"), ElementsAre("LUKASZ", "SIMAK"));
  EXPECT_THAT(name_words("  --  "), ElementsAre());
  EXPECT_THAT(name_words("\xFF\xC3"), ElementsAre());  // no UTF-8: never read past the end
}

TEST(Identity, AcceptsWhatDevicesMakeOfAName) {
  const PatientIdentity asked = person("D'Été-Martin", "Élise Marie", "1961-03-02", Sex::female);
  for (const PatientIdentity& file :
       {person("", ""), person("DETE MARTIN", "ELISE"), person("D ETE MARTIN", "ELISE"),
        person("ELISE", "D'ETE"), person("D'ÉTÉ-MARTIN ÉLISE", "", "1961-03-02", Sex::female),
        person("", "", "", Sex::other)}) {
    EXPECT_TRUE(check_identity(file, asked).empty()) << file.family_name;
  }
}

TEST(Identity, NamesTheMembersThatContradict) {
  const PatientIdentity asked =
      person("Martin", "Paul", "1961-03-02", Sex::male, "161039712345678");
  const auto text = [&](const PatientIdentity& file) {
    const auto findings = check_identity(file, asked);
    EXPECT_EQ(findings.size(), 1U);
    if (findings.empty()) return std::string();
    EXPECT_EQ(findings[0].code, "identity_differs");
    EXPECT_THAT(findings[0].text, Not(HasSubstr("Dupont")));
    return findings[0].text;
  };
  EXPECT_THAT(text(person("Dupont", "Paul")), HasSubstr("(name)"));
  EXPECT_THAT(text(person("Martin", "Paul", "1962-03-02")), HasSubstr("(birth_date)"));
  EXPECT_THAT(text(person("Dupont", "Anne", "1962-03-02", Sex::female, "2 61 03 97 123 456 78")),
              HasSubstr("(name, birth_date, sex, id)"));
  EXPECT_TRUE(check_identity(person("", "", "", Sex::unknown, "P-17"), asked).empty());
}

}  // namespace telavis::test::identity_test
