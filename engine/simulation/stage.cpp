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
constexpr double kRepeated = 0.02;  // of the commands: the client sends them again

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
      tariffs_(TariffTable::embedded().value()),
      service_(ports(), {key_of(SeededStream(options.seed).split("master")),
                         key_of(SeededStream(options.seed).split("seal"))}) {}

/// A database has a clock of its own, which is right.
std::function<std::int64_t()> Stage::lease_clock() {
  return [this] { return to_epoch_ms(clock_.true_now()); };
}

ServicePorts Stage::ports() {
  return {clock_,
          random_,
          repository_,
          blobs_,
          *this,
          [](const MailDraft& draft) -> Result<Bytes> { return mail_bytes(draft); },
          [this](const ActContext& context) { return price_acts(tariffs_, context); },
          [](const ReportContent& content) -> Result<Bytes> { return report_bytes(content); },
          [this](ByteView bytes) -> Result<NormalisedExam> {
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
  for (int round = 0; round < kMostRounds; ++round) {
    const auto fired = service_.run_timers(kBatch);
    const auto sent = service_.deliver_messages(kBatch);
    check_engine(fired, "timers");
    check_engine(sent, "messages");
    if (invariants_.violation() || *fired + *sent == 0) return;
  }
  invariants_.fail(CaseId(), "the engine does not come to rest");
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
  if (service_.unaudited_refusals() > 0) invariants_.fail(CaseId(), "a refusal was not audited");
}

// ---- what people ask ----------------------------------------------------------------------------

bool Stage::send(const UserId& actor_id, std::string_view command, const CaseId& id,
                 const std::string& body, Body kind) {
  const User actor = user(actor_id);
  const Case* found = model_.peek(id);
  const bool compared = found != nullptr && look_chance_.chance(compared_);
  const Case before = compared ? *found : Case();
  const std::int64_t version = found == nullptr ? 0 : found->version;
  const std::int64_t unexplained = unexplained_entries();
  const std::string key = fmt::format("k{}", keys_++);
  counts_.commands += 1;
  const auto receipt = service_.command(actor, command, key, id, body);
  if (receipt && receipt->replayed) invariants_.fail(id, "a new key was taken for an old one");
  if (!receipt) check_refusal(command, receipt.error(), unexplained);
  // Another event may have come in between on purpose: then there is nothing to compare with.
  const Case* after = model_.peek(id);
  const bool alone = after == nullptr || after->version == version + (receipt ? 1 : 0);
  if (compared && alone) check_permission(actor, command, before, receipt.has_value(), kind);
  if (receipt && chance_.chance(kRepeated)) repeat(actor, command, id, key, body, *receipt);
  return receipt.has_value();
}

/// Entries of the node's chain that no refusal counted so far explains.
std::int64_t Stage::unexplained_entries() const {
  return model_.node_audit_length() - counts_.refused;
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

void Stage::check_refusal(std::string_view command, const Error& error, std::int64_t unexplained) {
  if (error.code == ErrorCode::internal || error.code == ErrorCode::storage_failed ||
      error.code == ErrorCode::crypto_failed) {
    invariants_.fail(CaseId(), fmt::format("{} failed: {}", command, error.text));
  }
  if (unexplained_entries() != unexplained + 1) {
    invariants_.fail(CaseId(), fmt::format("the refusal of {} is not audited once", command));
  }
  counts_.refused += 1;
}

void Stage::repeat(const User& actor, std::string_view command, const CaseId& id,
                   const std::string& key, const std::string& body, const Receipt& first) {
  const std::int64_t commits = model_.commit_count();
  const auto again = service_.command(actor, command, key, id, body);
  if (!again || !again->replayed || again->json != first.json) {
    invariants_.fail(id, fmt::format("a repeated {} did not get its first answer", command));
  }
  const auto other = service_.command(actor, command, key, id, body + " ");
  if (other || other.error().code != ErrorCode::idempotency_key_reused) {
    invariants_.fail(id, fmt::format("the key of a {} served another one", command));
  }
  counts_.refused += other ? 0 : 1;
  if (model_.commit_count() != commits) invariants_.fail(id, "a repetition changed something");
  counts_.replayed += 1;
}

std::optional<CaseId> Stage::submit(const UserId& actor_id, const Submission& submission) {
  const User actor = user(actor_id);
  const std::int64_t unexplained = unexplained_entries();
  const std::string key = fmt::format("k{}", keys_++);
  const auto files = small_upload(submission.tracing);
  const auto submit = [&] {
    return service_.submit(actor, key, submission.request, files,
                           submission.keep_incomplete ? Incomplete::kept : Incomplete::refused);
  };
  counts_.commands += 1;
  const auto receipt = submit();
  if (!receipt) {
    check_refusal("submit", receipt.error(), unexplained);
    return std::nullopt;
  }
  submitted_ += 1;
  if (chance_.chance(kRepeated)) {
    const auto again = submit();
    if (!again || !again->replayed || again->json != receipt->json) {
      invariants_.fail(CaseId(), "a repeated submission did not get its first answer");
    }
    counts_.replayed += 1;
  }
  const CaseId id(id_in(receipt->json));
  if (model_.peek(id) == nullptr) {
    invariants_.fail(id, "a receipt was given and there is no case");
    return std::nullopt;
  }
  return id;
}

bool Stage::read_report(const UserId& actor, const CaseId& id) {
  const std::int64_t unexplained = unexplained_entries();
  const auto report = service_.report(user(actor), id);
  if (!report) check_refusal("report", report.error(), unexplained);
  return report.has_value();
}

void Stage::look_at(const UserId& actor, const CaseId& id) {
  const Case* subject = look(id);
  if (subject == nullptr) return;
  const User person = user(actor);
  const CaseAccess access = service_.access(person, *subject);
  const std::int64_t unexplained = unexplained_entries();
  if (access == CaseAccess::coded) {
    const auto coded = service_.open_coded(person, id);
    if (!coded)
      invariants_.fail(id, "the pool may not see what it is asked: " + coded.error().text);
  } else {
    const auto content = service_.open(person, id);
    if (content.has_value() != (access == CaseAccess::content)) {
      invariants_.fail(id, "the content is open against the right to it");
    }
    if (!content) check_refusal("open", content.error(), unexplained);
  }
}

bool Stage::is_listed(const UserId& actor, const CaseId& id) {
  const auto cases = service_.list(user(actor));
  return cases && std::ranges::find(*cases, id, &Case::id) != cases->end();
}

void Stage::put(const User& user) {
  if (const auto stored = repository_.put_user(user, {clock_.now(), "operator"}); !stored) {
    invariants_.fail(CaseId(), "cannot store " + user.id.value + ": " + stored.error().text);
  }
}

void Stage::expert_gone(const UserId& expert, bool holds_on) {
  const auto looked = service_.expert_gone(expert, holds_on);
  if (!looked) {
    invariants_.fail(CaseId(),
                     "cannot take cases from " + expert.value + ": " + looked.error().text);
  }
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
  counts_.mails += 1;
  for (int i = 0; i < copies && on_mail_; ++i) {
    at(now() + takes, [this, to = message->to, id = message->case_id, kind = message->kind] {
      on_mail_(to, id, kind);
    });
  }
  return {SendOutcome::accepted, ""};
}

}  // namespace telavis
