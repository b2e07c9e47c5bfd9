// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/invariants.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/simulation/papers.h"

namespace telavis {
namespace {

bool ever_asked(const Case& subject, const UserId& expert) {
  return std::ranges::find(subject.offers, expert, &Offer::expert) != subject.offers.end();
}

std::string chain_text(const std::vector<AuditEntry>& chain) {
  std::string text;
  for (const AuditEntry& entry : chain) {
    text += fmt::format("  {:>3} {} {} {} {}\n", entry.sequence, format_utc(entry.what.at),
                        entry.what.actor, entry.what.action, entry.what.detail);
  }
  return text;
}

bool holds_a_patient(std::string_view text) {
  return text.find(kPatientMark) != std::string_view::npos ||
         text.find(kQuestionMark) != std::string_view::npos;
}

}  // namespace

bool is_allowed_edge(CaseState from, CaseState to) {
  using enum CaseState;
  if (from == to) return true;
  switch (from) {
    case incomplete:
      return to == redirected || to == queued || to == cancelled;
    case redirected:
      return to == incomplete || to == queued || to == cancelled;
    case queued:  // accepted: one who was asked before signs
      return to == offered || to == accepted || to == cancelled;
    case offered:
      return to == queued || to == accepted || to == cancelled;
    case accepted:
      return to == queued || to == offered || to == waiting || to == answered || to == cancelled;
    case waiting:
      return to == queued || to == offered || to == accepted || to == answered || to == cancelled;
    case answered:  // closed: read after it was closed out
      return to == delivered || to == closed;
    case delivered:  // answered: a correction leaves
      return to == answered || to == closed;
    case closed:  // a question about the opinion, or a correction
      return to == delivered;
    case cancelled:
      return false;
  }
  return false;
}

Invariants::Invariants(MemoryRepository& model) : model_(model) {
  model_.observe([this](const Case* before, const Commit& commit) { on_commit(before, commit); });
}

void Invariants::fail(const CaseId& id, const std::string& what) {
  if (violation_) return;  // what follows may only be its echo
  const auto* chain = model_.peek_chain(id);
  violation_ = Violation{
      id, fmt::format("case {}: {}\n{}", id.value, what, chain ? chain_text(*chain) : "")};
}

void Invariants::on_commit(const Case* before, const Commit& commit) {
  touched_.push_back(commit.next.id);
  asked_commits_ += commit.event_id.starts_with("http/") ? 1 : 0;
  check_move(before, commit);
  check_promise(before, commit);
  check_chain(before, commit);
  check_answer(before, commit);
  check_recipients(commit);
  check_sent(commit);
}

void Invariants::check_move(const Case* before, const Commit& commit) {
  const Case& next = commit.next;
  if (next.version != (before == nullptr ? 0 : before->version) + 1) {
    fail(next.id, "the version did not grow by one");
  }
  if (before != nullptr && !is_allowed_edge(before->state, next.state)) {
    fail(next.id, fmt::format("{} moved it from {} to {}", commit.event_kind,
                              case_state_name(before->state), case_state_name(next.state)));
  }
  const bool begins = next.state == CaseState::incomplete || next.state == CaseState::redirected ||
                      next.state == CaseState::queued;
  if (before == nullptr && !begins) fail(next.id, "it began in another state");
  if (!has_ended(next.state) && !next_timer(next)) fail(next.id, "no timer runs and it is open");
  const bool held = next.state == CaseState::accepted || next.state == CaseState::waiting;
  if (held && !next.expert) fail(next.id, "nobody holds it");
  const bool asked = std::ranges::any_of(
      next.offers, [](const Offer& offer) { return offer.outcome == OfferOutcome::pending; });
  if ((next.state == CaseState::offered) != asked) {
    fail(next.id, "it is offered and nobody is asked, or the other way about");
  }
  const bool answered = next.state == CaseState::answered || next.state == CaseState::delivered ||
                        next.state == CaseState::closed;
  if (answered != (next.opinion.has_value() && next.state != CaseState::cancelled)) {
    fail(next.id, "it is answered without an opinion, or the other way about");
  }
}

void Invariants::check_promise(const Case* before, const Commit& commit) {
  const Case& next = commit.next;
  const bool needs_one = next.state != CaseState::incomplete &&
                         next.state != CaseState::redirected && next.state != CaseState::cancelled;
  if (needs_one && !next.promise) fail(next.id, "it runs without a promise");
  if (before == nullptr || !before->promise) return;
  if (!next.promise || next.promise->breach_at != before->promise->breach_at ||
      next.promise->completed_at != before->promise->completed_at) {
    fail(next.id, "the promise moved");
    return;
  }
  // What another programme owes itself is counted anew; what was promised is not.
  if (commit.event_kind == "transfer") return;
  if (next.promise->remind_at != before->promise->remind_at ||
      next.promise->warn_at != before->promise->warn_at ||
      next.promise->take_back_at != before->promise->take_back_at) {
    fail(next.id, "an instant on the way to the promise moved");
  }
}

void Invariants::check_chain(const Case* before, const Commit& commit) {
  const Case& next = commit.next;
  AuditHead head = before == nullptr ? AuditHead{} : before->audit;
  if (commit.audit.empty()) fail(next.id, commit.event_kind + " left no entry");
  for (const AuditEntry& entry : commit.audit) {
    const AuditEntry again = append_audit(next.id.value, head, entry.what);
    if (again.hash != entry.hash || again.sequence != entry.sequence) {
      fail(next.id, "an audit entry does not follow the one before");
    }
    if (holds_a_patient(entry.what.detail)) fail(next.id, "an audit entry names the patient");
  }
  if (head.hash != next.audit.hash || head.length != next.audit.length) {
    fail(next.id, "the case does not hold the head of its chain");
  }
}

void Invariants::check_answer(const Case* before, const Commit& commit) {
  const Case& next = commit.next;
  const bool had = before != nullptr && before->opinion;
  const bool released = next.opinion && (!had || before->opinion->hash != next.opinion->hash);
  if (had && !next.opinion) fail(next.id, "its opinion is gone");
  const auto reports = std::ranges::count_if(commit.outbox, [&](const OutboxMessage& message) {
    return message.kind == MessageKind::report && message.to == address_of(next.requester);
  });
  if (reports != (released ? 1 : 0)) {
    fail(next.id, fmt::format("{} report messages to the requester", reports));
  }
  if (released && (next.opinion->seal.empty() || next.report_blob.empty())) {
    fail(next.id, "an opinion left without seal or report");
  }
  if (commit.acts.empty()) {
    if (released && !had) fail(next.id, "an answer without acts");
    return;
  }
  if (!released || had) fail(next.id, "acts without a first answer");
  std::set<ActRole> roles;
  for (const BillableAct& act : commit.acts) roles.insert(act.role);
  if (roles.size() != 2 || commit.acts.size() != 2) fail(next.id, "not one act for each of both");
}

const std::string& Invariants::address_of(const UserId& id) const {
  static const std::string kNone;
  const User* user = model_.peek_user(id);
  return user == nullptr ? kNone : user->mail_address;
}

bool Invariants::is_staff(const Case& subject, Role role, const std::string& address) const {
  const std::set<UserId>* ids = model_.peek_members(subject.programme, role);
  return ids != nullptr &&
         std::ranges::any_of(*ids, [&](const UserId& id) { return address_of(id) == address; });
}

bool Invariants::is_asked(const Case& subject, const std::string& address, bool now) const {
  return std::ranges::any_of(subject.offers, [&](const Offer& offer) {
    if (!now) return address == address_of(offer.expert);
    return offer.outcome == OfferOutcome::pending &&
           (address == address_of(offer.expert) ||
            model_.is_group_mailbox_of(offer.expert, address));
  });
}

bool Invariants::is_recipient(const Case& subject, const OutboxMessage& message) const {
  const std::string& to = message.to;
  const auto is = [&](const std::optional<UserId>& person) {
    return person && to == address_of(*person);
  };
  const auto staff = [&](Role role) { return is_staff(subject, role, to); };
  switch (message.kind) {
    case MessageKind::incomplete:
    case MessageKind::request_received:
    case MessageKind::emergency:
    case MessageKind::redirect_reminder:
    case MessageKind::info_needed:
    case MessageKind::info_reminder:
    case MessageKind::urgent_opinion:
    case MessageKind::follow_up_answer:
    case MessageKind::close_out_reminder:
    case MessageKind::outcome_reminder:
    case MessageKind::report:
    case MessageKind::refusal:
      return is(subject.requester);
    case MessageKind::report_copy:
      return is(subject.expert);  // nobody names another doctor here
    case MessageKind::report_patient:
      return false;  // nor is a mailbox of patients configured
    case MessageKind::question:
    case MessageKind::opinion_echo:
      return is_asked(subject, to, false);
    case MessageKind::mail_noted:
    case MessageKind::mail_unclear:
      return is(subject.requester) || is_asked(subject, to, false);
    case MessageKind::invitation:
    case MessageKind::open_invitation:
      return is_asked(subject, to, true);
    case MessageKind::expert_reminder:
    case MessageKind::expert_warning:
    case MessageKind::info_given:
    case MessageKind::follow_up:
      return is(subject.expert);
    case MessageKind::taken_back:
    case MessageKind::withdrawn:
    case MessageKind::opinion_not_used:
      return is_asked(subject, to, false);
    case MessageKind::not_accepted:
    case MessageKind::breach_alert:
      return is(subject.requester) || staff(Role::coordinator);
    case MessageKind::no_expert_alert:
    case MessageKind::incomplete_alert:
    case MessageKind::delivery_failed_alert:
      return staff(Role::coordinator);
    case MessageKind::urgent_alert:
      return is(subject.expert) || staff(Role::medical_referent);
    case MessageKind::unopened_reminder:
      return is(subject.requester) || is(subject.requester_delegate) || staff(Role::coordinator);
    case MessageKind::follow_up_overdue:
      return is(subject.expert) || staff(Role::coordinator);
    case MessageKind::appointment_reminder:
      return is(subject.requester) || is(subject.expert);
    case MessageKind::mail_refused:
    case MessageKind::mail_kept_alert:
    case MessageKind::mailbox_alert:
    case MessageKind::device_alert:
    case MessageKind::audit_root:
    case MessageKind::expert_digest:
    case MessageKind::activation_kit:
    case MessageKind::access_code:
    case MessageKind::access_notice:
      return false;
  }
  return false;
}

void Invariants::check_recipients(const Commit& commit) {
  for (const OutboxMessage& message : commit.outbox) {
    if (message.to.empty() || !is_recipient(commit.next, message)) {
      fail(commit.next.id, fmt::format("{} goes to {}", message_kind_name(message.kind),
                                       message.to.empty() ? "nobody" : message.to));
    }
  }
}

void Invariants::check_sent(const Commit& commit) {
  if (!commit.completes || commit.completes->state != OutboxState::sent) return;
  if (!left_.contains(commit.completes->id.value)) {
    fail(commit.next.id, "a message counts as sent and has not left");
  }
}

bool Invariants::mail_left(const OutboxMessage& message, ByteView mime, std::int64_t life) {
  const std::size_t hash = std::hash<std::string_view>{}(as_text(mime));
  const auto [left, is_first] = left_.try_emplace(message.id.value, Left{hash, life});
  if (is_first) return false;
  const std::string_view kind = message_kind_name(message.kind);
  if (left->second.hash != hash)
    fail(message.case_id, fmt::format("{} left with other bytes", kind));
  if (left->second.life == life) {
    fail(message.case_id, fmt::format("{} left twice although nobody died", kind));
  }
  left->second.life = life;
  return true;
}

void Invariants::after_step(Instant now) {
  std::ranges::sort(touched_);
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (const CaseId& id : touched_) {
    const Case* subject = model_.peek(id);
    if (subject == nullptr) {
      fail(id, "it was committed and is not there");
      continue;
    }
    const auto timer = next_timer(*subject);
    if (timer && timer->at <= now) {
      fail(id, fmt::format("timer {} of {} was left behind", timer_kind_name(timer->kind),
                           format_utc(timer->at)));
    }
    if (has_ended(subject->state) && timer && timer->kind != TimerKind::retention &&
        timer->kind != TimerKind::outcome) {
      fail(id, "a timer runs although it has ended");
    }
  }
  touched_.clear();
}

void Invariants::check_loads() {
  std::map<std::pair<ProgrammeId, UserId>, std::int64_t> open;
  std::map<ProgrammeId, bool> seen;
  model_.each_case([&](const Case& subject) {
    seen[subject.programme] = true;
    if (!is_open(subject.state)) return;
    std::set<UserId> by_name;
    if (subject.expert) by_name.insert(*subject.expert);
    for (const Offer& offer : subject.offers) {
      if (offer.outcome == OfferOutcome::pending && offer.expires_at) by_name.insert(offer.expert);
    }
    for (const UserId& expert : by_name) open[{subject.programme, expert}] += 1;
  });
  for (const auto& [programme, unused] : seen) {
    const auto load = model_.pool_load(programme, Instant::max());
    std::int64_t indexed = 0;
    for (const auto& [expert, one] : *load) {
      indexed += one.open_cases;
      const auto counted = open.find({programme, expert});
      if (one.open_cases != (counted == open.end() ? 0 : counted->second)) {
        fail(CaseId(), "the load of " + expert.value + " is counted wrongly");
      }
    }
    std::int64_t all = 0;
    for (const auto& [key, count] : open) all += key.first == programme ? count : 0;
    if (indexed != all) fail(CaseId(), "an expert is missing in the load");
  }
}

void Invariants::whole_database(Instant now, std::size_t submitted) {
  if (model_.case_count() != submitted) {
    fail(CaseId(),
         fmt::format("{} cases were submitted, {} are there", submitted, model_.case_count()));
  }
  model_.each_case([&](const Case& subject) {
    const auto timer = next_timer(subject);
    if (!has_ended(subject.state) && (!timer || timer->at <= now)) {
      fail(subject.id, "it stands still");
    }
    const auto* acts = model_.peek_acts(subject.id);
    if (acts->size() != (subject.answered_at ? 2U : 0U)) fail(subject.id, "acts and answer differ");
    if (subject.expert && !ever_asked(subject, *subject.expert)) {
      fail(subject.id, "its expert was never asked");
    }
  });
  check_loads();
  const auto attempt = model_.outbox().next_attempt();
  if (attempt && *attempt <= now) fail(CaseId(), "a message is due and was left behind");
}

void Invariants::at_the_end() {
  model_.each_case([&](const Case& subject) {
    if (verify_chain(*model_.peek_chain(subject.id), subject.audit) != 0) {
      fail(subject.id, "its chain is broken");
    }
  });
  const auto node = model_.audit_chain("node");
  const auto head = model_.node_audit_head();
  if (!node || !head || verify_chain(*node, *head) != 0) {
    fail(CaseId(), "the node's chain is broken");
  }
}

}  // namespace telavis
