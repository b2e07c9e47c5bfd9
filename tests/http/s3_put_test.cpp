// SPDX-License-Identifier: Apache-2.0
// Against a bucket over TLS that computes each signature again, as Amazon describes it ("Signature
// Version 4", AWS General Reference: create a signed request), and never believes the client's
// hash.
#include "storage/s3_put.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <map>
#include <mutex>
#include <sstream>

#include "tests/http/test_server.h"

namespace telavis::s3_put_test {
namespace {

using testing::HasSubstr;

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}
std::string sha256(std::string_view text) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}
std::string hmac(const std::string& key, const std::string& text) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}
/// The value behind `name=` in the Authorization header.
std::string part(const std::string& header, const std::string& name) {
  const auto from = header.find(name + "=");
  if (from == header.npos) return "";
  const auto start = from + name.size() + 1;
  return header.substr(start, header.find_first_of(", ", start) - start);
}

const std::string kAccess = "AKIDEXAMPLE";
const std::string kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A bucket "roots" of region fr-par.
class Bucket {
 public:
  HttpResponse handle(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    ++requests;
    if (next_status != 0) return error(std::exchange(next_status, 0), "SlowDown");
    if (!is_signed(request)) return error(403, "SignatureDoesNotMatch");
    constexpr std::string_view kRoot = "/roots/";
    if (!request.path.starts_with(kRoot)) return error(404, "NoSuchBucket");
    const std::string key = request.path.substr(kRoot.size());
    if (request.method == "GET") {
      if (hides_once) {
        hides_once = false;
        return error(404, "NoSuchKey");
      }
      const auto found = objects.find(key);
      if (found == objects.end()) return error(404, "NoSuchKey");
      HttpResponse answer;
      answer.content_type = "application/octet-stream";
      answer.body.assign(found->second.begin(), found->second.end());
      return answer;
    }
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.header("if-none-match"), "*");
    if (objects.contains(key)) return error(412, "PreconditionFailed");
    objects[key] = std::string(as_text(request.body));
    return {};
  }

  std::map<std::string, std::string> objects;
  int requests = 0;
  int next_status = 0;
  bool hides_once = false;  // somebody else puts it between our look and our put

 private:
  static HttpResponse error(int status, const std::string& code) {
    HttpResponse answer;
    answer.status = status;
    answer.content_type = "application/xml";
    const std::string text = "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code></Error>";
    answer.body.assign(text.begin(), text.end());
    return answer;
  }
  static bool is_signed(const HttpRequest& request) {
    const std::string given(request.header("authorization"));
    const std::string names = part(given, "SignedHeaders");
    const std::string instant(request.header("x-amz-date"));
    const std::string payload = hex(sha256(as_text(request.body)));
    if (request.header("x-amz-content-sha256") != payload) return false;
    std::string canonical = request.method + "\n" + request.path + "\n" + request.query + "\n";
    std::istringstream list(names);
    std::string name;
    while (std::getline(list, name, ';'))
      canonical += name + ":" + std::string(request.header(name)) + "\n";
    canonical += "\n" + names + "\n" + payload;
    for (const char* needed : {"host", "x-amz-date", "x-amz-content-sha256"})
      if ((";" + names + ";").find(";" + std::string(needed) + ";") == names.npos) return false;
    const std::string date = instant.substr(0, 8);
    const std::string scope = date + "/fr-par/s3/aws4_request";
    const std::string to_sign =
        "AWS4-HMAC-SHA256\n" + instant + "\n" + scope + "\n" + hex(sha256(canonical));
    const std::string key =
        hmac(hmac(hmac(hmac("AWS4" + kSecret, date), "fr-par"), "s3"), "aws4_request");
    return given.starts_with("AWS4-HMAC-SHA256 ") &&
           part(given, "Credential") == kAccess + "/" + scope &&
           part(given, "Signature") == hex(hmac(key, to_sign));
  }

  std::mutex mutex_;
};

class S3Put : public test::ServerTest {
 protected:
  void SetUp() override {
    HttpHandler handler =
        test::handler_with([this](const HttpRequest& request) { return bucket.handle(request); });
    handler.body_limit = [](const HttpRequest&) -> Result<std::size_t> {
      return std::size_t{8} << 20;
    };
    start(options(), std::move(handler));
  }
  S3Bucket target() const {
    S3Bucket target;
    target.endpoint = "https://localhost:" + std::to_string(server_->port());
    target.bucket = "roots";
    target.region = "fr-par";
    target.ca_file = folder_.certificate();
    target.access_key = kAccess;
    target.secret_key = kSecret;
    return target;
  }
  static Result<S3PutOutcome> put(const S3Bucket& target, const std::string& text,
                                  const std::string& key = "node-1/audit-root-000001.jsonl") {
    return s3_put_new(target, key, as_bytes(text), "application/x-ndjson");
  }
  ErrorCode refusal(const S3Bucket& target) {
    const auto done = put(target, "text");
    EXPECT_FALSE(done);
    return done ? ErrorCode::internal : done.error().code;
  }

  Bucket bucket;
};

TEST_F(S3Put, WritesOnceAndNeverOver) {
  const std::string text(3'000'000, 'x');
  const auto first = put(target(), text);
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(*first, S3PutOutcome::written);
  EXPECT_EQ(bucket.objects.at("node-1/audit-root-000001.jsonl"), text);
  EXPECT_EQ(put(target(), text), S3PutOutcome::already_there);
  EXPECT_EQ(put(target(), "other").error().code, ErrorCode::state_conflict);
  EXPECT_EQ(put(target(), "").error().code, ErrorCode::state_conflict);
  EXPECT_EQ(bucket.objects.at("node-1/audit-root-000001.jsonl"), text);
  ASSERT_EQ(put(target(), "", "empty"), S3PutOutcome::written);
  EXPECT_EQ(bucket.objects.at("empty"), "");
}

TEST_F(S3Put, WhoIsOvertakenLooksAgain) {
  bucket.objects["k"] = "text";
  bucket.hides_once = true;
  EXPECT_EQ(put(target(), "text", "k"), S3PutOutcome::already_there);
  bucket.hides_once = true;
  EXPECT_EQ(put(target(), "other", "k").error().code, ErrorCode::state_conflict);
  EXPECT_EQ(bucket.objects["k"], "text");
}

TEST_F(S3Put, SaysWhatIsWrong) {
  S3Bucket wrong = target();
  wrong.secret_key = "another";
  EXPECT_EQ(refusal(wrong), ErrorCode::forbidden);
  wrong = target();
  wrong.access_key = "another";
  EXPECT_EQ(refusal(wrong), ErrorCode::forbidden);
  wrong = target();
  wrong.region = "us-east-1";
  EXPECT_EQ(refusal(wrong), ErrorCode::forbidden);
  wrong = target();
  wrong.bucket = "elsewhere";
  EXPECT_EQ(refusal(wrong), ErrorCode::not_found);
  for (const int status : {500, 503}) {
    bucket.next_status = status;
    const auto busy = put(target(), "text");
    EXPECT_EQ(busy.error().code, ErrorCode::unavailable);
    EXPECT_THAT(busy.error().text, HasSubstr("SlowDown"));
    EXPECT_EQ(busy.error().text.find(kSecret), std::string::npos);
  }
  bucket.next_status = 507;
  EXPECT_EQ(refusal(target()), ErrorCode::storage_full);
  server_->stop();
  EXPECT_EQ(refusal(target()), ErrorCode::unavailable);
}

TEST_F(S3Put, TrustsNoOtherCertificateAndNoHttpElsewhere) {
  const test::CertificateFolder another;
  S3Bucket wrong = target();
  wrong.ca_file = another.certificate();
  EXPECT_EQ(refusal(wrong), ErrorCode::unavailable);
  wrong = target();
  wrong.ca_file.clear();  // what the system trusts
  EXPECT_EQ(refusal(wrong), ErrorCode::unavailable);
  EXPECT_EQ(bucket.requests, 0);
  for (const char* endpoint : {"http://s3.example.test", "ftp://localhost:1", "", "file:///etc",
                               "http://127.0.0.1.example.test:80"}) {
    wrong.endpoint = endpoint;
    EXPECT_EQ(refusal(wrong), ErrorCode::invalid_field) << endpoint;
  }
  wrong = target();
  for (const char* name : {"", "a b", "a?x=1", "é", "a\r\nX: y"}) {
    EXPECT_EQ(put(target(), "text", name).error().code, ErrorCode::invalid_field) << name;
    wrong.bucket = name;
    EXPECT_EQ(refusal(wrong), ErrorCode::invalid_field) << name;
  }
}

}  // namespace
}  // namespace telavis::s3_put_test
