// SPDX-License-Identifier: Apache-2.0
#include "engine/http/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/core/request_words.h"
#include "formats/normalise.h"
#include "formats/render.h"
#include "formats/scp_ecg.h"
#include "tests/http/api_world.h"

namespace telavis::api_test {
namespace {

using test::ApiWorld;
using test::Visitor;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string text_of(const HttpResponse& response) {
  return std::string(as_text(response.body));
}

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    world.engine.gp.password_hash = hash_password("right words").value();
    EXPECT_TRUE(world.engine.put(world.engine.gp));
  }

  HttpResponse log_in(const std::string& login, const std::string& password,
                      const std::string& peer = "192.0.2.1") {
    auto request = world.request({}, "POST", "/api/v1/login");
    request.peer = peer;
    const std::string json =
        boost::json::serialize(boost::json::object{{"login", login}, {"password", password}});
    request.body.assign(json.begin(), json.end());
    return world.api.handle(request);
  }
  HttpResponse upload(const Visitor& visitor, const std::string& json, const Bytes& file,
                      const std::string& key = "") {
    auto request = world.upload_request(visitor, json, file);
    if (!key.empty()) request.headers["idempotency-key"] = key;
    return world.api.handle(request);
  }
  std::size_t cases_of(const Visitor& visitor) {
    return ApiWorld::parsed(world.get(visitor, "/api/v1/cases")).at("cases").as_array().size();
  }
  /// Submits, answers, releases.
  CaseId answered() {
    CaseId id = world.submitted();
    EXPECT_EQ(
        world.post(world.visitor(world.expert_of(id)), path(id, "/opinion"), test::kOpinionJson)
            .status,
        200);
    world.disk.clock.advance(std::chrono::minutes(2));
    EXPECT_TRUE(world.engine.settle());
    return id;
  }
  static std::string path(const CaseId& id, const std::string& rest) {
    return "/api/v1/cases/" + id.value + rest;
  }

  ApiWorld world;
};

// ---- sessions

TEST_F(ApiTest, LoginSetsACookieThatOnlyThisHostGetsBack) {
  const auto answer = log_in("gp", "right words");
  ASSERT_EQ(answer.status, 200) << text_of(answer);
  const std::string cookie = ApiWorld::header_of(answer, "Set-Cookie").value();
  const auto semicolon = cookie.find(';');
  EXPECT_EQ(cookie.substr(semicolon), "; Path=/; Secure; HttpOnly; SameSite=Strict");
  ASSERT_THAT(cookie, StartsWith("__Host-telavis="));
  const std::string value = cookie.substr(15, semicolon - 15);
  EXPECT_GE(value.size(), 50U);  // 256 random bits in base32
  EXPECT_EQ(ApiWorld::parsed(answer).at("user").at("login").as_string(), "gp");
  EXPECT_THAT(text_of(answer), Not(HasSubstr("argon2")));

  const Visitor visitor{"gp", value};
  EXPECT_EQ(world.get(visitor, "/api/v1/me").status, 200);
  const auto out = world.post(visitor, "/api/v1/logout", "");
  EXPECT_EQ(out.status, 204);
  EXPECT_EQ(ApiWorld::header_of(out, "Set-Cookie"),
            "__Host-telavis=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
  EXPECT_EQ(world.get(visitor, "/api/v1/me").status, 401);
}

TEST_F(ApiTest, EveryAnswerSaysTheEnginesTime) {
  for (const std::string path : {"/", "/api/v1/me", "/nowhere", "/api/v1/health"}) {
    const HttpResponse answer = world.api.handle(world.request({}, "GET", path));
    EXPECT_EQ(ApiWorld::header_of(answer, "Date"), "Tue, 06 Jan 2026 12:00:00 GMT") << path;
  }
}

TEST_F(ApiTest, SessionIsFoundAmongOtherCookies) {
  EXPECT_EQ(session_in("a=b; __Host-telavis=v; c=d"), "v");
  EXPECT_EQ(session_in("__Host-telavis=v"), "v");
  EXPECT_EQ(session_in("x__Host-telavis=v; telavis=w"), "");
  EXPECT_EQ(session_in(""), "");
  EXPECT_EQ(session_in(";;;=;"), "");
}

TEST_F(ApiTest, TenFailuresInAQuarterOfAnHourAreTooMany) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(log_in("gp", "wrong").status, 401);
    world.disk.clock.advance(std::chrono::minutes(1));
  }
  const auto refused = log_in("gp", "right words");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(ApiWorld::code_of(refused), "too_many_attempts");
  EXPECT_EQ(log_in("othergp", "wrong").status, 401);                // another login
  EXPECT_EQ(log_in("gp", "right words", "192.0.2.2").status, 200);  // another address
  world.disk.clock.advance(std::chrono::minutes(4));                // 14 after the first
  EXPECT_EQ(log_in("gp", "right words").status, 429);
  world.disk.clock.advance(std::chrono::minutes(1));
  EXPECT_EQ(log_in("gp", "right words").status, 200);  // the first is 15 minutes old
  for (int i = 0; i < 10; ++i) EXPECT_EQ(log_in("gp", "wrong").status, 401);  // success forgave
  EXPECT_EQ(log_in("gp", "wrong").status, 429);
}

TEST_F(ApiTest, LoginWithoutItsWordsIsRefused) {
  for (const std::string json : {"", "[]", "{}", R"({"login":"gp"})", "{\"login\":\"gp\",",
                                 R"({"login":"gp","password":"x","admin":true})"}) {
    const auto answer = world.post({}, "/api/v1/login", json);
    EXPECT_TRUE(answer.status == 400 || answer.status == 422) << json << answer.status;
    EXPECT_FALSE(ApiWorld::header_of(answer, "Set-Cookie")) << json;
  }
}

TEST_F(ApiTest, StateIsNotChangedByAnotherSitesPage) {
  const Visitor gp = world.visitor(world.engine.gp);
  const auto with_origin = [&](const std::string& origin) {
    auto request = world.request(gp, "POST", "/api/v1/logout");
    request.headers["origin"] = origin;
    return world.api.handle(request).status;
  };
  for (const std::string origin :
       {"https://evil.test", "null", "http://localhost:8443", "https://localhost",
        "https://localhost:8443.evil.test", "https://localhost:8444"}) {
    EXPECT_EQ(with_origin(origin), 403) << origin;
  }
  EXPECT_EQ(world.get(gp, "/api/v1/me").status, 200);
  EXPECT_EQ(with_origin("https://LOCALHOST:8443"), 204);
}

TEST_F(ApiTest, RefusalsSpeakTheReadersLanguage) {
  auto request = world.request({}, "GET", "/api/v1/me");
  EXPECT_EQ(text_of(world.api.handle(request)),
            R"({"error":{"code":"login_required","text":"Connectez-vous pour continuer."}})");
  request.headers["accept-language"] = "en-GB,en;q=0.9,fr;q=0.5";
  EXPECT_THAT(text_of(world.api.handle(request)), HasSubstr("Log in first"));
}

// ---- paths and methods

TEST_F(ApiTest, UnknownPathsAndMethods) {
  const Visitor gp = world.visitor(world.engine.gp);
  const CaseId id = world.submitted();
  for (const std::string& path :
       {std::string("/api"), std::string("/api/v1"), std::string("/api/v1/me/"),
        std::string("/api/v1/cases/"), std::string("/api/v1/cases/../me"),
        std::string("/api/v1/cases/short"), "/api/v1/cases/" + id.value + "x",
        "/api/v1/cases/" + std::string(26, 'A'), "/api/v1/cases/" + id.value + "/exams/",
        "/api/v1/cases/" + id.value + "/exams/-1", "/api/v1/cases/" + id.value + "/exams/100",
        "/api/v1/cases/" + id.value + "/exams/0x0", std::string("//api/v1/me")}) {
    const auto answer = world.get(gp, path);
    EXPECT_EQ(answer.status, 404) << path;
  }
  EXPECT_EQ(world.get(gp, "/api/v1/cases/" + id.value + "/exams/1").status, 404);
  const auto wrong = world.api.handle(world.request(gp, "DELETE", "/api/v1/cases"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(ApiWorld::header_of(wrong, "Allow"), "POST, GET, HEAD");
  const auto wrong_page = world.api.handle(world.request(gp, "POST", "/login"));
  EXPECT_EQ(wrong_page.status, 405);
  EXPECT_EQ(ApiWorld::header_of(wrong_page, "Allow"), "GET, HEAD");
}

TEST_F(ApiTest, HeadStandsForGetExceptWhereReadingCounts) {
  const Visitor gp = world.visitor(world.engine.gp);
  const CaseId id = answered();
  EXPECT_EQ(world.api.handle(world.request(gp, "HEAD", "/api/v1/me")).status, 200);
  EXPECT_EQ(world.api.handle(world.request(gp, "HEAD", path(id, "/report"))).status, 405);
  EXPECT_EQ(ApiWorld::parsed(world.get(gp, path(id, ""))).at("case").at("state").as_string(),
            "delivered");  // by mail; see below for the report read
}

// ---- uploads

TEST_F(ApiTest, RepeatedUploadIsOneCase) {
  const Visitor gp = world.visitor(world.engine.gp);
  const Bytes ecg = test::fixture("demo-ecg.scp");
  const auto first = upload(gp, test::kClinicalRequestJson, ecg, "same");
  ASSERT_EQ(first.status, 201) << text_of(first);
  EXPECT_FALSE(ApiWorld::header_of(first, "Idempotency-Replayed"));
  const std::string id(ApiWorld::parsed(first).at("case").at("id").as_string());
  EXPECT_EQ(ApiWorld::header_of(first, "Location"), "/api/v1/cases/" + id);
  const auto again = upload(gp, test::kClinicalRequestJson, ecg, "same");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(ApiWorld::header_of(again, "Idempotency-Replayed"), "true");
  EXPECT_EQ(again.body, first.body);
  const auto other =
      upload(gp, test::kClinicalRequestJson, test::fixture("demo-lesion.jpg"), "same");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(ApiWorld::code_of(other), "idempotency_key_reused");
  EXPECT_EQ(cases_of(gp), 1U);
}

TEST_F(ApiTest, UploadThatIsRefusedLeavesNothing) {
  const Visitor gp = world.visitor(world.engine.gp);
  const Bytes ecg = test::fixture("demo-ecg.scp");
  const auto refused = [&](const HttpResponse& answer) { return ApiWorld::code_of(answer); };
  EXPECT_EQ(refused(upload(gp, test::kClinicalRequestJson, {})), "empty_file");
  EXPECT_EQ(refused(upload(gp, test::kClinicalRequestJson, Bytes(100, 'x'))), "unknown_format");
  EXPECT_EQ(refused(upload(gp, test::kClinicalRequestJson, Bytes(ecg.begin(), ecg.begin() + 2000))),
            "truncated_file");
  EXPECT_EQ(refused(upload(gp, "not json", ecg)), "malformed_request");
  EXPECT_EQ(
      refused(upload(gp, R"({"programme":"rythmologie","reason":"other","question":"?"})", ecg)),
      "consent_missing");
  std::string unknown = test::kClinicalRequestJson;
  unknown.replace(unknown.find("rythmologie"), 11, "cartomancie");
  EXPECT_EQ(refused(upload(gp, unknown, ecg)), "unknown_programme");
  auto without_key = world.upload_request(gp, test::kClinicalRequestJson, ecg);
  without_key.headers.erase("idempotency-key");
  EXPECT_EQ(refused(world.api.handle(without_key)), "idempotency_key_missing");
  auto not_a_form = world.upload_request(gp, test::kClinicalRequestJson, ecg);
  not_a_form.headers["content-type"] = "application/json";
  EXPECT_EQ(refused(world.api.handle(not_a_form)), "malformed_request");
  EXPECT_EQ(cases_of(gp), 0U);
  EXPECT_EQ(upload(gp, test::kClinicalRequestJson, ecg).status, 201);
}

TEST_F(ApiTest, ReasonsAreCodesNotText) {
  const CaseId id = world.submitted();
  const Visitor expert = world.visitor(world.expert_of(id));
  EXPECT_EQ(
      world.post(expert, path(id, "/decline"), R"({"reason":"Mme ZZ est ma voisine"})").status,
      422);
  EXPECT_EQ(world.post(expert, path(id, "/decline"), "{}").status, 422);
  EXPECT_EQ(world
                .post(world.visitor(world.engine.gp), path(id, "/cancel"),
                      R"({"reason":"conflict_of_interest"})")
                .status,
            422);
}

// ---- reading

TEST_F(ApiTest, TracingHasItsTwelveLeads) {
  const CaseId id = world.submitted();
  const Visitor gp = world.visitor(world.engine.gp);
  const auto exam = ApiWorld::parsed(world.get(gp, path(id, "/exams/0")));
  EXPECT_EQ(exam.at("kind").as_string(), "ecg");
  std::map<std::string, boost::json::object> leads;
  for (const auto& lead : exam.at("leads").as_array()) {
    leads[std::string(lead.at("code").as_string())] = lead.as_object();
  }
  for (const char* code :
       {"I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"}) {
    ASSERT_TRUE(leads.count(code)) << code;
  }
  // Einthoven's law, sample by sample, on what the page will draw.
  const auto sample = [&](const char* code, std::size_t i) {
    return leads.at(code).at("samples").as_array().at(i).as_int64();
  };
  const std::size_t count = leads.at("I").at("samples").as_array().size();
  EXPECT_GT(count, 1000U);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_NEAR(static_cast<double>(sample("I", i) + sample("III", i)),
                static_cast<double>(sample("II", i)), 1.0)
        << i;
  }
  EXPECT_GT(leads.at("I").at("gain_nv_per_lsb").to_number<double>(), 0);
}

TEST_F(ApiTest, DocumentsOfATracing) {
  const CaseId id = world.submitted();
  const Visitor gp = world.visitor(world.engine.gp);
  const auto original = world.get(gp, path(id, "/exams/0/original"));
  EXPECT_EQ(original.body, test::fixture("demo-ecg.scp"));
  EXPECT_EQ(original.content_type, "application/octet-stream");
  EXPECT_EQ(ApiWorld::header_of(original, "Content-Disposition"),
            "attachment; filename=\"" + id.value + "-0.scp\"");
  const auto drawn = world.get(gp, path(id, "/exams/0/image?size=preview"));
  EXPECT_EQ(drawn.status, 200);
  EXPECT_EQ(drawn.content_type, "image/jpeg");
  EXPECT_THAT(text_of(drawn), StartsWith("\xFF\xD8\xFF"));
  EXPECT_EQ(world.get(gp, path(id, "/report")).status, 409);  // no opinion yet
}

TEST_F(ApiTest, TracingIsPrintedUnderThePatientOfTheRequest) {
  const CaseId id = world.submitted();
  const Visitor gp = world.visitor(world.engine.gp);
  const auto kept = world.engine.service.exams(world.engine.gp, id).value();
  auto recording = with_derived_limb_leads(std::get<EcgRecording>(kept.at(0).normalised.exam));
  recording.patient = parse_case_request(test::kClinicalRequestJson, {}).value().patient;
  for (const auto& [name, layout] :
       {std::pair{"", EcgLayout::automatic},
        std::pair{"?layout=three_by_four_rhythm", EcgLayout::three_by_four_rhythm},
        std::pair{"?layout=six_by_two", EcgLayout::six_by_two},
        std::pair{"?layout=twelve_by_one", EcgLayout::twelve_by_one}}) {
    const auto printed = world.get(gp, path(id, std::string("/exams/0/document") + name));
    EXPECT_EQ(printed.status, 200) << name;
    EXPECT_EQ(printed.content_type, "application/pdf");
    EXPECT_EQ(printed.body,
              render_ecg_pdf(recording, render_labels(Language::french), layout).value())
        << name;
  }
  EXPECT_EQ(world.get(gp, path(id, "/exams/0/document?layout=round")).status, 422);
}

TEST_F(ApiTest, DeviceOfATracingIsShownAsItStatesItself) {
  const CaseId id = world.submitted();
  const auto shown =
      ApiWorld::parsed(world.get(world.visitor(world.engine.gp), path(id, "/exams/0")));
  const auto recording = decode_scp_ecg(test::fixture("demo-ecg.scp")).value();
  ASSERT_FALSE(recording.statements.empty());
  EXPECT_EQ(shown.at("statements").at(0).as_string(), recording.statements.front());
  EXPECT_EQ(shown.at("statements_confirmed").as_bool(), recording.statements_confirmed);
  EXPECT_EQ(shown.at("measurements").at("qt_ms").as_int64(), recording.measurements.qt_ms);
  EXPECT_TRUE(shown.at("measurements").at("pacemaker_spikes").is_null());
}

TEST_F(ApiTest, PhotosAreSensitiveByAgeOfThePatient) {
  const Visitor gp = world.visitor(world.engine.gp);
  std::string child = test::kClinicalRequestJson;
  child.replace(child.find("1961"), 4, "2015");
  child.replace(child.find(R"("given_by":"patient")"), 20,
                R"("given_by":"representative","representative_name":"Mme ZZ",)"
                R"("representative_quality":"mother")");
  for (const auto& [request, sensitive] :
       {std::pair{test::kClinicalRequestJson, false}, std::pair{child, true}}) {
    const auto answer = upload(gp, request, test::fixture("demo-lesion.jpg"));
    ASSERT_EQ(answer.status, 201) << text_of(answer);
    const CaseId id(std::string(ApiWorld::parsed(answer).at("case").at("id").as_string()));
    const auto opened = ApiWorld::parsed(world.get(gp, path(id, "")));
    EXPECT_EQ(opened.at("content").at("sensitive_photos").as_bool(), sensitive);
  }
}

TEST_F(ApiTest, DocumentsOfAPhoto) {
  const Visitor gp = world.visitor(world.engine.gp);
  const Bytes photo = test::fixture("demo-lesion.jpg");
  const auto answer = upload(gp, test::kClinicalRequestJson, photo);
  ASSERT_EQ(answer.status, 201) << text_of(answer);
  const CaseId id(std::string(ApiWorld::parsed(answer).at("case").at("id").as_string()));
  const auto exam = ApiWorld::parsed(world.get(gp, path(id, "/exams/0")));
  EXPECT_EQ(exam.at("kind").as_string(), "photo");
  EXPECT_GT(exam.at("width").as_int64(), 0);
  const auto full = world.get(gp, path(id, "/exams/0/image?size=full"));
  const auto preview = world.get(gp, path(id, "/exams/0/image?size=preview"));
  EXPECT_EQ(full.content_type, "image/jpeg");
  EXPECT_LT(preview.body.size(), full.body.size());
  EXPECT_THAT(text_of(preview), StartsWith("\xFF\xD8\xFF"));
  EXPECT_EQ(world.get(gp, path(id, "/exams/0/image")).body, full.body);
  EXPECT_EQ(world.get(gp, path(id, "/exams/0/image?size=huge")).status, 422);
  EXPECT_EQ(world.get(gp, path(id, "/exams/0/original")).body, photo);
}

TEST_F(ApiTest, DocumentsOfAPdf) {
  const Visitor gp = world.visitor(world.engine.gp);
  const auto pdf = render_ecg_pdf(decode_scp_ecg(test::fixture("demo-ecg.scp")).value()).value();
  const auto answer = upload(gp, test::kClinicalRequestJson, pdf);
  ASSERT_EQ(answer.status, 201) << text_of(answer);
  const CaseId id(std::string(ApiWorld::parsed(answer).at("case").at("id").as_string()));
  const auto exam = ApiWorld::parsed(world.get(gp, path(id, "/exams/0")));
  EXPECT_EQ(exam.at("kind").as_string(), "document");
  EXPECT_EQ(exam.at("pages").as_int64(), 1);
  const auto shown = world.get(gp, path(id, "/exams/0/document"));
  EXPECT_EQ(shown.content_type, "application/pdf");
  EXPECT_EQ(shown.body, pdf);
  EXPECT_EQ(world.get(gp, path(id, "/exams/0/image")).status, 422);
  EXPECT_EQ(
      ApiWorld::header_of(world.get(gp, path(id, "/exams/0/original")), "Content-Disposition"),
      "attachment; filename=\"" + id.value + "-0.pdf\"");
}

TEST_F(ApiTest, OpinionIsTheExpertsUntilItLeaves) {
  const CaseId id = world.submitted();
  const Visitor gp = world.visitor(world.engine.gp);
  const Visitor expert = world.visitor(world.expert_of(id));
  const auto signed_answer = world.post(expert, path(id, "/opinion"), test::kOpinionJson);
  ASSERT_EQ(signed_answer.status, 200) << text_of(signed_answer);
  const auto shown = world.get(expert, path(id, ""));
  EXPECT_TRUE(ApiWorld::parsed(shown).at("case").at("pending_release_at").is_string());
  EXPECT_EQ(ApiWorld::parsed(shown).at("case").at("actions").as_array(),
            boost::json::array{"take-opinion-back"});
  EXPECT_THAT(text_of(shown), HasSubstr("ZZCONCLUSION"));
  const std::string before = text_of(world.get(gp, path(id, "")));
  EXPECT_THAT(before, Not(HasSubstr("ZZCONCLUSION")));
  EXPECT_THAT(before, HasSubstr("\"pending_release_at\":null"));
  world.disk.clock.advance(std::chrono::minutes(2));
  ASSERT_TRUE(world.engine.settle());
  const auto after = ApiWorld::parsed(world.get(gp, path(id, "")));
  EXPECT_EQ(after.at("content").at("opinion").at("text").at("conclusion").as_string(),
            "ZZCONCLUSION");
  EXPECT_EQ(after.at("case").at("readable").as_array(), (boost::json::array{"content", "report"}));
  const auto report = world.get(gp, path(id, "/report"));
  EXPECT_THAT(text_of(report), StartsWith("%PDF-"));
  EXPECT_THAT(ApiWorld::header_of(report, "Content-Disposition").value(), StartsWith("inline; "));
}

TEST_F(ApiTest, ActsByPeriodAndForTheSpreadsheet) {
  answered();
  const Visitor treasurer = world.visitor(world.engine.treasurer);
  const auto count = [&](const Visitor& visitor, const std::string& query) {
    const auto answer = ApiWorld::parsed(world.get(visitor, "/api/v1/acts" + query));
    return answer.at("acts").as_array().size();
  };
  EXPECT_EQ(count(treasurer, ""), 2U);
  EXPECT_EQ(count(treasurer, "?from=2026-01-06&to=2026-01-06"), 2U);
  EXPECT_EQ(count(treasurer, "?from=2026-01-07"), 0U);
  EXPECT_EQ(count(treasurer, "?to=2026-01-05"), 0U);
  EXPECT_EQ(count(world.visitor(world.engine.gp), ""), 1U);
  EXPECT_EQ(count(world.visitor(world.engine.other_gp), ""), 0U);
  EXPECT_EQ(count(world.visitor(world.foreign_coordinator), ""), 0U);
  for (const std::string query :
       {"?from=2026-02-30", "?from=2026-1-1", "?to=yesterday", "?to=2026-01-01x"}) {
    EXPECT_EQ(world.get(treasurer, "/api/v1/acts" + query).status, 422) << query;
  }
  const auto csv = world.get(treasurer, "/api/v1/exports/billing");
  EXPECT_EQ(csv.content_type, "text/csv; charset=utf-8");
  EXPECT_THAT(text_of(csv), StartsWith("\xEF\xBB\xBFid_acte;"));
  EXPECT_THAT(text_of(csv), HasSubstr(";TE2;"));
  EXPECT_THAT(text_of(csv), HasSubstr(";RQD;"));
  const auto book = world.get(treasurer, "/api/v1/exports/billing?format=xlsx");
  EXPECT_THAT(text_of(book), StartsWith("PK"));
  EXPECT_EQ(ApiWorld::header_of(book, "Content-Disposition"),
            "attachment; filename=\"actes.xlsx\"");
  EXPECT_EQ(world.get(treasurer, "/api/v1/exports/billing?format=doc").status, 422);
}

// ---- the machine

TEST_F(ApiTest, MetricsAreForThisMachineAndNameNobody) {
  const CaseId id = answered();
  world.get(world.visitor(world.engine.gp), path(id, ""));
  world.api.handle(world.request({}, "MADEUPMETHOD", "/api/v1/made-up"));
  const auto answer = world.get({}, "/metrics");
  ASSERT_EQ(answer.status, 200);
  const std::string text = text_of(answer);
  EXPECT_THAT(text, HasSubstr("telavis_http_requests_total{method=\"GET\",route=\"/api/v1/cases/"
                              "{id}\",status=\"2xx\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("telavis_http_requests_total{method=\"other\",route=\"none\","
                              "status=\"4xx\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("telavis_http_request_seconds_bucket{le=\"0.005\"}"));
  EXPECT_THAT(text, HasSubstr("telavis_cases{programme=\"rythmologie\",state=\"delivered\"} 1\n"));
  EXPECT_THAT(
      text, HasSubstr("telavis_case_events_total{programme=\"rythmologie\",event=\"offers\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("telavis_open_cases{programme=\"rythmologie\",time_left=\"late\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("telavis_outbox_messages{state=\"dead\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("telavis_upload_bytes_total 0\n")));
  for (const std::string& secret :
       {id.value, std::string("ZZ"), std::string("u-gp"), std::string("made-up"),
        std::string("MADEUP"), std::string("Prénom")}) {
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  }
  auto from_elsewhere = world.request({}, "GET", "/metrics");
  from_elsewhere.peer = "192.0.2.7";
  EXPECT_EQ(world.api.handle(from_elsewhere).status, 403);
  Api open_api(world.engine.service, world.engine.registry, world.engine.access,
               {.metrics_for_all = true});
  EXPECT_EQ(open_api.handle(from_elsewhere).status, 200);
}

TEST_F(ApiTest, MetricsTellOfDutiesStorageAndClock) {
  const Instant noon = parse_instant("2026-01-06T12:00:00Z").value();
  world.node.duties["outbox"] = DutyFigures{12, 3, noon, "storage_full"};
  world.node.storage["storage_full"] = StorageFigures{4, noon - std::chrono::minutes(1)};
  world.node.storage["storage_failed"] = {};
  world.node.clock = {2, std::chrono::minutes(-90), true};
  const std::string text = text_of(world.get({}, "/metrics"));
  for (const char* line :
       {"telavis_duty_handled_total{duty=\"outbox\"} 12\n",
        "telavis_duty_failures_total{duty=\"outbox\"} 3\n",
        "telavis_duty_last_success_timestamp_seconds{duty=\"outbox\"} 1767700800\n",
        "telavis_storage_errors_total{code=\"storage_full\"} 4\n",
        "telavis_storage_trouble_since_timestamp_seconds{code=\"storage_full\"} 1767700740\n",
        "telavis_storage_trouble_since_timestamp_seconds{code=\"storage_failed\"} 0\n",
        "telavis_clock_jumps_total 2\n", "telavis_clock_last_jump_seconds -5400\n",
        "telavis_timers_held 1\n", "telavis_database_up 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(ApiWithoutDatabase, MetricsAreStillShownAndTheFailureIsTold) {
  test::Disk disk;
  test::FaultPlan plan(1, test::FaultSide::before, test::FaultExtent::from_then_on);
  test::Engine engine(disk, &plan);
  std::vector<ErrorCode> told;
  Api api(engine.service, engine.registry, engine.access,
          {.failed = [&told](const Error& error) { told.push_back(error.code); }});
  HttpRequest request;
  request.method = "GET";
  request.path = "/metrics";
  request.peer = "127.0.0.1";
  const auto answer = api.handle(request);
  ASSERT_EQ(answer.status, 200);
  EXPECT_THAT(std::string(as_text(answer.body)), HasSubstr("telavis_database_up 0\n"));
  EXPECT_THAT(told, testing::ElementsAre(ErrorCode::storage_failed));
}

TEST_F(ApiTest, ReadinessFollowsTheStores) {
  EXPECT_EQ(world.get({}, "/readyz").status, 200);
  for (const ErrorCode code : {ErrorCode::storage_full, ErrorCode::storage_failed}) {
    world.ready = fail(code, "writing a file failed; free space on this disk");
    const auto refused = world.get({}, "/readyz");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(world.code_of(refused), error_name(code));
  }
  EXPECT_EQ(world.get({}, "/healthz").status, 200);
}

}  // namespace
}  // namespace telavis::api_test
