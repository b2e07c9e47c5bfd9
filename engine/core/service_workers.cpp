// SPDX-License-Identifier: Apache-2.0
// What the engine does by itself: claim what is due, handle it.
#include <algorithm>
#include <utility>

#include "engine/core/report.h"
#include "engine/core/routing.h"
#include "engine/core/service.h"

namespace telavis {
namespace {

// Longer than the slowest mail dialogue; a worker that dies is replaced after it.
constexpr Duration kOutboxLease = std::chrono::minutes(10);
constexpr Duration kFirstRetry = std::chrono::minutes(1);
constexpr Duration kLastRetry = std::chrono::hours(1);

Duration retry_delay(std::int64_t attempts) {
  Duration delay = kFirstRetry;
  for (std::int64_t i = 0; i < attempts && delay < kLastRetry; ++i) delay *= 2;
  return std::min(delay, kLastRetry);
}

/// An event that another worker was quicker with is no failure.
Result<void> unless_overtaken(const Result<AppliedEvent>& applied) {
  const bool overtaken = !applied && (applied.error().code == ErrorCode::state_conflict ||
                                      applied.error().code == ErrorCode::version_conflict);
  if (applied || overtaken) return {};  // what is still due is claimed again
  return tl::unexpected(applied.error());
}

}  // namespace

Result<int> Service::run_timers(std::size_t limit) {
  const auto due = ports_.repository.due_cases(ports_.clock.now(), limit);
  if (!due) return tl::unexpected(due.error());
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
  const auto loaded = ports_.repository.load_case(due.id);
  if (!loaded) return tl::unexpected(loaded.error());
  const auto timer = *loaded ? next_timer(**loaded) : std::nullopt;
  if (!timer || timer->kind != due.kind || timer->at > ports_.clock.now()) return {};  // overtaken
  const Case& subject = **loaded;
  // The version makes the id unique: whatever happens to the case between two firings moves it on.
  const std::string event_id = "timer/" + subject.id.value + "/" +
                               std::string(timer_kind_name(due.kind)) + "/" +
                               std::to_string(subject.version);
  EventToApply event;
  event.id = event_id;
  event.case_id = subject.id;
  switch (due.kind) {
    case TimerKind::route:
      return fire_route(subject, event_id);
    case TimerKind::release:
      return fire_release(subject, event_id);
    case TimerKind::offer_window:
      event.body = event::OfferWindowOver{};
      break;
    case TimerKind::breach:
      event.body = event::Breach{};
      break;
  }
  return unless_overtaken(applier_.apply(event));
}

Result<void> Service::fire_route(const Case& subject, const std::string& event_id) {
  const auto pool = ports_.repository.members(subject.programme, Role::expert);
  if (!pool) return tl::unexpected(pool.error());
  const auto load = ports_.repository.open_cases_by_expert(subject.programme);
  if (!load) return tl::unexpected(load.error());
  EventToApply event;
  event.id = event_id;
  event.case_id = subject.id;
  event.body = event::Route{route(subject, *pool, *load)};
  return unless_overtaken(applier_.apply(event));
}

Result<void> Service::fire_release(const Case& subject, const std::string& event_id) {
  const PendingOpinion& pending = *subject.pending_opinion;
  const auto programme = applier_.programme_of(subject);
  if (!programme) return tl::unexpected(programme.error());
  const auto requester = applier_.person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  const auto expert = applier_.person(pending.expert);
  if (!expert) return tl::unexpected(expert.error());
  const auto request = request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto opinion = opinion_of(subject);
  if (!opinion) return tl::unexpected(opinion.error());
  const auto exams = archived_exams(subject);
  if (!exams) return tl::unexpected(exams.error());
  const auto content = report_content(
      {subject, *programme, *requester, *expert, *request, *opinion, *exams}, kMailLanguage);
  if (!content) return tl::unexpected(content.error());
  auto pdf = render_report_pdf(*content);
  if (!pdf) return tl::unexpected(pdf.error());
  const auto key = applier_.data_key(subject);
  if (!key) return tl::unexpected(key.error());

  const BlobRef blob(subject.id.value + "-report");
  const auto put = ports_.blobs.put(blob, seal_stream(*key, "report/" + subject.id.value, *pdf));
  if (!put) return tl::unexpected(put.error());
  const auto care = local_time(pending.signed_at, programme->time_zone);
  if (!care) return tl::unexpected(care.error());
  EventToApply event;
  event.id = event_id;
  event.case_id = subject.id;
  event.body =
      event::Release{seal_.sign(pending.hash), blob,
                     ports_.price_acts({subject, *expert, *requester, *programme, care->date})};
  event.report_pdf = std::move(*pdf);
  return unless_overtaken(applier_.apply(event));
}

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

Result<void> Service::deliver(const OutboxClaim& claim) {
  const OutboxMessage& message = claim.message;
  const auto loaded = ports_.repository.load_case(message.case_id);
  if (!loaded) return tl::unexpected(loaded.error());
  if (!*loaded) return fail(ErrorCode::internal, "A message names a case that does not exist.");
  const auto key = applier_.data_key(**loaded);
  if (!key) return tl::unexpected(key.error());
  const auto mime = unseal_stream(*key, "mail/" + message.id.value, message.sealed_mime);
  if (!mime) return tl::unexpected(mime.error());

  const SendResult sent = ports_.mailer.send({message.id.value, message.from, message.to}, *mime);
  EventToApply event;
  event.case_id = message.case_id;
  const std::string kind(message_kind_name(message.kind));
  switch (sent.outcome) {
    case SendOutcome::retry:
      return ports_.repository.postpone_outbox(message.id, claim.lease_token,
                                               ports_.clock.now() + retry_delay(message.attempts),
                                               sent.reason);
    case SendOutcome::accepted:
      event.id = "outbox/" + message.id.value + "/sent";
      event.body = event::MessageSent{kind};
      event.completes = {message.id, claim.lease_token, OutboxState::sent};
      break;
    case SendOutcome::refused:
      event.id = "outbox/" + message.id.value + "/dead";
      event.body = event::MessageDead{kind};
      event.completes = {message.id, claim.lease_token, OutboxState::dead};
      break;
  }
  // A lease that was lost belongs to another worker now, which sends the same bytes again.
  return unless_overtaken(applier_.apply(event));
}

}  // namespace telavis
