// SPDX-License-Identifier: Apache-2.0
// The life of a case: an Event and a Case give a Decision. Pure; nothing else changes state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/audit.h"
#include "engine/core/ids.h"
#include "engine/core/programme.h"
#include "engine/core/time.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

enum class CaseState { queued, offered, accepted, answered, delivered, closed, cancelled };
std::string_view case_state_name(CaseState state);
std::optional<CaseState> case_state_from_name(std::string_view name);

enum class OfferOutcome { pending, accepted, declined, expired };
std::string_view offer_outcome_name(OfferOutcome outcome);

struct Offer {
  UserId expert;
  Instant offered_at;
  Instant expires_at;
  OfferOutcome outcome = OfferOutcome::pending;
};

/// What was signed and has not left yet.
struct PendingOpinion {
  UserId expert;
  Instant signed_at;
  Instant release_at;
  std::string hash;  // BLAKE2b-256, hex, of the canonical opinion
};

/// The signed, immutable answer. Its text is in `Case::sealed_opinion`.
struct Opinion {
  UserId expert;
  Instant signed_at;
  std::string hash;
  std::string seal;  // Ed25519 over the hash by the engine's key, hex: the engine's seal, not a
                     // doctor's signature
};

/// Technical description of one exam, free of identity.
struct ExamSummary {
  std::string kind;    // "ecg", "photo" or "document"
  std::string format;  // "SCP-ECG", "JPEG", "PDF", ...
  std::string detail;  // measures alone, in any language: "12 x 10.0 s", "1600 x 1200 px", "2 p."
  std::vector<std::string> findings;  // codes
};

struct ReferentAccess {
  UserId referent;
  Instant until;
  std::string sealed_reason;  // hex; the typed reason, sealed with the case's key
};

/// What the engine knows of a case. Identity and clinical text stand only in the sealed members.
struct Case {
  CaseId id;
  std::string number;  // pseudonymous, "TE-2026-7K3M9Q"
  std::int64_t version = 0;
  CaseState state = CaseState::queued;
  ProgrammeId programme;
  std::int64_t programme_version = 1;
  UserId requester;
  std::optional<UserId> expert;  // who is offered the case now, or has it
  std::vector<Offer> offers;
  std::vector<ExamSummary> exams;
  Sla sla;  // as promised at submission; a later change of the programme does not move it
  Instant submitted_at;
  Instant breach_at;
  Instant route_at;         // when to route next; meaningful in Queued
  Instant breach_alert_at;  // the next alert about a missing answer; first at breach_at, then daily
  std::optional<Instant> breached_at;
  std::optional<Instant> no_expert_since;
  std::optional<PendingOpinion> pending_opinion;
  std::optional<Opinion> opinion;
  std::optional<Instant> delivered_at;
  std::vector<ReferentAccess> referent_access;
  AuditHead audit;
  Bytes wrapped_key;     // the case's data key, wrapped by the master key
  Bytes sealed_request;  // CaseRequest, canonical JSON
  Bytes sealed_opinion;  // OpinionText, canonical JSON
  BlobRef exam_blob;     // original, normalised and preview of every exam: one sealed file
  BlobRef report_blob;   // PDF
};

enum class TimerKind { route, offer_window, release, breach };
std::string_view timer_kind_name(TimerKind kind);

struct Timer {
  TimerKind kind;
  Instant at;
};
/// The next instant at which something must happen; every open state has one.
std::optional<Timer> next_timer(const Case& subject);

/// True until the case has ended (Closed, Cancelled) or only close-out is left (Delivered).
bool is_open(CaseState state);

enum class ActRole { expert, requester };
std::string_view act_role_name(ActRole role);

/// What one professional may bill for a case, or why not.
struct BillableAct {
  CaseId case_id;
  ActRole role = ActRole::expert;
  std::string code;  // "TE2", "RQD"
  UserId professional;
  std::string care_date;  // local date of the opinion in the programme's zone
  std::string tariff_zone;
  std::int64_t amount_cents = 0;
  bool billable = true;
  std::string refusal;  // stable reason when not billable, e.g. "NO_TARIFF"
};

// ---- events -------------------------------------------------------------------------------------

/// Why an expert was not chosen, or the score he was compared by.
struct Considered {
  UserId expert;
  std::string excluded_because;  // empty for those who were eligible
  std::int64_t open_cases = 0;
};
struct Assignment {
  std::optional<UserId> expert;
  std::vector<Considered> considered;
};

namespace event {
struct Submit {
  Case draft;  // everything but state, deadlines and audit, which decide() fixes
  Sla sla;
};
struct Route {
  Assignment assignment;
};
struct OfferWindowOver {};
struct Accept {};
struct Decline {
  std::string reason_code;
};
struct Sign {
  std::string hash;
  Bytes sealed_opinion;
};
struct Release {  // the timer after Sign; everything made together
  std::string seal;
  BlobRef report_blob;
  std::vector<BillableAct> acts;
};
struct Breach {};
struct MessageSent {
  std::string kind;
};
struct MessageDead {
  std::string kind;
};
struct ReportRead {};
struct ContentRead {
  std::string what;
};  // "request", "exam", "report": an access, audited
struct ReferentOpened {
  Instant until;
  std::string sealed_reason;
};
struct Cancel {
  std::string reason_code;
};
}  // namespace event

using EventBody =
    std::variant<event::Submit, event::Route, event::OfferWindowOver, event::Accept, event::Decline,
                 event::Sign, event::Release, event::Breach, event::MessageSent, event::MessageDead,
                 event::ReportRead, event::ContentRead, event::ReferentOpened, event::Cancel>;

/// Where an event comes from, for the audit. Engine events (timers, outbox) have no user.
struct Event {
  std::string id;  // globally unique; the same id is the same event
  Instant at;
  std::optional<UserId> actor;
  EventBody body;
};
std::string_view event_name(const EventBody& body);

// ---- decision -----------------------------------------------------------------------------------

enum class MessageKind { invitation, report, no_expert_alert, breach_alert, delivery_failed_alert };
std::string_view message_kind_name(MessageKind kind);

/// Who a message goes to: a person, or the coordinators of the programme.
struct MessageDraft {
  MessageKind kind;
  std::optional<UserId> recipient;  // nullopt: every coordinator of the programme
};

struct Decision {
  Case next;
  std::vector<AuditDraft> audit;
  std::vector<MessageDraft> messages;
  std::vector<BillableAct> acts;
};

/// `current` is null only for Submit. Errors: state_conflict (not in this state; says which it is),
/// forbidden (not this person's), invalid_field.
Result<Decision> decide(const Case* current, const Event& event);

}  // namespace telavis
