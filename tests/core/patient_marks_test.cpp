// SPDX-License-Identifier: Apache-2.0
#include "engine/core/patient_marks.h"

#include <gtest/gtest.h>

#include <set>

namespace telavis {
namespace {

constexpr const char* kTestOid = "1.2.250.1.213.1.4.10";

Key lookup_key(std::uint8_t first = 7) {
  return Key(std::array<std::uint8_t, Key::kBytes>{first});
}

PatientIdentity patient(const std::string& family, const std::string& given,
                        const std::string& birth = "1953-05-08", Sex sex = Sex::female) {
  return {"", family, given, birth, sex};
}

InsIdentity ins(const std::string& matricule, const std::string& oid = kTestOid) {
  return {matricule, oid, InsStatus::qualified, true};
}

/// The one mark by name, birth and sex.
std::string traits(const PatientIdentity& identity, int year = 2026) {
  const auto marks = patient_marks(lookup_key(), year, identity, {});
  EXPECT_EQ(marks.size(), 1U);
  return marks.empty() ? "" : marks.front();
}

TEST(PatientMarks, FoldCaseAccentsHyphensApostrophesAndSpaces) {
  const std::string mark = traits(patient("D'Été-Œuf", "Élise"));
  EXPECT_EQ(mark, traits(patient("D'ETE OEUF", "ELISE")));
  EXPECT_EQ(mark, traits(patient("dete-oeuf", "Elise")));
  EXPECT_EQ(mark, traits(patient("D\xE2\x80\x99\xC3\x89t\xC3\xA9  Oeuf", "E\xCC\x81lise")));
  EXPECT_EQ(mark, traits(patient("D'Été-Œuf", "Élise Marie")));
  EXPECT_EQ(mark, traits(patient("D'Été-Œuf", "Élise-Marie")));
}

TEST(PatientMarks, EveryTraitCounts) {
  const std::set<std::string> marks = {
      traits(patient("Exemple", "Anne")),
      traits(patient("Exemples", "Anne")),
      traits(patient("Exemple", "Annie")),
      traits(patient("Exemple", "")),
      traits(patient("ExempleA", "nne")),
      traits(patient("Exemple", "Anne", "1953-08-05")),
      traits(patient("Exemple", "Anne", "1953-05-08", Sex::male)),
      traits(patient("Exemple", "Anne", "1953-05-08", Sex::unknown)),
  };
  EXPECT_EQ(marks.size(), 8U);
}

TEST(PatientMarks, AreOneByTheInsAndOneByTraits) {
  const auto both =
      patient_marks(lookup_key(), 2026, patient("Exemple", "Anne"), ins("253059912300142"));
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1], traits(patient("Exemple", "Anne")));
  // The same number is found again whatever the name, and the other way round.
  const auto married =
      patient_marks(lookup_key(), 2026, patient("Autre", "Anne"), ins("253059912300142"));
  EXPECT_EQ(married[0], both[0]);
  EXPECT_NE(married[1], both[1]);
  const auto other_authority = patient_marks(lookup_key(), 2026, patient("Exemple", "Anne"),
                                             ins("253059912300142", "1.2.250.1.213.1.4.11"));
  EXPECT_NE(other_authority[0], both[0]);
}

TEST(PatientMarks, NobodyKnownHasNone) {
  EXPECT_TRUE(patient_marks(lookup_key(), 2026, {}, {}).empty());
  EXPECT_TRUE(patient_marks(lookup_key(), 2026, patient("", "Anne"), {}).empty());
  EXPECT_TRUE(patient_marks(lookup_key(), 2026, patient("Exemple", "Anne", ""), {}).empty());
  EXPECT_TRUE(patient_marks(lookup_key(), 2026, patient("-", "Anne"), {}).empty());
}

TEST(PatientMarks, OfTwoYearsOrTwoKeysHaveNothingInCommon) {
  const std::string first = traits(patient("Exemple", "Anne"), 2026);
  const std::string second = traits(patient("Exemple", "Anne"), 2027);
  EXPECT_EQ(first.substr(0, 5), "2026:");
  EXPECT_EQ(second.substr(0, 5), "2027:");
  EXPECT_EQ(first.size(), 5U + 32U);
  EXPECT_NE(first.substr(5), second.substr(5));
  const auto other = patient_marks(lookup_key(8), 2026, patient("Exemple", "Anne"), {});
  EXPECT_NE(other.front(), first);
}

TEST(PatientMarks, OfSeveralYearsAreThoseOfEach) {
  const auto all = patient_marks_of_years(lookup_key(), 2026, 2028, patient("Exemple", "Anne"),
                                          ins("253059912300142"));
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all[3], traits(patient("Exemple", "Anne"), 2027));
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 6U);
  EXPECT_TRUE(patient_marks_of_years(lookup_key(), 2027, 2026, patient("A", "B"), {}).empty());
}

TEST(PatientMarks, AreOfTheYearOfTheInstantInUtc) {
  EXPECT_EQ(mark_year(*parse_instant("2026-12-31T23:59:59Z")), 2026);
  EXPECT_EQ(mark_year(*parse_instant("2027-01-01T00:00:00Z")), 2027);
  EXPECT_EQ(mark_year(Instant{}), kFirstMarkYear);  // a clock that lost its time
}

TEST(YearEnds, AreTheSameForEveryDayOfAYear) {
  const Instant end = *parse_instant("2047-01-01T00:00:00Z");
  for (const char* day : {"2026-01-01T00:00:00Z", "2026-02-28T12:00:00Z", "2026-12-31T23:59:59Z"}) {
    EXPECT_EQ(end_of_year(*parse_instant(day), 20), end) << day;
  }
  EXPECT_EQ(end_of_year(*parse_instant("2024-02-29T00:00:00Z")),
            *parse_instant("2025-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace telavis
