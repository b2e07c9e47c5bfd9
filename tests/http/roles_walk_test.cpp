// SPDX-License-Identifier: Apache-2.0
// Every route of the table, by everyone: who gets through, and what nobody else may read.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/http/api_world.h"
#include "tests/http/roles_rows.h"

namespace telavis::roles_walk_test {
namespace {

using test::ApiWorld;
using test::Visitor;

/// Identity and clinical words of the request and the opinion (tests/service/world.h).
const std::vector<std::string> kMarkers = {
    "ZZPATIENTNAME", "Camille",      "1961-03-02", "ZZQUESTION", "ZZCONTEXT",
    "ZZTREATMENT",   "ZZCONCLUSION", "ZZCONDUCT",  "ZZINFO",     "ZZDRAFT"};
/// Of the opinion: for figures too, which count every code there is.
const std::string kOrientation = "gp_management";
/// Coded reason: for a pool that is asked openly too.
const std::string kReason = "rhythm_disorder";

std::string marker_in(const HttpResponse& response, bool reason_too = true,
                      bool orientation_too = true) {
  const std::string text(as_text(response.body));
  for (const std::string& marker : kMarkers) {
    if (text.find(marker) != std::string::npos) return marker;
  }
  if (orientation_too && text.find(kOrientation) != std::string::npos) return kOrientation;
  return reason_too && text.find(kReason) != std::string::npos ? kReason : "";
}

const std::string kStaffReason = R"({"reason":"Plainte du patient reçue ce jour"})";
const ProgrammeId kOpenProgramme{"ecg-ouvert"};

std::string submitted_id(const HttpResponse& answer) {
  EXPECT_EQ(answer.status, 201) << as_text(answer.body);
  return std::string(ApiWorld::parsed(answer).at("case").at("id").as_string());
}

/// A case that four experts were asked about one after the other, a case of an open pool, and
/// everyone.
struct Stage {
  explicit Stage(bool answered) {
    enrol();
    submit();
    ask_one_after_the_other();
    if (answered) answer_and_leave_unopened();
    collect_visitors();
  }

  void enrol() {
    auto& engine = world.engine;
    engine.gp.memberships.push_back({kOpenProgramme, Role::requester});
    engine.gp.delegate = stand_in.id;
    Programme open = test::clinical_rhythmology();
    open.id = kOpenProgramme;
    open.policy = OfferPolicy::open;
    EXPECT_TRUE(engine.put(open));
    gone.status = PersonStatus::suspended;
    for (const User& user :
         {engine.gp, stand_in, expert_d, expert_e, in_pool, also_in_pool, gone}) {
      EXPECT_TRUE(engine.put(user));
    }
  }

  void submit() {
    const Visitor gp = world.visitor(world.engine.gp);
    const Bytes ecg = test::fixture("demo-ecg.scp");
    id = submitted_id(world.api.handle(world.upload_request(gp, test::kClinicalRequestJson, ecg)));
    std::string json = test::kClinicalRequestJson;
    json.replace(json.find("rythmologie"), 11, kOpenProgramme.value);
    pool_id = submitted_id(world.api.handle(world.upload_request(gp, json, ecg)));
    submitted_at = world.disk.clock.now();
    EXPECT_TRUE(world.engine.settle());
  }

  HttpResponse command(const User& user, const std::string& name, const std::string& json) {
    return world.post(world.visitor(user), path("/" + name), json);
  }

  void ask_one_after_the_other() {
    asked[declined_expert] = world.expert_of(CaseId(id));
    EXPECT_EQ(command(asked[declined_expert], "decline", R"({"reason":"unavailable"})").status,
              200);
    EXPECT_TRUE(world.engine.settle());
    asked[silent_expert] = world.expert_of(CaseId(id));
    world.disk.clock.set(*subject().offers.back().expires_at);
    EXPECT_TRUE(world.engine.settle());
    asked[taken_back_expert] = world.expert_of(CaseId(id));
    EXPECT_EQ(command(asked[taken_back_expert], "accept", "{}").status, 200);
    world.disk.clock.set(submitted_at + test::clinical_rhythmology().sla.take_back);
    EXPECT_TRUE(world.engine.settle());
    EXPECT_EQ(subject().state, CaseState::offered);
    asked[expert] = world.expert_of(CaseId(id));
    for (const User& candidate :
         {world.engine.expert_a, world.engine.expert_b, world.expert_c, expert_d, expert_e}) {
      const bool known = std::any_of(asked.begin(), asked.end(), [&](const auto& one) {
        return one.second.id == candidate.id;
      });
      if (!known) asked[other_expert] = candidate;
    }
    EXPECT_EQ(asked.size(), 5U);
  }

  void answer_and_leave_unopened() {
    EXPECT_EQ(command(asked[expert], "opinion", test::kOpinionJson).status, 200);
    world.disk.clock.advance(std::chrono::minutes(2));
    EXPECT_TRUE(world.engine.settle());
    for (int day = 0; day < 2; ++day) {
      world.disk.clock.advance(std::chrono::hours(25));
      EXPECT_TRUE(world.engine.settle());
    }
    EXPECT_EQ(subject().requester_delegate, stand_in.id);
  }

  void collect_visitors() {
    const auto& engine = world.engine;
    users = {{suspended, gone},
             {requester, engine.gp},
             {other_requester, engine.other_gp},
             {delegate, stand_in},
             {pool_expert, in_pool},
             {referent, engine.referent},
             {coordinator, engine.coordinator},
             {treasurer, engine.treasurer},
             {admin, engine.admin},
             {foreign_referent, world.foreign_referent},
             {foreign_coordinator, world.foreign_coordinator}};
    users.insert(asked.begin(), asked.end());
    visitors = {Visitor{"anonymous", ""}};
    for (int who = suspended; who < kVisitors; ++who) {
      visitors.push_back(world.visitor(users.at(static_cast<Who>(who))));
      // Each from an address of his own: some routes count attempts by it.
      visitors.back().peer = "127.0.1." + std::to_string(who);
    }
  }

  Case subject() { return world.engine.repository->load_case(CaseId(id)).value().value(); }
  std::string path(const std::string& rest) const { return "/api/v1/cases/" + id + rest; }
  const Visitor& visitor(Who who) const { return visitors[static_cast<std::size_t>(who)]; }

  std::string target(const Route& route, Who who) const {
    const std::map<std::string, std::string> values = {
        {"{id}", who == pool_expert ? pool_id : id},
        {"{n}", "0"},
        {"{slot}", std::string(16, 'a')},
        {"{mail}", std::string(32, 'a')},
        {"{exam}", std::string(26, 'a')},
        {"{upload}", std::string(26, 'a')},
        {"{study}", "2.25.1"},
        {"{series}", "2.25.2"},
        {"{instance}", "2.25.3"},
        {"{path}", "54000100.0.54001010"},
        {"{session}", std::string(16, 'a')},
        {"{programme}", test::kRhythmology.value},
        {"{key}", route.path.find("/programmes/") == std::string_view::npos
                      ? world.engine.other_gp.id.value
                      : test::kRhythmology.value}};
    std::string path(route.path);
    for (const auto& [name, value] : values) {
      if (const auto place = path.find(name); place != std::string::npos) {
        path.replace(place, name.size(), value);
      }
    }
    return path;
  }

  std::string body_of(const Route& route) const {
    const std::string text = R"({"text":"ZZINFO"})";
    const std::map<std::string_view, std::string> bodies = {
        {"completeCase", test::kClinicalRequestJson},
        {"resumeCase", R"({"regulated_at":"14:05"})"},
        {"infoCase", text},
        {"transferCase", R"({"programme":")" + kOpenProgramme.value + R"("})"},
        {"cancelCase", R"({"reason":"sent_by_mistake"})"},
        {"followUpCase", text},
        {"closeOutCase", R"({"outcome":"confirmed","referral":"avoided","value_for_patient":5,
                             "value_for_requester":5,"comment":""})"},
        {"outcomeCase", R"({"result":"benign"})"},
        {"previewReport", test::kOpinionJson},
        {"callCase", text},
        {"appointmentCase", R"({"date":"2026-03-02"})"},
        {"declineCase", R"({"reason":"not_my_field"})"},
        {"giveBackCase", R"({"reason":"not_my_field"})"},
        {"needInfoCase", text},
        {"draftCase", R"({"conclusion":"ZZDRAFT"})"},
        {"opinionCase", test::kOpinionJson},
        {"correctCase", R"({"corrects":"00",)" + test::kOpinionJson.substr(1)},
        {"followUpAnswerCase", text},
        {"reassignCase",
         R"({"expert":")" + asked.at(other_expert).id.value + R"(","reason":"other"})"},
        {"requestErasureCase", kStaffReason},
        {"holdCase", kStaffReason},
        {"releaseHoldCase", kStaffReason},
        {"restrictCase", kStaffReason},
        {"openCase", kStaffReason},
        {"openKeptMail", kStaffReason},
        {"downloadKeptMail", kStaffReason},
        {"downloadUnreadableExam", kStaffReason},
        {"fileKeptMail", R"({"reason":"Plainte du patient reçue ce jour","as":"nothing"})"}};
    const auto body = bodies.find(route.operation);
    return body == bodies.end() ? "{}" : body->second;
  }

  HttpResponse ask(const Route& route, Who who) {
    if (route.operation == "submitCase") {
      return world.api.handle(world.upload_request(visitor(who), test::kClinicalRequestJson,
                                                   test::fixture("demo-ecg.scp")));
    }
    HttpRequest request =
        world.request(visitor(who), std::string(route.method), target(route, who));
    const std::string body = route.method == "GET" ? "" : body_of(route);
    request.body.assign(body.begin(), body.end());
    return world.api.handle(request);
  }

  ApiWorld world;
  User stand_in = test::person("standin", Role::requester, test::kRhythmology);
  User expert_d = test::person("expertd", Role::expert, test::kRhythmology);
  User expert_e = test::person("experte", Role::expert, test::kRhythmology);
  User in_pool = test::person("inpool", Role::expert, kOpenProgramme);
  User also_in_pool = test::person("alsoinpool", Role::expert, kOpenProgramme);
  User gone = test::person("gone", Role::expert, test::kRhythmology);
  Instant submitted_at;
  std::string id, pool_id;
  std::map<Who, User> asked, users;
  std::vector<Visitor> visitors;
};

TEST(RolesWalk, EveryRouteHasItsRow) {
  std::set<std::string_view> operations;
  for (const Route& route : routes()) {
    EXPECT_TRUE(expected().count(route.operation)) << route.operation;
    EXPECT_TRUE(operations.insert(route.operation).second) << route.operation << " is there twice";
  }
  for (const auto& [operation, row] : expected()) {
    EXPECT_TRUE(operations.count(operation)) << operation << " is no route";
  }
}

/// Answers that name every coded reason there is, or this one by right.
bool may_name_reasons(const Route& route, Who who) {
  const std::set<std::string_view> forms = {"listProgrammes", "listAllProgrammes", "showProgramme",
                                            "showProgrammeHistory"};
  const bool reads_codes = route.operation == "showCase" || route.operation == "listBriefs";
  return forms.count(route.operation) > 0 || (reads_codes && who == pool_expert);
}

TEST(RolesWalk, EveryRouteByEveryone) {
  const auto reading = std::make_unique<Stage>(true);  // shared by all that only read
  for (const Route& route : routes()) {
    const auto found = expected().find(route.operation);
    ASSERT_TRUE(found != expected().end()) << route.operation;
    const Row& row = found->second;
    const auto own = row.answered ? nullptr : std::make_unique<Stage>(false);
    Stage& stage = row.answered ? *reading : *own;
    // Who is refused comes first: whoever is let through may change the case for those after him.
    for (const bool let_through : {false, true}) {
      for (int i = 0; i < kVisitors; ++i) {
        const Who who = static_cast<Who>(i);
        const int status = row.status(who, route);
        if ((status < 400) != let_through) continue;
        if (route.operation == "holdCase" && who == coordinator) {  // the referent has held it
          EXPECT_EQ(stage.command(stage.users.at(who), "release-hold", kStaffReason).status, 200);
        }
        const HttpResponse answer = stage.ask(route, who);
        EXPECT_EQ(answer.status, status)
            << route.operation << " by " << stage.visitor(who).name << " (" << who << ") "
            << (answer.status >= 400 ? as_text(answer.body) : "");
        if (answer.status >= 400) {
          EXPECT_NE(ApiWorld::code_of(answer), "");
        }
        const bool reads_content =
            row.answered && (who == requester || who == expert || who == delegate);
        if (reads_content || route.operation == "showOpenapi") continue;
        EXPECT_EQ(
            marker_in(answer, !may_name_reasons(route, who), route.operation != "showFigures"), "")
            << route.operation << " tells " << stage.visitor(who).name;
      }
    }
  }
}

TEST(RolesWalk, ASessionThatIsNotOpenOpensNoRouteButItsOwn) {
  const std::set<std::string_view> own = {
      "giveSecondFactor", "unlockSession",       "logOut",
      "showMe",           "proposeSecondFactor", "confirmSecondFactor"};
  Stage stage(true);
  Repository& repository = *stage.world.engine.repository;
  for (const bool locked : {false, true}) {
    const std::string code = locked ? "session_locked" : "second_factor_required";
    for (int i = requester; i < kVisitors; ++i) {
      const Who who = static_cast<Who>(i);
      Session session = **repository.session(hash_hex(stage.visitor(who).cookie));
      if (locked) session.last_seen_at -= AccessRules().idle_lock;
      if (!locked) session.second_factor_at.reset();
      for (const Route& route : routes()) {
        if (route.audience != Audience::users) continue;
        EXPECT_EQ(route.half_open, own.contains(route.operation)) << route.operation;
        if (route.half_open) continue;
        ASSERT_TRUE(repository.put_session(session));
        const HttpResponse answer = stage.ask(route, who);
        EXPECT_EQ(answer.status, 401) << route.operation << " by " << who;
        EXPECT_EQ(ApiWorld::code_of(answer), code) << route.operation << " by " << who;
        EXPECT_EQ(marker_in(answer), "") << route.operation;
        const auto body = stage.world.api.body_limit(stage.world.request(
            stage.visitor(who), std::string(route.method), stage.target(route, who)));
        EXPECT_EQ(error_name(body.error().code), code) << route.operation << " by " << who;
      }
      session.last_seen_at = stage.world.disk.clock.now();
      session.second_factor_at = session.last_seen_at;
      ASSERT_TRUE(repository.put_session(session));
    }
  }
}

TEST(RolesWalk, TheMarkersAreThereForThoseWhoMayRead) {
  Stage stage(true);
  for (const Who who : {requester, expert, delegate}) {
    const std::string text(as_text(stage.world.get(stage.visitor(who), stage.path("")).body));
    for (const std::string marker :
         {"ZZPATIENTNAME", "Camille", "1961-03-02", "ZZQUESTION", "ZZCONTEXT", "ZZTREATMENT",
          "ZZCONCLUSION", "ZZCONDUCT", "rhythm_disorder", "gp_management"}) {
      EXPECT_NE(text.find(marker), std::string::npos) << marker;
    }
  }
}

TEST(RolesWalk, WhoWasSilentReadsWhileHisOpinionWouldStillCount) {
  Stage open(false);
  Stage answered(true);
  for (const Who who : {silent_expert, taken_back_expert}) {
    EXPECT_NE(marker_in(open.world.get(open.visitor(who), open.path(""))), "");
    EXPECT_EQ(open.world.get(open.visitor(who), open.path("/exams/0/image")).status, 200);
    EXPECT_EQ(answered.world.get(answered.visitor(who), answered.path("")).status, 404);
  }
}

TEST(RolesWalk, PoolSeesTheCodesAndAfterAcceptanceOneExpertSeesAll) {
  Stage stage(false);
  auto& world = stage.world;
  const std::string path = "/api/v1/cases/" + stage.pool_id;
  const auto seen = ApiWorld::parsed(world.get(stage.visitor(pool_expert), path));
  EXPECT_EQ(seen.at("coded").at("age_band").as_string(), "60-69");
  EXPECT_EQ(seen.at("coded").at("sex").as_string(), "female");
  EXPECT_EQ(seen.at("coded").at("reason").as_string(), kReason);
  EXPECT_FALSE(seen.as_object().contains("content"));
  EXPECT_EQ(seen.at("case").at("exams").at(0).at("format").as_string(), "SCP-ECG");
  const std::vector<std::string> documents = {"/exams/0",
                                              "/exams/0/image?size=preview",
                                              "/exams/0/image",
                                              "/exams/0/document",
                                              "/exams/0/original",
                                              "/report",
                                              "/letter"};
  for (const std::string& document : documents) {
    const auto refused = world.get(stage.visitor(pool_expert), path + document);
    EXPECT_EQ(refused.status, 403) << document;
    EXPECT_EQ(marker_in(refused), "") << document;
  }
  EXPECT_EQ(world.post(stage.visitor(pool_expert), path + "/accept", "{}").status, 200);
  EXPECT_NE(marker_in(world.get(stage.visitor(pool_expert), path)), "");
  EXPECT_EQ(world.get(stage.visitor(pool_expert), path + "/exams/0/original").status, 200);
  // For the rest of the pool it is gone.
  EXPECT_EQ(world.get(world.visitor(stage.also_in_pool), path).status, 404);
}

TEST(RolesWalk, ReferentReadsContentOnlyWhileHisOpeningLasts) {
  Stage stage(true);
  const Visitor& visitor = stage.visitor(referent);
  const std::vector<std::string> documents = {"/exams/0", "/exams/0/image", "/exams/0/original",
                                              "/report"};
  const auto before = ApiWorld::parsed(stage.world.get(visitor, stage.path("")));
  EXPECT_EQ(before.as_object().count("content"), 0U);
  const boost::json::array staff_alone = {"hold", "restrict", "open"};
  EXPECT_EQ(before.at("case").at("actions").as_array(), staff_alone);
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
  stage.world.visitor(stage.users.at(referent));  // his session has locked
  EXPECT_EQ(marker_in(stage.world.get(visitor, stage.path(""))), "");
  for (const auto& document : documents) {
    EXPECT_EQ(stage.world.get(visitor, stage.path(document)).status, 403) << document;
  }
  // The reason itself is nowhere to be read in the audit.
  const auto chain = stage.world.engine.repository->audit_chain(stage.id).value();
  for (const AuditEntry& entry : chain) {
    EXPECT_EQ(entry.what.detail.find("Plainte"), std::string::npos);
  }
}

TEST(RolesWalk, WhoDeclinedIsToldOfItAndSeesNothingMore) {
  Stage stage(false);
  const Visitor visitor = stage.visitor(expert);
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
  const std::map<Who, std::size_t> counts = {{requester, 2},   {delegate, 1}, {expert, 1},
                                             {pool_expert, 1}, {referent, 1}, {coordinator, 1},
                                             {treasurer, 1}};
  for (int i = requester; i < kVisitors; ++i) {
    const Who who = static_cast<Who>(i);
    if (who == admin) continue;
    const auto list = ApiWorld::parsed(stage.world.get(stage.visitor(who), "/api/v1/cases"));
    const auto count = counts.find(who);
    EXPECT_EQ(list.at("cases").as_array().size(), count == counts.end() ? 0 : count->second) << who;
  }
}

TEST(RolesWalk, WhyAColleagueDeclinedIsForTheStaff) {
  Stage stage(true);
  const auto reasons = [&](Who who) {
    std::string all;
    const auto seen = ApiWorld::parsed(stage.world.get(stage.visitor(who), stage.path("")));
    for (const auto& offer : seen.at("case").at("offers").as_array()) {
      all += std::string(offer.at("outcome").as_string()) + ":" +
             std::string(offer.at("reason").as_string()) + " ";
    }
    return all;
  };
  EXPECT_EQ(reasons(coordinator), "declined:unavailable expired: taken_back: accepted: ");
  EXPECT_EQ(reasons(referent), "declined:unavailable expired: taken_back: accepted: ");
  EXPECT_EQ(reasons(requester), "declined: expired: taken_back: accepted: ");
  EXPECT_EQ(reasons(treasurer), "declined: expired: taken_back: accepted: ");
  EXPECT_EQ(reasons(expert), "accepted: ");
}

TEST(RolesWalk, BodyLimitsFollowTheRolesOfTheRoute) {
  Stage stage(false);
  for (const Route& route : routes()) {
    if (route.max_body_bytes == 0) continue;
    for (int i = 0; i < kVisitors; ++i) {
      const Who who = static_cast<Who>(i);
      const auto limit = stage.world.api.body_limit(stage.world.request(
          stage.visitor(who), std::string(route.method), stage.target(route, who)));
      const bool logged_in = who != anonymous && who != suspended;
      // Rights to this very case are checked by the service afterwards.
      const bool admitted =
          route.audience == Audience::anyone || route.audience == Audience::operators ||
          (route.audience == Audience::users && logged_in &&
           (route.roles.empty() ||
            std::any_of(route.roles.begin(), route.roles.end(),
                        [&](Role role) { return stage.users.at(who).has_anywhere(role); })));
      EXPECT_EQ(limit.has_value(), admitted) << route.operation << " by " << who;
      if (limit && admitted) {
        EXPECT_EQ(*limit, route.max_body_bytes);
      }
    }
  }
}

}  // namespace
}  // namespace telavis::roles_walk_test
