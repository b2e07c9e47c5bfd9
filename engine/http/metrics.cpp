// SPDX-License-Identifier: Apache-2.0
#include "engine/http/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

void add_header(std::string& out, std::string_view name, std::string_view type,
                std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

/// One family of figures of all programmes; `label` names what the counts are by.
struct CaseFamily {
  std::string_view name, type, help, label;
  std::map<std::string, std::int64_t> CaseFigures::*counts;
};

constexpr std::array<CaseFamily, 3> kCaseFamilies = {{
    {"telavis_cases", "gauge", "Cases by state.", "state", &CaseFigures::by_state},
    {"telavis_open_cases", "gauge", "Open cases by the time left of their promise.", "time_left",
     &CaseFigures::open_by_time_left},
    {"telavis_case_events_total", "counter", "Breaches, offers, declines and waits.", "event",
     &CaseFigures::events},
}};

void add_cases(std::string& out, const std::map<ProgrammeId, CaseFigures>& cases) {
  for (const CaseFamily& family : kCaseFamilies) {
    add_header(out, family.name, family.type, family.help);
    for (const auto& [programme, figures] : cases) {
      for (const auto& [value, count] : figures.*family.counts) {
        fmt::format_to(std::back_inserter(out), "{}{{programme=\"{}\",{}=\"{}\"}} {}\n",
                       family.name, programme.value, family.label, value, count);
      }
    }
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

std::string HttpMetrics::text(const EngineFigures& engine, std::int64_t unaudited_refusals) const {
  std::string out;
  const auto to = std::back_inserter(out);
  const std::lock_guard lock(mutex_);
  add_header(out, "telavis_http_requests_total", "counter", "Requests answered.");
  for (const auto& [labels, count] : requests_) {
    fmt::format_to(to,
                   "telavis_http_requests_total{{method=\"{}\",route=\"{}\",status=\"{}\"}} {}\n",
                   labels[0], labels[1], labels[2], count);
  }
  add_header(out, "telavis_http_request_seconds", "histogram",
             "Time to an answer, without the network.");
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
  add_header(out, "telavis_upload_bytes_total", "counter", "Bytes of accepted uploads.");
  fmt::format_to(to, "telavis_upload_bytes_total {}\n", upload_bytes_);
  add_header(out, "telavis_unaudited_refusals", "gauge",
             "Refusals that could not be written down.");
  fmt::format_to(to, "telavis_unaudited_refusals {}\n", unaudited_refusals);
  add_cases(out, engine.cases);
  add_header(out, "telavis_outbox_messages", "gauge", "Messages by state.");
  for (const auto& [state, count] : engine.messages) {
    fmt::format_to(to, "telavis_outbox_messages{{state=\"{}\"}} {}\n", state, count);
  }
  return out;
}

}  // namespace telavis
