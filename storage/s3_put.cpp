// SPDX-License-Identifier: Apache-2.0
#include "storage/s3_put.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/core/crypto.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxAnswerBytes = 64 << 20;  // an object that is compared; roots have 3 MB
constexpr long kConnectTimeoutMs = 10'000;
constexpr int kNotFound = 404;
constexpr int kPreconditionFailed = 412;
constexpr std::string_view kPlainCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";

struct Answer {
  int status = 0;
  Bytes body;
  bool is(int kind) const { return status / 100 == kind; }
};

/// libcurl wants one global set-up before any thread; a static does that.
void set_up_curl_once() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(result);  // curl_easy_init fails when this failed
}

struct EasyFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* target) {
  auto& body = static_cast<Answer*>(target)->body;
  const std::size_t bytes = size * count;
  if (bytes > kMaxAnswerBytes - body.size()) return 0;  // makes curl stop with an error
  body.insert(body.end(), data, data + bytes);
  return bytes;
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.find_first_not_of(kPlainCharacters) == text.npos;
}

/// Without TLS a secret would still not leave in clear, but anybody could answer in the bucket's
/// name.
bool is_loopback(std::string_view endpoint) {
  return endpoint.starts_with("http://127.0.0.1:") || endpoint.starts_with("http://localhost:");
}

Result<void> check(const S3Bucket& bucket, const std::string& key) {
  if (!bucket.endpoint.starts_with("https://") && !is_loopback(bucket.endpoint))
    return fail(ErrorCode::invalid_field, "The endpoint of the bucket must begin with https://.");
  if (!is_plain(bucket.bucket) || !is_plain(key) || !is_plain(bucket.region))
    return fail(ErrorCode::invalid_field,
                "Bucket, region and object name are letters, digits and - _ . / only.");
  return {};
}

class Exchange {
 public:
  explicit Exchange(const S3Bucket& bucket) : bucket_(bucket), easy_(curl_easy_init()) {}

  Result<Answer> get(const std::string& key) { return run(key, nullptr, {}); }
  Result<Answer> put(const std::string& key, ByteView bytes, const std::string& media_type) {
    return run(key, &bytes, {"Content-Type: " + media_type, "If-None-Match: *"});
  }

 private:
  Result<Answer> run(const std::string& key, const ByteView* body,
                     const std::vector<std::string>& headers) {
    Answer answer;
    CURL* const handle = easy_.get();
    bool ready = handle != nullptr;
    if (ready) curl_easy_reset(handle);
    const auto set = [&](CURLoption option, auto value) {
      ready = ready && curl_easy_setopt(handle, option, value) == CURLE_OK;
    };
    std::unique_ptr<curl_slist, ListFree> list;
    const auto append = [&](const std::string& line) {
      curl_slist* const grown = curl_slist_append(list.get(), line.c_str());
      ready = ready && grown != nullptr;
      if (grown == nullptr) return;
      static_cast<void>(list.release());  // is part of `grown`
      list.reset(grown);
    };
    // Left to itself, libcurl 7.88 signs the host without its port. Nothing may stand here that is
    // not sent ("Expect:"): it would be signed too.
    append("x-amz-content-sha256: " + sha256_hex(body == nullptr ? ByteView() : *body));
    append("Host: " + bucket_.endpoint.substr(bucket_.endpoint.find("://") + 3));
    for (const std::string& line : headers) append(line);
    const std::string url = bucket_.endpoint + "/" + bucket_.bucket + "/" + key;
    const std::string signing = "aws:amz:" + bucket_.region + ":s3";
    const std::string keys = bucket_.access_key + ":" + bucket_.secret_key;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, is_loopback(bucket_.endpoint) ? "http" : "https");
    set(CURLOPT_AWS_SIGV4, signing.c_str());
    set(CURLOPT_USERPWD, keys.c_str());
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!bucket_.ca_file.empty()) {
      set(CURLOPT_CAINFO, bucket_.ca_file.c_str());
      set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
    }
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(bucket_.timeout.count()));
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, &answer);
    if (body != nullptr) {
      // Given as a post's fields, the body is hashed into the signature.
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
      set(CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(body->data()));
      set(CURLOPT_CUSTOMREQUEST, "PUT");
    }
    set(CURLOPT_HTTPHEADER, list.get());
    if (!ready)
      return fail(ErrorCode::unavailable, "libcurl could not be set up; check its installation.");
    if (const CURLcode result = curl_easy_perform(handle); result != CURLE_OK) {
      return fail(ErrorCode::unavailable,
                  bucket_.endpoint + " could not be reached: " + curl_easy_strerror(result) + ".");
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
  }

  const S3Bucket& bucket_;
  std::unique_ptr<CURL, EasyFree> easy_;
};

/// The code of the service's error document, which names no identity: "NoSuchBucket".
std::string service_code(const Answer& answer) {
  const std::string_view text = as_text(answer.body);
  constexpr std::string_view kOpen = "<Code>";
  const std::size_t from = text.find(kOpen);
  if (from == text.npos) return "no code";
  const std::string_view rest = text.substr(from + kOpen.size(), 64);
  const std::string_view code = rest.substr(0, rest.find('<'));
  return is_plain(code) ? std::string(code) : "no code";
}

tl::unexpected<Error> refused(const S3Bucket& bucket, const Answer& answer) {
  const std::string what = "The bucket " + bucket.bucket + " at " + bucket.endpoint + " answered " +
                           std::to_string(answer.status) + " (" + service_code(answer) + "): ";
  if (answer.status == 401 || answer.status == 403)
    return fail(ErrorCode::forbidden,
                what +
                    "check the keys, the region, the clock, and the rights s3:GetObject, "
                    "s3:PutObject and s3:ListBucket.");
  if (answer.status == kNotFound) return fail(ErrorCode::not_found, what + "check its name.");
  if (answer.status == 507) return fail(ErrorCode::storage_full, what + "make room there.");
  return fail(ErrorCode::unavailable, what + "it is tried again.");
}

Result<S3PutOutcome> compared(const Answer& there, ByteView bytes) {
  if (std::equal(there.body.begin(), there.body.end(), bytes.begin(), bytes.end()))
    return S3PutOutcome::already_there;
  return fail(ErrorCode::state_conflict,
              "The bucket holds another object under this name; nothing was overwritten.");
}

}  // namespace

Result<S3PutOutcome> s3_put_new(const S3Bucket& bucket, const std::string& key, ByteView bytes,
                                const std::string& media_type) {
  if (auto sound = check(bucket, key); !sound) return tl::unexpected(sound.error());
  set_up_curl_once();
  Exchange exchange(bucket);
  const auto there = exchange.get(key);
  if (!there) return tl::unexpected(there.error());
  if (there->is(2)) return compared(*there, bytes);
  if (there->status != kNotFound || service_code(*there) == "NoSuchBucket")
    return refused(bucket, *there);
  const auto put = exchange.put(key, bytes, media_type);
  if (!put) return tl::unexpected(put.error());
  if (put->is(2)) return S3PutOutcome::written;
  if (put->status != kPreconditionFailed) return refused(bucket, *put);
  const auto again = exchange.get(key);  // somebody else was quicker
  if (!again) return tl::unexpected(again.error());
  if (!again->is(2)) return refused(bucket, *again);
  return compared(*again, bytes);
}

}  // namespace telavis
