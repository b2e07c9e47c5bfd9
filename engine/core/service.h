// SPDX-License-Identifier: Apache-2.0
// The one audited door: every source of events comes through here, and everything that leaves about
// a case. Rights are checked here, refusals are audited here.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/crypto.h"
#include "engine/core/exam_intake.h"
#include "engine/core/opinion.h"
#include "engine/core/ports.h"
#include "engine/core/request.h"
#include "engine/core/rights.h"
#include "engine/core/service_apply.h"
#include "formats/exam.h"

namespace telavis {

struct ServiceKeys {
  Key master;
  Key seal_seed;
};

/// Answer to a command: JSON object for the client, and whether it is the stored answer of the
/// first time.
struct Receipt {
  std::string json;
  bool replayed = false;
};

/// A case opened for a person with the right to its content.
struct OpenCase {
  Case subject;
  CaseRequest request;
  std::optional<OpinionText> opinion;  // the released one; the expert also sees his own pending one
};

class Service {
 public:
  Service(ServicePorts ports, const ServiceKeys& keys);

  // ---- people
  /// Errors: login_failed (also for an unknown login, after the same work), forbidden (inactive).
  /// Gives the cookie's value; only its hash is stored.
  Result<std::string> login(std::string_view login, std::string_view password);
  /// Errors: login_required.
  Result<User> user_of_session(std::string_view cookie);
  Result<void> logout(std::string_view cookie);

  // ---- commands; `key` is the client's Idempotency-Key (1..200 visible ASCII characters)
  /// Errors: those of parse_case_request and decode_exam, unknown_programme, forbidden, no_exam,
  /// idempotency_key_missing, idempotency_key_reused. A refusal is audited; nothing is stored.
  Result<Receipt> submit(const User& actor, std::string_view key, std::string_view request_json,
                         const std::vector<UploadedFile>& files);
  Result<Receipt> accept(const User& actor, std::string_view key, const CaseId& id);
  Result<Receipt> decline(const User& actor, std::string_view key, const CaseId& id,
                          std::string_view reason_code);
  Result<Receipt> answer(const User& actor, std::string_view key, const CaseId& id,
                         std::string_view opinion_json);
  Result<Receipt> cancel(const User& actor, std::string_view key, const CaseId& id,
                         std::string_view reason_code);
  /// The medical referent opens a case: content for one hour, audited with the hash of the reason;
  /// the reason itself is sealed.
  Result<Receipt> open_as_referent(const User& actor, std::string_view key, const CaseId& id,
                                   std::string_view reason);

  // ---- reading; every read of content is an audit entry
  CaseAccess access(const User& actor, const Case& subject) const;
  /// Cases of the person, newest first, in whichever role; figures only.
  Result<std::vector<Case>> list(const User& actor);
  /// Figures of one case. Errors: not_found (also when the person may not know of it).
  Result<Case> figures(const User& actor, const CaseId& id);
  Result<OpenCase> open(const User& actor, const CaseId& id);
  Result<std::vector<ArchivedExam>> exams(const User& actor, const CaseId& id);
  /// The PDF. Read by the requester, it makes the case Delivered. Errors: state_conflict before.
  Result<Bytes> report(const User& actor, const CaseId& id);
  Result<std::vector<ActRow>> acts(const User& actor, const std::string& from_date,
                                   const std::string& to_date);

  // ---- workers: claim what is due, handle it; give how many were handled
  Result<int> run_timers(std::size_t limit);
  Result<int> deliver_messages(std::size_t limit);

  /// One audit entry in the node's chain: for refusals before a case is known.
  void audit_refusal(const std::string& actor, std::string_view action, const Error& error);

  /// Refusals that could not be written to the audit: more than 0 asks for the operator.
  std::int64_t unaudited_refusals() const { return unaudited_; }

  Repository& repository() { return ports_.repository; }
  Clock& clock() { return ports_.clock; }

 private:
  Result<Receipt> command(const User& actor, std::string_view route, std::string_view key,
                          const CaseId& id, std::string_view body, EventToApply event);
  Result<Receipt> submit_checked(const User& actor, std::string_view key,
                                 std::string_view request_json,
                                 const std::vector<UploadedFile>& files);
  Result<Case> case_with_access(const User& actor, const CaseId& id, CaseAccess least);
  Result<void> record_read(const User& actor, const CaseId& id, EventBody event);
  Result<void> fire(const DueCase& due);
  Result<void> fire_route(const Case& subject, const std::string& event_id);
  Result<void> fire_release(const Case& subject, const std::string& event_id);
  Result<void> deliver(const OutboxClaim& claim);
  Result<CaseRequest> request_of(const Case& subject) const;
  Result<OpinionText> opinion_of(const Case& subject) const;
  Result<std::vector<ArchivedExam>> archived_exams(const Case& subject) const;
  /// Passes a result on; a refusal is audited first.
  template <typename T>
  Result<T> audited(const User& actor, std::string_view action, Result<T> result) {
    if (!result) audit_refusal(actor.id.value, action, result.error());
    return result;
  }

  ServicePorts ports_;
  CaseKeys keys_;
  SealKey seal_;
  EventApplier applier_;
  std::atomic<std::int64_t> unaudited_ = 0;
};

}  // namespace telavis
