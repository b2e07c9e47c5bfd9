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

namespace telavis::roles_walk_test {
namespace {

using test::ApiWorld;
using test::Visitor;

enum Who {
  anonymous,
  suspended,  // an expert with a session of yesterday
  requester,
  other_requester,
  delegate,           // of the requester; he may read what the requester left unopened
  expert,             // who is offered the case, or has answered it
  silent_expert,      // whose offer passed
  taken_back_expert,  // who accepted and was silent
  declined_expert,
  other_expert,  // of the same pool, never asked
  pool_expert,   // is asked openly, with the whole pool of another programme: about that case
  referent,      // who has not opened the case
  coordinator,
  treasurer,
  admin,
  foreign_referent,  // of another programme
  foreign_coordinator,
  kVisitors
};

/// What a route answers those who are logged in; the others get 401.
struct Row {
  int otherwise = 403;
  std::map<Who, int> by;
  bool answered = false;  // asked with an opinion there; the case does not change

  int status(Who who, const Route& route) const {
    const bool nobody = who == anonymous || who == suspended;
    if (nobody && route.audience == Audience::users) return 401;
    const auto found = by.find(who);
    return found == by.end() ? otherwise : found->second;
  }
};

using Statuses = std::map<Who, int>;

Statuses with(Statuses some, const Statuses& more) {
  some.insert(more.begin(), more.end());
  return some;
}

// No case of theirs, and a role that would let them ask.
const Statuses kOtherRequesters = {{other_requester, 404}, {delegate, 404}};
const Statuses kOtherExperts = {{declined_expert, 404}, {other_expert, 404}};
// Somebody whose opinion would still count, but who is not asked now.
const Statuses kFormerExperts = {{silent_expert, 409}, {taken_back_expert, 409}};

/// A command of the requester, while an expert is asked.
Row by_requester(int status) {
  return {403, with(kOtherRequesters, {{requester, status}}), false};
}
/// A command of the expert who holds or answered a case; here he is only asked.
Row by_holder() {
  return {403, with(with(kOtherExperts, kFormerExperts), {{expert, 409}}), false};
}

Row by_both(int status) {
  Row row = by_holder();
  row.by = with(row.by, with(kOtherRequesters, {{requester, status}}));
  return row;
}

/// A document of the case; the old case is answered, the delegate was asked to read.
Row document(int status) {
  return {403,
          {{requester, status},
           {delegate, status},
           {expert, status},
           {other_requester, 404},
           {silent_expert, 404},
           {taken_back_expert, 404},
           {declined_expert, 404},
           {other_expert, 404},
           {foreign_referent, 404}},
          true};
}

/// What an association keeps on file; the record asked for is a requester's, or the programme.
/// Here nobody gets past the form of a change; tests/http/registry_api_test.cpp goes on from there.
void add_registry_rows(std::map<std::string_view, Row>& rows) {
  const Row read{403, {{coordinator, 200}, {admin, 200}, {foreign_coordinator, 404}}, true};
  const Row list{403, {{coordinator, 200}, {admin, 200}, {foreign_coordinator, 200}}, true};
  const Row none{403, {{coordinator, 404}, {admin, 404}, {foreign_coordinator, 404}}, true};
  const Row change{403, {{coordinator, 422}, {admin, 422}, {foreign_coordinator, 422}}, true};
  for (const char* operation : {"listPeople", "listDueOrderChecks", "listGroupPractices",
                                "listLentDevices", "listAllProgrammes"}) {
    rows[operation] = list;
  }
  for (const char* operation :
       {"showPerson", "showPersonHistory", "showProgramme", "showProgrammeHistory"}) {
    rows[operation] = read;
  }
  for (const char* operation :
       {"showGroupPractice", "showGroupHistory", "showLentDevice", "showDeviceHistory"}) {
    rows[operation] = none;
  }
  for (const char* operation :
       {"checkPersonIdentity", "decideOnPerson", "recordPersonTraining", "recordPersonCharter",
        "recordPersonInsurance", "recordPersonOrderCheck", "recordPersonReplacement",
        "suspendPerson", "endPerson", "resumePerson", "changePersonMemberships",
        "changePersonContact", "changePersonTerms", "announcePersonAbsence", "replaceGroupPractice",
        "replaceLentDevice", "lendDevice", "takeDeviceBack"}) {
    rows[operation] = change;
  }
  for (const char* operation : {"replacePerson", "replaceProgramme"}) {
    rows[operation] = {403, {{admin, 422}}, true};
  }
  // The doctors of this stage have no charter on file.
  rows["sendPersonKit"] = {
      403, {{coordinator, 409}, {admin, 409}, {foreign_coordinator, 404}}, true};
  rows["showOwnRecord"] = {200, {}, true};
  rows["listOwnDevices"] = {200, {}, true};
  for (const char* operation : {"requestEnrolment", "activateAccount", "changeOwnContact",
                                "changeOwnTerms", "announceOwnAbsence"}) {
    rows[operation] = {422, {}, true};
  }
  rows["showDirectory"] = {403, {}, true};  // of no programme
  rows["makePairingCode"] = none;
  rows["redeemPairingCode"] = {422, {}, true};
  // Nobody's session opens these: tests/http/device_api_test.cpp. Here there is no reception at
  // all.
  for (const char* operation :
       {"takeExam", "beginUpload", "showUpload", "continueUpload", "endUpload"}) {
    rows[operation] = {503, {}, true};
  }
  rows["showUploadOptions"] = {204, {}, true};
  rows["showOwnUploadOptions"] = {204, {}, true};
  for (const char* operation :
       {"beginOwnUpload", "showOwnUpload", "continueOwnUpload", "endOwnUpload"}) {
    rows[operation] = {403, {{requester, 503}, {other_requester, 503}, {delegate, 503}}, true};
  }
}

/// Of a study that nobody has: tests/http/dicomweb_api_test.cpp walks those that are there.
void add_dicomweb_rows(std::map<std::string_view, Row>& rows) {
  const Statuses nobody = {
      {coordinator, 403}, {treasurer, 403}, {admin, 403}, {foreign_coordinator, 403}};
  const Statuses with_content = {{requester, 200}, {delegate, 200}, {expert, 200}};
  for (const char* operation : {"searchStudies", "searchAllSeries", "searchAllInstances"})
    rows[operation] = {204, with(nobody, with_content), true};
  for (const char* operation :
       {"searchSeries", "searchInstancesOfStudy", "searchInstances", "retrieveStudy",
        "retrieveSeries", "retrieveInstance", "retrieveStudyMetadata", "retrieveSeriesMetadata",
        "retrieveInstanceMetadata", "retrieveRendered", "retrieveFrame", "retrieveBulkData"})
    rows[operation] = {404, nobody, true};
  for (const char* operation : {"storeInstances", "storeInstancesOfStudy"})
    rows[operation] = {503, {}, true};  // as the other doors of devices
}

std::map<std::string_view, Row> expected_rows() {
  std::map<std::string_view, Row> rows = {
      {"logIn", {422, {}, true}},
      {"logOut", {204, {}}},
      {"showMe", {200, {}, true}},
      {"watchChanges", {200, {}, true}},
      {"listProgrammes", {200, {}, true}},
      {"downloadNotice", {200, {}, true}},
      {"submitCase", {403, {{requester, 201}, {other_requester, 201}, {delegate, 201}}}},
      {"listCases", {200, {{admin, 403}}, true}},
      {"showCase",
       {404,
        {{requester, 200},
         {delegate, 200},
         {expert, 200},
         {pool_expert, 200},
         {referent, 200},
         {coordinator, 200},
         {treasurer, 200},
         {admin, 403}},
        true}},
      {"showRouting",
       {403,
        {{coordinator, 200}, {referent, 200}, {foreign_referent, 404}, {foreign_coordinator, 404}},
        true}},
      {"openCase", {403, {{referent, 200}, {foreign_referent, 404}}}},
      {"listActs", {200, {{referent, 403}, {admin, 403}, {foreign_referent, 403}}, true}},
      {"exportBilling", {403, {{treasurer, 200}}, true}},
      {"showExam", document(200)},
      {"showExamImage", document(200)},
      {"showExamDocument", document(200)},
      {"downloadOriginal", document(200)},
      {"downloadReport", document(200)},
      {"downloadLetter", document(409)},  // no red flag
  };
  for (const char* open :
       {"showOpenapi", "showHealth", "showReadiness", "showMetrics", "showEngine"}) {
    rows[open] = {200, {}, true};
  }
  for (const char* fine : {"infoCase", "cancelCase"}) rows[fine] = by_requester(200);
  for (const char* not_now :
       {"completeCase", "resumeCase", "waitCase", "transferCase", "acknowledgeCase", "followUpCase",
        "closeOutCase", "patientInformedCase"}) {
    rows[not_now] = by_requester(409);
  }
  for (const char* not_now : {"callCase", "appointmentCase"}) rows[not_now] = by_both(409);
  for (const char* not_now : {"giveBackCase", "needInfoCase", "draftCase", "takeOpinionBackCase",
                              "correctCase", "followUpAnswerCase"}) {
    rows[not_now] = by_holder();
  }
  rows["acceptCase"] = {
      403, with(with(kOtherExperts, kFormerExperts), {{expert, 200}, {pool_expert, 200}})};
  rows["declineCase"] = {403, with(kOtherExperts, {{expert, 200}, {pool_expert, 200}})};
  // The first valid opinion is the answer, whoever was asked once.
  rows["opinionCase"] = {
      403, with(kOtherExperts, {{expert, 200}, {silent_expert, 200}, {taken_back_expert, 200}})};
  rows["reassignCase"] = {403, with(with(kOtherExperts, kOtherRequesters),
                                    {{coordinator, 200},
                                     {foreign_coordinator, 404},
                                     // He may know of his case; the named one is of another pool.
                                     {pool_expert, 422}})};
  // The case is asked about: it has not ended, so there is nothing to erase or to restrict.
  const Statuses elsewhere = {{foreign_referent, 404}, {foreign_coordinator, 404}};
  for (const char* not_now : {"requestErasureCase", "approveErasureCase", "withdrawErasureCase",
                              "releaseHoldCase", "restrictCase", "liftRestrictionCase"}) {
    rows[not_now] = {403, with(elsewhere, {{referent, 409}, {coordinator, 409}})};
  }
  rows["holdCase"] = {403, with(elsewhere, {{referent, 200}, {coordinator, 200}})};
  rows["showStaffReasons"] = {403, with(elsewhere, {{referent, 200}, {coordinator, 200}}), true};
  // There is no such exam, and nobody hears that of another's (tests/http/tray_api_test.cpp).
  rows["listTray"] = {403, {{requester, 200}, {other_requester, 200}, {delegate, 200}}, true};
  for (const char* operation : {"showTrayExam", "showTrayExamImage", "showTrayExamDocument",
                                "downloadTrayExam", "discardTrayExam"}) {
    rows[operation] = {403, {{requester, 404}, {other_requester, 404}, {delegate, 404}}, true};
  }
  rows["listUnreadableExams"] = {403, {{referent, 200}, {foreign_referent, 200}}, true};
  rows["downloadUnreadableExam"] = {403, {{referent, 404}, {foreign_referent, 404}}, true};
  // There is no such mail: whoever is no medical referent does not even learn that.
  const Statuses nothing_there = {{referent, 404}, {foreign_referent, 404}};
  rows["listKeptMails"] = {403, {{referent, 200}, {foreign_referent, 200}}, true};
  for (const char* operation : {"openKeptMail", "downloadKeptMail", "fileKeptMail"}) {
    rows[operation] = {403, nothing_there, true};
  }
  add_registry_rows(rows);
  add_dicomweb_rows(rows);
  return rows;
}

const std::map<std::string_view, Row>& expected() {
  static const std::map<std::string_view, Row> rows = expected_rows();
  return rows;
}

/// Identity and clinical words of the request and the opinion (tests/service/world.h).
const std::vector<std::string> kMarkers = {
    "ZZPATIENTNAME", "Camille",   "1961-03-02", "ZZQUESTION", "ZZCONTEXT",    "ZZTREATMENT",
    "ZZCONCLUSION",  "ZZCONDUCT", "ZZINFO",     "ZZDRAFT",    "gp_management"};
/// Coded reason: for a pool that is asked openly too.
const std::string kReason = "rhythm_disorder";

std::string marker_in(const HttpResponse& response, bool reason_too = true) {
  const std::string text(as_text(response.body));
  for (const std::string& marker : kMarkers) {
    if (text.find(marker) != std::string::npos) return marker;
  }
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
        {"{mail}", std::string(32, 'a')},
        {"{exam}", std::string(26, 'a')},
        {"{upload}", std::string(26, 'a')},
        {"{study}", "2.25.1"},
        {"{series}", "2.25.2"},
        {"{instance}", "2.25.3"},
        {"{path}", "54000100.0.54001010"},
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
    if (route.operation == "holdCase" && who == coordinator) {  // the referent has held it
      EXPECT_EQ(command(users.at(who), "release-hold", kStaffReason).status, 200);
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
  return forms.count(route.operation) > 0 || (route.operation == "showCase" && who == pool_expert);
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
        EXPECT_EQ(marker_in(answer, !may_name_reasons(route, who)), "")
            << route.operation << " tells " << stage.visitor(who).name;
      }
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
