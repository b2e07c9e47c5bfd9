// SPDX-License-Identifier: Apache-2.0
// HTTP as the adapters see it, without Beast.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/bytes.h"

namespace telavis {

struct HttpRequest {
  std::string method;                          // upper case
  std::string path;                            // decoded, without the query
  std::string query;                           // raw, without "?"
  std::map<std::string, std::string> headers;  // names in lower case
  Bytes body;
  std::string peer;  // remote address, for rate limits; never logged with an identity

  std::string_view header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct LateAnswer;

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  Bytes body;
  std::shared_ptr<LateAnswer> late;  // then all the above is of no account
};

/// An answer that is not there yet; no thread waits for it.
struct LateAnswer {
  std::chrono::milliseconds at_most{};
  /// Sees to it that `ready` is called, from any thread, when there is something to answer. Gives
  /// what takes that back.
  std::function<std::function<void()>(std::function<void()> ready)> arrange;
  std::function<HttpResponse()> answer;  // made when it is ready, or the time is over
};

}  // namespace telavis
