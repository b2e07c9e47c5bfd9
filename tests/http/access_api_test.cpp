// SPDX-License-Identifier: Apache-2.0
// Coming in over HTTP: the second factor, the lock, one's sessions, the ways back in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "engine/http/security_headers.h"
#include "tests/http/api_world.h"
#include "tests/service/second_factor.h"

namespace telavis::access_api_test {
namespace {

namespace json = boost::json;
using test::ApiWorld;
using test::Visitor;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string text_of(const HttpResponse& response) {
  return std::string(as_text(response.body));
}
std::string body(std::initializer_list<std::pair<json::string_view, json::value_ref>> members) {
  return json::serialize(json::object(members));
}

class AccessApi : public ::testing::Test {
 protected:
  AccessApi() {
    world.engine.gp.password_hash = hash_password("right words of mine").value();
    EXPECT_TRUE(world.engine.put(world.engine.gp));
  }

  HttpResponse log_in(const std::string& password = "right words of mine") {
    return world.post({}, "/api/v1/login", body({{"login", "gp"}, {"password", password}}));
  }
  static Visitor visitor_of(const HttpResponse& answer) {
    const std::string cookie = ApiWorld::header_of(answer, "Set-Cookie").value_or("");
    return {"gp", std::string(session_in(cookie.substr(0, cookie.find(';'))))};
  }
  static std::string stage_of(const HttpResponse& answer) {
    return std::string(ApiWorld::parsed(answer).at("session").at("stage").as_string());
  }
  HttpResponse give(const Visitor& half, const std::string& code) {
    return world.post(half, "/api/v1/login/second-factor", body({{"code", code}}));
  }
  Visitor enrolled() {
    const Visitor half = visitor_of(log_in());
    const auto proposed = world.post(half, "/api/v1/me/second-factor", "{}");
    EXPECT_EQ(proposed.status, 200) << text_of(proposed);
    app = test::App(ApiWorld::parsed(proposed).at("secret").as_string().c_str(), world.disk.clock);
    const auto confirmed =
        world.post(half, "/api/v1/me/second-factor/confirm", body({{"code", app.code()}}));
    EXPECT_EQ(confirmed.status, 200) << text_of(confirmed);
    EXPECT_EQ(ApiWorld::parsed(confirmed).at("recovery_codes").as_array().size(), 10U);
    return visitor_of(confirmed);
  }
  std::string next_code() {
    world.disk.clock.advance(kTotpStep);
    return app.code();
  }

  ApiWorld world;
  test::App app{world.disk.clock};
};

TEST_F(AccessApi, ThePasswordAloneShowsWhoOneIsAndNothingElse) {
  const auto answer = log_in();
  ASSERT_EQ(answer.status, 200) << text_of(answer);
  EXPECT_EQ(stage_of(answer), "enrolment");
  const Visitor half = visitor_of(answer);
  EXPECT_EQ(world.get(half, "/api/v1/me").status, 200);
  const auto refused = world.get(half, "/api/v1/cases");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(ApiWorld::code_of(refused), "second_factor_required");
}

TEST_F(AccessApi, TheSecondFactorIsEnrolledAndGiven) {
  const Visitor first = enrolled();
  EXPECT_EQ(world.get(first, "/api/v1/cases").status, 200);
  const auto again = log_in();
  EXPECT_EQ(stage_of(again), "second_factor");
  const Visitor half = visitor_of(again);
  EXPECT_EQ(ApiWorld::code_of(give(half, "000000")), "second_factor_failed");
  EXPECT_EQ(world.get(half, "/api/v1/cases").status, 401);
  const std::string code = next_code();
  const auto opened = give(half, code);
  ASSERT_EQ(opened.status, 200) << text_of(opened);
  EXPECT_EQ(stage_of(opened), "open");
  const Visitor whole = visitor_of(opened);
  EXPECT_NE(whole.cookie, half.cookie);
  EXPECT_EQ(world.get(whole, "/api/v1/cases").status, 200);
  EXPECT_EQ(world.get(half, "/api/v1/me").status, 401);
  EXPECT_EQ(ApiWorld::code_of(give(visitor_of(log_in()), code)), "second_factor_failed");
}

TEST_F(AccessApi, TheProposalIsAQrCodeAndAText) {
  const auto proposed = world.post(visitor_of(log_in()), "/api/v1/me/second-factor", "{}");
  const auto answer = ApiWorld::parsed(proposed);
  const std::string secret = answer.at("secret").as_string().c_str();
  EXPECT_EQ(secret.size(), 32U);
  EXPECT_THAT(std::string(answer.at("uri").as_string()),
              StartsWith("otpauth://totp/Telavis:gp?secret=" + secret));
  EXPECT_THAT(std::string(answer.at("qr_svg").as_string()), StartsWith("<svg "));
}

TEST_F(AccessApi, APageThatNobodyTouchesLocksItsSession) {
  const Visitor whole = enrolled();
  auto asks = [&](const std::string& idle) {
    HttpRequest request = world.request(whole, "GET", "/api/v1/cases");
    request.headers["telavis-idle-seconds"] = idle;
    return world.api.handle(request);
  };
  world.disk.clock.advance(std::chrono::minutes(14));
  EXPECT_EQ(asks("839").status, 200);
  world.disk.clock.advance(std::chrono::minutes(1));
  const auto locked = asks("899.5");  // not a number of seconds: as if it were not there
  EXPECT_EQ(ApiWorld::code_of(locked), "session_locked");
  EXPECT_EQ(stage_of(world.get(whole, "/api/v1/me")), "locked");
  const auto unlock = [&](const std::string& password) {
    return world.post(whole, "/api/v1/session/unlock", body({{"password", password}}));
  };
  EXPECT_EQ(ApiWorld::code_of(unlock("wrong")), "login_failed");
  EXPECT_EQ(stage_of(unlock("right words of mine")), "open");
  EXPECT_EQ(asks("0").status, 200);
  EXPECT_EQ(ApiWorld::code_of(asks("900")), "session_locked");
}

TEST_F(AccessApi, WhatAPageAsksByItselfIsNoSignOfPresence) {
  const Visitor whole = enrolled();
  world.disk.clock.advance(std::chrono::minutes(14));
  EXPECT_EQ(world.get(whole, "/api/v1/changes").status, 200);
  world.disk.clock.advance(std::chrono::minutes(1));
  EXPECT_EQ(ApiWorld::code_of(world.get(whole, "/api/v1/changes")), "session_locked");
  EXPECT_EQ(ApiWorld::code_of(world.get(whole, "/api/v1/cases")), "session_locked");
}

TEST_F(AccessApi, OnesSessionsAreListedAndEnd) {
  const Visitor first = enrolled();
  const Visitor second = visitor_of(give(visitor_of(log_in()), next_code()));
  const auto listed = ApiWorld::parsed(world.get(second, "/api/v1/me/sessions"));
  const auto& sessions = listed.at("sessions").as_array();
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_TRUE(sessions[0].at("current").as_bool());
  EXPECT_EQ(sessions[1].at("browser").as_string(), "other/other");
  const std::string id = sessions[1].at("id").as_string().c_str();
  EXPECT_EQ(world.post(second, "/api/v1/me/sessions/" + id + "/end", "").status, 204);
  EXPECT_EQ(world.get(first, "/api/v1/me").status, 401);
  EXPECT_EQ(world.post(second, "/api/v1/me/sessions/end-others", "").status, 204);
  EXPECT_EQ(world.get(second, "/api/v1/me").status, 200);
}

TEST_F(AccessApi, AMailedCodeGivesANewPassword) {
  const Visitor whole = enrolled();
  const auto known = world.post({}, "/api/v1/recovery", R"({"login":"gp"})");
  const auto unknown = world.post({}, "/api/v1/recovery", R"({"login":"nobody"})");
  EXPECT_EQ(known.status, 204);
  EXPECT_EQ(unknown.status, known.status);
  EXPECT_EQ(unknown.headers, known.headers);
  EXPECT_TRUE(world.engine.settle());
  std::smatch found;
  std::string mail;
  for (const auto& left : world.engine.postman.left()) {
    if (left.kind == MessageKind::access_code) mail = left.text;
  }
  ASSERT_TRUE(std::regex_search(mail, found, std::regex("[0-9a-z]{4}-[0-9a-z]{4}"))) << mail;
  const auto recover = [&](const std::string& factor, const std::string& password) {
    return world.post({}, "/api/v1/recovery/password",
                      body({{"login", "gp"},
                            {"code", found.str()},
                            {"second_factor", factor},
                            {"password", password}}));
  };
  EXPECT_EQ(ApiWorld::code_of(recover(app.code(), "short")), "invalid_field");
  EXPECT_EQ(ApiWorld::code_of(recover("000000", "another long password")), "recovery_failed");
  EXPECT_EQ(recover(next_code(), "another long password").status, 204);
  EXPECT_EQ(world.get(whole, "/api/v1/me").status, 401);
  EXPECT_EQ(log_in().status, 401);
  EXPECT_EQ(log_in("another long password").status, 200);
}

// ---- what keeps other sites out

TEST_F(AccessApi, APageOfAnotherSiteChangesNothing) {
  const Visitor whole = enrolled();
  for (const auto& [name, value] :
       {std::pair("origin", "https://elsewhere.test"), std::pair("origin", "null"),
        std::pair("sec-fetch-site", "cross-site"), std::pair("sec-fetch-site", "same-site")}) {
    for (const char* path : {"/api/v1/logout", "/api/v1/login", "/api/v1/recovery"}) {
      HttpRequest request = world.request(whole, "POST", path);
      request.headers[name] = value;
      EXPECT_EQ(world.api.handle(request).status, 403) << path << " " << name << " " << value;
    }
  }
  HttpRequest own = world.request(whole, "POST", "/api/v1/me/sessions/end-others");
  own.headers["origin"] = "https://localhost:8443";
  own.headers["sec-fetch-site"] = "same-origin";
  EXPECT_EQ(world.api.handle(own).status, 204);
  EXPECT_EQ(world.get(whole, "/api/v1/me").status, 200);
}

TEST_F(AccessApi, NoAnswerIsKeptOrFramed) {
  for (auto response : {world.get(enrolled(), "/api/v1/cases"), world.get({}, "/api/v1/cases")}) {
    add_security_headers(response);
    EXPECT_EQ(ApiWorld::header_of(response, "Cache-Control"), "no-store");
    EXPECT_EQ(ApiWorld::header_of(response, "X-Frame-Options"), "DENY");
    EXPECT_THAT(ApiWorld::header_of(response, "Content-Security-Policy").value(),
                HasSubstr("frame-ancestors 'none'"));
  }
  EXPECT_THAT(std::string(kPagePolicy), HasSubstr("require-trusted-types-for 'script'"));
}

}  // namespace
}  // namespace telavis::access_api_test
