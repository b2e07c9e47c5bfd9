// SPDX-License-Identifier: Apache-2.0
// What an association keeps on file, over HTTP: every route by everyone, versions, throttles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <regex>
#include <set>

#include "engine/core/person_json.h"
#include "engine/http/api.h"
#include "engine/http/route.h"
#include "engine/http/session_cookie.h"
#include "formats/exam.h"
#include "mssante/mime.h"
#include "storage/sqlite.h"
#include "tests/fakes.h"
#include "tests/temp_folder.h"

namespace telavis::registry_api_test {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

const ProgrammeId kHome{"ecg-direct"};
const ProgrammeId kForeign{"dermatologie"};
const std::string kMarker = "ZZNAME";  // family name of everybody on file

Programme programme(const ProgrammeId& id) {
  Programme out = shipped_programmes().front();
  out.id = id;
  out.version = 1;
  out.policy = OfferPolicy::direct;
  out.training_required = false;
  return out;
}

User person(const std::string& id, const ProgrammeId& where, Role role,
            PersonStatus status = PersonStatus::active) {
  User user;
  user.id = UserId(id);
  user.login = id + "@medecin.test";
  user.family_name = kMarker;
  user.rpps = "79927398713";
  user.profession = "medecin";
  user.mail_address = user.login;
  user.status = status;
  user.enrolment.identity_checked_on = "2026-01-05";
  user.enrolment.charter_signed_on = "2026-01-05";
  if (status != PersonStatus::requested) {
    user.enrolment.decided_on = "2026-01-05";
    user.enrolment.decided_by = "board";
  }
  user.memberships = {{where, role}};
  return user;
}

class World {
 public:
  World()
      : repository(open_sqlite_repository(
                       {folder_.path() / "telavis.db", [this] { return to_epoch_ms(clock.now()); }})
                       .value()),
        service({clock, random_, *repository, blobs_, mailer_, compose_mime,
                 [](const ActContext&) { return std::vector<BillableAct>(); },
                 [](const ReportContent&) { return Result<Bytes>(Bytes()); }, normalise_exam,
                 ExamLimits{}},
                {KeyRing({Key()}), Key(), Key()}),
        registry({clock, random_, *repository, compose_mime,
                  [this](const UserId& expert, bool holds_on) -> Result<void> {
                    const auto gone = service.expert_gone(expert, holds_on);
                    if (!gone) return tl::unexpected(gone.error());
                    return {};
                  },
                  [this] { return service.node_mail_key(); }}),
        access({{clock, random_, *repository, compose_mime,
                 [this] { return service.node_mail_key(); }},
                [this] { return service.ring(); },
                Key(std::array<std::uint8_t, 32>{3})},
               {}),
        api(service, registry, access, {}) {
    const Change change{clock.now(), "operator"};
    EXPECT_TRUE(repository->put_programme(programme(kHome), change));
    EXPECT_TRUE(repository->put_programme(programme(kForeign), change));
    for (const User& user :
         {person("requester", kHome, Role::requester), person("expert", kHome, Role::expert),
          person("referent", kHome, Role::medical_referent),
          person("coordinator", kHome, Role::coordinator),
          person("stranger", kForeign, Role::coordinator),
          person("treasurer", kHome, Role::treasurer), person("admin", ProgrammeId(), Role::admin),
          person("zoe", kHome, Role::expert),
          person("new", kHome, Role::expert, PersonStatus::requested),
          person("away", kHome, Role::expert, PersonStatus::suspended)}) {
      EXPECT_TRUE(repository->put_user(user, change));
    }
    EXPECT_TRUE(repository->put_group(
        {"cabinet", 0, kHome, kMarker, "c@mss.test", "", {UserId("zoe")}}, change));
    LentDevice device{"ecg-1", 0, kHome, "SN-1", kMarker, "", std::nullopt, "", "", "", ""};
    EXPECT_TRUE(repository->put_device(device, change));
    device.id = "ecg-2";
    device.serial = "SN-2";
    device.holder = UserId("requester");
    device.lent_on = "2026-01-05";
    EXPECT_TRUE(repository->put_device(device, change));
  }

  HttpResponse ask(const std::string& method, const std::string& target, const std::string& body,
                   const std::string& who) {
    HttpRequest request;
    request.method = method;
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = target.substr(question + 1);
    request.headers["host"] = "localhost:8443";
    request.headers["accept-language"] = "en";
    request.peer = "127.0.0.1";
    request.body.assign(body.begin(), body.end());
    if (!origin.empty()) request.headers["origin"] = origin;
    if (!who.empty()) {
      const std::string cookie = "session-of-" + who;
      const Instant now = clock.now();
      EXPECT_TRUE(repository->put_session(
          {hash_hex(cookie), UserId(who), now, now, now + std::chrono::hours(12), now}));
      request.headers["cookie"] = std::string(kSessionCookie) + "=" + cookie;
    }
    return api.handle(request);
  }
  std::int64_t version_of(const std::string& person) {
    return repository->user(UserId(person)).value().value().version;
  }

  test::SimClock clock{parse_instant("2026-01-06T12:00:00Z").value()};

 private:
  test::TempFolder folder_;
  test::SeededRandom random_{7};
  test::MemoryBlobStore blobs_;
  test::RecordingMailer mailer_;

 public:
  std::unique_ptr<Repository> repository;
  Service service;
  Registry registry;
  AccessDesk access;
  Api api;
  std::string origin;
};

const std::vector<std::string> kVisitors = {
    "", "requester", "expert", "referent", "coordinator", "stranger", "treasurer", "admin"};

/// Who is asked about, the body ({V} is the version of that record) and what each visitor is told.
struct Row {
  std::string key;
  std::string body;
  std::vector<int> status;
};

//                               anon  req  exp  ref  coo  str  tre  adm
const std::vector<int> kStewards = {401, 403, 403, 403, 200, 404, 403, 200};
const std::vector<int> kHolders = {401, 403, 403, 403, 200, 403, 403, 200};
const std::vector<int> kLists = {401, 403, 403, 403, 200, 200, 403, 200};
const std::vector<int> kAdmins = {401, 403, 403, 403, 403, 403, 403, 200};
const std::vector<int> kUsers = {401, 200, 200, 200, 200, 200, 200, 200};

const std::string kForm =
    R"({"programme":"ecg-direct","role":"requester","given_name":"Luc","family_name":"Fictif",
    "rpps":"10000000009","profession":"medecin","speciality":"générale",
    "mail_address":"luc@medecin.test","mobile_phone":"+33600000000","office_phone":"+33200000000",
    "place":"Nantes","territory":"44"})";

std::string put_body(const std::string& name, const std::string& record) {
  return R"({"version":{V},")" + name + "\":" + record + "}";
}

std::map<std::string_view, Row> rows() {
  const std::string version = R"({"version":{V}})";
  const std::string date = R"({"version":{V},"date":"2026-01-05"})";
  const std::string contact = R"({"version":{V},"mobile_phone":"+33611111111"})";
  const std::string terms = R"({"version":{V},"available":true,"terms":{"max_open_cases":3}})";
  const std::string absence = R"({"version":{V},"from":"2026-02-02","to":"2026-02-13"})";
  const std::string group = group_json(
      {"cabinet", 0, kHome, kMarker, "c@mss.test", "", {UserId("zoe"), UserId("expert")}});
  const std::string device = lent_device_json(
      {"ecg-1", 0, kHome, "SN-1", kMarker, "", std::nullopt, "", "", "", "papier"});
  Programme next = programme(kHome);
  next.version = 2;
  return {
      {"requestEnrolment", {"", kForm, std::vector<int>(8, 201)}},
      {"activateAccount",
       {"", R"({"login":"zoe@medecin.test","code":"0000","password":"assez long pour cela"})",
        std::vector<int>(8, 401)}},
      {"showDirectory", {"", "", {401, 200, 200, 403, 200, 403, 403, 403}}},
      {"showOwnRecord", {"", "", kUsers}},
      {"listOwnDevices", {"", "", kUsers}},
      {"changeOwnContact", {"", contact, kUsers}},
      {"changeOwnTerms", {"", terms, kUsers}},
      {"announceOwnAbsence", {"", absence, {401, 200, 200, 200, 200, 200, 200, 409}}},
      {"listPeople", {"", "", kLists}},
      {"listDueOrderChecks", {"", "", kLists}},
      {"showPerson", {"zoe", "", kStewards}},
      {"replacePerson",
       {"zoe", put_body("person", person_json(person("zoe", kHome, Role::expert))), kAdmins}},
      {"showPersonHistory", {"zoe", "", kStewards}},
      {"checkPersonIdentity", {"new", version, kStewards}},
      {"decideOnPerson", {"new", R"({"version":{V},"decision":"accepted"})", kStewards}},
      {"recordPersonTraining", {"zoe", date, kStewards}},
      {"recordPersonCharter",
       {"zoe", R"({"version":{V},"charter":"2026-1","date":"2026-01-05"})", kStewards}},
      {"recordPersonInsurance", {"zoe", R"({"version":{V},"until":"2026-12-31"})", kStewards}},
      {"recordPersonOrderCheck", {"zoe", date, kStewards}},
      {"recordPersonReplacement",
       {"zoe", R"({"version":{V},"name":"Dr F","from":"2026-01-05","to":"2026-02-05"})",
        kStewards}},
      {"sendPersonKit", {"zoe", "", {401, 403, 403, 403, 204, 404, 403, 204}}},
      {"suspendPerson", {"zoe", version, kStewards}},
      {"endPerson", {"zoe", version, kStewards}},
      {"resumePerson", {"away", version, kStewards}},
      {"changePersonMemberships",
       {"zoe", R"({"version":{V},"memberships":[{"programme":"ecg-direct","role":"requester"}]})",
        kStewards}},
      {"changePersonContact", {"zoe", contact, kStewards}},
      {"changePersonTerms", {"zoe", terms, kStewards}},
      {"announcePersonAbsence", {"zoe", absence, kStewards}},
      {"listGroupPractices", {"", "", kLists}},
      {"showGroupPractice", {"cabinet", "", kStewards}},
      {"replaceGroupPractice", {"cabinet", put_body("group", group), kHolders}},
      {"showGroupHistory", {"cabinet", "", kStewards}},
      {"listLentDevices", {"", "", kLists}},
      {"showLentDevice", {"ecg-1", "", kStewards}},
      {"replaceLentDevice", {"ecg-1", put_body("device", device), kHolders}},
      {"lendDevice", {"ecg-1", R"({"version":{V},"holder":"requester"})", kHolders}},
      {"takeDeviceBack", {"ecg-2", version, kHolders}},
      {"makePairingCode", {"ecg-2", "", {401, 403, 403, 403, 201, 403, 403, 201}}},
      {"showDeviceHistory", {"ecg-1", "", kStewards}},
      {"listAllProgrammes", {"", "", kLists}},
      {"showProgramme", {kHome.value, "", kStewards}},
      {"replaceProgramme", {kHome.value, programme_json(next), kAdmins}},
      {"showProgrammeHistory", {kHome.value, "", kStewards}},
  };
}

HttpResponse ask_row(World& world, const Route& route, const Row& row, const std::string& who) {
  std::string target(route.path);
  if (const auto place = target.find("{key}"); place != std::string::npos) {
    target.replace(place, 5, row.key);
  }
  if (route.operation == "showDirectory") target += "?programme=" + kHome.value;
  // Groups and devices stand in their first version, people are asked for theirs.
  std::int64_t version = 1;
  const std::string& subject = row.key.empty() ? who : row.key;
  if (const auto user = world.repository->user(UserId(subject)).value()) version = user->version;
  std::string body = row.body;
  if (const auto place = body.find("{V}"); place != std::string::npos) {
    body.replace(place, 3, std::to_string(version));
  }
  return world.ask(std::string(route.method), target, body, who);
}

TEST(RegistryWalk, EveryRouteHasItsRow) {
  const auto table = rows();
  std::set<std::string_view> operations;
  for (const Route& route : registry_routes()) {
    EXPECT_TRUE(table.contains(route.operation)) << route.operation;
    EXPECT_TRUE(operations.insert(route.operation).second) << route.operation;
  }
  EXPECT_EQ(operations.size(), table.size());
  std::size_t found = 0;
  for (const Route& route : routes()) found += operations.count(route.operation);
  EXPECT_EQ(found, table.size());
}

TEST(RegistryWalk, EveryRouteByEveryone) {
  const auto table = rows();
  World refusing;  // whoever is refused changes nothing
  for (const Route& route : registry_routes()) {
    const Row& row = table.at(route.operation);
    for (std::size_t i = 0; i < kVisitors.size(); ++i) {
      std::optional<World> fresh;
      const bool let_through = row.status[i] < 400;
      if (let_through) fresh.emplace();
      World& world = let_through ? *fresh : refusing;
      const auto answer = ask_row(world, route, row, kVisitors[i]);
      EXPECT_EQ(answer.status, row.status[i])
          << route.operation << " by " << kVisitors[i] << ": " << as_text(answer.body);
      if (let_through) continue;
      EXPECT_THAT(std::string(as_text(answer.body)), Not(HasSubstr(kMarker))) << route.operation;
    }
  }
  // Each refusal of somebody known is in the audit.
  std::size_t refusals = 0;
  const auto chain = refusing.repository->audit_chain("node").value();
  for (const AuditEntry& entry : chain) {
    if (entry.what.action.starts_with("refused:")) ++refusals;
  }
  std::size_t expected = 0;
  for (const auto& [operation, row] : table) {
    for (std::size_t i = 0; i < kVisitors.size(); ++i) {
      if (row.status[i] >= 400 && (i > 0 || operation == "activateAccount")) ++expected;
    }
  }
  EXPECT_EQ(refusals, expected);
}

TEST(RegistryWalk, ListsHoldWhatTheReaderMaySee) {
  World world;
  const auto size = [&](const std::string& path, const std::string& name, const std::string& who) {
    const auto answer = world.ask("GET", path, "", who);
    return json::parse(as_text(answer.body)).at(name).as_array().size();
  };
  EXPECT_EQ(size("/api/v1/admin/people", "people", "admin"), 10U);
  EXPECT_EQ(size("/api/v1/admin/people", "people", "coordinator"), 8U);
  EXPECT_EQ(size("/api/v1/admin/people", "people", "stranger"), 1U);
  for (const auto& [path, name] : {std::pair("/api/v1/admin/groups", "groups"),
                                   std::pair("/api/v1/admin/devices", "devices")}) {
    EXPECT_GE(size(path, name, "coordinator"), 1U);
    EXPECT_EQ(size(path, name, "stranger"), 0U);
  }
  EXPECT_EQ(size("/api/v1/admin/programmes", "programmes", "stranger"), 1U);
}

// ---- versions and hostile bodies ----------------------------------------------------------------

TEST(RegistryApi, OfTwoChangesAtOnceTheSecondIsTold) {
  World world;
  const std::string body = R"({"version":1,"mobile_phone":"+33611111111"})";
  const std::string path = "/api/v1/admin/people/zoe/contact";
  EXPECT_EQ(world.ask("POST", path, body, "admin").status, 200);
  const auto stale = world.ask("POST", path, body, "coordinator");
  EXPECT_EQ(stale.status, 409);
  EXPECT_THAT(std::string(as_text(stale.body)), HasSubstr("version_conflict"));
  EXPECT_EQ(world.version_of("zoe"), 2);
  Programme next = programme(kHome);
  EXPECT_EQ(
      world.ask("PUT", "/api/v1/admin/programmes/ecg-direct", programme_json(next), "admin").status,
      409);
}

TEST(RegistryApi, WrongBodiesAreRefusedWithTheirMember) {
  World world;
  const std::string path = "/api/v1/admin/people/zoe";
  const std::string whole = person_json(person("zoe", kHome, Role::expert));
  struct Wrong {
    std::string method, path, body;
    int status;
    std::string named;
  };
  for (const Wrong& wrong : std::vector<Wrong>{
           {"POST", path + "/suspend", "", 400, "JSON"},
           {"POST", path + "/suspend", "{}", 422, "'version'"},
           {"POST", path + "/suspend", R"({"version":"1"})", 422, "'version'"},
           {"POST", path + "/suspend", R"({"version":1,"force":true})", 422, "'force'"},
           {"POST", path + "/decision", R"({"version":1,"decision":"maybe"})", 422, "'decision'"},
           {"POST", path + "/terms", R"({"version":1,"terms":{"hours":1}})", 422, "'terms.hours'"},
           {"POST", path + "/memberships", R"({"version":1,"memberships":[{"role":"boss"}]})", 422,
            "role"},
           {"PUT", path, R"({"version":1})", 422, "'person'"},
           {"PUT", "/api/v1/admin/people/other", put_body("person", whole), 400, "JSON"},
           {"PUT", "/api/v1/admin/people/other", R"({"version":1,"person":)" + whole + "}", 422,
            "'person'"},
           {"PUT", "/api/v1/admin/programmes/other", programme_json(programme(kHome)), 422, "'id'"},
           {"PUT", "/api/v1/admin/programmes/x", R"({"id":"x"})", 422, "version"},
           {"GET", "/api/v1/admin/people/..%2Fzoe", "", 404, ""},
           {"GET", "/api/v1/admin/people/Zoe", "", 404, ""},
           {"DELETE", path, "", 405, ""}}) {
    const auto answer = world.ask(wrong.method, wrong.path, wrong.body, "admin");
    EXPECT_EQ(answer.status, wrong.status) << wrong.path << " " << wrong.body;
    EXPECT_THAT(std::string(as_text(answer.body)), HasSubstr(wrong.named)) << wrong.body;
  }
  EXPECT_EQ(world.version_of("zoe"), 1);
}

TEST(RegistryApi, AnotherSitesPageChangesNothing) {
  World world;
  world.origin = "https://elsewhere.test";
  EXPECT_EQ(
      world.ask("POST", "/api/v1/admin/people/zoe/suspend", R"({"version":1})", "admin").status,
      403);
  EXPECT_EQ(world
                .ask("PUT", "/api/v1/admin/people/zoe",
                     R"({"version":1,"person":)" +
                         person_json(person("zoe", kHome, Role::requester)) + "}",
                     "admin")
                .status,
            403);
  EXPECT_EQ(world.ask("POST", "/api/v1/enrolments", kForm, "").status, 403);
  EXPECT_EQ(world.version_of("zoe"), 1);
}

TEST(RegistryApi, WhatIsOpenToAnyoneIsSlowedDown) {
  World world;
  std::map<int, int> statuses;
  for (int i = 0; i < 12; ++i)
    ++statuses[world.ask("POST", "/api/v1/enrolments", kForm, "").status];
  EXPECT_EQ(statuses, (std::map<int, int>{{201, 1}, {409, 9}, {429, 2}}));
  statuses.clear();
  const std::string guess =
      R"({"login":"zoe@medecin.test","code":"0000-0000","password":"assez long pour cela"})";
  for (int i = 0; i < 12; ++i) ++statuses[world.ask("POST", "/api/v1/activate", guess, "").status];
  EXPECT_EQ(statuses, (std::map<int, int>{{401, 10}, {429, 2}}));
  world.clock.advance(std::chrono::minutes(15));
  EXPECT_EQ(world.ask("POST", "/api/v1/activate", guess, "").status, 401);
}

// ---- the whole way ------------------------------------------------------------------------------

TEST(RegistryApi, FromTheFormToTheLogin) {
  World world;
  const auto asked = world.ask("POST", "/api/v1/enrolments", kForm, "");
  ASSERT_EQ(asked.status, 201);
  const auto enrolment = json::parse(as_text(asked.body)).at("enrolment");
  EXPECT_EQ(enrolment.at("status").as_string(), "requested");
  EXPECT_THAT(std::string(as_text(asked.body)), Not(HasSubstr("Fictif")));
  const std::string path =
      "/api/v1/admin/people/" + std::string(enrolment.at("id").as_string()) + "/";
  EXPECT_EQ(world.ask("POST", path + "kit", "", "coordinator").status, 409);
  EXPECT_EQ(world.ask("POST", path + "identity", R"({"version":1})", "coordinator").status, 200);
  EXPECT_EQ(
      world.ask("POST", path + "decision", R"({"version":2,"decision":"accepted"})", "coordinator")
          .status,
      200);
  EXPECT_EQ(world
                .ask("POST", path + "charter",
                     R"({"version":3,"charter":"2026-1","date":"2026-01-06"})", "coordinator")
                .status,
            200);
  EXPECT_EQ(world.ask("POST", path + "kit", "", "coordinator").status, 204);
  const auto claim = world.repository->claim_outbox(world.clock.now(), std::chrono::minutes(5));
  ASSERT_TRUE(claim && *claim);
  EXPECT_EQ((*claim)->message.to, "luc@medecin.test");
  const auto mime =
      unseal_stream(derive_key(Key(), kNodeMailPurpose), "mail/" + (*claim)->message.id.value,
                    (*claim)->message.sealed_mime);
  ASSERT_TRUE(mime);
  const std::string mail(as_text(*mime));
  std::smatch code;
  ASSERT_TRUE(std::regex_search(mail, code, std::regex("[0-9a-z]{4}(-[0-9a-z]{4}){3}"))) << mail;
  const std::string credentials =
      R"({"login":"luc@medecin.test","password":"une phrase assez longue"})";
  EXPECT_EQ(world.ask("POST", "/api/v1/login", credentials, "").status, 401);
  EXPECT_EQ(world
                .ask("POST", "/api/v1/activate",
                     R"({"login":"luc@medecin.test","code":")" + code.str() +
                         R"(","password":"une phrase assez longue"})",
                     "")
                .status,
            204);
  EXPECT_EQ(world.ask("POST", "/api/v1/login", credentials, "").status, 200);
}

}  // namespace
}  // namespace telavis::registry_api_test
