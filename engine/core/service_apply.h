// SPDX-License-Identifier: Apache-2.0
// How one event becomes one commit. Used by the parts of Service only.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/crypto.h"
#include "engine/core/key_ring.h"
#include "engine/core/request.h"
#include "engine/core/service_ports.h"

namespace telavis {

/// Doctors are written to in French; a language of their own is not part of a person's record.
inline constexpr Language kMailLanguage = Language::french;

/// The ring in use; another may take its place while commands run. Thread-safe.
class RingInUse {
 public:
  explicit RingInUse(KeyRing ring) : ring_(std::make_shared<const KeyRing>(std::move(ring))) {}
  std::shared_ptr<const KeyRing> get() const {
    const std::lock_guard lock(mutex_);
    return ring_;
  }
  void use(KeyRing ring) {
    auto next = std::make_shared<const KeyRing>(std::move(ring));
    const std::lock_guard lock(mutex_);
    ring_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const KeyRing> ring_;
};

/// What a pool that is asked openly sees of the patient before somebody accepts.
struct CodedRequest {
  std::string age_band;  // "60-69"
  std::string sex;
  std::string reason;  // code
};

/// What one event needs to be applied.
struct EventToApply {
  std::string id;
  std::string request_hash;  // empty for engine events
  CaseId case_id;
  std::optional<UserId> actor;
  std::optional<Role> role;  // in which he acts
  EventBody body;
  std::optional<OutboxCompletion> completes;
  std::vector<std::string> patient_marks;  // when the identity is new or changed
  Bytes report_pdf;                        // attached to the report message, with Release only
  std::optional<Instant> at;               // when the body already depends on it; otherwise now
};

struct AppliedEvent {
  CommitOutcome outcome = CommitOutcome::committed;
  std::string answer;
  std::string request_hash;
};

/// Load, decide, chain the audit, compose the messages, commit; again when another event came
/// first. Errors: those of decide and of storage; version_conflict when the case never stood still.
class EventApplier {
 public:
  EventApplier(ServicePorts& ports, const RingInUse& ring) : ports_(ports), ring_(ring) {}

  using Check = std::function<Result<void>(const Case&)>;
  /// `loaded`: the case as it was read a moment ago, to save a reading. `check`: asked about the
  /// case as another event has left it, before the decision is made again (rights).
  Result<AppliedEvent> apply(const EventToApply& event, std::optional<Case> loaded = {},
                             const Check& check = {});

  /// Errors: state_conflict (the case was erased), crypto_failed.
  Result<Key> data_key(const Case& subject) const;
  Bytes wrap(const CaseId& id, const Key& key) const;
  Result<CaseRequest> request_of(const Case& subject) const;
  Result<CodedRequest> coded_of(const Case& subject) const;
  Result<Programme> programme_of(const Case& subject) const;
  Result<User> person(const UserId& id) const;

 private:
  /// `on_record` becomes true with the line that says that the case is erased.
  Result<AppliedEvent> attempt(const EventToApply& event, std::optional<Case> loaded,
                               const Check& check, bool& on_record);
  /// Who gets a message: a person, or a group practice by its shared mailbox.
  struct Recipient {
    std::string id;
    std::string address;
    std::string name;  // as an expert or a group is addressed
  };
  /// What the messages of one event have in common; the instants and the patient in words.
  struct Composition {
    const EventToApply& event;
    Instant now;
    const Case& subject;
    const Programme& programme;
    const Key& data_key;
    std::string requester;
    std::string expert;          // who has the case, or none yet
    std::string due, offer_due;  // empty without a promise
    std::string coded;           // empty when no message of the event shows it
  };
  Result<std::vector<OutboxMessage>> compose(const EventToApply& event, const Decision& decision,
                                             Instant now);
  Result<std::vector<Recipient>> recipients_of(const MessageDraft& draft, const Case& subject);
  Result<void> put_in_words(const std::vector<MessageDraft>& drafts, Composition& common);
  Result<OutboxMessage> compose_one(const Composition& common, const MessageDraft& draft,
                                    const Recipient& recipient);
  static std::string mail_text(const Composition& common, MessageKind kind,
                               const std::string& expert);
  Result<std::string> coded_in_words(const Case& subject);

  ServicePorts& ports_;
  const RingInUse& ring_;
};

/// An event that another worker was quicker with is no failure.
Result<void> unless_overtaken(const Result<AppliedEvent>& applied);

/// JSON that a command answers: {"case":{"id","number","state",...}}.
std::string receipt_json(const Case& subject);

}  // namespace telavis
