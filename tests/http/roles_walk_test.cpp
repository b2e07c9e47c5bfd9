// SPDX-License-Identifier: Apache-2.0
// Every route of the table, by everyone: who gets through, and what nobody else may read.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/http/api_world.h"

namespace telavis::roles_walk_test {
namespace {

using test::ApiWorld;
using test::Visitor;

/// In the order of the columns below.
enum Who {
  anonymous,
  requester,
  other_requester,
  expert,           // who is offered the case
  declined_expert,  // who was offered it before
  other_expert,     // of the same pool, never asked
  referent,         // who has not opened the case
  coordinator,
  treasurer,
  admin,
  foreign_referent,  // of another programme
  foreign_coordinator,
  kVisitors
};

struct Row {
  std::vector<int> status;  // by Who
  bool answered = false;    // asked with an opinion there; the case does not change
};

const std::map<std::string_view, Row> kExpected = {
    //                    anon  req oreq  exp  dec oexp  ref coor trea  adm fref fcoo
    {"logIn", {{422, 422, 422, 422, 422, 422, 422, 422, 422, 422, 422, 422}, true}},
    {"logOut", {{401, 204, 204, 204, 204, 204, 204, 204, 204, 204, 204, 204}}},
    {"showMe", {{401, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200}, true}},
    {"listProgrammes", {{401, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200}, true}},
    {"submitCase", {{401, 201, 201, 403, 403, 403, 403, 403, 403, 403, 403, 403}}},
    {"listCases", {{401, 200, 200, 200, 200, 200, 200, 200, 200, 403, 200, 200}, true}},
    {"showCase", {{401, 200, 404, 200, 404, 404, 200, 200, 200, 403, 404, 404}, true}},
    {"acceptCase", {{401, 403, 403, 200, 404, 404, 403, 403, 403, 403, 403, 403}}},
    {"declineCase", {{401, 403, 403, 200, 404, 404, 403, 403, 403, 403, 403, 403}}},
    {"answerCase", {{401, 403, 403, 200, 404, 404, 403, 403, 403, 403, 403, 403}}},
    {"cancelCase", {{401, 200, 404, 403, 403, 403, 403, 403, 403, 403, 403, 403}}},
    {"openCase", {{401, 403, 403, 403, 403, 403, 200, 403, 403, 403, 404, 403}}},
    {"showExam", {{401, 200, 404, 200, 404, 404, 403, 403, 403, 403, 404, 403}, true}},
    {"showExamImage", {{401, 200, 404, 200, 404, 404, 403, 403, 403, 403, 404, 403}, true}},
    // The exam is a tracing: whoever may read it is told that it is no document.
    {"showExamDocument", {{401, 422, 404, 422, 404, 404, 403, 403, 403, 403, 404, 403}, true}},
    {"downloadOriginal", {{401, 200, 404, 200, 404, 404, 403, 403, 403, 403, 404, 403}, true}},
    {"downloadReport", {{401, 200, 404, 200, 404, 404, 403, 403, 403, 403, 404, 403}, true}},
    {"listActs", {{401, 200, 200, 200, 200, 200, 403, 200, 200, 403, 403, 200}, true}},
    {"exportBilling", {{401, 403, 403, 403, 403, 403, 403, 403, 200, 403, 403, 403}, true}},
    {"showOpenapi", {{200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200}, true}},
    {"showHealth", {{200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200}, true}},
    {"showReadiness", {{200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200}, true}},
    {"showMetrics", {{200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200}, true}},
};

/// Identity and clinical words of the request and the opinion (tests/service/world.h).
const std::vector<std::string> kMarkers = {"ZZPATIENTNAME", "Camille",        "1961-03-02",
                                           "ZZQUESTION",    "ZZCONTEXT",      "ZZCONCLUSION",
                                           "ZZCONDUCT",     "rhythm_disorder"};

std::string marker_in(const HttpResponse& response) {
  const std::string text(as_text(response.body));
  for (const std::string& marker : kMarkers) {
    if (text.find(marker) != std::string::npos) return marker;
  }
  return "";
}

/// A case that one expert declined and another is offered, or has answered; and everyone.
struct Stage {
  explicit Stage(bool answered) : id(world.submitted()) {
    auto& engine = world.engine;
    const User first = world.expert_of(id);
    EXPECT_EQ(
        world.post(world.visitor(first), path("/decline"), R"({"reason":"unavailable"})").status,
        200);
    EXPECT_TRUE(engine.settle());
    const User second = world.expert_of(id);
    User third;
    for (const User& candidate : {engine.expert_a, engine.expert_b, world.expert_c}) {
      if (candidate.id != first.id && candidate.id != second.id) third = candidate;
    }
    if (answered) {
      EXPECT_EQ(world.post(world.visitor(second), path("/opinion"), test::kOpinionJson).status,
                200);
      world.disk.clock.advance(std::chrono::minutes(2));
      EXPECT_TRUE(engine.settle());
    }
    visitors = {Visitor{"anonymous", ""}};
    for (const User& user :
         {engine.gp, engine.other_gp, second, first, third, engine.referent, engine.coordinator,
          engine.treasurer, engine.admin, world.foreign_referent, world.foreign_coordinator}) {
      visitors.push_back(world.visitor(user));
    }
  }

  std::string path(const std::string& rest) const { return "/api/v1/cases/" + id.value + rest; }

  HttpResponse ask(const Route& route, const Visitor& visitor) {
    std::string target(route.path);
    if (const auto place = target.find("{id}"); place != std::string::npos) {
      target.replace(place, 4, id.value);
    }
    if (const auto place = target.find("{n}"); place != std::string::npos) {
      target.replace(place, 3, "0");
    }
    const std::map<std::string_view, std::string> bodies = {
        {"declineCase", R"({"reason":"not_my_field"})"},
        {"cancelCase", R"({"reason":"sent_by_mistake"})"},
        {"openCase", R"({"reason":"Plainte du patient reçue ce jour"})"},
        {"answerCase", test::kOpinionJson}};
    if (route.operation == "submitCase") {
      return world.api.handle(
          world.upload_request(visitor, test::kRequestJson, test::fixture("demo-ecg.scp")));
    }
    if (route.method == "GET") return world.get(visitor, target);
    const auto body = bodies.find(route.operation);
    return world.post(visitor, target, body == bodies.end() ? "{}" : body->second);
  }

  ApiWorld world;
  CaseId id;
  std::vector<Visitor> visitors;
};

TEST(RolesWalk, EveryRouteHasItsRow) {
  std::set<std::string_view> operations;
  for (const Route& route : routes()) {
    EXPECT_TRUE(kExpected.count(route.operation)) << route.operation;
    EXPECT_TRUE(operations.insert(route.operation).second) << route.operation << " is there twice";
  }
  for (const auto& [operation, row] : kExpected) {
    EXPECT_TRUE(operations.count(operation)) << operation << " is no route";
    EXPECT_EQ(row.status.size(), static_cast<std::size_t>(kVisitors)) << operation;
  }
}

TEST(RolesWalk, EveryRouteByEveryone) {
  const auto reading = std::make_unique<Stage>(true);  // shared by all that only read
  for (const Route& route : routes()) {
    const Row& row = kExpected.at(route.operation);
    const auto own = row.answered ? nullptr : std::make_unique<Stage>(false);
    Stage& stage = row.answered ? *reading : *own;
    ASSERT_EQ(stage.visitors.size(), static_cast<std::size_t>(kVisitors));
    // Who is refused comes first: whoever is let through may change the case for those after him.
    for (const bool let_through : {false, true}) {
      for (int who = 0; who < kVisitors; ++who) {
        const int expected = row.status[static_cast<std::size_t>(who)];
        if ((expected < 400) != let_through) continue;
        const Visitor& visitor = stage.visitors[static_cast<std::size_t>(who)];
        const HttpResponse answer = stage.ask(route, visitor);
        EXPECT_EQ(answer.status, expected)
            << route.operation << " by " << visitor.name << " (" << who << ")";
        if (answer.status >= 400) {
          EXPECT_NE(ApiWorld::code_of(answer), "");
        }
        // The API's own description names every coded reason there is.
        const bool may_name_them = route.operation == "showOpenapi";
        if (who == requester || who == expert || may_name_them) continue;
        EXPECT_EQ(marker_in(answer), "") << route.operation << " tells " << visitor.name;
      }
    }
  }
}

TEST(RolesWalk, TheMarkersAreThereForThoseWhoMayRead) {
  Stage stage(true);
  for (const int who : {requester, expert}) {
    const auto answer =
        stage.world.get(stage.visitors[static_cast<std::size_t>(who)], stage.path(""));
    const std::string text(as_text(answer.body));
    for (const std::string& marker : kMarkers) {
      EXPECT_NE(text.find(marker), std::string::npos) << marker;
    }
  }
}

TEST(RolesWalk, ReferentReadsContentOnlyWhileHisOpeningLasts) {
  Stage stage(true);
  const Visitor& visitor = stage.visitors[referent];
  const std::vector<std::string> documents = {"/exams/0", "/exams/0/image", "/exams/0/original",
                                              "/report"};
  EXPECT_EQ(ApiWorld::parsed(stage.world.get(visitor, stage.path(""))).as_object().count("content"),
            0U);
  EXPECT_EQ(stage.world.post(visitor, stage.path("/open"), R"({"reason":"too short"})").status,
            422);
  EXPECT_EQ(
      stage.world
          .post(visitor, stage.path("/open"), R"({"reason":"Plainte du patient reçue ce jour"})")
          .status,
      200);
  EXPECT_NE(marker_in(stage.world.get(visitor, stage.path(""))), "");
  for (const auto& document : documents) {
    EXPECT_EQ(stage.world.get(visitor, stage.path(document)).status, 200) << document;
  }
  stage.world.disk.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(marker_in(stage.world.get(visitor, stage.path(""))), "");
  for (const auto& document : documents) {
    EXPECT_EQ(stage.world.get(visitor, stage.path(document)).status, 403) << document;
  }
  // The reason itself is nowhere to be read in the audit.
  const auto chain = stage.world.engine.repository->audit_chain(stage.id.value).value();
  for (const AuditEntry& entry : chain) {
    EXPECT_EQ(entry.what.detail.find("Plainte"), std::string::npos);
  }
}

TEST(RolesWalk, WhoDeclinedIsToldOfItAndSeesNothingMore) {
  Stage stage(false);
  const Visitor visitor = stage.visitors[expert];
  const auto declined =
      stage.world.post(visitor, stage.path("/decline"), R"({"reason":"conflict_of_interest"})");
  ASSERT_EQ(declined.status, 200);
  EXPECT_EQ(marker_in(declined), "");
  EXPECT_EQ(ApiWorld::parsed(declined).at("case").at("state").as_string(), "queued");
  EXPECT_EQ(stage.world.get(visitor, stage.path("")).status, 404);
  EXPECT_EQ(stage.world.get(visitor, stage.path("/exams/0/image")).status, 404);
  const auto list = ApiWorld::parsed(stage.world.get(visitor, "/api/v1/cases"));
  EXPECT_TRUE(list.at("cases").as_array().empty());
}

TEST(RolesWalk, ListsHoldOnlyTheCasesOfTheReader) {
  Stage stage(true);
  const std::vector<std::size_t> expected = {0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0};
  for (int who = requester; who < kVisitors; ++who) {
    if (who == admin) continue;
    const auto list = ApiWorld::parsed(
        stage.world.get(stage.visitors[static_cast<std::size_t>(who)], "/api/v1/cases"));
    EXPECT_EQ(list.at("cases").as_array().size(), expected[static_cast<std::size_t>(who)]) << who;
  }
}

TEST(RolesWalk, BodyLimitsFollowTheSameRights) {
  Stage stage(false);
  for (const Route& route : routes()) {
    if (route.max_body_bytes == 0) continue;
    for (int who = 0; who < kVisitors; ++who) {
      std::string target(route.path);
      if (const auto place = target.find("{id}"); place != std::string::npos) {
        target.replace(place, 4, stage.id.value);
      }
      const auto limit = stage.world.api.body_limit(stage.world.request(
          stage.visitors[static_cast<std::size_t>(who)], std::string(route.method), target));
      const int expected = kExpected.at(route.operation).status[static_cast<std::size_t>(who)];
      // Rights by role are checked here; rights to this very case by the service afterwards.
      if (expected == 401 || expected == 403) {
        EXPECT_FALSE(limit.has_value()) << route.operation << " by " << who;
      } else {
        ASSERT_TRUE(limit.has_value()) << route.operation << " by " << who;
        EXPECT_EQ(*limit, route.max_body_bytes);
      }
    }
  }
}

}  // namespace
}  // namespace telavis::roles_walk_test
