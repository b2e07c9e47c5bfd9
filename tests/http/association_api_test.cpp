// SPDX-License-Identifier: Apache-2.0
// Figures, experts' load and previews over the API. Who may ask: roles_walk_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/api_world.h"

namespace telavis::test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AssociationApi : public testing::Test {
 protected:
  AssociationApi()
      : coordinator(world.visitor(world.engine.coordinator)),
        treasurer(world.visitor(world.engine.treasurer)) {}

  std::string text(const Visitor& visitor, const std::string& path, int status = 200) {
    const HttpResponse answer = world.get(visitor, path);
    EXPECT_EQ(answer.status, status) << as_text(answer.body);
    return std::string(as_text(answer.body));
  }
  static json::object figure(const json::value& figures, std::string_view id) {
    for (const json::value& one : figures.as_array()) {
      if (one.at("id").as_string() == id) return one.as_object();
    }
    ADD_FAILURE() << id;
    return {};
  }
  json::object definition() {
    return json::parse(text(coordinator, "/api/v1/admin/programmes/rythmologie"))
        .at("programme")
        .as_object();
  }
  HttpResponse preview(const json::object& programme, const std::string& reason) {
    return world.post(coordinator, "/api/v1/admin/programmes/rythmologie/preview",
                      json::serialize(json::object{{"programme", programme},
                                                   {"reason", reason},
                                                   {"exam_kind", "ecg"},
                                                   {"territory", "971"}}));
  }

  ApiWorld world;
  Visitor coordinator, treasurer;
};

TEST_F(AssociationApi, FiguresCountWithoutIdentities) {
  const CaseId id = world.submitted();
  for (const Visitor& who : {coordinator, treasurer}) {
    const std::string answer = text(who, "/api/v1/figures?programme=rythmologie");
    const json::value figures = json::parse(answer);
    EXPECT_EQ(figure(figures.at("figures"), "requests").at("count").as_int64(), 1);
    EXPECT_EQ(figures.at("territories").at(0).at("key").as_string(), "971");
    for (const std::string& secret :
         {std::string("ZZ"), id.value, world.engine.gp.family_name, world.engine.gp.id.value,
          world.engine.gp.rpps, world.engine.gp.mail_address})
      EXPECT_THAT(answer, Not(HasSubstr(secret)));
  }
  const json::value outside = json::parse(text(treasurer, "/api/v1/figures?outside=yes"));
  EXPECT_TRUE(figure(outside.at("figures"), "requests").at("masked").as_bool());
  EXPECT_TRUE(figure(outside.at("figures"), "requests").at("count").is_null());
}

TEST_F(AssociationApi, FiguresOfAnotherProgrammeAreRefusedAndThatIsAudited) {
  const std::int64_t before = world.engine.repository->node_audit_head()->length;
  text(treasurer, "/api/v1/figures?programme=dermatologie", 403);
  EXPECT_EQ(world.engine.repository->node_audit_head()->length, before + 1);
  text(treasurer, "/api/v1/exports/figures?programme=nowhere", 403);
  text(treasurer, "/api/v1/figures?from=2026-02-30", 422);
  text(treasurer, "/api/v1/exports/figures?format=doc", 422);
}

TEST_F(AssociationApi, ExportsAreMaskedInEachFormat) {
  world.submitted();
  const std::string csv = text(treasurer, "/api/v1/exports/figures?format=csv-fr");
  EXPECT_THAT(csv, StartsWith("\xEF\xBB\xBF"
                              "Partie;Élément;Indicateur;"));
  EXPECT_THAT(csv, HasSubstr("Ensemble;;Demandes;;;;;;;moins de 5, masqué;"));
  EXPECT_THAT(text(treasurer, "/api/v1/exports/figures?format=pdf"), StartsWith("%PDF-1.4"));
  const HttpResponse sheet = world.get(treasurer, "/api/v1/exports/figures?format=xlsx");
  EXPECT_THAT(std::string(as_text(sheet.body)), StartsWith("PK"));
  EXPECT_THAT(ApiWorld::header_of(sheet, "Content-Disposition").value_or(""), HasSubstr(".xlsx\""));
}

TEST_F(AssociationApi, ACoordinatorSeesWhatHisExpertsHaveToDo) {
  const CaseId id = world.submitted();
  const std::string asked = world.expert_of(id).id.value;
  const json::value loads = json::parse(text(coordinator, "/api/v1/experts"));
  bool seen = false;
  for (const json::value& one : loads.at("experts").as_array()) {
    EXPECT_EQ(one.at("programme").as_string(), "rythmologie");
    EXPECT_FALSE(one.at("mail_address").as_string().empty());
    if (one.at("id").as_string() != asked) continue;
    seen = true;
    EXPECT_EQ(one.at("open_cases").as_int64(), 1);
    EXPECT_EQ(one.at("recent_offers").as_int64(), 1);
    EXPECT_TRUE(one.at("next_open_at").is_string());
  }
  EXPECT_TRUE(seen);
}

TEST_F(AssociationApi, APreviewShowsThePromiseAndThePoolBeforeAndAfter) {
  json::object changed = definition();
  changed["sla"].as_object()["breach_minutes"] = 40 * 60;
  changed["version"] = changed.at("version").as_int64() + 1;
  const HttpResponse answer = preview(changed, "rhythm_disorder");
  ASSERT_EQ(answer.status, 200) << as_text(answer.body);
  const json::value both = ApiWorld::parsed(answer);
  EXPECT_EQ(both.at("changed"), (json::array{"sla"}));
  const auto promised = [&](const char* side) {
    const json::value& promise = both.at(side).at("promise");
    return parse_instant(std::string(promise.at("breach_at").as_string())).value() -
           parse_instant(std::string(promise.at("completed_at").as_string())).value();
  };
  EXPECT_EQ(promised("before"), std::chrono::hours(48));
  EXPECT_EQ(promised("after"), std::chrono::hours(40));
  EXPECT_FALSE(both.at("after").at("experts").as_array().empty());
  // Nothing was stored.
  EXPECT_EQ(definition().at("version").as_int64() + 1, changed.at("version").as_int64());
  changed["sla"].as_object()["breach_minutes"] = 1;
  EXPECT_EQ(preview(changed, "rhythm_disorder").status, 422);
  EXPECT_EQ(preview(definition(), "no_such_reason").status, 422);
}

}  // namespace
}  // namespace telavis::test
