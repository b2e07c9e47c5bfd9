// SPDX-License-Identifier: Apache-2.0
// What the engine does by itself: claim what is due, handle it.
#include <algorithm>
#include <utility>

#include "engine/core/pool_load.h"
#include "engine/core/report.h"
#include "engine/core/routing.h"
#include "engine/core/service.h"

namespace telavis {
namespace {

// Longer than the slowest mail dialogue; a worker that dies is replaced after it.
constexpr Duration kOutboxLease = std::chrono::minutes(10);
constexpr Duration kLastRetry = std::chrono::hours(1);
// Timers that are looked through while most of them are held: the cases open at a time in the
// largest of associations. Of more, what is asked for waits with the rest.
constexpr std::size_t kMostHeld = 10'000;

Duration retry_delay(Duration first, std::int64_t attempts) {
  Duration delay = first;
  for (std::int64_t i = 0; i < attempts && delay < kLastRetry; ++i) delay *= 2;
  return std::min(delay, kLastRetry);
}

}  // namespace

Result<void> unless_overtaken(const Result<AppliedEvent>& applied) {
  const bool overtaken = !applied && (applied.error().code == ErrorCode::state_conflict ||
                                      applied.error().code == ErrorCode::version_conflict);
  if (applied || overtaken) return {};  // what is still due is claimed again
  return tl::unexpected(applied.error());
}

Result<int> Service::run_timers(std::size_t limit, DueTimers which) {
  const bool all = which == DueTimers::all;
  auto due = ports_.repository.due_cases(ports_.clock.now(), all ? limit : kMostHeld);
  if (!due) return tl::unexpected(due.error());
  if (!all) {
    std::erase_if(*due, [](const DueCase& timer) {
      return timer.kind != TimerKind::route && timer.kind != TimerKind::release;
    });
    due->resize(std::min(due->size(), limit));
  }
  int handled = 0;
  std::optional<Error> first_error;
  for (const DueCase& timer : *due) {
    const auto fired = fire(timer);
    handled += fired ? 1 : 0;
    // One case that cannot go on must not hold up the others.
    if (!fired && !first_error) first_error = fired.error();
  }
  if (first_error) return tl::unexpected(*first_error);
  return handled;
}

Result<void> Service::fire(const DueCase& due) {
  auto loaded = ports_.repository.load_case(due.id);
  if (!loaded) return tl::unexpected(loaded.error());
  const auto timer = *loaded ? next_timer(**loaded) : std::nullopt;
  if (!timer || timer->kind != due.kind || timer->at > ports_.clock.now()) return {};  // overtaken
  Case& subject = **loaded;
  EventToApply event;
  // The version makes the id unique: whatever happens to the case between two firings moves it on.
  event.id = "timer/" + subject.id.value + "/" + std::string(timer_kind_name(due.kind)) + "/" +
             std::to_string(subject.version);
  event.case_id = subject.id;
  switch (due.kind) {
    case TimerKind::route:
      return fire_route(std::move(subject), std::move(event));
    case TimerKind::release:
      return fire_release(std::move(subject), std::move(event));
    case TimerKind::purge:
    case TimerKind::retention:
      event.body = event::TimerFired{due.kind, std::nullopt};
      return fire_erasure(subject, std::move(event));
    case TimerKind::unopened: {
      const auto delegate = delegate_of(subject.requester);
      if (!delegate) return tl::unexpected(delegate.error());
      event.body = event::TimerFired{due.kind, *delegate};
      break;
    }
    case TimerKind::offer_window:
    case TimerKind::take_back:
    case TimerKind::breach:
    case TimerKind::remind:
    case TimerKind::warn:
    case TimerKind::waiting_reminder:
    case TimerKind::urgent_alert:
    case TimerKind::follow_up:
    case TimerKind::undelivered:
    case TimerKind::appointment:
    case TimerKind::close_out:
    case TimerKind::outcome:
    case TimerKind::redirect_reminder:
    case TimerKind::incomplete_reminder:
      event.body = event::TimerFired{due.kind, std::nullopt};
      break;
  }
  return unless_overtaken(applier_.apply(event, std::move(subject)));
}

Result<std::optional<UserId>> Service::delegate_of(const UserId& requester) {
  const auto user = applier_.person(requester);
  if (!user) return tl::unexpected(user.error());
  if (!user->delegate) return std::nullopt;
  const auto delegate = ports_.repository.user(*user->delegate);
  if (!delegate) return tl::unexpected(delegate.error());
  const bool may = *delegate && (*delegate)->may_log_in();
  return may ? user->delegate : std::nullopt;
}

// ---- routing ------------------------------------------------------------------------------------

Result<Assignment> Service::assignment_of(const Case& subject, const Programme& programme,
                                          const std::vector<User>& pool, Instant now) {
  const auto load = load_of(ports_.repository, programme.id, pool, now);
  if (!load) return tl::unexpected(load.error());
  const auto contacts = ports_.repository.previous_contacts(subject.requester);
  if (!contacts) return tl::unexpected(contacts.error());
  const auto requester = applier_.person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  return route({subject, programme, pool, *load, *contacts, requester->territory, now});
}

Result<Chosen> Service::offer_by_name(const Case& subject, const Programme& programme,
                                      const User& expert, Instant now) {
  Case asked = subject;  // as if nobody had been asked, and nobody but him could be
  asked.offers.clear();
  asked.requested_experts.clear();
  asked.plan.policy = OfferPolicy::rotation;
  const auto assignment = assignment_of(asked, programme, {expert}, now);
  if (!assignment) return tl::unexpected(assignment.error());
  if (assignment->chosen.empty()) {
    const std::string why =
        assignment->considered.empty() ? "" : assignment->considered.front().excluded_because;
    return fail(ErrorCode::no_eligible_expert,
                "This expert cannot take the case (" + why + "): choose another one.");
  }
  return assignment->chosen.front();
}

Result<void> Service::fire_route(Case subject, EventToApply event) {
  const auto programme = applier_.programme_of(subject);
  if (!programme) return tl::unexpected(programme.error());
  const auto pool = ports_.repository.members(subject.programme, Role::expert);
  if (!pool) return tl::unexpected(pool.error());
  event.at = ports_.clock.now();
  auto assignment = assignment_of(subject, *programme, *pool, *event.at);
  if (!assignment) return tl::unexpected(assignment.error());
  // Where the doctors have nothing but their mail, a refusal is told, and is a document too.
  const bool refused =
      assignment->chosen.empty() && !subject.no_expert_since &&
      std::ranges::any_of(subject.offers, [](const Offer& offer) {
        return offer.outcome == OfferOutcome::declined || offer.outcome == OfferOutcome::given_back;
      });
  if (programme->by_mail && refused) {
    event.replies = [requester = subject.requester](const Case&) {
      return std::vector<MessageDraft>{
          {MessageKind::refusal, requester, {}, {}, {}, message(kMailLanguage, "refusal.goes_on")}};
    };
  }
  event.body = event::Route{std::move(*assignment)};
  return unless_overtaken(applier_.apply(event, std::move(subject)));
}

Result<int> Service::expert_gone(const UserId& expert, bool holds_on) {
  const auto cases = ports_.repository.open_cases_of(expert);
  if (!cases) return tl::unexpected(cases.error());
  int looked_at = 0;
  for (const CaseId& id : *cases) {
    if (holds_on) {
      const auto subject = ports_.repository.load_case(id);
      if (!subject) return tl::unexpected(subject.error());
      if (!*subject || pending_offer(**subject, expert) == nullptr) continue;
    }
    EventToApply event;
    event.id = "gone/" + id.value + "/" + random_id(ports_.random, 16);
    event.case_id = id;
    event.body = event::ExpertGone{expert, holds_on};
    if (auto applied = unless_overtaken(applier_.apply(event)); !applied) {
      return tl::unexpected(applied.error());
    }
    ++looked_at;
  }
  return looked_at;
}

// ---- the opinion leaves -------------------------------------------------------------------------

Result<void> Service::fire_release(Case subject, EventToApply event) {
  const PendingOpinion& pending = *subject.pending_opinion;
  const auto programme = applier_.programme_of(subject);
  if (!programme) return tl::unexpected(programme.error());
  const auto requester = applier_.person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  const auto expert = applier_.person(pending.expert);
  if (!expert) return tl::unexpected(expert.error());
  const auto request = applier_.request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto opinion = opinion_of(subject, pending.sealed);
  if (!opinion) return tl::unexpected(opinion.error());
  event.at = ports_.clock.now();
  // The acts of one patient are counted one after the other: two opinions that leave at once do not
  // both take the last place under a cap.
  const auto turns = act_turns_.take(*request, lookup_);
  const ActContext about{subject, *expert, *requester, *programme};
  auto acts = acts_of(about, *request, *opinion);
  if (!acts) return tl::unexpected(acts.error());
  const auto content = report_about_to_leave(about, *request, *opinion, *acts, *event.at);
  if (!content) return tl::unexpected(content.error());
  auto pdf = ports_.render_report(*content);
  if (!pdf) return tl::unexpected(pdf.error());
  const auto key = applier_.data_key(subject);
  if (!key) return tl::unexpected(key.error());

  // A correction is a report of its own: the one that it replaces stays.
  const BlobRef blob(subject.id.value + "-report-" + pending.hash.substr(0, 16));
  const auto put = ports_.blobs.put(blob, seal_stream(*key, "report/" + blob.value, *pdf));
  if (!put) return tl::unexpected(put.error());
  event::ReleaseOpinion body{
      seal_.sign(pending.hash), blob, {}, copies_of(*programme, *request, *requester, *expert)};
  if (pending.corrects.empty()) body.acts = std::move(*acts);
  event.body = std::move(body);
  event.report_pdf = std::move(*pdf);
  // Who gets a copy stands in the request: when that has changed meanwhile, it is looked at anew.
  const auto same_request = [sealed = subject.sealed_request](const Case& changed) -> Result<void> {
    if (changed.sealed_request == sealed) return {};
    return fail(ErrorCode::version_conflict, "The request has just changed.");
  };
  return unless_overtaken(applier_.apply(event, std::move(subject), same_request));
}

Result<ReportContent> Service::report_about_to_leave(const ActContext& about,
                                                     const CaseRequest& request,
                                                     const OpinionText& opinion,
                                                     const std::vector<BillableAct>& acts,
                                                     Instant now) {
  const auto exams = archived_exams(about.subject);
  if (!exams) return tl::unexpected(exams.error());
  const auto incidents = incidents_of(about.subject, now);
  if (!incidents) return tl::unexpected(incidents.error());
  return report_content({shown(about.subject), about.programme, about.requester, about.expert,
                         request, opinion, *exams, acts, *incidents, now},
                        kMailLanguage);
}

Result<std::vector<Incident>> Service::incidents_of(const Case& subject, Instant now) const {
  const auto chain = ports_.repository.audit_chain(subject.id.value);
  if (!chain) return tl::unexpected(chain.error());
  return technical_incidents(subject, *chain, now, kMailLanguage);
}

// ---- messages -----------------------------------------------------------------------------------

Result<int> Service::deliver_messages(std::size_t limit) {
  int handled = 0;
  for (std::size_t i = 0; i < limit; ++i) {
    const auto claim = ports_.repository.claim_outbox(ports_.clock.now(), kOutboxLease);
    if (!claim) return tl::unexpected(claim.error());
    if (!*claim) break;
    if (const auto delivered = deliver(**claim); !delivered)
      return tl::unexpected(delivered.error());
    ++handled;
  }
  return handled;
}

Result<void> Service::post(MessageKind kind, const OutboxId& id, MailDraft draft) {
  draft.message_id =
      id.value + draft.from.substr(std::min(draft.from.find('@'), draft.from.size()));
  const auto mime = ports_.compose_mail(draft);
  if (!mime) return tl::unexpected(mime.error());
  OutboxMessage message;
  message.id = id;
  message.kind = kind;
  message.from = draft.from;
  message.to = draft.to;
  message.created_at = draft.date;
  message.not_before = draft.date;
  message.sealed_mime = seal_stream(node_mail_key(), "mail/" + id.value, *mime);
  return ports_.repository.put_message(message);
}

Result<void> Service::deliver_of_no_case(const OutboxClaim& claim) {
  const OutboxMessage& message = claim.message;
  const auto mime = unseal_stream(ring_.get()->all_derived(kNodeMailPurpose),
                                  "mail/" + message.id.value, message.sealed_mime);
  if (!mime) return tl::unexpected(mime.error());
  const SendResult sent = ports_.mailer.send({message.id.value, message.from, message.to}, *mime);
  if (sent.outcome == SendOutcome::retry) {
    return ports_.repository.postpone_outbox(
        message.id, claim.lease_token,
        ports_.clock.now() + retry_delay(ports_.mail_rules.first_retry, message.attempts),
        sent.reason);
  }
  const bool refused = sent.outcome == SendOutcome::refused;
  return ports_.repository.complete_outbox(
      {message.id, claim.lease_token, refused ? OutboxState::dead : OutboxState::sent});
}

Result<SendResult> Service::send(const OutboxMessage& message, const Case& subject) {
  if (subject.wrapped_key.empty())
    return SendResult{SendOutcome::refused, "the case was erased", "erased"};
  const auto key = applier_.data_key(subject);
  if (!key) return tl::unexpected(key.error());
  const auto mime = unseal_stream(*key, "mail/" + message.id.value, message.sealed_mime);
  if (!mime) return tl::unexpected(mime.error());
  return ports_.mailer.send({message.id.value, message.from, message.to}, *mime);
}

Result<void> Service::deliver(const OutboxClaim& claim) {
  const OutboxMessage& message = claim.message;
  if (message.case_id.empty()) return deliver_of_no_case(claim);
  auto loaded = ports_.repository.load_case(message.case_id);
  if (!loaded) return tl::unexpected(loaded.error());
  if (!*loaded) return fail(ErrorCode::internal, "A message names a case that does not exist.");
  const auto sent = send(message, **loaded);
  if (!sent) return tl::unexpected(sent.error());
  EventToApply event;
  event.case_id = message.case_id;
  switch (sent->outcome) {
    case SendOutcome::retry:
      return ports_.repository.postpone_outbox(
          message.id, claim.lease_token,
          ports_.clock.now() + retry_delay(ports_.mail_rules.first_retry, message.attempts),
          sent->reason);
    case SendOutcome::accepted:
      event.id = "outbox/" + message.id.value + "/sent";
      event.body = event::MessageSent{message.kind, message.created_at, message.attempts};
      event.completes = {message.id, claim.lease_token, OutboxState::sent};
      break;
    case SendOutcome::refused:
      event.id = "outbox/" + message.id.value + "/dead";
      event.body = event::MessageDead{message.kind, message.id, sent->code};
      event.completes = {message.id, claim.lease_token, OutboxState::dead};
      break;
  }
  // A lease that was lost belongs to another worker now, which sends the same bytes again.
  return unless_overtaken(applier_.apply(event, std::move(**loaded)));
}

}  // namespace telavis
