// SPDX-License-Identifier: Apache-2.0
// The whole way: the client, TLS, the server, the API, the engine.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/totp.h"
#include "tests/http/api_world.h"
#include "tests/http/test_server.h"

namespace telavis::api_over_tls_test {
namespace {

using test::ApiWorld;

class ApiOverTls : public test::ServerTest {
 protected:
  ApiOverTls() {
    for (User* user : {&world.engine.gp, &world.engine.coordinator}) {
      user->password_hash = hash_password("right words").value();
      EXPECT_TRUE(world.engine.put(*user));
      EXPECT_TRUE(world.engine.access.put_factor(user->id, kSeed));
    }
    HttpHandler handler;
    handler.handle = [this](const HttpRequest& request) { return world.api.handle(request); };
    handler.body_limit = [this](const HttpRequest& header) { return world.api.body_limit(header); };
    handler.refuse = [this](const HttpRequest& header, const Error& error) {
      return world.api.refuse(header, error);
    };
    start(options(), std::move(handler));
  }
  ~ApiOverTls() override { server_.reset(); }  // before the world it works on

  HttpsClient logged_in(const std::string& login) {
    HttpsClient session = client();
    const auto answer = session.post_json(
        "/api/v1/login", R"({"login":")" + login + R"(","password":"right words"})");
    EXPECT_TRUE(answer.has_value() && answer->status == 200);
    if (!answer) return session;
    // A code serves once: the next login has the next one.
    world.disk.clock.advance(kTotpStep);
    const auto code =
        totp_code(kSeed.view().first(kTotpSecretBytes), totp_step(world.disk.clock.now()));
    const auto whole =
        session.post_json("/api/v1/login/second-factor", R"({"code":")" + code + R"("})");
    EXPECT_TRUE(whole.has_value() && whole->status == 200);
    return session;
  }
  static boost::json::value parsed(const HttpsAnswer& answer) {
    return boost::json::parse(as_text(answer.body));
  }

  const Key kSeed{std::array<std::uint8_t, 32>{42}};
  ApiWorld world;
};

TEST_F(ApiOverTls, CookieOfTheLoginComesBack) {
  HttpsClient session = logged_in("gp");
  const auto me = session.get("/api/v1/me");
  ASSERT_TRUE(me.has_value());
  EXPECT_EQ(me->status, 200);
  EXPECT_EQ(me->headers.at("cache-control"), "no-store");
  EXPECT_EQ(session.post_json("/api/v1/logout", "")->status, 204);
  EXPECT_EQ(session.get("/api/v1/me")->status, 401);
}

TEST_F(ApiOverTls, SameKeyFromEightAtATimeIsOneCase) {
  const Bytes ecg = test::fixture("demo-ecg.scp");
  std::vector<HttpsClient> sessions;
  sessions.reserve(8);
  for (int i = 0; i < 8; ++i) sessions.push_back(logged_in("gp"));
  std::mutex mutex;
  std::set<std::string> ids;
  std::atomic<int> replayed = 0, created = 0;
  std::vector<std::thread> threads;
  threads.reserve(sessions.size());
  for (HttpsClient& session : sessions) {
    threads.emplace_back([&] {
      const auto answer = session.post_multipart("/api/v1/cases", test::kClinicalRequestJson,
                                                 {{"web", "e.scp", ecg}}, "the-same-key");
      ASSERT_TRUE(answer.has_value()) << answer.error().text;
      ASSERT_EQ(answer->status, 201) << as_text(answer->body);
      const auto body = parsed(*answer);
      ++(answer->headers.contains("idempotency-replayed") ? replayed : created);
      const std::lock_guard lock(mutex);
      ids.insert(std::string(body.at("case").at("id").as_string()));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(created, 1);
  EXPECT_EQ(replayed, 7);
}

TEST_F(ApiOverTls, WhoMayNotUploadIsToldBeforeHeHasSent) {
  const Bytes large(8 << 20, 'x');
  HttpsClient nobody = client();
  const auto anonymous = nobody.post_multipart("/api/v1/cases", test::kClinicalRequestJson,
                                               {{"web", "x", large}}, "k");
  ASSERT_TRUE(anonymous.has_value()) << anonymous.error().text;
  EXPECT_EQ(anonymous->status, 401);
  HttpsClient coordinator = logged_in("coordinator");
  const auto refused = coordinator.post_multipart("/api/v1/cases", test::kClinicalRequestJson,
                                                  {{"web", "x", large}}, "k");
  ASSERT_TRUE(refused.has_value()) << refused.error().text;
  EXPECT_EQ(refused->status, 403);
  EXPECT_EQ(parsed(*refused).at("error").at("code").as_string(), "forbidden");
}

TEST_F(ApiOverTls, FileOverTheLimitIsRefused) {
  HttpsClient session = logged_in("gp");
  const auto answer = session.post_multipart("/api/v1/cases", test::kClinicalRequestJson,
                                             {{"web", "x", Bytes(66 << 20, 'x')}}, "k");
  ASSERT_TRUE(answer.has_value()) << answer.error().text;
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(parsed(*answer).at("error").at("code").as_string(), "body_too_large");
  const auto chain = world.engine.repository->audit_chain("node").value();
  EXPECT_TRUE(std::any_of(chain.begin(), chain.end(), [](const AuditEntry& entry) {
    return entry.what.detail == "body_too_large";
  }));
  const auto list = session.get("/api/v1/cases");  // a new connection: the session goes on
  ASSERT_TRUE(list.has_value());
  EXPECT_TRUE(parsed(*list).at("cases").as_array().empty());
}

TEST_F(ApiOverTls, RefusalOfTheServerItselfSpeaksTheReadersLanguage) {
  HttpsClient session = logged_in("gp");
  const auto answer =
      session.post_json("/api/v1/login", std::string(10'000, ' '), "", {{"Accept-Language", "en"}});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
  EXPECT_NE(as_text(answer->body).find("at most 8192 bytes"), std::string_view::npos);
}

}  // namespace
}  // namespace telavis::api_over_tls_test
