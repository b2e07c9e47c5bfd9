// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/billing/acts.h"
#include "engine/core/case_commands.h"
#include "engine/simulation/papers.h"

namespace telavis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::int64_t kStepsBetweenWholeChecks = 1'000;
// An engine at rest handles nothing more; this many rounds without rest is a loop.
constexpr int kMostRounds = 200;
constexpr std::size_t kBatch = 64;
// Longer than any shipped programme keeps its cases.
constexpr Duration kLongestRetention = hours(24 * 366 * 25);
constexpr double kRepeated = 0.02;  // of the commands: the client sends them again
// Of those whose answer a crash took: they never learn what became of it.
constexpr double kGivesUp = 0.1;
// Of them: they come back when the engine has gone on with its own work.
constexpr double kComesLater = 0.5;

// What happens to mail on its way: a mailbox that is full for a while, a permanent refusal, a
// second copy, and one that takes hours.
constexpr double kBreaks = 0.002;
constexpr double kBounces = 0.002;
constexpr double kDoubled = 0.01;
constexpr double kSlow = 0.02;

Bytes mail_bytes(const MailDraft& draft) {
  std::string text =
      fmt::format("Message-ID: <{}>\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\n\r\n{}\r\n",
                  draft.message_id, draft.from, draft.to, draft.subject, draft.text);
  const ByteView view = as_bytes(text);
  Bytes bytes(view.begin(), view.end());
  for (const MailDraft::Attachment& attachment : draft.attachments) {
    bytes.insert(bytes.end(), attachment.bytes.begin(), attachment.bytes.end());
  }
  return bytes;
}

/// In place of the drawing, which costs milliseconds.
Bytes report_bytes(const ReportContent& content) {
  const ByteView view = as_bytes(content.title);
  return Bytes(view.begin(), view.end());
}

Key key_of(SeededStream stream) {
  return random_key(stream);
}

/// What is taken and not offered: a second opinion, which is kept.
bool is_taken_unasked(std::string_view command) {
  return command == "opinion";
}

std::string id_in(const std::string& receipt) {
  static constexpr std::string_view kMember = "\"id\":\"";
  const std::size_t begin = receipt.find(kMember);
  if (begin == std::string::npos) return {};
  const std::size_t start = begin + kMember.size();
  return receipt.substr(start, receipt.find('"', start) - start);
}

}  // namespace

Stage::Stage(const StageOptions& options)
    : calm_(options.calm),
      compared_(options.compared),
      clock_(options.start),
      chance_(SeededStream(options.seed).split("people")),
      look_chance_(SeededStream(options.seed).split("looks")),
      mail_chance_(SeededStream(options.seed).split("mail")),
      random_(SeededStream(options.seed).split("engine")),
      model_(lease_clock()),
      invariants_(model_),
      repository_(options.door ? options.door(model_, lease_clock()) : model_),
      crashes_(options.crashes, SeededStream(options.seed).split("crashes")),
      crashing_repository_(repository_, crashes_),
      crashing_blobs_(blobs_, crashes_),
      crashing_mailer_(*this, crashes_),
      tariffs_(TariffTable::embedded().value()),
      keys_{KeyRing({key_of(SeededStream(options.seed).split("master"))}),
            key_of(SeededStream(options.seed).split("seal")),
            key_of(SeededStream(options.seed).split("lookup"))},
      service_(std::in_place, ports(), keys_) {}

/// A database has a clock of its own, which is right.
std::function<std::int64_t()> Stage::lease_clock() {
  return [this] { return to_epoch_ms(clock_.true_now()); };
}

ServicePorts Stage::ports() {
  return {clock_,
          random_,
          crashing_repository_,
          crashing_blobs_,
          crashing_mailer_,
          [](const MailDraft& draft) -> Result<Bytes> { return mail_bytes(draft); },
          [this](const ActContext& context) { return price_acts(tariffs_, context); },
          [](const ReportContent& content) -> Result<Bytes> { return report_bytes(content); },
          [](ByteView bytes) -> Result<NormalisedExam> {
            return small_exam(as_text(bytes) == kTracing);
          },
          {}};
}

// ---- time ---------------------------------------------------------------------------------------

void Stage::at(Instant true_instant, std::function<void()> what) {
  planned_.push({std::max(true_instant, now()), order_++, std::move(what)});
}

std::optional<Instant> Stage::next_due() const {
  std::optional<Instant> next;
  for (const auto& due : {model_.next_timer_at(), model_.outbox().next_attempt()}) {
    if (!due) continue;
    const Instant true_due = *due - clock_.error();
    next = std::min(next.value_or(true_due), true_due);
  }
  return next;
}

void Stage::run(Instant end) {
  while (!invariants_.violation()) {
    std::optional<Instant> next = next_due();
    const bool somebody_acts =
        !planned_.empty() && (!next || planned_.top().at <= std::max(*next, now()));
    if (somebody_acts) next = planned_.top().at;
    if (!next || *next > end) break;
    clock_.go_to(*next);
    if (somebody_acts) {
      const auto what = std::move(const_cast<Planned&>(planned_.top()).what);
      planned_.pop();
      what();
    }
    settle();
    step_is_done();
  }
}

void Stage::settle() {
  int round = 0;
  while (round < kMostRounds) {
    crashes_.works_on({});
    const auto fired = service_->run_timers(kBatch);
    const auto sent = service_->deliver_messages(kBatch);
    if (crashes_.is_dead()) {
      start_again();
      continue;
    }
    ++round;
    check_engine(fired, "timers");
    check_engine(sent, "messages");
    if (invariants_.violation() || *fired + *sent == 0) return;
  }
  invariants_.fail(CaseId(), "the engine does not come to rest");
}

/// Another process over what is durable. It is the only one: no lease of the dead one counts.
void Stage::start_again() {
  crashes_.revive();
  counts_.crashes = crashes_.count();
  service_.emplace(ports(), keys_);
  if (!repository_.release_leases()) invariants_.fail(CaseId(), "leases are not released");
}

template <typename Ask>
std::optional<std::invoke_result_t<Ask>> Stage::answer_to(const Ask& ask, Patience patience) {
  while (true) {
    crashes_.works_on({});
    crashes_.pause(++asking_ > 1);
    auto answer = ask();
    crashes_.pause(--asking_ > 1);
    if (!crashes_.is_dead()) return answer;
    start_again();
    if (patience == Patience::may_give_up && crashes_.chance().chance(kGivesUp)) {
      counts_.given_up += 1;
      return std::nullopt;
    }
    if (crashes_.chance().chance(kComesLater)) settle();
    counts_.asked_again += 1;
  }
}

template <typename Ask>
std::invoke_result_t<Ask> Stage::sure_answer_to(const Ask& ask) {
  return *answer_to(ask, Patience::asks_again);
}

void Stage::check_engine(const Result<int>& handled, std::string_view what) {
  if (handled) return;
  const auto due = model_.due_cases(clock_.now(), 1);
  const bool one = due && !due->empty();
  invariants_.fail(one ? due->front().id : CaseId(),
                   fmt::format("{} failed: {}: {}", what, error_name(handled.error().code),
                               handled.error().text));
}

void Stage::step_is_done() {
  counts_.steps += 1;
  invariants_.after_step(clock_.now());
  if (counts_.steps % kStepsBetweenWholeChecks == 0) {
    invariants_.whole_database(clock_.now(), submitted_);
  }
  if (service_->unaudited_refusals() > 0) invariants_.fail(CaseId(), "a refusal was not audited");
}

// ---- what people ask ----------------------------------------------------------------------------

bool Stage::send(const UserId& actor_id, std::string_view command, const CaseId& id,
                 const std::string& body, Body kind) {
  const User actor = user(actor_id);
  const Case* found = model_.peek(id);
  const bool compared = found != nullptr && look_chance_.chance(compared_);
  const Case before = compared ? *found : Case();
  const std::int64_t version = found == nullptr ? 0 : found->version;
  const Traces traces = unexplained();
  Acknowledged request{
      actor_id, fmt::format("k{}", request_keys_++), std::string(command), id, body, {}, {}};
  counts_.commands += 1;
  const auto answer =
      answer_to([&] { return service_->command(actor, command, request.key, id, body); },
                Patience::may_give_up);
  if (!answer) {
    explain(command, id, traces, Outcome::given_up);
    return false;
  }
  const Result<Receipt>& receipt = *answer;
  if (!receipt) check_failure(command, id, receipt.error());
  explain(command, id, traces, receipt ? Outcome::taken : Outcome::refused);
  // Another event may have come in between on purpose: then there is nothing to compare with.
  const Case* after = model_.peek(id);
  const bool alone = after == nullptr || after->version == version + (receipt ? 1 : 0);
  if (compared && alone) check_permission(actor, command, before, receipt.has_value(), kind);
  if (!receipt) return false;
  request.answer = receipt->json;
  if (chance_.chance(kRepeated)) repeat(request);
  acknowledged_.push_back(std::move(request));
  return true;
}

Stage::Traces Stage::unexplained() const {
  return {model_.node_audit_length() - explained_.entries,
          invariants_.asked_commits() - explained_.commits, crashes_.count()};
}

void Stage::explain(std::string_view request, const CaseId& id, const Traces& before,
                    Outcome outcome) {
  const Traces now = unexplained();
  const std::int64_t entries = now.entries - before.entries;
  const std::int64_t commits = now.commits - before.commits;
  explained_.entries += entries;
  explained_.commits += commits;
  const std::int64_t refusals = outcome == Outcome::refused ? 1 : 0;
  counts_.refused += refusals;
  if (entries < refusals || entries > refusals + now.crashes - before.crashes) {
    invariants_.fail(id, fmt::format("{} left {} refusals in the audit", request, entries));
  }
  const bool unknown = outcome == Outcome::given_up && commits <= 1;
  if (commits != (outcome == Outcome::taken ? 1 : 0) && !unknown) {
    invariants_.fail(id, fmt::format("{} was done {} times", request, commits));
  }
}

void Stage::check_permission(const User& actor, std::string_view command, const Case& before,
                             bool taken, Body kind) {
  const auto permitted = permitted_commands(actor, before, clock_.now());
  const bool may = std::ranges::find(permitted, command) != permitted.end();
  if (may && !taken && kind == Body::sound) {
    invariants_.fail(before.id, fmt::format("{} may {} in {} and is refused", actor.id.value,
                                            command, case_state_name(before.state)));
  }
  const bool accepts_again = command == "accept" && before.expert == actor.id;
  if (!may && taken && !accepts_again && !is_taken_unasked(command)) {
    invariants_.fail(before.id, fmt::format("{} may not {} in {} and does", actor.id.value, command,
                                            case_state_name(before.state)));
  }
}

void Stage::check_failure(std::string_view request, const CaseId& id, const Error& error) {
  if (error.code == ErrorCode::internal || error.code == ErrorCode::storage_failed ||
      error.code == ErrorCode::crypto_failed) {
    invariants_.fail(id, fmt::format("{} failed: {}", request, error.text));
  }
}

Result<Receipt> Stage::ask_again(const Acknowledged& one) {
  const User& actor = user(one.actor);
  return sure_answer_to([&] {
    if (!one.command.empty()) {
      return service_->command(actor, one.command, one.key, one.id, one.body);
    }
    return service_->submit(
        actor, one.key, one.submission.request, small_upload(one.submission.tracing),
        one.submission.keep_incomplete ? Incomplete::kept : Incomplete::refused);
  });
}

void Stage::repeat(const Acknowledged& first) {
  const Traces traces = unexplained();
  const auto again = ask_again(first);
  if (!again || !again->replayed || again->json != first.answer) {
    invariants_.fail(first.id, fmt::format("a repeated '{}' did not get its first answer",
                                           first.command.empty() ? "submit" : first.command));
  }
  explain("a repetition", first.id, traces, Outcome::known_already);
  counts_.replayed += 1;
  if (first.command.empty()) return;
  const Traces before_other = unexplained();
  Acknowledged other = first;
  other.body += " ";
  const auto taken = ask_again(other);
  if (taken || taken.error().code != ErrorCode::idempotency_key_reused) {
    invariants_.fail(first.id, fmt::format("the key of a {} served another one", first.command));
  }
  explain("a key that was used", first.id, before_other, Outcome::refused);
}

std::optional<CaseId> Stage::submit(const UserId& actor_id, const Submission& submission) {
  const User actor = user(actor_id);
  const Traces traces = unexplained();
  Acknowledged request{actor_id,  fmt::format("k{}", request_keys_++), {}, CaseId(), {}, {},
                       submission};
  const auto files = small_upload(submission.tracing);
  const std::size_t cases = model_.case_count();
  counts_.commands += 1;
  const auto answer = answer_to(
      [&] {
        return service_->submit(
            actor, request.key, submission.request, files,
            submission.keep_incomplete ? Incomplete::kept : Incomplete::refused);
      },
      Patience::may_give_up);
  submitted_ += model_.case_count() - cases;  // that it is one at most, its commits tell
  if (!answer) {
    // What was malformed is mended and sent again: that one counts.
    counts_.never_asked += submission.sound && model_.case_count() == cases ? 1 : 0;
    explain("submit", CaseId(), traces, Outcome::given_up);
    return std::nullopt;
  }
  const Result<Receipt>& receipt = *answer;
  if (!receipt) check_failure("submit", CaseId(), receipt.error());
  explain("submit", CaseId(), traces, receipt ? Outcome::taken : Outcome::refused);
  if (receipt.has_value() != submission.sound) {
    invariants_.fail(CaseId(), receipt ? "a malformed request was taken"
                                       : "a sound request was refused: " + receipt.error().text);
  }
  if (!receipt) return std::nullopt;
  request.id = CaseId(id_in(receipt->json));
  request.answer = receipt->json;
  if (model_.peek(request.id) == nullptr) {
    invariants_.fail(request.id, "a receipt was given and there is no case");
    return std::nullopt;
  }
  if (chance_.chance(kRepeated)) repeat(request);
  acknowledged_.push_back(request);
  return request.id;
}

bool Stage::read_report(const UserId& actor, const CaseId& id) {
  const Traces traces = unexplained();
  const auto report = sure_answer_to([&] { return service_->report(user(actor), id); });
  if (!report) check_failure("report", id, report.error());
  explain("report", id, traces, report ? Outcome::read : Outcome::refused);
  return report.has_value();
}

void Stage::look_at(const UserId& actor, const CaseId& id) {
  const Case* subject = look(id);
  if (subject == nullptr || subject->erased_at) return;
  const User person = user(actor);
  const CaseAccess access = service_->access(person, *subject);
  const std::int64_t version = subject->version;
  const Traces traces = unexplained();
  if (access == CaseAccess::coded) {
    const auto coded = sure_answer_to([&] { return service_->open_coded(person, id); });
    const bool stood_still = look(id)->version <= version + 1;
    if (!coded && stood_still)
      invariants_.fail(id, "the pool may not see what it is asked: " + coded.error().text);
    explain("open", id, traces, coded ? Outcome::read : Outcome::refused);
  } else {
    const auto content = sure_answer_to([&] { return service_->open(person, id); });
    const bool stood_still = look(id)->version <= version + 1;
    if (content.has_value() != (access == CaseAccess::content) && stood_still) {
      invariants_.fail(id, "the content is open against the right to it");
    }
    if (!content) check_failure("open", id, content.error());
    explain("open", id, traces, content ? Outcome::read : Outcome::refused);
  }
}

bool Stage::is_listed(const UserId& actor, const CaseId& id) {
  const auto cases = sure_answer_to([&] { return service_->list(user(actor)); });
  return cases && std::ranges::find(*cases, id, &Case::id) != cases->end();
}

void Stage::put(const User& user) {
  if (const auto stored = repository_.put_user(user, {clock_.now(), "operator"}); !stored) {
    invariants_.fail(CaseId(), "cannot store " + user.id.value + ": " + stored.error().text);
  }
}

void Stage::expert_gone(const UserId& expert, bool holds_on) {
  const auto looked = sure_answer_to([&] { return service_->expert_gone(expert, holds_on); });
  if (!looked) {
    invariants_.fail(CaseId(),
                     "cannot take cases from " + expert.value + ": " + looked.error().text);
  }
}

// ---- what is left -------------------------------------------------------------------------------

void Stage::at_the_end() {
  for (const Acknowledged& one : acknowledged_) {
    const auto again = ask_again(one);
    if (!again || !again->replayed || again->json != one.answer) {
      invariants_.fail(one.id, "what was acknowledged is not there: " +
                                   (one.command.empty() ? "submit" : one.command));
    }
    if (invariants_.violation()) return;
  }
  check_files();
}

void Stage::live_on() {
  bool all_ended = true;
  model_.each_case([&](const Case& one) { all_ended = all_ended && has_ended(one.state); });
  if (!all_ended) return;
  run(now() + kLongestRetention);
  model_.each_case([&](const Case& one) {
    if (one.legal_hold) return;  // nobody released it: what a crash took was not asked again
    const bool erased = one.erased_at && one.wrapped_key.empty() && one.sealed_request.empty() &&
                        one.sealed_opinion.empty() && blobs_of(one).empty();
    if (!erased) invariants_.fail(one.id, "it is kept for longer than it may be");
  });
  if (!invariants_.violation()) check_files();
}

void Stage::check_files() {
  std::set<std::string> named;
  model_.each_case([&](const Case& subject) {
    for (const BlobRef& blob : blobs_of(subject)) {
      named.insert(blob.value);
      if (!blobs_.has(blob) || crashing_blobs_.torn().contains(blob.value)) {
        invariants_.fail(subject.id, "a file that it names is not there, or cut off");
      }
    }
  });
  counts_.files_left = 0;
  blobs_.each([&](const BlobRef& blob) {
    if (named.contains(blob.value)) return;
    counts_.files_left += 1;
    const CaseId id = case_of(blob);
    if (!crashes_.may_leave_files(id)) invariants_.fail(id, "a file was left behind, by no crash");
  });
}

// ---- mail ---------------------------------------------------------------------------------------

SendResult Stage::send(const Envelope& envelope, ByteView mime) {
  const OutboxMessage* message = model_.outbox().find(OutboxId(envelope.message_key));
  if (message == nullptr || message->to != envelope.to) {
    invariants_.fail(CaseId(), "a mail leaves that no commit made");
    return {SendOutcome::refused, ""};
  }
  if (clock_.now() < message->not_before) invariants_.fail(message->case_id, "a mail leaves early");
  const std::string_view text = as_text(mime);
  if (text.find(kPatientMark) != text.npos || text.find(kQuestionMark) != text.npos) {
    invariants_.fail(message->case_id,
                     fmt::format("{} names the patient", message_kind_name(message->kind)));
  }
  Duration takes = milliseconds(static_cast<std::int64_t>(mail_chance_.exponential(30'000)));
  int copies = 1;
  if (!calm_) {
    Instant& broken_until = broken_until_[envelope.to];
    if (mail_chance_.chance(kBreaks)) {
      broken_until = now() + minutes(static_cast<std::int64_t>(mail_chance_.log_normal(90, 1.5)));
    }
    if (now() < broken_until) return {SendOutcome::retry, "450 mailbox unavailable"};
    if (mail_chance_.chance(kBounces)) {
      counts_.mails_bounced += 1;
      if (on_bounce_) on_bounce_(message->to, message->case_id, message->kind);
      return {SendOutcome::refused, "550 no such mailbox"};
    }
    if (mail_chance_.chance(kSlow)) takes += hours(mail_chance_.below(6));
    if (mail_chance_.chance(kDoubled)) copies = 2;
  }
  if (invariants_.mail_left(*message, mime, crashes_.lives())) counts_.wire_copies += 1;
  counts_.mails += 1;
  for (int i = 0; i < copies && on_mail_; ++i) {
    at(now() + takes, [this, to = message->to, id = message->case_id, kind = message->kind] {
      on_mail_(to, id, kind);
    });
  }
  return {SendOutcome::accepted, ""};
}

}  // namespace telavis
