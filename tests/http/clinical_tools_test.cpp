// SPDX-License-Identifier: Apache-2.0
// The switch of the clinical tools and the declaration, as a browser meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures/synthetic_ecg.h"
#include "formats/quality.h"
#include "formats/scp_ecg.h"
#include "tests/http/api_world.h"

namespace telavis::test::clinical_tools_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const ClinicalTools kOn{true, "Dr Armand Corail", "2026-03-02"};
const std::string kHint(kExchangedElectrodes);
const std::string kOpinion = R"({"conclusion":"ZZCONCLUSION","orientation":"gp_management"})";

/// A tracing whose arm electrodes are exchanged.
Bytes exchanged_arms() {
  auto parameters = fixtures::demo_ecg_parameters();
  parameters.swap = fixtures::ElectrodeSwap::arms;
  return encode_scp_ecg(fixtures::synthetic_ecg(parameters)).value();
}

CaseId submitted(ApiWorld& world) {
  const auto answer = world.api.handle(
      world.upload_request(world.visitor(world.engine.gp), kClinicalRequestJson, exchanged_arms()));
  EXPECT_EQ(answer.status, 201) << as_text(answer.body);
  EXPECT_TRUE(world.engine.settle());
  return CaseId(std::string(ApiWorld::parsed(answer).at("case").at("id").as_string()));
}

std::string body(const HttpResponse& response) {
  EXPECT_EQ(response.status, 200) << as_text(response.body);
  return std::string(as_text(response.body));
}

/// All that a doctor is shown of a case in JSON.
std::string shown(ApiWorld& world, Api& api, const User& reader, const CaseId& id) {
  const Visitor visitor = world.visitor(reader);
  std::string all;
  for (const std::string& path : {std::string("/api/v1/cases"), "/api/v1/cases/" + id.value,
                                  "/api/v1/cases/" + id.value + "/exams/0"}) {
    all += body(api.handle(world.request(visitor, "GET", path)));
  }
  return all;
}

void answer(Engine& engine, const CaseId& id) {
  engine.done(engine.expert_of(id), "opinion", id, kOpinion);
  engine.clock.advance(std::chrono::minutes(1));
  EXPECT_TRUE(engine.settle());
}

/// What the report says is asked of its content: the PDF's words are another test's.
std::string hint_in_french() {
  return message(Language::french, "finding." + kHint);
}

TEST(ClinicalToolsApi, OnTheHintIsShownToBothDoctors) {
  ApiWorld world({}, kOn);
  const CaseId id = submitted(world);
  for (const User& reader : {world.engine.gp, world.expert_of(id)}) {
    EXPECT_THAT(shown(world, world.api, reader, id), HasSubstr(kHint));
  }
  const auto engine = ApiWorld::parsed(world.get({}, "/api/v1/engine"));
  EXPECT_TRUE(engine.at("clinical_tools").at("enabled").as_bool());
  EXPECT_EQ(engine.at("clinical_tools").at("responsible").as_string(), kOn.responsible);
}

TEST(ClinicalToolsApi, OffNothingLooksForIt) {
  ApiWorld world;
  const CaseId id = submitted(world);
  for (const User& reader : {world.engine.gp, world.expert_of(id)}) {
    EXPECT_THAT(shown(world, world.api, reader, id), Not(HasSubstr(kHint)));
  }
  for (const ExamSummary& exam : world.engine.load(id).exams) {
    EXPECT_THAT(exam.findings, Not(testing::Contains(kHint)));
  }
  const auto engine = ApiWorld::parsed(world.get({}, "/api/v1/engine"));
  EXPECT_FALSE(engine.at("clinical_tools").at("enabled").as_bool());
}

TEST(ClinicalToolsApi, OffHidesWhatWasFoundWhileOn) {
  ApiWorld world({}, kOn);
  const CaseId id = submitted(world);
  ASSERT_THAT(world.engine.load(id).exams.at(0).findings, testing::Contains(kHint));
  // The same disk, started again with the switch off.
  Engine off(world.disk, nullptr, Reports::plain);
  Api api(off.service, off.registry, off.access, {});
  for (const User& reader : {world.engine.gp, world.expert_of(id)}) {
    EXPECT_THAT(shown(world, api, reader, id),
                AllOf(Not(HasSubstr(kHint)), Not(HasSubstr("exchanged"))));
  }
  const auto exams = off.service.exams(world.engine.gp, id).value();
  ASSERT_EQ(exams.size(), 1U);
  // Writing to the case while it is off takes nothing away from what is stored...
  off.done(off.expert_of(id), "accept", id);
  EXPECT_THAT(off.load(id).exams.at(0).findings, testing::Contains(kHint));
  // ...and on again, it is there again.
  EXPECT_THAT(shown(world, world.api, world.engine.gp, id), HasSubstr(kHint));
}

TEST(ClinicalToolsApi, TheReportSaysItOnlyWhileOn) {
  for (const bool on_at_release : {true, false}) {
    ApiWorld world({}, kOn);
    const CaseId id = submitted(world);
    std::string said;
    ExamLimits limits;
    limits.ecg.exchanged_electrodes = on_at_release;
    Engine engine(world.disk, nullptr, Reports::drawn, limits);
    engine.drawn = [&said](const ReportContent& content) {
      for (const ReportSection& section : content.sections) {
        for (const auto& [label, text] : section.lines) said += label + text + "\n";
      }
      for (const EcgRecording& tracing : content.tracings) {
        for (const Finding& finding : tracing.findings) said += finding.code + finding.text;
      }
    };
    answer(engine, id);
    EXPECT_NE(said, "");
    EXPECT_EQ(said.find(hint_in_french()) != std::string::npos, on_at_release);
    EXPECT_EQ(said.find(kHint) != std::string::npos, on_at_release);
  }
}

TEST(DeclarationApi, IsOpenToPatientsAndStandsOnTheirNotice) {
  const Declaration declared{"ESS fictive", "Hébergeur fictif", "HDS 0001", "dpo@ess.test",
                             "2026-03-02"};
  ApiWorld world({}, {}, declared);
  const auto answer = ApiWorld::parsed(world.get({}, "/api/v1/engine"));
  const auto& shown = answer.at("declaration");
  EXPECT_EQ(shown.at("controller").as_string(), declared.controller);
  EXPECT_EQ(shown.at("host").as_string(), declared.host);
  EXPECT_EQ(shown.at("host_certificate").as_string(), declared.host_certificate);
  EXPECT_EQ(shown.at("dpo").as_string(), declared.dpo);
  EXPECT_EQ(shown.at("date").as_string(), declared.date);
  ApiWorld silent;
  const std::string path = "/api/v1/programmes/rythmologie/notice";
  const auto with = world.get(world.visitor(world.engine.gp), path);
  const auto without = silent.get(silent.visitor(silent.engine.gp), path);
  EXPECT_EQ(with.status, 200);
  EXPECT_NE(with.body, without.body);
}

}  // namespace
}  // namespace telavis::test::clinical_tools_test
