// SPDX-License-Identifier: Apache-2.0
#include "engine/http/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <utility>

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

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void add_duties(std::string& out, const std::map<std::string, DutyFigures>& duties) {
  const auto to = std::back_inserter(out);
  add_header(out, "telavis_duty_handled_total", "counter", "What a duty of the node has done.");
  for (const auto& [name, figures] : duties) {
    fmt::format_to(to, "telavis_duty_handled_total{{duty=\"{}\"}} {}\n", name, figures.handled);
  }
  add_header(out, "telavis_duty_failures_total", "counter", "Rounds of a duty that failed.");
  for (const auto& [name, figures] : duties) {
    fmt::format_to(to, "telavis_duty_failures_total{{duty=\"{}\"}} {}\n", name, figures.failures);
  }
  add_header(out, "telavis_duty_last_success_timestamp_seconds", "gauge",
             "When a round of the duty last went well; 0: never.");
  for (const auto& [name, figures] : duties) {
    fmt::format_to(to, "telavis_duty_last_success_timestamp_seconds{{duty=\"{}\"}} {}\n", name,
                   seconds(figures.last_success.time_since_epoch()));
  }
}

void add_mail(std::string& out, const MailFigures& mail) {
  const auto to = std::back_inserter(out);
  add_header(out, "telavis_mailbox_last_look_timestamp_seconds", "gauge",
             "When a mailbox was last read; 0: not since the start.");
  for (const auto& [address, at] : mail.last_looks) {
    fmt::format_to(to, "telavis_mailbox_last_look_timestamp_seconds{{mailbox=\"{}\"}} {}\n",
                   address, at ? seconds(at->time_since_epoch()) : 0.0);
  }
  if (!mail.smtp) return;
  add_header(out, "telavis_smtp_mails_total", "counter", "Attempts to send a mail, by their end.");
  for (const auto& [end, count] :
       {std::pair("accepted", mail.smtp->accepted), std::pair("retried", mail.smtp->retried),
        std::pair("refused", mail.smtp->refused)}) {
    fmt::format_to(to, "telavis_smtp_mails_total{{end=\"{}\"}} {}\n", end, count);
  }
  add_header(out, "telavis_smtp_connections_total", "counter", "Connections to operators.");
  fmt::format_to(to, "telavis_smtp_connections_total {}\n", mail.smtp->connections);
  add_header(out, "telavis_smtp_unanswered_total", "counter",
             "Mails whose acceptance was not heard: each may be with its recipient twice.");
  fmt::format_to(to, "telavis_smtp_unanswered_total {}\n", mail.smtp->unanswered);
}

void add_received(std::string& out, const std::map<std::string, std::int64_t>& received) {
  const auto to = std::back_inserter(out);
  add_header(out, "telavis_received_mails", "gauge",
             "Mails that arrived by what became of them; unhandled: nothing yet; kept and "
             "asked_again wait for a person.");
  for (const auto& [verdict, count] : received) {
    fmt::format_to(to, "telavis_received_mails{{verdict=\"{}\"}} {}\n",
                   verdict.empty() ? "unhandled" : verdict, count);
  }
}

void add_exams(std::string& out, const EngineFigures& engine) {
  const auto to = std::back_inserter(out);
  add_header(out, "telavis_received_exams", "gauge",
             "Exams that came without a request, by what became of them.");
  for (const auto& [state, count] : engine.exams) {
    fmt::format_to(to, "telavis_received_exams{{state=\"{}\"}} {}\n", state, count);
  }
  add_header(out, "telavis_device_refusals_total", "counter",
             "Claims of devices that were refused, by how they showed who they are.");
  for (const auto& [proof, count] : engine.refused_devices) {
    fmt::format_to(to, "telavis_device_refusals_total{{proof=\"{}\"}} {}\n", proof, count);
  }
}

void add_machine(std::string& out, const NodeFigures& node) {
  const auto to = std::back_inserter(out);
  add_header(out, "telavis_storage_errors_total", "counter",
             "Failures of disk or database by code.");
  for (const auto& [code, figures] : node.storage) {
    fmt::format_to(to, "telavis_storage_errors_total{{code=\"{}\"}} {}\n", code, figures.errors);
  }
  add_header(out, "telavis_storage_trouble_since_timestamp_seconds", "gauge",
             "Since when disk or database fail; 0: they work.");
  for (const auto& [code, figures] : node.storage) {
    fmt::format_to(to, "telavis_storage_trouble_since_timestamp_seconds{{code=\"{}\"}} {}\n", code,
                   figures.since ? seconds(figures.since->time_since_epoch()) : 0.0);
  }
  add_header(out, "telavis_clock_jumps_total", "counter", "Jumps of the machine's wall clock.");
  fmt::format_to(to, "telavis_clock_jumps_total {}\n", node.clock.jumps);
  add_header(out, "telavis_clock_last_jump_seconds", "gauge",
             "By how much it last jumped; below 0: back.");
  fmt::format_to(to, "telavis_clock_last_jump_seconds {}\n", seconds(node.clock.last_jump));
  add_header(out, "telavis_timers_held", "gauge",
             "1 while reminders and deadlines wait because the clock jumped.");
  fmt::format_to(to, "telavis_timers_held {}\n", node.clock.holds ? 1 : 0);
  if (!node.trust) return;
  add_header(out, "telavis_trust_list_domains", "gauge",
             "Domains of the MSSante trust list in use; 0: there is none, no mail leaves.");
  fmt::format_to(to, "telavis_trust_list_domains {}\n", node.trust->domains);
  add_header(out, "telavis_trust_list_age_seconds", "gauge",
             "Since the trust list in use was generated.");
  fmt::format_to(to, "telavis_trust_list_age_seconds {}\n", seconds(node.trust->age));
  add_header(out, "telavis_trust_list_failures_total", "counter",
             "Attempts to renew the trust list that failed.");
  fmt::format_to(to, "telavis_trust_list_failures_total {}\n", node.trust->failures);
}

void add_dicom(std::string& out, const DicomCounts& dicom) {
  const auto to = std::back_inserter(out);
  add_header(out, "telavis_dicom_connections", "gauge", "Connections to the door for DICOM now.");
  fmt::format_to(to, "telavis_dicom_connections {}\n", dicom.open);
  add_header(out, "telavis_dicom_associations_total", "counter",
             "Connections of devices, by whether they got an association.");
  for (const auto& [end, count] :
       {std::pair("accepted", dicom.associations), std::pair("refused", dicom.refused)}) {
    fmt::format_to(to, "telavis_dicom_associations_total{{end=\"{}\"}} {}\n", end, count);
  }
  add_header(out, "telavis_dicom_objects_total", "counter",
             "Objects that devices sent by DICOM: taken, of them unreadable, and not taken.");
  for (const auto& [end, count] :
       {std::pair("taken", dicom.objects), std::pair("unreadable", dicom.unreadable),
        std::pair("not_taken", dicom.not_taken)}) {
    fmt::format_to(to, "telavis_dicom_objects_total{{end=\"{}\"}} {}\n", end, count);
  }
  add_header(out, "telavis_dicom_queries_total", "counter", "Queries of the worklist.");
  fmt::format_to(to, "telavis_dicom_queries_total {}\n", dicom.queries);
  add_header(out, "telavis_dicom_commitments_total", "counter", "Storage commitments asked for.");
  fmt::format_to(to, "telavis_dicom_commitments_total {}\n", dicom.commitments);
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

void HttpMetrics::add_requests(std::string& out) const {
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
}

std::string HttpMetrics::text(const std::optional<EngineFigures>& engine, const NodeFigures& node,
                              std::int64_t unaudited_refusals) const {
  std::string out;
  const auto to = std::back_inserter(out);
  add_requests(out);
  add_header(out, "telavis_unaudited_refusals", "gauge",
             "Refusals that could not be written down.");
  fmt::format_to(to, "telavis_unaudited_refusals {}\n", unaudited_refusals);
  add_duties(out, node.duties);
  add_machine(out, node);
  add_mail(out, node.mail);
  if (node.dicom) add_dicom(out, *node.dicom);
  add_header(out, "telavis_database_up", "gauge", "1 when the database has just answered.");
  fmt::format_to(to, "telavis_database_up {}\n", engine ? 1 : 0);
  if (!engine) return out;
  add_cases(out, engine->cases);
  add_header(out, "telavis_outbox_messages", "gauge", "Messages by state.");
  for (const auto& [state, count] : engine->messages) {
    fmt::format_to(to, "telavis_outbox_messages{{state=\"{}\"}} {}\n", state, count);
  }
  add_received(out, engine->received);
  add_exams(out, *engine);
  return out;
}

}  // namespace telavis
