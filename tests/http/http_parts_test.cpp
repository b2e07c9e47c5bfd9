// SPDX-License-Identifier: Apache-2.0
// The small parts: targets, statuses, browsers, QR codes, pages, the certificate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <string>

#include "engine/core/crypto.h"
#include "engine/http/browser_kind.h"
#include "engine/http/error_status.h"
#include "engine/http/qr_svg.h"
#include "engine/http/security_headers.h"
#include "engine/http/self_signed.h"
#include "engine/http/static_files.h"
#include "engine/http/target.h"

namespace telavis::http_parts_test {
namespace {

// ---- targets

TEST(Target, IsTakenApart) {
  const auto plain = parse_target("/a/b%20%C3%A9?x=%31&y");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->path, "/a/b \xC3\xA9");
  EXPECT_EQ(plain->query, "x=%31&y");
  EXPECT_EQ(parse_target("https://host:1/a?b")->path, "/a");
  EXPECT_EQ(parse_target("http://host")->path, "/");
  EXPECT_EQ(parse_target("/a+b")->path, "/a+b");
  for (const char* bad : {"", "*", "a", "host:443", "/%", "/%2", "/%g0", "/%+1", "/%00",
                          "/a%0d%0ab", "/\x7F", "https://host?x", "/a?b=%zz"}) {
    EXPECT_FALSE(parse_target(bad)) << bad;
  }
}

TEST(Target, QueryValues) {
  EXPECT_EQ(query_value("a=1&b=%32&a=3", "a"), "1");
  EXPECT_EQ(query_value("a=1&b=%32&a=3", "b"), "2");
  EXPECT_EQ(query_value("a&b=", "a"), "");
  EXPECT_EQ(query_value("a&b=", "b"), "");
  EXPECT_EQ(query_value("ab=1", "a"), std::nullopt);
  EXPECT_EQ(query_value("a=%zz", "a"), std::nullopt);
  EXPECT_EQ(query_value("", "a"), std::nullopt);
}

// ---- statuses

TEST(ErrorStatus, EveryRefusalHasAStatusAndASentence) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    const std::string name(error_name(code));
    EXPECT_GE(http_status(code), 400) << name;
    EXPECT_LT(http_status(code), 600) << name;
    EXPECT_TRUE(has_message("error." + name)) << name;
    const auto french = error_response({code, "Said in English."}, Language::french);
    EXPECT_EQ(french.status, http_status(code));
    EXPECT_EQ(std::string(as_text(french.body)).find("Said in English."), std::string::npos)
        << name;
    EXPECT_EQ(std::string(as_text(error_response({code, "Said \"so\"."}, Language::english).body)),
              R"({"error":{"code":")" + name + R"(","text":"Said \"so\"."}})");
  }
}

TEST(ErrorStatus, NamesTheMemberThatIsMissingOrWrong) {
  const auto field_of = [](ErrorCode code, const std::string& text) {
    return std::string(refused_member({code, text}));
  };
  EXPECT_EQ(field_of(ErrorCode::invalid_field, "'patient.birth_date' is no date."),
            "patient.birth_date");
  EXPECT_EQ(field_of(ErrorCode::missing_field, "The request lacks 'fever', 'mucosa': send it."),
            "fever");
  EXPECT_EQ(field_of(ErrorCode::consent_missing, "The patient's consent is missing ('given_by')."),
            "");
  EXPECT_EQ(field_of(ErrorCode::invalid_field, "An open quote: 'fever"), "");
  EXPECT_EQ(field_of(ErrorCode::invalid_field, "'<script>' is no member."), "");
  EXPECT_EQ(field_of(ErrorCode::state_conflict, "'fever' is a word here."), "");
  const auto french =
      error_response({ErrorCode::missing_field, "'fever' is missing."}, Language::french);
  EXPECT_NE(as_text(french.body).find(R"("field":"fever")"), std::string_view::npos);
}

TEST(ErrorStatus, AsTheStandardsSay) {
  EXPECT_EQ(http_status(ErrorCode::malformed_request), 400);
  EXPECT_EQ(http_status(ErrorCode::login_required), 401);
  EXPECT_EQ(http_status(ErrorCode::forbidden), 403);
  EXPECT_EQ(http_status(ErrorCode::not_found), 404);
  EXPECT_EQ(http_status(ErrorCode::method_not_allowed), 405);
  EXPECT_EQ(http_status(ErrorCode::state_conflict), 409);
  EXPECT_EQ(http_status(ErrorCode::body_too_large), 413);
  EXPECT_EQ(http_status(ErrorCode::idempotency_key_reused), 409);
  EXPECT_EQ(http_status(ErrorCode::too_many_attempts), 429);
  EXPECT_EQ(http_status(ErrorCode::storage_failed), 503);
  EXPECT_EQ(http_status(ErrorCode::storage_full), 507);
}

// ---- browsers

TEST(BrowserKind, IsCoarse) {
  const std::string chrome =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/131.0.0.0 Safari/537.36";
  EXPECT_EQ(browser_kind(chrome), "chrome/windows");
  EXPECT_EQ(browser_kind(chrome + " Edg/131.0.0.0"), "edge/windows");
  EXPECT_EQ(browser_kind("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
            "firefox/linux");
  EXPECT_EQ(browser_kind("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) "
                         "AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1"),
            "safari/ios");
  EXPECT_EQ(browser_kind("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile"),
            "chrome/android");
  EXPECT_EQ(browser_kind(""), "other/other");
  EXPECT_EQ(browser_kind("<script>"), "other/other");
}

// ---- QR codes

TEST(QrSvg, DrawsASquareWithItsQuietZone) {
  const auto svg = qr_svg("otpauth://totp/Telavis:zoe?secret=MZXW6YTBOI&issuer=Telavis");
  ASSERT_TRUE(svg);
  EXPECT_THAT(*svg,
              testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "));
  EXPECT_THAT(*svg, testing::Not(testing::HasSubstr("MZXW6YTBOI")));
  // The finder pattern (ISO/IEC 18004, 6.3.3): seven dark modules from the first corner, then none.
  for (int x = 4; x < 11; ++x)
    EXPECT_THAT(*svg, testing::HasSubstr("M" + std::to_string(x) + " 4h1v1h-1z"));
  EXPECT_THAT(*svg, testing::Not(testing::HasSubstr("M11 4h1")));
  EXPECT_EQ(qr_svg(std::string(2001, 'a')).error().code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(qr_svg(std::string(2000, 'a')));
}

// ---- pages

const std::string kIndex = "<!doctype html>";
const std::string kScript = "let a;";
const std::array<EmbeddedFile, 2> kPages = {EmbeddedFile{"index.html", as_bytes(kIndex)},
                                            EmbeddedFile{"assets/app.js", as_bytes(kScript)}};

HttpRequest page_request(const std::string& path) {
  HttpRequest request;
  request.method = "GET";
  request.path = path;
  return request;
}

TEST(StaticFiles, PagesAndPlacesInsideThem) {
  const StaticFiles pages(kPages);
  const auto script = pages.get(page_request("/assets/app.js"));
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(std::string(as_text(script.body)), kScript);
  for (const char* place : {"/", "/cases/0123", "/acts", "/a.b/c"}) {
    const auto answer = pages.get(page_request(place));
    EXPECT_EQ(answer.status, 200) << place;
    EXPECT_EQ(std::string(as_text(answer.body)), kIndex) << place;
  }
  for (const char* nothing : {"/missing.js", "/assets/../index.html", "/.env", "/index.html/"}) {
    const int status = pages.get(page_request(nothing)).status;
    EXPECT_TRUE(status == 404 || std::string(nothing) == "/index.html/") << nothing;
  }
  EXPECT_EQ(StaticFiles({}).get(page_request("/")).status, 404);
}

TEST(StaticFiles, ReaderWhoHasThePageIsToldSo) {
  const StaticFiles pages(kPages);
  auto request = page_request("/");
  const auto first = pages.get(request);
  std::string etag;
  for (const auto& [name, value] : first.headers) {
    if (name == "ETag") etag = value;
  }
  EXPECT_EQ(etag, "\"" + hash_hex(kIndex).substr(0, 32) + "\"");
  request.headers["if-none-match"] = "\"other\", W/" + etag;
  const auto second = pages.get(request);
  EXPECT_EQ(second.status, 304);
  EXPECT_TRUE(second.body.empty());
}

TEST(StaticFiles, NamesThatChangeWithTheirContentAreKeptByBrowsers) {
  const StaticFiles pages(kPages);
  const auto caching = [&](const std::string& path) {
    for (const auto& [name, value] : pages.get(page_request(path)).headers) {
      if (name == "Cache-Control") return value;
    }
    return std::string();
  };
  EXPECT_EQ(caching("/assets/app.js"), "public, max-age=31536000, immutable");
  for (const char* asked_each_time : {"/", "/index.html", "/cases/0123"}) {
    EXPECT_EQ(caching(asked_each_time), "no-cache") << asked_each_time;
  }
}

TEST(StaticFiles, PolicyOfThePagesIsKept) {
  HttpResponse page = StaticFiles(kPages).get(page_request("/"));
  add_security_headers(page);
  int policies = 0;
  for (const auto& [name, value] : page.headers) {
    if (name != "Content-Security-Policy") continue;
    ++policies;
    EXPECT_EQ(
        value,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; font-src 'self'; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'; manifest-src 'self'; require-trusted-types-for 'script'; "
        "trusted-types lit-html");
  }
  EXPECT_EQ(policies, 1);
}

// ---- the certificate

X509* read_certificate(const std::string& pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* const certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return certificate;
}

TEST(SelfSigned, IsForItsHostAndItsTime) {
  const Instant now = from_epoch_ms(1'798'761'600'000);  // 2027-01-01
  const auto pair = make_self_signed("telavis.clinique.test", now);
  ASSERT_TRUE(pair.has_value()) << pair.error().text;
  X509* const certificate = read_certificate(pair->certificate_pem);
  ASSERT_NE(certificate, nullptr);
  for (const char* name : {"telavis.clinique.test", "localhost"}) {
    EXPECT_EQ(X509_check_host(certificate, name, 0, 0, nullptr), 1) << name;
  }
  EXPECT_EQ(X509_check_host(certificate, "other.test", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_purpose(certificate, X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_ca(certificate), 0);
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate),
                 X509_get0_notAfter(certificate));
  EXPECT_EQ(days * 86'400 + seconds, 825 * 86'400 - 1);
  time_t at = 1'798'761'600;
  EXPECT_LT(X509_cmp_time(X509_get0_notBefore(certificate), &at), 0);
  EXPECT_GT(X509_cmp_time(X509_get0_notAfter(certificate), &at), 0);
  EXPECT_EQ(X509_verify(certificate, X509_get0_pubkey(certificate)), 1);
  X509_free(certificate);
  EXPECT_TRUE(pair->key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
  EXPECT_NE(make_self_signed("localhost", now)->certificate_pem,
            make_self_signed("localhost", now)->certificate_pem);
}

TEST(SelfSigned, RefusesWhatIsNoName) {
  for (const std::string name : {"", "a b", "a,DNS:b", "h\xC3\xB4te", "127.0.0.1/8"}) {
    EXPECT_FALSE(make_self_signed(name, Instant()).has_value()) << name;
  }
  EXPECT_FALSE(make_self_signed(std::string(65, 'a'), Instant()).has_value());
}

}  // namespace
}  // namespace telavis::http_parts_test
