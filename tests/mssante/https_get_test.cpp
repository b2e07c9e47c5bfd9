// SPDX-License-Identifier: Apache-2.0
// The trust list as it is renewed in production: over TLS, from a server that may fail in every
// way.
#include "mssante/https_get.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "mssante/trust_domain.h"
#include "tests/mssante/https_file.h"
#include "tests/mssante/trust_list_builder.h"
#include "tests/temp_folder.h"

namespace telavis::https_get_test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::AfterAnswer;
using test::http_answer;
using test::HttpsFile;
using test::Identity;

// The clock of the machine decides about a server's certificate, whatever it says.
const std::string kFarDay = "20991231000000Z";

class TrustListOverHttps : public testing::Test {
 protected:
  TrustListOverHttps() {
    std::ofstream(folder_.path() / "ca.pem") << ca_.pem();
    options_.ca_file = folder_.path() / "ca.pem";
  }
  /// As the node does it, for production too.
  std::unique_ptr<TrustDomain> open(const std::string& url) {
    options_.url = url;
    auto opened = TrustDomain::open(folder_.path() / "trust_list", options_);
    EXPECT_TRUE(opened) << opened.error().text;
    return std::move(*opened);
  }
  MailTrust trust_in(const TrustDomain& trust, const char* domain) const {
    return trust.trust_in(std::string("dr@") + domain, now_);
  }

  test::TempFolder folder_;
  TrustListOptions options_;
  const Identity ca_{"Autorite de test", nullptr, kFarDay};
  const Identity server_{"localhost", &ca_, kFarDay, false, "localhost"};
  Instant now_ = parse_instant("2026-01-06T12:00:00Z").value();
  const std::string first_ = test::trust_list_xml({{"medecin.test"}, {"ancien.test"}});
  const std::string second_ =
      test::trust_list_xml({{"medecin.test"}, {"nouveau.test"}}, "2026-01-06T18:00:00Z");
};

TEST_F(TrustListOverHttps, AGoodListIsTakenAndRenewed) {
  HttpsFile server(server_);
  const auto trust = open(server.url());
  server.plan({http_answer("200 OK", first_)});
  EXPECT_EQ(trust->round(now_), 1);
  EXPECT_EQ(trust_in(*trust, "ancien.test"), MailTrust::member);
  now_ += options_.refresh;
  server.plan({http_answer("200 OK", second_)});
  EXPECT_EQ(trust->round(now_), 1);
  EXPECT_EQ(trust_in(*trust, "ancien.test"), MailTrust::outsider);
  EXPECT_EQ(trust_in(*trust, "nouveau.test"), MailTrust::member);
  EXPECT_EQ(server.requests(), 2);
  EXPECT_EQ(trust->figures(now_).failures, 0);
}

struct BadAnswer {
  const char* name;
  std::function<test::PlannedAnswer(const std::string& good)> made;
  ErrorCode code;
  const char* said;
};

const std::vector<BadAnswer>& bad_answers() {
  const auto whole = [](const std::string& status) {
    return [status](const std::string& good) {
      return test::PlannedAnswer{http_answer(status, good)};
    };
  };
  static const std::vector<BadAnswer> all = {
      {"NotFound", whole("404 Not Found"), ErrorCode::unavailable, "status 404"},
      {"ServerError", whole("500 Internal Server Error"), ErrorCode::unavailable, "status 500"},
      {"NoContent", whole("204 No Content"), ErrorCode::unavailable, "status 204"},
      {"Redirected",
       [](const std::string& good) {
         return test::PlannedAnswer{
             http_answer("302 Found", good, "Location: https://localhost:1/other\r\n")};
       },
       ErrorCode::unavailable, "status 302"},
      {"CutBeforeAnswer",
       [](const std::string&) {
         return test::PlannedAnswer{"", AfterAnswer::cut};
       },
       ErrorCode::unavailable, "could not be read"},
      {"CutInside",
       [](const std::string& good) {
         const std::string bytes = http_answer("200 OK", good);
         return test::PlannedAnswer{bytes.substr(0, bytes.size() - 100), AfterAnswer::cut};
       },
       ErrorCode::unavailable, "could not be read"},
      {"ClosedInside",
       [](const std::string& good) {
         const std::string bytes = http_answer("200 OK", good);
         return test::PlannedAnswer{bytes.substr(0, bytes.size() - 100), AfterAnswer::close};
       },
       ErrorCode::unavailable, "could not be read"},
      // Without a length, a close in order is the end: only the list says that it is not whole.
      {"EndedTooSoon",
       [](const std::string& good) {
         return test::PlannedAnswer{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
                                    good.substr(0, good.size() - 100)};
       },
       ErrorCode::truncated_file, "trust list"},
      {"NoHttp",
       [](const std::string& good) {
         return test::PlannedAnswer{"220 smtp.operateur.test ESMTP\r\n" + good};
       },
       ErrorCode::unavailable, "could not be read"},
      {"Maintenance",
       [](const std::string&) {
         return test::PlannedAnswer{http_answer("200 OK", "<html><p>Maintenance</p></html>")};
       },
       ErrorCode::unknown_format, "trust list"},
      {"Empty", [](const std::string&) { return test::PlannedAnswer{http_answer("200 OK", "")}; },
       ErrorCode::malformed_file, "trust list"},
      {"TooLarge",
       [](const std::string& good) {
         return test::PlannedAnswer{
             http_answer("200 OK", good + std::string(kMaxTrustListBytes, ' '))};
       },
       ErrorCode::limit_exceeded, "too large"},
      {"Older",
       [](const std::string&) {
         return test::PlannedAnswer{http_answer(
             "200 OK", test::trust_list_xml({{"ancien.test"}}, "2026-01-05T06:00:00Z"))};
       },
       ErrorCode::state_conflict, "older"},
  };
  return all;
}

class BadTrustListAnswer : public TrustListOverHttps,
                           public testing::WithParamInterface<BadAnswer> {};

TEST_P(BadTrustListAnswer, LeavesTheLastGoodListAndIsToldUntilTheNextGoodOne) {
  HttpsFile server(server_);
  const auto trust = open(server.url());
  server.plan({http_answer("200 OK", first_)});
  ASSERT_EQ(trust->round(now_), 1);

  now_ += options_.refresh;
  server.plan(GetParam().made(second_));
  const auto bad = trust->round(now_);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, GetParam().code) << bad.error().text;
  EXPECT_NE(bad.error().text.find(GetParam().said), std::string::npos) << bad.error().text;
  EXPECT_EQ(trust_in(*trust, "ancien.test"), MailTrust::member);
  EXPECT_EQ(trust_in(*trust, "nouveau.test"), MailTrust::outsider);
  EXPECT_EQ(trust->figures(now_).failures, 1);
  // Still told a minute later, without asking the server again.
  EXPECT_FALSE(trust->round(now_ + minutes(1)));
  EXPECT_EQ(server.requests(), 2);
  // What a restart finds is the last good one.
  EXPECT_EQ(trust_in(*open(server.url()), "ancien.test"), MailTrust::member);

  now_ += minutes(10);
  server.plan({http_answer("200 OK", second_)});
  EXPECT_EQ(trust->round(now_), 1);
  EXPECT_EQ(trust_in(*trust, "nouveau.test"), MailTrust::member);
  EXPECT_EQ(trust->round(now_ + minutes(1)), 0);
}

INSTANTIATE_TEST_SUITE_P(All, BadTrustListAnswer, testing::ValuesIn(bad_answers()),
                         [](const auto& of) { return of.param.name; });

/// A server that may not be believed: no request reaches it, whatever it would answer.
class UntrustedServer : public TrustListOverHttps {
 protected:
  void expect_refused(const Identity& identity, const std::string& host, int max_version = 0) {
    {
      HttpsFile good(server_);
      good.plan({http_answer("200 OK", first_)});
      ASSERT_EQ(open(good.url())->round(now_), 1);
    }
    now_ += options_.refresh;
    HttpsFile server(identity, max_version);
    server.plan({http_answer("200 OK", second_)});
    const auto trust = open(server.url(host));
    const auto refused = trust->round(now_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(server.requests(), 0);
    EXPECT_EQ(trust_in(*trust, "ancien.test"), MailTrust::member);
    EXPECT_EQ(trust_in(*trust, "nouveau.test"), MailTrust::outsider);
  }
};

TEST_F(UntrustedServer, OfAnotherAuthority) {
  const Identity other_ca("Autorite de test", nullptr, kFarDay);  // of the same name
  expect_refused(Identity("localhost", &other_ca, kFarDay, false, "localhost"), "localhost");
}
TEST_F(UntrustedServer, ThatVouchesForItself) {
  expect_refused(Identity("localhost", nullptr, kFarDay, false, "localhost"), "localhost");
}
TEST_F(UntrustedServer, OfAnotherName) {
  expect_refused(Identity("ailleurs.test", &ca_, kFarDay, false, "ailleurs.test"), "localhost");
}
TEST_F(UntrustedServer, OfTheRightNameAskedByItsAddress) {
  expect_refused(server_, "127.0.0.1");
}
TEST_F(UntrustedServer, WhoseCertificateIsOver) {
  expect_refused(Identity("localhost", &ca_, "20250201000000Z", false, "localhost"), "localhost");
}
TEST_F(UntrustedServer, OfTlsOneDotOne) {
  expect_refused(server_, "localhost", TLS1_1_VERSION);
}

TEST_F(TrustListOverHttps, AServerThatStopsTalkingIsLeftInTime) {
  const std::string bytes = http_answer("200 OK", first_);
  for (const std::size_t sent : {std::size_t{0}, std::size_t{20}, bytes.size() - 100}) {
    HttpsFile server(server_);
    server.plan({bytes.substr(0, sent), AfterAnswer::hold});
    const auto got =
        https_get({server.url(), options_.ca_file, kMaxTrustListBytes, std::chrono::seconds(1)});
    ASSERT_FALSE(got) << sent;
    EXPECT_EQ(got.error().code, ErrorCode::unavailable);
    EXPECT_EQ(server.requests(), 1);
  }
}

TEST(HttpsGet, ReadsNothingButHttpsAndSaysWhatFails) {
  for (const char* url :
       {"http://localhost:1/x", "file:///etc/passwd", "https://127.0.0.1:1/x", ""}) {
    const auto got = https_get({url, "/absent/ca.pem", 1'000, std::chrono::seconds(2)});
    ASSERT_FALSE(got) << url;
    EXPECT_EQ(got.error().code, ErrorCode::unavailable);
  }
}

}  // namespace
}  // namespace telavis::https_get_test
