// SPDX-License-Identifier: Apache-2.0
// The life of a case over the API: what each command leads to, and what is shown of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/core/case_commands.h"
#include "tests/http/api_world.h"

namespace telavis::case_api_test {
namespace {

namespace json = boost::json;
using test::ApiWorld;
using test::Visitor;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto place = text.find(what);
  EXPECT_NE(place, std::string::npos) << what;
  return text.replace(place, what.size(), by);
}

class CaseApi : public ::testing::Test {
 protected:
  std::string path(const std::string& rest = "") const { return "/api/v1/cases/" + id + rest; }

  HttpResponse submit(const std::string& request, const std::string& query = "") {
    auto upload = world.upload_request(gp, request, test::fixture("demo-ecg.scp"));
    upload.query = query;
    return world.api.handle(upload);
  }
  json::value submitted(const std::string& request, const std::string& query = "") {
    const auto answer = submit(request, query);
    EXPECT_EQ(answer.status, 201) << as_text(answer.body);
    const auto subject = ApiWorld::parsed(answer).at("case");
    id = subject.at("id").as_string();
    EXPECT_TRUE(world.engine.settle());
    return subject;
  }
  /// The answer's case.
  json::value command(const Visitor& who, const std::string& name, const std::string& body) {
    const auto answer = world.post(who, path("/" + name), body);
    EXPECT_EQ(answer.status, 200) << name << " " << as_text(answer.body);
    return answer.status == 200 ? ApiWorld::parsed(answer).at("case") : json::value();
  }
  json::value shown(const Visitor& who) { return ApiWorld::parsed(world.get(who, path())); }
  json::value figures(const Visitor& who) { return shown(who).at("case"); }
  std::vector<std::string> listed(const Visitor& who, const std::string& member) {
    std::vector<std::string> names;
    const json::value seen = figures(who);
    for (const auto& name : seen.at(member).as_array()) {
      names.emplace_back(name.as_string());
    }
    return names;
  }
  Visitor expert() { return world.visitor(world.expert_of(CaseId(id))); }
  Visitor coordinator() { return world.visitor(world.engine.coordinator); }

  ApiWorld world;
  Visitor gp = world.visitor(world.engine.gp);
  std::string id;
};

TEST_F(CaseApi, EveryCommandOfTheDomainIsARoute) {
  for (const CaseCommand& command : case_commands()) {
    const std::string wanted = "/api/v1/cases/{id}/" + std::string(command.name);
    const auto route = std::find_if(routes().begin(), routes().end(),
                                    [&](const Route& one) { return one.path == wanted; });
    ASSERT_TRUE(route != routes().end()) << wanted;
    EXPECT_EQ(route->method, "POST");
    EXPECT_TRUE(route->is_command) << wanted;
    EXPECT_EQ(route->roles, command.roles) << wanted;
    EXPECT_EQ(route->takes_files, command.takes_files) << wanted;
  }
  const auto operation = std::find_if(routes().begin(), routes().end(), [](const Route& one) {
    return one.operation == "takeOpinionBackCase";
  });
  ASSERT_TRUE(operation != routes().end());
  EXPECT_EQ(operation->path, "/api/v1/cases/{id}/take-opinion-back");
}

TEST_F(CaseApi, IncompleteRequestIsKeptOnlyWhenAskedTo) {
  const std::string lacking =
      replaced(test::kClinicalRequestJson, R"("treatments":["ZZTREATMENT"],)", "");
  const auto refused = submit(lacking);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(ApiWorld::code_of(refused), "missing_field");
  EXPECT_EQ(submit(lacking, "incomplete=please").status, 422);
  const auto kept = submitted(lacking, "incomplete=keep");
  EXPECT_EQ(kept.at("state").as_string(), "incomplete");
  EXPECT_EQ(kept.at("missing").as_array(), json::array{"treatments"});
  EXPECT_FALSE(kept.as_object().contains("breach_at"));
  const auto seen = figures(gp);
  EXPECT_TRUE(seen.at("promise").is_null());
  EXPECT_EQ(seen.at("missing").at(0).at("label").as_string(), "Traitements en cours");
  EXPECT_EQ(listed(gp, "actions"), (std::vector<std::string>{"complete", "cancel"}));

  // With a photo beside it, as a form.
  const auto completed = world.api.handle(world.upload_request(
      gp, test::kClinicalRequestJson, test::fixture("demo-lesion.jpg"), path("/complete")));
  ASSERT_EQ(completed.status, 200) << as_text(completed.body);
  EXPECT_EQ(ApiWorld::parsed(completed).at("case").at("state").as_string(), "queued");
  EXPECT_EQ(figures(gp).at("exams").as_array().size(), 2U);
  EXPECT_EQ(world.get(gp, path("/exams/1/image")).status, 200);
}

TEST_F(CaseApi, CompletedWithoutAFileAsJson) {
  submitted(replaced(test::kClinicalRequestJson, R"("treatments":["ZZTREATMENT"],)", ""),
            "incomplete=keep");
  EXPECT_EQ(command(gp, "complete", test::kClinicalRequestJson).at("state").as_string(), "queued");
  const auto form = world.upload_request(gp, R"({"text":"ZZ"})", {}, path("/info"));
  EXPECT_EQ(ApiWorld::code_of(world.api.handle(form)), "empty_file");
}

TEST_F(CaseApi, RedFlagLeadsOutWithALetterAndTheDoctorMayResume) {
  const auto led_out =
      submitted(replaced(test::kClinicalRequestJson, R"("shock_or_hypotension":false)",
                         R"("shock_or_hypotension":true)"));
  EXPECT_EQ(led_out.at("state").as_string(), "redirected");
  EXPECT_EQ(led_out.at("redirect_exit").as_string(), "15_now");
  EXPECT_EQ(figures(gp).at("redirect_exit").as_string(), "15_now");
  EXPECT_TRUE(figures(coordinator()).at("redirect_exit").is_null());
  EXPECT_EQ(listed(gp, "readable"), (std::vector<std::string>{"content", "letter"}));
  const auto letter = world.get(gp, path("/letter"));
  EXPECT_EQ(letter.status, 200);
  EXPECT_EQ(letter.content_type, "application/pdf");
  EXPECT_THAT(std::string(as_text(letter.body)), StartsWith("%PDF-"));
  EXPECT_EQ(world.get(coordinator(), path("/letter")).status, 403);

  EXPECT_EQ(world.post(gp, path("/resume"), R"({"regulated_at":"25:00"})").status, 422);
  EXPECT_EQ(command(gp, "resume", R"({"regulated_at":"14:05"})").at("state").as_string(), "queued");
  const auto request = shown(gp).at("content").at("request");
  EXPECT_EQ(request.at("regulated_at").as_string(), "14:05");
  const auto chain = world.engine.repository->audit_chain(id).value();
  EXPECT_TRUE(std::any_of(chain.begin(), chain.end(), [](const AuditEntry& entry) {
    return entry.what.action == "content_read" && entry.what.detail == "letter";
  }));
}

TEST_F(CaseApi, ContentIsTheWholeRequestInCodesAndInWords) {
  submitted(test::kClinicalRequestJson);
  const auto content = shown(gp).at("content");
  const auto& request = content.at("request");
  EXPECT_EQ(request.at("patient").at("family_name").as_string(), "ZZPATIENTNAME");
  EXPECT_EQ(request.at("clinical").at("vitals").at("heart_rate_bpm").as_int64(), 84);
  EXPECT_EQ(request.at("consent").at("given_by").as_string(), "patient");
  EXPECT_EQ(request.at("information").at("by").as_string(), "u-gp");
  EXPECT_EQ(request.at("information").at("text_version").as_string(), kNoticeVersion);
  EXPECT_FALSE(request.at("oppositions").at("research").as_bool());
  const auto& words = content.at("words");
  EXPECT_EQ(words.at("reason").as_string(), "Trouble du rythme");
  EXPECT_EQ(words.at("clinical").at(0).at("label").as_string(), "Fréquence cardiaque");
  EXPECT_EQ(words.at("clinical").at(0).at("value").as_string(), "84\u00A0/min");
  EXPECT_EQ(words.at("red_flags").as_array().size(), 2U);
  EXPECT_FALSE(words.at("ins_qualified").as_bool());
  EXPECT_TRUE(content.at("opinion").is_null());
  EXPECT_EQ(content.at("contacts").at("requester").at("mail_address").as_string(),
            "gp@guadeloupe.telavis.test");
  // What was shown is what `complete` takes: the same schema both ways.
  EXPECT_TRUE(parse_case_request(json::serialize(request)));
}

TEST_F(CaseApi, DialogueAndDraftAreShownToWhomTheyConcern) {
  submitted(test::kClinicalRequestJson);
  const Visitor asked = expert();
  command(asked, "accept", "{}");
  command(asked, "draft", R"({"conclusion":"ZZDRAFT"})");
  command(asked, "need-info", R"({"text":"ZZASKED"})");
  EXPECT_TRUE(figures(coordinator()).at("waiting_since").is_string());
  world.disk.clock.advance(std::chrono::minutes(30));
  gp = world.visitor(world.engine.gp);  // their sessions have locked
  expert();
  command(gp, "info", R"({"text":"ZZTOLD"})");
  const auto seen = shown(gp);
  const auto& dialogue = seen.at("content").at("dialogue").as_array();
  ASSERT_EQ(dialogue.size(), 2U);
  EXPECT_EQ(dialogue[0].at("kind").as_string(), "need_info");
  EXPECT_EQ(dialogue[0].at("text").as_string(), "ZZASKED");
  EXPECT_EQ(dialogue[1].at("author").at("id").as_string(), "u-gp");
  EXPECT_TRUE(seen.at("content").at("draft").is_null());
  EXPECT_EQ(shown(asked).at("content").at("draft").at("conclusion").as_string(), "ZZDRAFT");
  const auto staff = figures(coordinator());
  EXPECT_EQ(staff.at("dialogue").at("need_info").as_int64(), 1);
  EXPECT_EQ(staff.at("dialogue").at("call").as_int64(), 0);
  EXPECT_EQ(staff.at("waited_seconds").as_int64(), 1800);
  EXPECT_THAT(json::serialize(shown(coordinator())), Not(HasSubstr("ZZ")));
}

TEST_F(CaseApi, UrgencyIsContentAndItsOpenAlertIsTheStaffsToo) {
  submitted(test::kClinicalRequestJson);
  command(expert(), "opinion", test::kUrgentOpinionJson);
  ASSERT_TRUE(world.engine.settle());
  EXPECT_TRUE(figures(gp).at("urgent").as_bool());
  EXPECT_TRUE(figures(gp).at("appointment_awaited").as_bool());
  EXPECT_TRUE(figures(gp).at("urgent_alert").as_bool());
  EXPECT_TRUE(figures(coordinator()).at("urgent").is_null());
  EXPECT_TRUE(figures(coordinator()).at("appointment_awaited").is_null());
  EXPECT_TRUE(figures(coordinator()).at("urgent_alert").as_bool());
  command(gp, "acknowledge", "{}");
  EXPECT_FALSE(figures(coordinator()).at("urgent_alert").as_bool());
  EXPECT_TRUE(figures(gp).at("acknowledged_at").is_string());
  EXPECT_TRUE(figures(coordinator()).at("acknowledged_at").is_null());
}

TEST_F(CaseApi, CorrectionNamesTheOpinionThatItReplaces) {
  submitted(test::kClinicalRequestJson);
  const Visitor author = expert();
  command(author, "opinion", test::kOpinionJson);
  world.disk.clock.advance(std::chrono::minutes(2));
  ASSERT_TRUE(world.engine.settle());
  const auto opinion = shown(gp).at("content").at("opinion");
  const std::string hash(opinion.at("hash").as_string());
  const std::string corrected = R"({"corrects":")" + hash + R"(",)" +
                                replaced(test::kOpinionJson, "ZZCONCLUSION", "ZZBETTER").substr(1);
  command(author, "correct", corrected);
  // About to leave: its author reads it, the requester still reads the one before.
  EXPECT_EQ(shown(author).at("content").at("opinion").at("text").at("conclusion").as_string(),
            "ZZBETTER");
  EXPECT_TRUE(shown(author).at("content").at("opinion").at("seal").is_null());
  EXPECT_EQ(shown(gp).at("content").at("opinion").at("hash").as_string(), hash);
  world.disk.clock.advance(std::chrono::minutes(2));
  ASSERT_TRUE(world.engine.settle());
  const auto content = shown(gp).at("content");
  EXPECT_EQ(content.at("opinion").at("corrects").as_string(), hash);
  EXPECT_EQ(content.at("corrected_opinions").at(0).at("hash").as_string(), hash);
  EXPECT_THAT(json::serialize(content), Not(HasSubstr("ZZCONCLUSION")));
}

TEST_F(CaseApi, RoutingIsExplained) {
  User away = world.expert_c;
  away.available = false;
  ASSERT_TRUE(world.engine.put(away));
  submitted(test::kClinicalRequestJson);
  const auto answer = world.get(coordinator(), path("/routing"));
  const auto parsed = ApiWorld::parsed(answer);
  const auto& rounds = parsed.at("rounds").as_array();
  ASSERT_EQ(rounds.size(), 1U);
  const auto& considered = rounds[0].at("considered").as_array();
  ASSERT_EQ(considered.size(), 3U);
  const std::string chosen = world.expert_of(CaseId(id)).id.value;
  for (const auto& one : considered) {
    const std::string who(one.at("expert").at("id").as_string());
    EXPECT_EQ(one.at("chosen").as_bool(), who == chosen);
    EXPECT_EQ(one.at("excluded_because").as_string(), who == away.id.value ? "unavailable" : "");
    EXPECT_EQ(one.at("score").is_null(), who == away.id.value);
    EXPECT_EQ(std::string(one.at("why").as_string()).find("asked 0, open 0") == 0,
              who != away.id.value);
  }
  EXPECT_THAT(std::string(as_text(answer.body)), Not(HasSubstr("ZZ")));
}

TEST_F(CaseApi, ProgrammesCarryTheirForm) {
  auto request = world.request(gp, "GET", "/api/v1/programmes");
  request.headers["accept-language"] = "en";
  const auto answer = ApiWorld::parsed(world.api.handle(request));
  const auto& programme = answer.at("programmes").at(0);
  EXPECT_EQ(programme.at("policy").as_string(), "rotation");
  EXPECT_EQ(programme.at("answer_hours").as_int64(), 48);
  const auto& form = programme.at("form").as_array();
  ASSERT_EQ(form.size(), 2U);
  EXPECT_EQ(form[0].at("name").as_string(), "treatments");
  EXPECT_EQ(form[0].at("type").as_string(), "texts");
  EXPECT_TRUE(form[0].at("mandatory").as_bool());
  EXPECT_EQ(form[1].at("label").as_string(), "Heart rate");
  EXPECT_EQ(form[1].at("unit").as_string(), "/min");
  EXPECT_EQ(form[1].at("most").to_number<double>(), 350);
  EXPECT_FALSE(form[1].at("mandatory").as_bool());
  EXPECT_EQ(programme.at("red_flags").at(1).at("exit").as_string(), "in_person_today");
  EXPECT_THAT(std::string(programme.at("red_flags").at(0).at("sentence").as_string()),
              HasSubstr("shock"));
}

TEST_F(CaseApi, ProgrammesSayHowLongOneWaits) {
  const auto programme = [&] {
    return ApiWorld::parsed(world.get(gp, "/api/v1/programmes")).at("programmes").at(0);
  };
  for (int i = 1; i <= 5; ++i) {
    EXPECT_TRUE(programme().at("usual_wait_minutes").is_null()) << i;
    submitted(test::kClinicalRequestJson);
    world.disk.clock.advance(std::chrono::minutes(10 * i));
    gp = world.visitor(world.engine.gp);  // his session may have locked
    command(expert(), "opinion", test::kUrgentOpinionJson);
    ASSERT_TRUE(world.engine.settle());
  }
  EXPECT_EQ(programme().at("usual_wait_minutes").as_int64(), 30);
  EXPECT_EQ(programme().at("experts_present").as_int64(), 3);
  User away = world.expert_c;
  away.available = false;
  ASSERT_TRUE(world.engine.put(away));
  EXPECT_EQ(programme().at("experts_present").as_int64(), 2);
  world.disk.clock.advance(std::chrono::hours(91 * 24));
  gp = world.visitor(world.engine.gp);
  EXPECT_TRUE(programme().at("usual_wait_minutes").is_null());
}

TEST_F(CaseApi, NoticeForThePatientIsAPage) {
  const auto notice = world.get(gp, "/api/v1/programmes/rythmologie/notice");
  EXPECT_EQ(notice.status, 200);
  EXPECT_THAT(std::string(as_text(notice.body)), StartsWith("%PDF-"));
  EXPECT_EQ(world.get(gp, "/api/v1/programmes/cartomancie/notice").status, 404);
  EXPECT_EQ(world.get(gp, "/api/v1/programmes/RYTHMO/notice").status, 404);
  EXPECT_EQ(world.get({}, "/api/v1/programmes/rythmologie/notice").status, 401);
}

TEST_F(CaseApi, LateIsSaidOnceThePromiseHasPassed) {
  submitted(test::kClinicalRequestJson);
  const Visitor asked = expert();
  command(asked, "accept", "{}");
  const auto promised = figures(coordinator()).at("promise").at("breach_at");
  EXPECT_EQ(promised.as_string(), "2026-01-08T12:00:00Z");
  EXPECT_FALSE(figures(coordinator()).at("late").as_bool());
  world.disk.clock.advance(std::chrono::hours(49));
  ASSERT_TRUE(world.engine.settle());
  gp = world.visitor(world.engine.gp);
  EXPECT_TRUE(figures(coordinator()).at("late").as_bool());
  EXPECT_TRUE(figures(coordinator()).at("breached_at").is_string());
  EXPECT_EQ(figures(coordinator()).at("promise").at("breach_at"), promised);
  const auto actions = listed(gp, "actions");
  for (const std::string choice : {"wait", "transfer", "reassign", "cancel"}) {
    EXPECT_EQ(std::count(actions.begin(), actions.end(), choice), 1) << choice;
  }
}

}  // namespace
}  // namespace telavis::case_api_test
