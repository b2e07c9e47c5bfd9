// SPDX-License-Identifier: Apache-2.0
// Counters in the text format of Prometheus (0.0.4). Route templates and states only: never an id.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "devices/dicom_config.h"
#include "engine/clock_watch.h"
#include "engine/core/ports.h"
#include "engine/storage_trouble.h"
#include "engine/workers.h"
#include "mssante/smtp_mailer.h"
#include "mssante/trust_domain.h"

namespace telavis {

/// What the repository counts.
struct EngineFigures {
  std::map<ProgrammeId, CaseFigures> cases;                  // Repository::case_figures()
  std::map<std::string, std::int64_t> messages;              // Repository::outbox_counts()
  std::map<std::string, std::int64_t> received = {};         // Repository::received_counts()
  std::map<std::string, std::int64_t> exams = {};            // Repository::exam_counts()
  std::map<std::string, std::int64_t> refused_devices = {};  // ExamTray::refused_claims()
};

/// Of the way to mailboxes and operators.
struct MailFigures {
  std::map<std::string, std::optional<Instant>>
      last_looks;                                  // by mailbox; none: not since the start
  std::optional<SmtpFigures> smtp = std::nullopt;  // none: there is no operator
};

/// What the node knows of itself without its database.
struct NodeFigures {
  std::map<std::string, DutyFigures> duties;      // by name
  std::map<std::string, StorageFigures> storage;  // by error code
  ClockFigures clock;
  std::optional<TrustFigures> trust = std::nullopt;  // none: no trust list is configured
  MailFigures mail = {};
  std::optional<DicomCounts> dicom = std::nullopt;  // none: the door for DICOM is not open
};

class HttpMetrics {
 public:
  /// `route` is a template of the route table, or "static" or "none".
  void record(std::string_view method, std::string_view route, int status, double seconds);
  void record_upload(std::size_t bytes);

  /// `engine` is absent when the database does not answer: that is when the rest is wanted most.
  /// `unaudited_refusals` are those of Service and AccessDesk.
  std::string text(const std::optional<EngineFigures>& engine, const NodeFigures& node,
                   std::int64_t unaudited_refusals) const;

 private:
  void add_requests(std::string& out) const;

  // From a cached page to a rendered report.
  static constexpr std::array<double, 10> kBounds = {0.001, 0.005, 0.01, 0.025, 0.05,
                                                     0.1,   0.25,  0.5,  1,     5};
  mutable std::mutex mutex_;
  std::map<std::array<std::string, 3>, std::int64_t> requests_;  // method, route, status class
  std::array<std::int64_t, kBounds.size() + 1> buckets_{};
  double seconds_ = 0;
  std::int64_t upload_bytes_ = 0;
};

}  // namespace telavis
