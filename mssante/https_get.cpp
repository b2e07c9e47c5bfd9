// SPDX-License-Identifier: Apache-2.0
#include "mssante/https_get.h"

#include <curl/curl.h>

#include <memory>

namespace telavis {
namespace {

constexpr long kConnectTimeoutS = 10;

struct FreeTransfer {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

struct Body {
  Bytes bytes;
  std::size_t limit = 0;
  bool too_large = false;
};

std::size_t take(char* data, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<Body*>(target);
  const std::size_t length = size * count;
  body.too_large = length > body.limit - body.bytes.size();
  if (body.too_large) return 0;  // makes curl stop with an error
  body.bytes.insert(body.bytes.end(), data, data + length);
  return length;
}

bool set_up(CURL* handle, const HttpsGet& request, Body& body) {
  const auto set = [&](CURLoption option, auto value) {
    return curl_easy_setopt(handle, option, value) == CURLE_OK;
  };
  return handle != nullptr && set(CURLOPT_URL, request.url.c_str()) &&
         set(CURLOPT_CAINFO, request.ca_file.c_str()) &&
         set(CURLOPT_CAPATH, static_cast<char*>(nullptr)) && set(CURLOPT_SSL_VERIFYPEER, 1L) &&
         set(CURLOPT_SSL_VERIFYHOST, 2L) &&
         set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
         set(CURLOPT_PROTOCOLS_STR, "https") && set(CURLOPT_FOLLOWLOCATION, 0L) &&
         set(CURLOPT_PROXY, "") && set(CURLOPT_NOSIGNAL, 1L) &&
         set(CURLOPT_CONNECTTIMEOUT, kConnectTimeoutS) &&
         set(CURLOPT_TIMEOUT, static_cast<long>(request.timeout.count())) &&
         set(CURLOPT_WRITEFUNCTION, &take) && set(CURLOPT_WRITEDATA, &body);
}

}  // namespace

Result<Bytes> https_get(const HttpsGet& request) {
  // libcurl wants one global set-up before any thread; a static does that.
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  Body body{{}, request.limit};
  const std::unique_ptr<CURL, FreeTransfer> easy(global == CURLE_OK ? curl_easy_init() : nullptr);
  if (!set_up(easy.get(), request, body))
    return fail(ErrorCode::unavailable, "libcurl could not be set up; check its installation.");
  const CURLcode result = curl_easy_perform(easy.get());
  if (body.too_large)
    return fail(ErrorCode::limit_exceeded, "the answer of " + request.url + " is too large.");
  if (result != CURLE_OK)
    return fail(ErrorCode::unavailable,
                request.url + " could not be read: " + curl_easy_strerror(result) + ".");
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200)
    return fail(ErrorCode::unavailable,
                request.url + " answers with status " + std::to_string(status) + ".");
  return std::move(body.bytes);
}

}  // namespace telavis
