// SPDX-License-Identifier: Apache-2.0
#include "engine/core/service_apply.h"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <utility>

#include "engine/core/expert_digest.h"
#include "engine/core/incidents.h"
#include "engine/core/report.h"

namespace telavis {
namespace {

// A caller's reading may be of before his turn, and another process may come between: more is a
// defect.
constexpr int kMaxAttempts = 8;

std::string items_in_words(const std::vector<std::string>& names) {
  std::string words;
  for (const std::string& name : names) {
    const std::string id = name.starts_with("red_flag.") ? name : "form." + name;
    words += (words.empty() ? "" : " ; ") + (has_message(id) ? message(kMailLanguage, id) : name);
  }
  return words;
}

/// The offer that an invitation of this event speaks of ends then.
Instant offer_end(const Case& subject) {
  const bool ends = !subject.offers.empty() && subject.offers.back().expires_at;
  return ends ? *subject.offers.back().expires_at : subject.promise->breach_at;
}

}  // namespace

std::string receipt_json(const Case& subject) {
  namespace json = boost::json;
  json::object figures{{"id", subject.id.value},
                       {"number", subject.number},
                       {"state", case_state_name(subject.state)},
                       {"submitted_at", format_utc(subject.submitted_at)}};
  if (subject.promise) figures["breach_at"] = format_utc(subject.promise->breach_at);
  if (!subject.missing.empty() && subject.state == CaseState::incomplete) {
    figures["missing"] = json::array(subject.missing.begin(), subject.missing.end());
  }
  if (subject.state == CaseState::redirected) figures["redirect_exit"] = subject.redirect_exit;
  if (subject.pending_opinion) {
    figures["pending_release_at"] = format_utc(subject.pending_opinion->release_at);
  }
  return json::serialize(json::object{{"case", std::move(figures)}});
}

Result<Key> EventApplier::data_key(const Case& subject) const {
  if (subject.wrapped_key.empty()) {
    return fail(ErrorCode::state_conflict, "The content of this case was erased.");
  }
  return ring_.get()->unwrap("data-key/" + subject.id.value, subject.wrapped_key);
}

Bytes EventApplier::wrap(const CaseId& id, const Key& key) const {
  return ring_.get()->wrap(ports_.random, "data-key/" + id.value, key);
}

Result<CaseRequest> EventApplier::request_of(const Case& subject) const {
  const auto key = data_key(subject);
  if (!key) return tl::unexpected(key.error());
  const auto plain = unseal(*key, "request/" + subject.id.value, subject.sealed_request);
  if (!plain) return tl::unexpected(plain.error());
  return parse_case_request(as_text(*plain), RequestShape::unfinished);
}

Result<CodedRequest> EventApplier::coded_of(const Case& subject) const {
  const auto request = request_of(subject);
  if (!request) return tl::unexpected(request.error());
  const auto local = local_time(subject.submitted_at, subject.plan.time_zone);
  if (!local) return tl::unexpected(local.error());
  return CodedRequest{age_band(request->patient.birth_date, local->date),
                      std::string(sex_name(request->patient.sex)), request->reason};
}

Result<Programme> EventApplier::programme_of(const Case& subject) const {
  auto programme = ports_.repository.programme(subject.programme);
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme) return fail(ErrorCode::unknown_programme, "This programme is not configured.");
  return std::move(**programme);
}

Result<User> EventApplier::person(const UserId& id) const {
  auto user = ports_.repository.user(id);
  if (!user) return tl::unexpected(user.error());
  if (!*user) return fail(ErrorCode::not_found, "There is no such person.");
  return std::move(**user);
}

Result<AppliedEvent> EventApplier::apply(const EventToApply& event, std::optional<Case> loaded,
                                         const Check& check) {
  const std::lock_guard turn(turn_of(event.case_id));
  bool on_record = false;
  auto applied = attempt(event, std::move(loaded), check, on_record);
  // After a failed commit nobody knows whether the case is erased: the next start of the node does.
  const bool lost = !applied && (applied.error().code != ErrorCode::storage_failed &&
                                 applied.error().code != ErrorCode::storage_full);
  if (!on_record || !lost) return applied;
  if (auto kept = ports_.erasures->kept(event.case_id, ports_.clock.now()); !kept)
    return tl::unexpected(kept.error());
  return applied;
}

Result<AppliedEvent> EventApplier::attempt(const EventToApply& event, std::optional<Case> loaded,
                                           const Check& check, bool& on_record) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (!loaded || attempt > 0) {
      auto read = ports_.repository.load_case(event.case_id);
      if (!read) return tl::unexpected(read.error());
      loaded = std::move(*read);
    }
    const Case* current = loaded ? &*loaded : nullptr;
    const bool is_new = std::holds_alternative<event::Submit>(event.body);
    if (current == nullptr && !is_new) {
      return fail(ErrorCode::not_found, "There is no such case, or it is not yours.");
    }
    if (check && current != nullptr && attempt > 0) {
      if (const auto allowed = check(*current); !allowed) return tl::unexpected(allowed.error());
    }
    const Instant now = event.at.value_or(ports_.clock.now());
    auto decision = decide(current, {event.id, now, event.actor, event.role, event.body});
    if (!decision) return tl::unexpected(decision.error());

    if (event.replies) {
      std::ranges::move(event.replies(decision->next), std::back_inserter(decision->messages));
    }

    Commit commit;
    commit.event_id = event.id;
    commit.event_kind = std::string(event_name(event.body));
    commit.at = now;
    commit.request_hash = event.request_hash;
    commit.expected_version = current == nullptr ? 0 : current->version;
    for (AuditDraft& draft : decision->audit) {
      if (is_access_trace(draft.action)) draft.salt = trace_salt(ports_.random);
      commit.audit.push_back(
          append_audit(event.case_id.value, decision->next.audit, std::move(draft)));
    }
    if (!event.document_flags.empty()) {
      commit.audit.push_back(append_audit(
          event.case_id.value, decision->next.audit,
          document_flagged(now, event.actor.value_or(UserId("engine")), event.document_flags)));
    }
    auto messages = compose(event, *decision, now);
    if (!messages) return tl::unexpected(messages.error());
    commit.outbox = std::move(*messages);
    commit.acts = std::move(decision->acts);
    commit.answer = event.answer.empty() ? receipt_json(decision->next) : event.answer;
    commit.completes = event.completes;
    commit.patient_marks = event.patient_marks;
    commit.joins = event.joins;
    auto slots = slots_of(decision->next);
    if (slots != (current == nullptr ? std::vector<std::string>() : slots_of(*current))) {
      commit.slots = std::move(slots);
    }
    commit.next = std::move(decision->next);
    const bool erases = commit.next.erased_at && !(current != nullptr && current->erased_at);
    if (erases && ports_.erasures != nullptr) {
      const auto recorded = ports_.erasures->erased(event.case_id, now);
      if (!recorded) return tl::unexpected(recorded.error());
      on_record = true;
    }
    auto committed = ports_.repository.commit(commit);
    if (!committed) return tl::unexpected(committed.error());
    if (committed->outcome == CommitOutcome::conflict) continue;
    if (committed->outcome == CommitOutcome::exam_gone) {
      return fail(ErrorCode::state_conflict,
                  "An exam of your tray is in another case by now: look at your tray again.");
    }
    if (committed->outcome == CommitOutcome::slot_gone) {
      return fail(ErrorCode::state_conflict,
                  "An appointment that you offer is in another opinion by now, or is gone: choose "
                  "again.");
    }
    if (committed->outcome == CommitOutcome::committed) {
      changes_.changed(commit.next);
      return AppliedEvent{CommitOutcome::committed, commit.answer, commit.request_hash};
    }
    return AppliedEvent{committed->outcome, committed->answer, committed->request_hash};
  }
  return fail(ErrorCode::version_conflict,
              "This case is changing at this very moment: load it again and repeat.");
}

Result<bool> EventApplier::left_for_digest(const MessageDraft& draft, const Composition& common,
                                           const User& recipient) {
  if (recipient.terms.digest_hours.empty()) return false;
  const auto hours = digest_hours_of(ports_.repository, recipient);
  if (!hours) return tl::unexpected(hours.error());
  return waits_for_digest(draft.kind, common.subject, common.programme, recipient.id, *hours,
                          std::max(draft.not_before.value_or(common.now), common.now));
}

Result<std::vector<EventApplier::Recipient>> EventApplier::recipients_of(
    const MessageDraft& draft, const Composition& common) {
  const Case& subject = common.subject;
  std::vector<Recipient> recipients;
  if (draft.copy_to) {
    auto copied = copy_recipient(common, *draft.copy_to);
    if (!copied) return tl::unexpected(copied.error());
    recipients.push_back(std::move(*copied));
  }
  if (draft.recipient) {
    const auto user = person(*draft.recipient);
    if (!user) return tl::unexpected(user.error());
    const auto later = left_for_digest(draft, common, *user);
    if (!later) return tl::unexpected(later.error());
    if (!*later) {
      recipients.push_back({user->id.value, user->mail_address, user->display_name(), false});
    }
  }
  if (!draft.group.empty()) {
    const auto group = ports_.repository.group(draft.group);
    if (!group) return tl::unexpected(group.error());
    if (!*group) return fail(ErrorCode::internal, "A message names a group that does not exist.");
    recipients.push_back({"group/" + draft.group, (*group)->mail_address, (*group)->name, true});
  }
  if (draft.staff) {
    const auto staff = ports_.repository.members(subject.programme, *draft.staff);
    if (!staff) return tl::unexpected(staff.error());
    for (const User& user : *staff) {
      if (user.may_log_in()) recipients.push_back({user.id.value, user.mail_address, "", false});
    }
  }
  return recipients;
}

Result<std::vector<OutboxMessage>> EventApplier::compose(const EventToApply& event,
                                                         const Decision& decision, Instant now) {
  std::vector<OutboxMessage> messages;
  if (decision.messages.empty()) return messages;
  const Case& subject = decision.next;
  const auto programme = programme_of(subject);
  if (!programme) return tl::unexpected(programme.error());
  const auto key = data_key(subject);
  if (!key) return tl::unexpected(key.error());
  const auto requester = person(subject.requester);
  if (!requester) return tl::unexpected(requester.error());
  std::string expert_name;
  if (subject.expert) {
    const auto expert = person(*subject.expert);
    if (!expert) return tl::unexpected(expert.error());
    expert_name = expert->display_name();
  }
  Composition common{
      event, now, subject, *programme, *key, requester->display_name(), std::move(expert_name)};
  common.missing = items_in_words(subject.missing);
  if (const auto put = put_in_words(decision.messages, common); !put) {
    return tl::unexpected(put.error());
  }
  for (const MessageDraft& draft : decision.messages) {
    const auto recipients = recipients_of(draft, common);
    if (!recipients) return tl::unexpected(recipients.error());
    for (const Recipient& recipient : *recipients) {
      auto message = compose_one(common, draft, recipient);
      if (!message) message = told_not_sent(common, draft, message.error());
      if (!message) return tl::unexpected(message.error());
      messages.push_back(std::move(*message));
    }
  }
  return messages;
}

Result<std::string> EventApplier::coded_in_words(const Case& subject) {
  const auto coded = coded_of(subject);
  if (!coded) return tl::unexpected(coded.error());
  const auto word = [](const std::string& id, const std::string& code) {
    return has_message(id) ? message(kMailLanguage, id) : code;
  };
  return message(kMailLanguage, "mail.coded",
                 {{"age", coded->age_band},
                  {"sex", word("sex." + coded->sex, coded->sex)},
                  {"reason", word("reason." + coded->reason, coded->reason)}});
}

Result<void> EventApplier::put_in_words(const std::vector<MessageDraft>& drafts,
                                        Composition& common) {
  const Case& subject = common.subject;
  if (subject.promise) {
    auto promised = programme_time(common.programme, subject.promise->breach_at, kMailLanguage);
    if (!promised) return tl::unexpected(promised.error());
    common.due = std::move(*promised);
    auto window = programme_time(common.programme, offer_end(subject), kMailLanguage);
    if (!window) return tl::unexpected(window.error());
    common.offer_due = std::move(*window);
  }
  if (subject.pending_opinion) {
    auto release =
        programme_time(common.programme, subject.pending_opinion->release_at, kMailLanguage);
    if (!release) return tl::unexpected(release.error());
    common.release = std::move(*release);
  }
  if (auto put = put_report(drafts, common); !put) return put;
  if (auto put = put_content(drafts, common); !put) return put;
  const bool shown = std::any_of(drafts.begin(), drafts.end(), [](const MessageDraft& draft) {
    return draft.kind == MessageKind::open_invitation;
  });
  if (!shown) return {};
  auto words = coded_in_words(subject);
  if (!words) return tl::unexpected(words.error());
  common.coded = std::move(*words);
  return {};
}

std::string EventApplier::mail_text(const Composition& common, const MessageDraft& draft,
                                    const std::string& expert, const std::string& notes) {
  const Case& subject = common.subject;
  const MessageKind kind = draft.kind;
  const std::string base = "mail." + std::string(message_kind_name(kind));
  const bool by_mail = common.programme.by_mail && has_message(base + ".by_mail");
  return message(kMailLanguage, base + (by_mail ? ".by_mail" : ".text"),
                 {{"number", subject.number},
                  {"programme", common.programme.name(kMailLanguage == Language::french)},
                  {"requester", common.requester},
                  {"expert", expert},
                  {"exams", exams_in_words(subject, kMailLanguage)},
                  {"due", common.due},
                  {"offer_due", common.offer_due},
                  {"missing", common.missing},
                  {"question", common.question},
                  {"dialogue", common.dialogue},
                  {"words", draft.words},
                  {"notes", notes},
                  {"release", common.release},
                  {"how", message(kMailLanguage, "mail.how_to_answer")},
                  {"coded", kind == MessageKind::open_invitation ? common.coded : ""},
                  {"no_link", message(kMailLanguage, "mail.no_link")}});
}

Result<OutboxMessage> EventApplier::compose_one(const Composition& common,
                                                const MessageDraft& draft,
                                                const Recipient& recipient) {
  // A message to an expert addresses him, whoever has the case.
  const bool to_expert = !recipient.name.empty() && draft.recipient != common.subject.requester;
  const std::string kind(message_kind_name(draft.kind));
  OutboxMessage out;
  out.id = outbox_id(common, draft, recipient, report_version(common.subject));
  out.case_id = common.subject.id;
  out.kind = draft.kind;
  out.from = common.programme.mailbox;
  out.to = recipient.address;
  out.created_at = common.now;
  out.not_before = std::max(draft.not_before.value_or(out.created_at), out.created_at);
  MailDraft mail;
  mail.message_id = message_id_of(out.id, common.programme.mailbox);
  mail.from_label = common.programme.name(kMailLanguage == Language::french);
  mail.from = out.from;
  mail.to = out.to;
  mail.subject =
      message(kMailLanguage, "mail." + kind + ".subject", {{"number", common.subject.number}});
  mail.date = out.not_before;
  const auto& answered = common.event.answers;
  if (answered && draft.recipient == answered->sender) {
    mail.in_reply_to = answered->message_id;
    mail.auto_submitted = "auto-replied";
  }
  std::string notes;
  if (const auto put = attach(common, draft.kind, recipient.shared, mail, notes); !put) {
    return tl::unexpected(put.error());
  }
  mail.text = mail_text(common, draft, to_expert ? recipient.name : common.expert, notes);
  const auto replaces = put_replaced(common, draft, recipient, mail);
  if (!replaces) return tl::unexpected(replaces.error());
  const auto mime = composed(common, draft, std::move(mail), *replaces);
  if (!mime) return tl::unexpected(mime.error());
  out.sealed_mime = seal_stream(common.data_key, "mail/" + out.id.value, *mime);
  return out;
}

}  // namespace telavis
