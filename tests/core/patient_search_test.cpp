// SPDX-License-Identifier: Apache-2.0
#include "engine/core/patient_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace telavis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kOid = "1.2.250.1.213.1.4.10";
const std::string kInsA = "261039935000181", kInsB = "261039900100274";

/// A case whose request names a woman born on 2 March 1961.
Candidate found(const std::string& number, const std::string& family, const std::string& given,
                const std::string& ins = "") {
  Candidate candidate;
  candidate.subject.number = number;
  candidate.patient = {ins, family, given, "1961-03-02", Sex::female};
  if (!ins.empty()) candidate.ins = {ins, kOid};
  return candidate;
}

PatientQuery asked(const std::string& family, const std::string& given,
                   const std::string& ins = "") {
  PatientQuery query;
  if (!family.empty()) query.patient = {ins, family, given, "1961-03-02", Sex::female};
  if (!ins.empty()) query.ins = {ins, kOid};
  return query;
}

std::vector<std::string> numbers(const PatientMatch& match) {
  std::vector<std::string> all;
  for (const Case& subject : match.cases) all.push_back(subject.number);
  return all;
}

TEST(PatientSearch, TheSameInsIsTheSamePersonWhateverTheName) {
  const auto match =
      match_patient(asked("Durand", "Anne", kInsA),
                    {found("1", "DURAND", "Anne", kInsA), found("2", "Martin", "Annie", kInsA)});
  EXPECT_THAT(numbers(match), ElementsAre("1", "2"));
  EXPECT_THAT(match.by_traits, IsEmpty());
}

TEST(PatientSearch, TheSameInsOfAnotherBirthDateIsDoubtful) {
  Candidate other = found("1", "Durand", "Anne", kInsA);
  other.patient.birth_date = "1916-03-02";
  EXPECT_THAT(match_patient(asked("Durand", "Anne", kInsA), {other}).doubtful, ElementsAre("1"));
  EXPECT_THAT(numbers(match_patient(asked("", "", kInsA), {other})), ElementsAre("1"));
}

TEST(PatientSearch, AnotherInsIsAnotherPersonWhateverTheName) {
  const auto match =
      match_patient(asked("Durand", "Anne", kInsA), {found("1", "Durand", "Anne", kInsB)});
  EXPECT_THAT(numbers(match), IsEmpty());
  EXPECT_THAT(match.doubtful, IsEmpty());
  EXPECT_EQ(match.of_others, 1U);
}

TEST(PatientSearch, WithoutAnInsNameBirthDateAndSexAreThePerson) {
  const auto match =
      match_patient(asked("D'Été-Œuf", "Anne"),
                    {found("1", "D ETE OEUF", "ANNE"), found("2", "d’été œuf", "Anne Lise"),
                     found("3", "D'Été-Œuf", "Zoé")});
  EXPECT_THAT(numbers(match), ElementsAre("1", "2"));
  EXPECT_THAT(match.by_traits, ElementsAre("1", "2"));
  EXPECT_EQ(match.of_others, 1U);
  Candidate man = found("4", "D'Été-Œuf", "Anne");
  man.patient.sex = Sex::male;
  EXPECT_EQ(match_patient(asked("D'Été-Œuf", "Anne"), {man}).of_others, 1U);
}

TEST(PatientSearch, NamesakesBornTheSameDayAreNotMixed) {
  const std::vector<Candidate> cases = {found("1", "Durand", "Anne", kInsA),
                                        found("2", "Durand", "Anne", kInsB),
                                        found("3", "Durand", "Anne")};
  // Whose the third is, nothing says.
  const auto by_ins = match_patient(asked("Durand", "Anne", kInsA), cases);
  EXPECT_THAT(numbers(by_ins), ElementsAre("1"));
  EXPECT_THAT(by_ins.doubtful, ElementsAre("3"));
  const auto by_name = match_patient(asked("Durand", "Anne"), cases);
  EXPECT_THAT(numbers(by_name), IsEmpty());
  EXPECT_THAT(by_name.doubtful, ElementsAre("1", "2", "3"));
  PatientQuery looked_at = asked("Durand", "Anne", kInsA);
  looked_at.accepted = {"3", "2", "9"};
  // A case with another INS is never accepted.
  EXPECT_THAT(numbers(match_patient(looked_at, cases)), ElementsAre("1", "3"));
}

TEST(PatientSearch, AnInsThatIsMissingOnOneSideIsMadeUpForByTheRest) {
  const std::vector<Candidate> cases = {found("1", "Durand", "Anne", kInsA),
                                        found("2", "Durand", "Anne")};
  const auto with_ins = match_patient(asked("Durand", "Anne", kInsA), cases);
  EXPECT_THAT(numbers(with_ins), ElementsAre("1", "2"));
  EXPECT_THAT(with_ins.by_traits, ElementsAre("2"));
  const auto without = match_patient(asked("Durand", "Anne"), cases);
  EXPECT_THAT(numbers(without), ElementsAre("1", "2"));
  EXPECT_THAT(without.by_traits, ElementsAre("1", "2"));
}

TEST(PatientSearch, TwinsWhoShareTheFirstWordOfTheirNamesAreToldApart) {
  const std::vector<Candidate> cases = {found("1", "Durand", "Marie-Anne"),
                                        found("2", "Durand", "Marie-Claire"),
                                        found("3", "Durand", "Marie")};
  const auto anne = match_patient(asked("Durand", "Marie Anne"), cases);
  EXPECT_THAT(numbers(anne), ElementsAre("1"));
  EXPECT_THAT(anne.doubtful, ElementsAre("3"));  // may be Marie-Claire's
  EXPECT_EQ(anne.of_others, 1U);
  const auto marie = match_patient(asked("Durand", "Marie"), cases);
  EXPECT_THAT(numbers(marie), IsEmpty());
  EXPECT_THAT(marie.doubtful, ElementsAre("1", "2", "3"));
}

TEST(PatientSearch, OtherFamilyNamesAreLookedForToo) {
  PatientQuery query = asked("Martin", "Anne");
  query.other_family_names = {"Durand"};
  const auto match =
      match_patient(query, {found("1", "Durand", "Anne"), found("2", "Martin", "Anne")});
  EXPECT_THAT(numbers(match), ElementsAre("1", "2"));
  const Key lookup(std::array<std::uint8_t, Key::kBytes>{5});
  // Two years, two names.
  EXPECT_EQ(marks_of_query(lookup, 2026, 2027, query).size(), 4U);
  query.ins = {kInsA, kOid};
  EXPECT_EQ(marks_of_query(lookup, 2026, 2027, query).size(), 6U);
}

TEST(PatientSearch, ReadsWhatTheOperatorWrote) {
  const auto whole = parse_patient_query(
      R"({"ins":{"matricule":"2 61 03 99 350 001 81","oid":"1.2.250.1.213.1.4.10"},
          "family_name":"Durand","other_family_names":["Martin"],"given_name":"Anne",
          "birth_date":"1961-03-02","sex":"female"})");
  ASSERT_TRUE(whole) << whole.error().text;
  EXPECT_EQ(whole->ins.matricule, kInsA);
  EXPECT_EQ(whole->patient.sex, Sex::female);
  EXPECT_THAT(whole->other_family_names, ElementsAre("Martin"));
  const auto ins = parse_patient_query(R"({"ins":{"matricule":"261039935000181"}})");
  ASSERT_TRUE(ins) << ins.error().text;
  EXPECT_EQ(ins->ins.oid, "1.2.250.1.213.1.4.8");
}

TEST(PatientSearch, RefusesHalfAnIdentityWithoutRepeatingIt) {
  for (const auto& [json, words] : std::vector<std::pair<std::string, std::string>>{
           {"", "JSON"},
           {"[]", "JSON"},
           {"{}", "family_name"},
           {R"({"family_name":"ZZDURAND"})", "given_name"},
           {R"({"family_name":"ZZDURAND","given_name":"A","sex":"female"})", "birth_date"},
           {R"({"family_name":"ZZDURAND","given_name":"A","birth_date":"1961-02-30",
               "sex":"female"})",
            "birth_date"},
           {R"({"family_name":"ZZDURAND","given_name":"A","birth_date":"1961-03-02"})", "sex"},
           {R"({"family_name":"--","given_name":"A","birth_date":"1961-03-02","sex":"female"})",
            "family_name"},
           {R"({"ins":{"matricule":"261039935000182"}})", "ins.matricule"},
           {R"({"ins":{"matricule":"261039935000181","oid":"1.2"}})", "ins.oid"},
           {R"({"ins":{"matricule":"261039935000181"},"name":"ZZDURAND"})", "name"}}) {
    const auto query = parse_patient_query(json);
    ASSERT_FALSE(query) << json;
    EXPECT_THAT(query.error().text, HasSubstr(words)) << json;
    EXPECT_EQ(query.error().text.find("ZZ"), std::string::npos) << query.error().text;
  }
}

}  // namespace
}  // namespace telavis
