// SPDX-License-Identifier: Apache-2.0
// A doctor's own texts, appointments, year and notebook, and the preview of a report, over HTTP.
#include <gtest/gtest.h>

#include <string>

#include "tests/http/api_world.h"

namespace telavis::desk_api_test {
namespace {

using test::ApiWorld;
using test::Visitor;

class DeskApi : public ::testing::Test {
 protected:
  HttpResponse put(const Visitor& who, const std::string& path, const std::string& json) {
    HttpRequest out = world.request(who, "PUT", path);
    out.body.assign(json.begin(), json.end());
    return world.api.handle(out);
  }
  std::string slot_of(const Visitor& who, const std::string& starts_at) {
    const auto answer = world.post(
        who, "/api/v1/me/slots",
        R"({"starts_at":")" + starts_at + R"(","place":"Cabinet","booking":"0590 00 00 00"})");
    EXPECT_EQ(answer.status, 201) << as_text(answer.body);
    return std::string(ApiWorld::parsed(answer).at("slot").at("id").as_string());
  }
  static std::string path(const CaseId& id, const std::string& rest) {
    return "/api/v1/cases/" + id.value + rest;
  }

  ApiWorld world;
  Visitor expert = world.visitor(world.engine.expert_a);
  Visitor gp = world.visitor(world.engine.gp);
};

TEST_F(DeskApi, TextsAreKeptInVersions) {
  const auto empty = ApiWorld::parsed(world.get(expert, "/api/v1/me/texts"));
  EXPECT_EQ(empty.at("version").as_int64(), 0);
  const std::string json = R"({"version":0,"templates":[{"title":"Bénin","speciality":"",)"
                           R"("fields":{"conclusion":"Rien d’inquiétant."}}],"phrases":[]})";
  EXPECT_EQ(put(expert, "/api/v1/me/texts", json).status, 200);
  const auto again = put(expert, "/api/v1/me/texts", json);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(ApiWorld::code_of(again), "version_conflict");
  const auto kept = ApiWorld::parsed(world.get(expert, "/api/v1/me/texts"));
  EXPECT_EQ(kept.at("version").as_int64(), 1);
  EXPECT_EQ(kept.at("templates").at(0).at("title").as_string(), "Bénin");
  EXPECT_EQ(put(expert, "/api/v1/me/texts",
                R"({"version":1,"templates":[{"title":"x","fields":{"name":"y"}}],"phrases":[]})")
                .status,
            422);
}

TEST_F(DeskApi, AnAppointmentIsDeclaredOfferedAndShown) {
  const CaseId id = world.submitted();
  const Visitor asked = world.visitor(world.expert_of(id));
  const std::string slot = slot_of(asked, "2026-01-12T13:00:00Z");
  const std::string gone = slot_of(asked, "2026-01-13T13:00:00Z");
  EXPECT_EQ(world
                .post(asked, "/api/v1/me/slots",
                      R"({"starts_at":"2026-01-12T13:00:00Z","place":"a","booking":"b"})")
                .status,
            409);
  EXPECT_EQ(
      world.post(asked, "/api/v1/me/slots", R"({"starts_at":"tomorrow","place":"a","booking":"b"})")
          .status,
      422);
  EXPECT_EQ(world.api.handle(world.request(asked, "DELETE", "/api/v1/me/slots/" + gone)).status,
            204);
  const std::string opinion =
      R"({"conclusion":"ZZCONCLUSION","orientation":"in_person",)"
      R"("in_person":{"needed":true,"with":"requis","delay_days":7},"slots":[{"id":")" +
      slot + R"("}]})";
  EXPECT_EQ(world.post(asked, path(id, "/opinion"), opinion).status, 200);
  const auto listed = ApiWorld::parsed(world.get(asked, "/api/v1/me/slots"));
  EXPECT_EQ(listed.at("slots").as_array().size(), 1u);
  EXPECT_TRUE(listed.at("slots").at(0).at("offered").as_bool());
  EXPECT_EQ(world.api.handle(world.request(asked, "DELETE", "/api/v1/me/slots/" + slot)).status,
            409);
  world.disk.clock.advance(std::chrono::minutes(1));
  ASSERT_TRUE(world.engine.settle());
  const auto shown = ApiWorld::parsed(world.get(gp, path(id, "")));
  const auto& offered = shown.at("content").at("opinion").at("text").at("slots").at(0);
  EXPECT_EQ(offered.at("starts_at").as_string(), "2026-01-12T13:00:00Z");
  EXPECT_EQ(offered.at("booking").as_string(), "0590 00 00 00");
  const auto year = ApiWorld::parsed(world.get(gp, "/api/v1/me/year?year=2026"));
  EXPECT_EQ(year.at("asked").as_int64(), 1);
  EXPECT_EQ(world.get(gp, "/api/v1/me/year?year=20x6").status, 422);
}

TEST_F(DeskApi, APreviewKeepsNothing) {
  const CaseId id = world.submitted();
  const User expert_of_case = world.expert_of(id);
  const Visitor asked = world.visitor(expert_of_case);
  std::vector<std::string> titles;
  world.engine.drawn = [&](const ReportContent& content) { titles.push_back(content.title); };
  const auto before = world.engine.load(id);
  const auto pdf = world.post(asked, path(id, "/preview"), test::kOpinionJson);
  EXPECT_EQ(pdf.status, 200) << as_text(pdf.body);
  EXPECT_EQ(pdf.content_type, "application/pdf");
  EXPECT_EQ(titles, std::vector<std::string>{"APERÇU – avis non signé"});
  const auto after = world.engine.load(id);
  EXPECT_EQ(after.state, before.state);
  EXPECT_FALSE(after.pending_opinion);
  EXPECT_FALSE(after.expert);
  EXPECT_TRUE(world.engine.repository->acts({})->empty());
  // The reading is written down; nobody else sees one.
  EXPECT_EQ(after.audit.length, before.audit.length + 1);
  EXPECT_EQ(world.post(asked, path(id, "/preview"), "{}").status, 422);
  EXPECT_EQ(world.post(world.visitor(world.engine.other_gp), path(id, "/preview"), "{}").status,
            403);
}

TEST_F(DeskApi, TheNotebookSetsHisReadingBesideTheOpinion) {
  const std::string request =
      test::with(test::kClinicalRequestJson, R"("context")", R"("own_reading":"ZZOWN","context")");
  const auto answer =
      world.api.handle(world.upload_request(gp, request, test::fixture("demo-ecg.scp")));
  ASSERT_EQ(answer.status, 201) << as_text(answer.body);
  ASSERT_TRUE(world.engine.settle());
  const CaseId id(std::string(ApiWorld::parsed(answer).at("case").at("id").as_string()));
  EXPECT_TRUE(
      ApiWorld::parsed(world.get(gp, "/api/v1/me/notebook")).at("notebook").as_array().empty());
  const std::string opinion = test::with(test::kOpinionJson, R"("orientation")",
                                         R"("agreement_with_own_reading":"partial","orientation")");
  EXPECT_EQ(world.post(world.visitor(world.expert_of(id)), path(id, "/opinion"), opinion).status,
            200);
  world.disk.clock.advance(std::chrono::minutes(1));
  ASSERT_TRUE(world.engine.settle());
  EXPECT_EQ(world.post(gp, path(id, "/outcome"), R"({"result":"confirmed","text":"ok"})").status,
            200);
  const auto entry = ApiWorld::parsed(world.get(gp, "/api/v1/me/notebook")).at("notebook").at(0);
  EXPECT_EQ(entry.at("own_reading").as_string(), "ZZOWN");
  EXPECT_EQ(entry.at("conclusion").as_string(), "ZZCONCLUSION");
  EXPECT_EQ(entry.at("agreement").as_string(), "partial");
  EXPECT_EQ(entry.at("outcome").at("result").as_string(), "confirmed");
}

}  // namespace
}  // namespace telavis::desk_api_test
