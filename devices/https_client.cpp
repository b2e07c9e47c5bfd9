// SPDX-License-Identifier: Apache-2.0
#include "devices/https_client.h"
#include "formats/text.h"

#include <curl/curl.h>

#include <string_view>

namespace telavis {
namespace {

/// A full report with tracings is some megabytes; an original at most kMaxFileBytes.
constexpr std::size_t kMaxAnswerBytes = kMaxFileBytes + (std::size_t{1} << 20);

/// libcurl wants one global set-up before any thread; a static does that.
void set_up_curl_once() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(result);  // curl_easy_init fails below when this failed
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* target) {
  auto& body = static_cast<HttpsAnswer*>(target)->body;
  const std::size_t bytes = size * count;
  if (bytes > kMaxAnswerBytes - body.size()) return 0;  // makes curl stop with an error
  body.insert(body.end(), data, data + bytes);
  return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* target) {
  auto& headers = static_cast<HttpsAnswer*>(target)->headers;
  std::string_view line(data, size * count);
  // A new status line begins the headers of another answer (100, then the final one).
  if (line.starts_with("HTTP/")) headers.clear();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  name = lowered(name);
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' ')) {
    value.remove_suffix(1);
  }
  headers[std::move(name)] = std::string(value);
  return line.size();
}

struct EasyFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct MimeFree {
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
using HeaderList = std::unique_ptr<curl_slist, ListFree>;
using Mime = std::unique_ptr<curl_mime, MimeFree>;

bool append(HeaderList& list, const std::string& line) {
  curl_slist* const grown = curl_slist_append(list.get(), line.c_str());
  if (grown == nullptr) return false;
  static_cast<void>(list.release());  // is part of `grown`
  list.reset(grown);
  return true;
}

bool add_part(curl_mime* mime, const char* name, ByteView bytes, const char* type,
              const char* file_name) {
  curl_mimepart* const part = curl_mime_addpart(mime);
  return part != nullptr && curl_mime_name(part, name) == CURLE_OK &&
         curl_mime_data(part, reinterpret_cast<const char*>(bytes.data()), bytes.size()) ==
             CURLE_OK &&
         curl_mime_type(part, type) == CURLE_OK &&
         (file_name == nullptr || curl_mime_filename(part, file_name) == CURLE_OK);
}

}  // namespace

struct HttpsClient::Connection {
  HttpsClientOptions options;
  std::unique_ptr<CURL, EasyFree> easy;
  bool ready = false;  // false: libcurl lacks something that is needed here

  /// What holds for every exchange. (curl_easy_reset between two of them would leak the cookie
  /// files' list in 7.88.)
  explicit Connection(HttpsClientOptions given)
      : options(std::move(given)), easy(curl_easy_init()) {
    CURL* const handle = easy.get();
    const auto set = [&](CURLoption option, auto value) {
      return curl_easy_setopt(handle, option, value) == CURLE_OK;
    };
    ready = handle != nullptr && set(CURLOPT_COOKIEFILE, "") &&
            (options.cookie.empty() || set(CURLOPT_COOKIE, options.cookie.c_str())) &&
            (options.ca_file.empty() || (set(CURLOPT_CAINFO, options.ca_file.c_str()) &&
                                         set(CURLOPT_CAPATH, static_cast<char*>(nullptr)))) &&
            set(CURLOPT_SSL_VERIFYPEER, 1L) && set(CURLOPT_SSL_VERIFYHOST, 2L) &&
            set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
            set(CURLOPT_PROTOCOLS_STR, "https") && set(CURLOPT_FOLLOWLOCATION, 0L) &&
            set(CURLOPT_PROXY, "") && set(CURLOPT_NOSIGNAL, 1L) &&
            set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count())) &&
            set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count())) &&
            set(CURLOPT_WRITEFUNCTION, &take_body) && set(CURLOPT_HEADERFUNCTION, &take_header);
  }

  /// Back to a plain GET: nothing of one exchange is part of the next.
  void forget_request() {
    CURL* const handle = easy.get();
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
    curl_easy_setopt(handle, CURLOPT_MIMEPOST, nullptr);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, nullptr);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(-1));
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, nullptr);
    curl_easy_setopt(handle, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  }

  Result<HttpsAnswer> exchange(const std::string& path, const Headers& headers) {
    CURL* const handle = easy.get();
    HeaderList list;
    bool built = append(list, "Expect:");  // bodies are small enough to be sent at once
    for (const auto& [name, value] : headers) {
      std::string line = name;
      line += ": ";
      line += value;
      built = append(list, line) && built;
    }
    HttpsAnswer answer;
    const std::string url = options.base_url + path;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list.get());
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
    const CURLcode result = built ? curl_easy_perform(handle) : CURLE_OUT_OF_MEMORY;
    forget_request();
    if (result != CURLE_OK) {
      return fail(ErrorCode::unavailable,
                  options.base_url + " could not be reached: " + curl_easy_strerror(result) + ".");
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
  }
};

namespace {

tl::unexpected<Error> not_set_up() {
  return fail(ErrorCode::unavailable, "libcurl could not be set up; check its installation.");
}

HttpsClient::Headers with_key(HttpsClient::Headers headers, const std::string& idempotency_key) {
  if (!idempotency_key.empty()) headers.emplace_back("Idempotency-Key", idempotency_key);
  return headers;
}

}  // namespace

HttpsClient::HttpsClient(HttpsClientOptions options) {
  set_up_curl_once();
  connection_ = std::make_unique<Connection>(std::move(options));
}
HttpsClient::~HttpsClient() = default;
HttpsClient::HttpsClient(HttpsClient&&) noexcept = default;
HttpsClient& HttpsClient::operator=(HttpsClient&&) noexcept = default;

Result<HttpsAnswer> HttpsClient::get(const std::string& path, const Headers& headers) {
  if (!connection_->ready) return not_set_up();
  return connection_->exchange(path, headers);
}

Result<HttpsAnswer> HttpsClient::post_json(const std::string& path, const std::string& json,
                                           const std::string& idempotency_key,
                                           const Headers& headers) {
  Headers all = with_key(headers, idempotency_key);
  all.emplace_back("Content-Type", "application/json");
  return send("POST", path, all, json);
}

Result<HttpsAnswer> HttpsClient::post_multipart(const std::string& path,
                                                const std::string& request_json,
                                                const std::vector<UploadedFile>& files,
                                                const std::string& idempotency_key,
                                                const Headers& headers) {
  if (!connection_->ready) return not_set_up();
  const Mime mime(curl_mime_init(connection_->easy.get()));
  bool built =
      mime && add_part(mime.get(), "request", as_bytes(request_json), "application/json", nullptr);
  for (const UploadedFile& file : files) {
    built = built && add_part(mime.get(), "file", file.bytes, "application/octet-stream",
                              file.name.empty() ? "file" : file.name.c_str());
  }
  if (!built) return fail(ErrorCode::unavailable, "The upload could not be built.");
  curl_easy_setopt(connection_->easy.get(), CURLOPT_MIMEPOST, mime.get());
  return connection_->exchange(path, with_key(headers, idempotency_key));
}

Result<HttpsAnswer> HttpsClient::send(const std::string& method, const std::string& path,
                                      const Headers& headers, const std::string& body) {
  if (!connection_->ready) return not_set_up();
  CURL* const handle = connection_->easy.get();
  if (method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else {
    if (method == "POST" || !body.empty()) {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
  return connection_->exchange(path, headers);
}

}  // namespace telavis
