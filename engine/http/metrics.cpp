// SPDX-License-Identifier: Apache-2.0
#include "engine/http/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace telavis {
namespace {

/// A method is the client's word: anything but these could fill the memory with names.
std::string_view known_method(std::string_view method) {
  for (const std::string_view known :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    if (method == known) return known;
  }
  return "other";
}

/// One gauge out of those of `states` that begin with `prefix`.
void add_states(std::string& out, const std::map<std::string, std::int64_t>& states,
                std::string_view prefix, std::string_view name, std::string_view help) {
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
  for (const auto& [key, count] : states) {
    if (!key.starts_with(prefix)) continue;
    fmt::format_to(to, "{}{{state=\"{}\"}} {}\n", name, key.substr(prefix.size()), count);
  }
}

}  // namespace

void HttpMetrics::record(std::string_view method, std::string_view route, int status,
                         double seconds) {
  const auto bucket = static_cast<std::size_t>(
      std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin());
  const std::lock_guard lock(mutex_);
  ++requests_[{std::string(known_method(method)), std::string(route),
               fmt::format("{}xx", status / 100)}];
  ++buckets_[bucket];
  seconds_ += seconds;
}

void HttpMetrics::record_upload(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  upload_bytes_ += static_cast<std::int64_t>(bytes);
}

std::string HttpMetrics::text(const std::map<std::string, std::int64_t>& states,
                              std::int64_t unaudited_refusals) const {
  std::string out;
  const auto to = std::back_inserter(out);
  const std::lock_guard lock(mutex_);
  out +=
      "# HELP telavis_http_requests_total Requests answered.\n"
      "# TYPE telavis_http_requests_total counter\n";
  for (const auto& [labels, count] : requests_) {
    fmt::format_to(to,
                   "telavis_http_requests_total{{method=\"{}\",route=\"{}\",status=\"{}\"}} {}\n",
                   labels[0], labels[1], labels[2], count);
  }
  out +=
      "# HELP telavis_http_request_seconds Time to an answer, without the network.\n"
      "# TYPE telavis_http_request_seconds histogram\n";
  std::int64_t cumulative = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    cumulative += buckets_[i];
    fmt::format_to(to, "telavis_http_request_seconds_bucket{{le=\"{}\"}} {}\n", kBounds[i],
                   cumulative);
  }
  cumulative += buckets_.back();
  fmt::format_to(to,
                 "telavis_http_request_seconds_bucket{{le=\"+Inf\"}} {}\n"
                 "telavis_http_request_seconds_sum {}\ntelavis_http_request_seconds_count {}\n",
                 cumulative, seconds_, cumulative);
  fmt::format_to(to,
                 "# HELP telavis_upload_bytes_total Bytes of accepted uploads.\n"
                 "# TYPE telavis_upload_bytes_total counter\ntelavis_upload_bytes_total {}\n",
                 upload_bytes_);
  fmt::format_to(to,
                 "# HELP telavis_unaudited_refusals Refusals that could not be written down.\n"
                 "# TYPE telavis_unaudited_refusals gauge\ntelavis_unaudited_refusals {}\n",
                 unaudited_refusals);
  add_states(out, states, "case.", "telavis_cases", "Cases by state.");
  add_states(out, states, "outbox.", "telavis_outbox_messages", "Messages by state.");
  return out;
}

}  // namespace telavis
