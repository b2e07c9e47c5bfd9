// SPDX-License-Identifier: Apache-2.0
// How one event becomes one commit. Used by the parts of Service only.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/core/catalogue.h"
#include "engine/core/crypto.h"
#include "engine/core/service_ports.h"

namespace telavis {

/// Doctors are written to in French; a language of their own is not part of a person's record.
inline constexpr Language kMailLanguage = Language::french;

/// The keys that stand for one purpose each.
struct CaseKeys {
  Key wrapping;   // of data keys
  Key seal_seed;  // of the engine's Ed25519 seal
};

/// What one event needs to be applied.
struct EventToApply {
  std::string id;
  std::string request_hash;  // empty for engine events
  CaseId case_id;
  std::optional<UserId> actor;
  EventBody body;
  std::optional<OutboxCompletion> completes;
  Bytes report_pdf;           // attached to the report message, with Release only
  std::optional<Instant> at;  // when the body already depends on it; otherwise now
};

struct AppliedEvent {
  CommitOutcome outcome = CommitOutcome::committed;
  std::string answer;
  std::string request_hash;
};

/// Load, decide, chain the audit, compose the messages, commit; again when another event came
/// first. `check` is asked with the loaded case before the decision (rights). Errors: those of
/// decide, of `check`, of storage; version_conflict when the case never stood still.
class EventApplier {
 public:
  EventApplier(ServicePorts& ports, const CaseKeys& keys) : ports_(ports), keys_(keys) {}

  using Check = std::function<Result<void>(const Case&)>;
  Result<AppliedEvent> apply(const EventToApply& event, const Check& check = {});

  Result<Key> data_key(const Case& subject) const;
  Bytes wrap(const CaseId& id, const Key& key) const;
  Result<Programme> programme_of(const Case& subject) const;
  Result<User> person(const UserId& id) const;

 private:
  Result<std::vector<OutboxMessage>> compose(const EventToApply& event, const Decision& decision);
  Result<OutboxMessage> compose_one(const EventToApply& event, const Case& subject,
                                    const Programme& programme, MessageKind kind,
                                    const User& recipient);

  ServicePorts& ports_;
  const CaseKeys& keys_;
};

/// JSON that a command answers: {"case":{"id","number","state",...}}.
std::string receipt_json(const Case& subject);

}  // namespace telavis
