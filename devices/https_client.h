// SPDX-License-Identifier: Apache-2.0
// A client of the HTTP API: what a device gateway, the demonstration and the end-to-end tests use.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/service.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

struct HttpsClientOptions {
  std::string base_url;  // "https://localhost:8443", no path
  std::string ca_file;   // PEM; nothing else is trusted. Empty: what the system trusts
  std::string cookie;    // of a session that is open already: "name=value"; empty: none
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds timeout =
      std::chrono::seconds(120);  // of one exchange, upload included
};

struct HttpsAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; the last of a name
  Bytes body;
};

/// One user's session: cookies are kept in memory, the connection is kept open. The server's
/// certificate must be signed by `ca_file` and be made out to the host of the URL. Not for use by
/// two threads at a time.
///
/// Errors of all calls: unavailable (no connection, no trust, time over: the text says which). An
/// answer of any status is a success.
class HttpsClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit HttpsClient(HttpsClientOptions options);
  ~HttpsClient();
  HttpsClient(HttpsClient&&) noexcept;
  HttpsClient& operator=(HttpsClient&&) noexcept;

  Result<HttpsAnswer> get(const std::string& path, const Headers& headers = {});
  Result<HttpsAnswer> post_json(const std::string& path, const std::string& json,
                                const std::string& idempotency_key = {},
                                const Headers& headers = {});
  /// multipart/form-data: part `request` (application/json), a part `file` for each file.
  Result<HttpsAnswer> post_multipart(const std::string& path, const std::string& request_json,
                                     const std::vector<UploadedFile>& files,
                                     const std::string& idempotency_key,
                                     const Headers& headers = {});
  /// Any other method, with or without a body.
  Result<HttpsAnswer> send(const std::string& method, const std::string& path,
                           const Headers& headers, const std::string& body);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace telavis
