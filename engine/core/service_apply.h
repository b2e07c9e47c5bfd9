// SPDX-License-Identifier: Apache-2.0
// How one event becomes one commit. Used by the parts of Service only.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/catalogue.h"
#include "engine/core/change_board.h"
#include "engine/core/crypto.h"
#include "engine/core/exam_archive.h"
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

/// A mail that an event comes from: what is written to its sender about the event answers it.
struct AnsweredMail {
  UserId sender;
  std::string message_id;  // empty: it has none that could be answered to
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
  std::vector<std::string> joins = {};     // exams that leave their tray for this case
  Bytes report_pdf;                        // attached to the report message, with Release only
  std::optional<Instant> at;               // when the body already depends on it; otherwise now
  std::optional<AnsweredMail> answers;
  /// Messages besides those of the decision, about the case as it is then.
  std::function<std::vector<MessageDraft>(const Case& next)> replies = {};
  std::string answer = {};  // stored with the event instead of the receipt
  /// Codes of what was remarked on a clinical document that came with it (incidents.h).
  std::vector<std::string> document_flags = {};
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
  EventApplier(ServicePorts& ports, const RingInUse& ring, ChangeBoard& changes)
      : ports_(ports), ring_(ring), changes_(changes) {}

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
  /// What one sealed file of the case holds. Errors: those of data_key and of the blob store.
  Result<std::vector<ArchivedExam>> exams_in(const Case& subject, const BlobRef& blob) const;
  Result<User> person(const UserId& id) const;

 private:
  /// `on_record` becomes true with the line that says that the case is erased.
  Result<AppliedEvent> attempt(const EventToApply& event, std::optional<Case> loaded,
                               const Check& check, bool& on_record);
  /// Who gets a message: a person, or a group practice by its shared mailbox.
  struct Recipient {
    std::string id;
    std::string address;
    std::string name;     // as an expert or a group is addressed
    bool shared = false;  // several people read this mailbox
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
    std::string release;         // when the opinion that is about to leave does
    std::string coded;           // empty when no message of the event shows it
    std::string missing;
    std::string question;  // of a programme by mail, where a message carries the case
    std::string dialogue;  // of a programme by mail: the latest words
    std::string added;     // of a programme by mail: what the requester has added to his question
    std::vector<ArchivedExam> exams;
    bool sensitive_photos = true;
    Bytes report;  // PDF, where a message carries it
  };
  Result<std::vector<OutboxMessage>> compose(const EventToApply& event, const Decision& decision,
                                             Instant now);
  Result<std::vector<Recipient>> recipients_of(const MessageDraft& draft,
                                               const Composition& common);
  /// He has it told at the hours that he chose (expert_digest.h).
  Result<bool> left_for_digest(const MessageDraft& draft, const Composition& common,
                               const User& recipient);
  Result<void> put_in_words(const std::vector<MessageDraft>& drafts, Composition& common);
  Result<OutboxMessage> compose_one(const Composition& common, const MessageDraft& draft,
                                    const Recipient& recipient);
  static std::string mail_text(const Composition& common, const MessageDraft& draft,
                               const std::string& expert, const std::string& notes);
  /// What messages of a programme by mail carry besides: question, exams, the latest words.
  Result<void> put_content(const std::vector<MessageDraft>& drafts, Composition& common);
  /// What the requester has added: an expert who is asked later reads what the one before him did.
  static Result<void> put_added(Composition& common);
  static Result<std::string> words_of(const Composition& common, const DialogueItem& item);
  Result<void> attach(const Composition& common, MessageKind kind, bool shared, MailDraft& mail,
                      std::string& notes);
  // ---- service_apply_documents.cpp
  Result<void> put_report(const std::vector<MessageDraft>& drafts, Composition& common);
  /// Whom a copy of the report goes to.
  Result<Recipient> copy_recipient(const Composition& common, CopyTo to);
  /// The same event to the same person is the same message, whichever node composes it; a report
  /// is known by its version, so that a later one can name the one it replaces.
  static OutboxId outbox_id(const Composition& common, const MessageDraft& draft,
                            const Recipient& recipient, std::int64_t report_version);
  /// A later version of the report answers the message that the earlier one left with.
  Result<bool> put_replaced(const Composition& common, const MessageDraft& draft,
                            const Recipient& recipient, MailDraft& mail);
  /// With its clinical document where one is made of this message, and otherwise without.
  Result<Bytes> composed(const Composition& common, const MessageDraft& draft, MailDraft mail,
                         bool replaces);
  Result<Bytes> composed_with_document(const Composition& common, const MessageDraft& draft,
                                       MailDraft mail, bool replaces);
  /// What cannot go to the patient is told to the requester; any other error is given back.
  Result<OutboxMessage> told_not_sent(const Composition& common, const MessageDraft& draft,
                                      const Error& error);
  /// What he wrote when he declined by mail; empty: nothing.
  Result<std::string> words_of_refusal(const Case& subject, const UserId& by) const;
  /// Who declined or gave the case back, or that its requester withdrew it.
  Result<Bytes> refusal_pdf(const Composition& common);
  /// A letter of letters.h.
  Result<Bytes> letter_pdf(const Composition& common, const std::string& exit,
                           const std::vector<ArchivedExam>& exams);
  Result<Bytes> question_pdf(const Composition& common, const std::string& exit,
                             bool without_photos);
  Result<bool> is_shared(const std::string& address) const;
  Result<std::string> coded_in_words(const Case& subject);

  /// Events of one case follow each other, from reading it to the commit: whoever composes mails
  /// for a moment is not overtaken for ever by one who reads the case again and again. Other
  /// processes are not kept out, their commits are conflicts. Cases that share a place wait for
  /// each other; a port that gives a command of its own while it is called keeps the turn.
  std::recursive_mutex& turn_of(const CaseId& id) {
    return turns_[std::hash<std::string>()(id.value) % turns_.size()];
  }

  ServicePorts& ports_;
  const RingInUse& ring_;
  ChangeBoard& changes_;
  std::array<std::recursive_mutex, 256> turns_;
};

/// How many reports there have been, this one included: a correction is a later version.
std::int64_t report_version(const Case& subject);

/// "<outbox id>@<domain of the mailbox that it leaves from>".
std::string message_id_of(const OutboxId& id, const std::string& mailbox);

/// The report itself, whoever gets it.
bool is_report(MessageKind kind);
/// The question whole, in a programme by mail.
bool carries_question(MessageKind kind);

/// An event that another worker was quicker with is no failure.
Result<void> unless_overtaken(const Result<AppliedEvent>& applied);

/// JSON that a command answers: {"case":{"id","number","state",...}}.
std::string receipt_json(const Case& subject);

}  // namespace telavis
