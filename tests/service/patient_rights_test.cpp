// SPDX-License-Identifier: Apache-2.0
// What a patient may ask for, through the door, on a real database and real files.
#include "engine/core/patient_rights.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "engine/core/access_log.h"
#include "engine/core/patient_copy.h"
#include "tests/service/stories_world.h"

namespace telavis {
namespace {

namespace json = boost::json;
using namespace test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

const std::string kReason = "ZZREASON: la patiente demande ses données";
const std::string kInsA = "261039935000181", kInsB = "261039900100274";

/// A request about this person.
std::string request_of(const std::string& family, const std::string& given,
                       const std::string& ins = "") {
  std::string request = with(kRequestJson, "ZZPATIENTNAME", family);
  request = with(request, "Camille", given);
  if (ins.empty()) return request;
  return with(request, R"("reason":)",
              R"("ins":{"matricule":")" + ins +
                  R"(","oid":"1.2.250.1.213.1.4.10","status":"provisional"},"reason":)");
}

PatientQuery asked(const std::string& family, const std::string& given,
                   const std::string& ins = "") {
  json::object query;
  if (!family.empty()) {
    query = {{"family_name", family},
             {"given_name", given},
             {"birth_date", "1961-03-02"},
             {"sex", "female"}};
  }
  if (!ins.empty()) {
    query["ins"] = json::object{{"matricule", ins}, {"oid", "1.2.250.1.213.1.4.10"}};
  }
  return parse_patient_query(json::serialize(query)).value();
}

class PatientRightsTest : public Story {
 protected:
  PatientRightsTest() {
    Programme other = rhythmology();
    other.id = kSecondRhythmology;
    engine.put(other);
    other_referent = person("otherreferent", Role::medical_referent, kSecondRhythmology);
    engine.put(other_referent);
  }
  std::string number_of(const CaseId& id) { return engine.load(id).number; }
  /// Numbers of the cases that a copy holds; empty when it is refused.
  std::vector<std::string> copied(const PatientQuery& query) {
    const auto copy = rights.copy(engine.referent, query, kReason);
    std::vector<std::string> numbers;
    if (!copy) return numbers;
    for (const CaseCopy& one : copy->cases) numbers.push_back(one.subject.number);
    return numbers;
  }
  AuditDraft last_of_node() { return engine.repository->audit_chain("node").value().back().what; }
  ErrorCode code_of_copy(const User& actor, const PatientQuery& query,
                         const std::string& why = kReason) {
    const auto copy = rights.copy(actor, query, why);
    return copy ? ErrorCode::internal : copy.error().code;
  }

  PatientRights rights{engine.service, disk.random, kLookupKey};
  User other_referent;
};

const ZipEntry* file_named(const std::vector<ZipEntry>& files, const std::string& name) {
  for (const ZipEntry& file : files) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

TEST_F(PatientRightsTest, TheCopyHoldsEverythingAboutThePerson) {
  const CaseId id = answered();
  engine.done(engine.gp, "follow-up", id, kText);
  engine.done(
      first, "correct", id,
      with(kOpinionJson, "{", R"({"corrects":")" + engine.load(id).opinion->hash + R"(",)"));
  disk.clock.advance(minutes(2));
  ASSERT_TRUE(engine.settle());
  engine.done(engine.gp, "close-out", id, kCloseOutJson);
  const std::string number = number_of(id);

  const auto copy = rights.copy(engine.referent, asked("zzpatientname", "CAMILLE"), kReason);
  ASSERT_TRUE(copy) << copy.error().text;
  ASSERT_EQ(copy->cases.size(), 1U);
  EXPECT_EQ(copy->cases[0].opinions.size(), 2U);
  EXPECT_EQ(copy->cases[0].acts.size(), 2U);
  const auto files = patient_copy_files(*copy, Language::french);
  ASSERT_TRUE(files) << files.error().text;
  std::vector<std::string> listed;
  for (const ZipEntry& file : *files) listed.push_back(file.name);
  EXPECT_THAT(listed,
              ElementsAre("index.html", "donnees.json", "acces.csv", number + "/compte-rendu-1.pdf",
                          number + "/compte-rendu-2.pdf", number + "/examen-1-original.scp",
                          number + "/examen-1-trace.pdf", number + "/examen-1-valeurs.csv"));
  EXPECT_EQ(file_named(*files, number + "/examen-1-original.scp")->bytes, ecg);

  const std::string page(as_text(file_named(*files, "index.html")->bytes));
  for (const char* words : {"ZZPATIENTNAME", "ZZQUESTION", "ZZCONTEXT", "ZZCONCLUSION", "ZZCONDUCT",
                            "ZZTEXT", "a signé l’avis", "Dr Prénom Nomgp", "Acte TE2", "Acte RQD",
                            "a apporté une conduite nouvelle", "avis corrigé"}) {
    EXPECT_THAT(page, HasSubstr(words));
  }
  const json::value data = json::parse(as_text(file_named(*files, "donnees.json")->bytes));
  const json::object& one = data.at("cases").at(0).as_object();
  EXPECT_EQ(one.at("request").at("patient").at("family_name").as_string(), "ZZPATIENTNAME");
  EXPECT_EQ(one.at("opinions").as_array().size(), 2U);
  EXPECT_EQ(one.at("opinions").at(1).at("not_the_answer_because").as_string(), "corrected");
  EXPECT_EQ(one.at("exams").at(0).at("content").at("format").as_string(), "SCP-ECG");
  EXPECT_EQ(one.at("dialogue").as_array().size(), 2U);
  // The reason is the referent's.
  for (const ZipEntry& file : *files) {
    EXPECT_THAT(std::string(as_text(file.bytes)), Not(HasSubstr("ZZREASON"))) << file.name;
  }
  EXPECT_EQ(write_zip(*files).value(), write_zip(*files).value());
}

TEST_F(PatientRightsTest, EveryCopyIsWrittenIntoTheChainsWithoutAName) {
  const CaseId id = answered();
  ASSERT_TRUE(rights.copy(engine.referent, asked("ZZPATIENTNAME", "Camille"), kReason));
  const auto chain = audited(id);
  EXPECT_THAT(chain, Contains("referent_opened"));
  EXPECT_THAT(chain, Contains("content_read"));
  const AuditDraft node = last_of_node();
  EXPECT_EQ(node.action, "patient_export");
  EXPECT_EQ(node.actor, engine.referent.id.value);
  EXPECT_THAT(node.detail, HasSubstr("cases 1, doubtful 0, elsewhere 0, reason "));
  EXPECT_THAT(node.detail, Not(HasSubstr("ZZ")));
  EXPECT_FALSE(engine.load(id).referent_access.back().sealed_reason.empty());
}

TEST_F(PatientRightsTest, NobodyButAMedicalReferentWithAReasonComesIn) {
  submitted();
  const PatientQuery query = asked("ZZPATIENTNAME", "Camille");
  for (const User& user :
       {engine.gp, engine.expert_a, engine.coordinator, engine.treasurer, engine.admin}) {
    EXPECT_EQ(code_of_copy(user, query), ErrorCode::forbidden) << user.login;
    EXPECT_EQ(last_of_node().action, "refused:patient_export");
    EXPECT_EQ(last_of_node().actor, user.id.value);
    EXPECT_FALSE(rights.access_log(user, query, kReason));
    EXPECT_FALSE(rights.oppose(user, query, kReason));
    EXPECT_FALSE(rights.lift_opposition(user, query, kReason));
    EXPECT_FALSE(rights.restrict_cases(user, query, kReason, Restriction::put));
  }
  EXPECT_EQ(code_of_copy(engine.referent, query, "curieux"), ErrorCode::invalid_field);
  EXPECT_EQ(code_of_copy(engine.referent, query, std::string(2000, 'x')), ErrorCode::invalid_field);
}

TEST_F(PatientRightsTest, AReferentSeesTheCasesOfHisOwnProgrammesAlone) {
  submitted();
  const PatientQuery query = asked("ZZPATIENTNAME", "Camille");
  const auto refused = rights.copy(other_referent, query, kReason);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_THAT(refused.error().text, HasSubstr("Other programmes hold 1"));
  EXPECT_THAT(refused.error().text, Not(HasSubstr("TE-")));
}

TEST_F(PatientRightsTest, NamesakesTwinsAndNamesOfBirth) {
  const std::string a = number_of(submitted(request_of("Durand", "Anne", kInsA)));
  const std::string b = number_of(submitted(request_of("DURAND", "anne", kInsB)));
  const std::string twin = number_of(submitted(request_of("Durand", "Anne-Lise")));
  const std::string married = number_of(submitted(request_of("Martin", "Anne", kInsA)));
  const std::string accents = number_of(submitted(request_of("D'Été-Œuf", "Zoé")));

  EXPECT_THAT(copied(asked("", "", kInsA)), UnorderedElementsAre(a, married));
  EXPECT_THAT(copied(asked("Durand", "Anne", kInsB)), ElementsAre(b));
  EXPECT_THAT(copied(asked("d ete oeuf", "ZOE")), ElementsAre(accents));
  EXPECT_THAT(copied(asked("Durand", "Anne-Lise")), IsEmpty());  // "Anne" may be short for it
  const auto doubtful = rights.copy(engine.referent, asked("Durand", "Anne"), kReason);
  ASSERT_FALSE(doubtful);
  for (const std::string& number : {a, b, twin}) {
    EXPECT_THAT(doubtful.error().text, HasSubstr(number));
  }
  EXPECT_THAT(doubtful.error().text, HasSubstr("--include"));
  PatientQuery with_twin = asked("Durand", "Anne-Lise");
  with_twin.accepted = {twin};
  EXPECT_THAT(copied(with_twin), ElementsAre(twin));
  PatientQuery both_names = asked("Durand", "Anne", kInsA);
  both_names.other_family_names = {"Martin"};
  EXPECT_THAT(copied(both_names), UnorderedElementsAre(a, married));
}

TEST_F(PatientRightsTest, CasesOfEveryYearAreFoundAndErasedOnesAreNot) {
  const std::string old = number_of(submitted());
  disk.clock.set(at("2027-02-01T12:00:00Z"));
  ASSERT_TRUE(engine.settle());
  const CaseId recent = submitted();
  EXPECT_THAT(copied(asked("ZZPATIENTNAME", "Camille")),
              UnorderedElementsAre(old, number_of(recent)));
  engine.done(engine.gp, "cancel", recent, reason("patient_withdrew"));
  engine.done(engine.referent, "request-erasure", recent, reason_body(kReason));
  engine.done(engine.coordinator, "approve-erasure", recent);
  EXPECT_THAT(copied(asked("ZZPATIENTNAME", "Camille")), ElementsAre(old));
}

TEST_F(PatientRightsTest, TheAccessLogNamesWhoReadWhat) {
  const CaseId id = answered();
  ASSERT_TRUE(engine.service.open(first, id));
  ASSERT_TRUE(engine.service.report(engine.gp, id));
  const auto log = rights.access_log(engine.referent, asked("ZZPATIENTNAME", "Camille"), kReason);
  ASSERT_TRUE(log) << log.error().text;
  const std::string text =
      access_log_document(log->lines, LogFormat::text, Language::french).value();
  // 12:00 UTC is 8:00 in Guadeloupe.
  EXPECT_THAT(text, HasSubstr("06/01/2026 à 08:00  " + number_of(id) +
                              "  Dr Prénom Nomgp : a envoyé la demande\n"));
  EXPECT_THAT(text, HasSubstr(first.display_name() + " : a lu la demande et les échanges\n"));
  EXPECT_THAT(text, HasSubstr("Dr Prénom Nomgp : a lu le compte rendu\n"));
  EXPECT_THAT(text, HasSubstr("le moteur Telavis : l’avis est rendu"));
  EXPECT_THAT(text, HasSubstr(" : a relevé les accès au dossier\n"));  // this very reading
  const std::string csv = access_log_document(log->lines, LogFormat::csv, Language::french).value();
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'),
            static_cast<std::ptrdiff_t>(log->lines.size()) + 1);
  const std::string lines =
      access_log_document(log->lines, LogFormat::json, Language::french).value();
  const json::value entry = json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(entry.at("action").as_string(), "submit");
  EXPECT_EQ(entry.at("name").as_string(), "Dr Prénom Nomgp");
  // No word of the catalogue is missing for what happens in a case.
  for (const AccessLine& line : log->lines) {
    EXPECT_NE(access_in_words(line, Language::french), line.action) << line.action;
  }
  EXPECT_THAT(audited(id), Not(Contains("referent_opened")));  // no content was opened
}

TEST_F(PatientRightsTest, ACellThatASpreadsheetWouldComputeIsText) {
  const AccessLine line{
      at("2026-01-06T12:00:00Z"), "TE-1", "Europe/Paris", "u-1", "=HYPERLINK(\"x\")", "sign", "@a"};
  const std::string csv = access_log_document({line}, LogFormat::csv, Language::french).value();
  EXPECT_THAT(csv, HasSubstr(R"--("'=HYPERLINK(""x"")")--"));
  EXPECT_THAT(csv, HasSubstr(R"--("'@a")--"));
}

TEST_F(PatientRightsTest, AnOppositionRefusesLaterRequestsUntilItIsLifted) {
  const CaseId open = submitted(request_of("Durand", "Anne", kInsA));
  const PatientQuery query = asked("Durand", "Anne", kInsA);
  const auto opposed = rights.oppose(engine.referent, query, kReason);
  ASSERT_TRUE(opposed) << opposed.error().text;
  EXPECT_FALSE(opposed->stood_before);
  EXPECT_EQ(opposed->found.match.cases.size(), 1U);
  EXPECT_TRUE(rights.oppose(engine.referent, query, kReason)->stood_before);
  const auto submit = [&](const std::string& key, const std::string& request) {
    return engine.service.submit(engine.gp, key, request, {{"web", "ecg.scp", ecg}}).has_value();
  };
  EXPECT_FALSE(submit("1", request_of("Durand", "Anne", kInsA)));
  EXPECT_FALSE(submit("2", request_of("DURAND", "Anne")));          // by the name
  EXPECT_FALSE(submit("3", request_of("Martin", "Annie", kInsA)));  // by the INS
  EXPECT_TRUE(submit("4", request_of("Martin", "Annie")));
  disk.clock.set(at("2027-06-01T12:00:00Z"));
  ASSERT_TRUE(engine.settle());
  EXPECT_FALSE(submit("5", request_of("Durand", "Anne", kInsA)));  // in later years too
  EXPECT_TRUE(engine.service.figures(engine.gp, open));            // what is there stays
  const auto lifted = rights.lift_opposition(engine.referent, query, kReason);
  ASSERT_TRUE(lifted) << lifted.error().text;
  EXPECT_TRUE(lifted->stood_before);
  EXPECT_FALSE(rights.lift_opposition(engine.referent, query, kReason)->stood_before);
  EXPECT_TRUE(submit("6", request_of("Durand", "Anne", kInsA)));
}

TEST_F(PatientRightsTest, ARestrictionIsPutWhereItCanBeAndTheRestIsSaid) {
  const CaseId answered_one = answered();
  const CaseId open_one = submitted();
  const PatientQuery query = asked("ZZPATIENTNAME", "Camille");
  const auto answer = rights.restrict_cases(engine.referent, query, kReason, Restriction::put);
  ASSERT_TRUE(answer) << answer.error().text;
  ASSERT_EQ(answer->rows.size(), 2U);
  EXPECT_FALSE(answer->rows[0].refused);
  ASSERT_TRUE(answer->rows[1].refused);
  EXPECT_THAT(answer->rows[1].refused->text, HasSubstr("An answer is owed"));
  EXPECT_FALSE(engine.service.open(engine.gp, answered_one));
  EXPECT_TRUE(engine.service.open(engine.gp, open_one));
  // The patient himself still gets his copy.
  EXPECT_EQ(copied(query).size(), 2U);

  engine.done(engine.gp, "cancel", open_one, reason("patient_withdrew"));
  const auto again = rights.restrict_cases(engine.referent, query, kReason, Restriction::put);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->rows[0].stood_before);
  EXPECT_FALSE(again->rows[1].refused);
  EXPECT_FALSE(again->rows[1].stood_before);
  const auto lifted = rights.restrict_cases(engine.referent, query, kReason, Restriction::lift);
  ASSERT_TRUE(lifted);
  EXPECT_FALSE(lifted->rows[0].refused || lifted->rows[1].refused);
  EXPECT_TRUE(engine.service.open(engine.gp, answered_one));
}

// ---- whatever call of a port fails, running the commands again does the rest --------------------

std::vector<CaseId> two_withdrawn_cases(Disk& disk) {
  Engine engine(disk);
  engine.enrol();
  std::vector<CaseId> cases;
  for (const char* key : {"a", "b"}) {
    const auto receipt = engine.service.submit(engine.gp, key, kRequestJson,
                                               {{"web", "ecg.scp", fixture("demo-ecg.scp")}});
    EXPECT_TRUE(receipt);
    const json::value answer = json::parse(receipt->json);
    cases.emplace_back(std::string(answer.at("case").at("id").as_string()));
    engine.done(engine.gp, "cancel", cases.back(), reason("patient_withdrew"));
  }
  return cases;
}

/// True when opposition and restrictions were done without a fault.
bool oppose_and_restrict(Engine& engine, Disk& disk) {
  PatientRights rights(engine.service, disk.random, kLookupKey);
  const PatientQuery query = asked("ZZPATIENTNAME", "Camille");
  const auto opposed = rights.oppose(engine.referent, query, kReason);
  const auto answer = rights.restrict_cases(engine.referent, query, kReason, Restriction::put);
  return opposed && answer &&
         std::none_of(answer->rows.begin(), answer->rows.end(),
                      [](const auto& row) { return row.refused.has_value(); });
}

class PatientRightsUnderFaults : public testing::TestWithParam<FaultSide> {};

TEST_P(PatientRightsUnderFaults, ARepeatedRunDoesTheRest) {
  constexpr int kMore = 200;  // than there are calls
  for (int nth = 1; nth < kMore; ++nth) {
    Disk disk;
    const std::vector<CaseId> cases = two_withdrawn_cases(disk);
    FaultPlan plan(nth, GetParam(), FaultExtent::from_then_on);
    {
      Engine dying(disk, &plan);
      oppose_and_restrict(dying, disk);
    }
    Engine engine(disk);
    EXPECT_TRUE(oppose_and_restrict(engine, disk)) << "after call " << nth;
    for (const CaseId& id : cases) {
      EXPECT_TRUE(engine.load(id).restricted_at) << nth;
      const auto chain = engine.repository->audit_chain(id.value).value();
      EXPECT_EQ(verify_chain(chain, engine.load(id).audit), 0) << nth;
      EXPECT_EQ(
          std::count_if(chain.begin(), chain.end(),
                        [](const AuditEntry& entry) { return entry.what.action == "restrict"; }),
          1)
          << nth;
    }
    EXPECT_FALSE(engine.service.submit(engine.gp, "c", kRequestJson,
                                       {{"web", "ecg.scp", fixture("demo-ecg.scp")}}))
        << nth;
    if (plan.failed_call().empty()) return;  // every call has failed once
  }
  FAIL() << "the calls do not end";
}
INSTANTIATE_TEST_SUITE_P(BothSides, PatientRightsUnderFaults,
                         testing::Values(FaultSide::before, FaultSide::after));

}  // namespace
}  // namespace telavis
