// SPDX-License-Identifier: Apache-2.0
// The door for mails: whose it is, which case it is about, and what its sender is told.
#include "engine/core/service_mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <utility>

#include "engine/core/mail_address.h"
#include "engine/core/mail_lines.h"
#include "engine/core/received_mail.h"

namespace telavis {
namespace {

constexpr std::size_t kIdDigits = 32;
constexpr std::string_view kBy = "by:";  // before the id of who wrote it, in a mail's detail
// Of the last hour: more than a pool gets in a day; lists without bytes take milliseconds.
constexpr std::size_t kMostRecalled = 5'000;

bool was_ever_asked(const Case& subject, const UserId& expert) {
  return std::ranges::any_of(subject.offers,
                             [&](const Offer& offer) { return offer.expert == expert; });
}

/// The sentence for a code of ours, or the general one.
std::string why_in_words(std::string_view code) {
  const std::string id = "mail.why." + std::string(code);
  return message(kMailLanguage, has_message(id) ? id : "mail.why.unclear");
}

std::string user_code(const UserId& user) {
  return std::string(kBy) + user.value;
}

/// Whose code stands among the words of a detail; empty: nobody's.
std::string user_of_code(std::string_view detail) {
  while (!detail.empty()) {
    const std::size_t end = std::min(detail.find(' '), detail.size());
    if (detail.starts_with(kBy)) return std::string(detail.substr(kBy.size(), end - kBy.size()));
    detail.remove_prefix(std::min(end + 1, detail.size()));
  }
  return {};
}

}  // namespace

// ---- Service ------------------------------------------------------------------------------------

ReceivedMail Service::taken_in(const std::string& account, const FetchedMail& fetched) {
  ReceivedMail mail;
  mail.account = account;
  mail.at = fetched.cursor;
  mail.received_at = ports_.clock.now();
  // The same place in the same mailbox is the same mail, whoever reads it.
  mail.id = hash_hex(fmt::format("{}/{}/{}", account, fetched.cursor.uid_validity,
                                 fetched.cursor.last_uid))
                .substr(0, kIdDigits);
  if (fetched.gap == MailGap::too_large) mail.detail = "too_large";
  if (fetched.gap == MailGap::withheld) mail.detail = "withheld";
  const auto read = ports_.read_mail(fetched.mime);
  // Without a Message-ID two mails are never one: many answers have the same few words.
  if (read && !read->message_id.empty()) {
    const Key key = derive_key(lookup_, "telavis/received-mail");
    mail.fingerprint =
        to_hex(derive_key(key, read->from + '\n' + read->message_id).view()).substr(0, kIdDigits);
  }
  seal_received(mail, *ring_.get(), ports_.random, fetched.mime);
  return mail;
}

Result<MailVerdict> Service::handle_mail(const ReceivedMail& mail) {
  return MailDesk(*this).handle(mail);
}

Result<int> Service::handle_mails(std::size_t limit) {
  const std::lock_guard one_at_a_time(handling_);
  if (!answers_recalled_) {
    if (auto recalled = MailDesk(*this).recall_answers(); !recalled) {
      return tl::unexpected(recalled.error());
    }
    answers_recalled_ = true;
  }
  const auto mails = ports_.repository.unhandled_mails(limit);
  if (!mails) return tl::unexpected(mails.error());
  int handled = 0;
  std::optional<Error> first_error;
  for (const ReceivedMail& mail : *mails) {
    const auto verdict = handle_mail(mail);
    handled += verdict ? 1 : 0;
    if (!verdict && !first_error) first_error = verdict.error();
  }
  if (first_error) return tl::unexpected(*first_error);
  return handled;
}

Result<void> Service::alert_silent_mailbox(const std::string& account, Instant since, Instant now) {
  return MailDesk(*this).alert_silent(account, since, now);
}

Result<int> Service::alert_kept_mails() {
  return MailDesk(*this).alert_kept();
}

// ---- the door -----------------------------------------------------------------------------------

std::string MailDesk::sender_mark(std::string_view address) const {
  const Key key = derive_key(service_.lookup_, "telavis/mail-sender");
  return to_hex(derive_key(key, address).view()).substr(0, kIdDigits);
}

bool MailDesk::is_passing(const Error& error) {
  switch (error.code) {
    case ErrorCode::storage_failed:
    case ErrorCode::storage_full:
    case ErrorCode::crypto_failed:
    case ErrorCode::version_conflict:
    case ErrorCode::configuration_invalid:
    case ErrorCode::mail_failed:
    case ErrorCode::render_failed:
    case ErrorCode::unavailable:
    case ErrorCode::internal:
      return true;
    default:  // NOLINT: every refusal of what was asked
      return false;
  }
}

Result<MailVerdict> MailDesk::handle(const ReceivedMail& received) {
  if (const auto done = mail_verdict_from_name(received.verdict)) return *done;
  const std::string event_id = "mail:" + received.id;
  auto known = known_outcome(event_id);
  if (!known) return tl::unexpected(known.error());
  if (*known) return close(received, **known);
  const auto outcome = judge(received, event_id);
  if (!outcome) return tl::unexpected(outcome.error());
  return close(received, *outcome);
}

Result<std::optional<MailDesk::Outcome>> MailDesk::known_outcome(const std::string& event_id) {
  const auto event = ports_.repository.find_event(event_id);
  if (!event) return tl::unexpected(event.error());
  if (!*event) return std::nullopt;
  auto outcome = outcome_in((*event)->answer);
  if (!outcome) return tl::unexpected(outcome.error());
  return std::optional<Outcome>(std::move(*outcome));
}

Result<MailDesk::Outcome> MailDesk::outcome_in(const std::string& answer) {
  JsonReader json(answer);
  const auto verdict = mail_verdict_from_name(json.text("verdict", kIdDigits));
  Outcome outcome{verdict.value_or(MailVerdict::recorded),
                  CaseId(json.optional_text("case_id", kIdDigits)),
                  json.optional_text("detail", kMaxTextBytes)};
  if (const auto read = json.finish(); !read) return tl::unexpected(read.error());
  return outcome;
}

Result<MailVerdict> MailDesk::close(const ReceivedMail& received, const Outcome& outcome) {
  if (const auto settled = settle_earlier(received, outcome); !settled) {
    return tl::unexpected(settled.error());
  }
  const auto closed =
      ports_.repository.close_received(received.id, std::string(mail_verdict_name(outcome.verdict)),
                                       outcome.case_id, outcome.detail);
  if (!closed) return tl::unexpected(closed.error());
  return outcome.verdict;
}

Result<void> MailDesk::settle_earlier(const ReceivedMail& received, const Outcome& outcome) {
  const bool waits =
      outcome.verdict == MailVerdict::asked_again || outcome.verdict == MailVerdict::kept;
  if (waits || outcome.case_id.empty() || outcome.detail.empty()) return {};
  ReceivedQuery query;
  query.verdict = mail_verdict_name(MailVerdict::asked_again);
  const auto earlier = ports_.repository.received_mails(query);
  if (!earlier) return tl::unexpected(earlier.error());
  for (const ReceivedMail& mail : *earlier) {
    const bool of_him =
        mail.case_id == outcome.case_id && mail.detail.ends_with(" " + outcome.detail);
    if (!of_him || mail.id == received.id) continue;
    auto settled = ports_.repository.close_received(
        mail.id, std::string(mail_verdict_name(MailVerdict::recorded)), mail.case_id,
        mail.detail + " then:" + std::string(mail_verdict_name(outcome.verdict)));
    if (!settled) return settled;
  }
  return {};
}

MailDesk::Step MailDesk::judge(const ReceivedMail& received, const std::string& event_id) {
  if (!received.detail.empty()) return Outcome{MailVerdict::kept, {}, received.detail};
  const auto bytes = open_received(received, *service_.ring_.get());
  if (!bytes && bytes.error().code == ErrorCode::not_found) {
    return Outcome{MailVerdict::recorded, received.case_id, "erased"};
  }
  if (!bytes) return tl::unexpected(bytes.error());
  auto mail = ports_.read_mail(*bytes);
  if (!mail) return Outcome{MailVerdict::kept, {}, "unreadable"};
  switch (mail->nature) {
    case MailNature::delivery_report:
    case MailNature::read_report:
      return report_of_machine(received, event_id, *mail);
    case MailNature::auto_reply:
    case MailNature::mailing_list:
    case MailNature::calendar:
      return Outcome{MailVerdict::recorded, {}, std::string(mail_nature_name(mail->nature))};
    case MailNature::message:
      break;
  }
  AtHand at{received, event_id, ports_.clock.now(), std::move(*mail), {}, {}, {}, {}, {}};
  return judge_message(at);
}

MailDesk::Step MailDesk::judge_message(AtHand& at) {
  auto stopped = stopped_at_the_door(at);
  if (!stopped) return tl::unexpected(stopped.error());
  if (*stopped) return **stopped;
  at.reply = read_reply(at.mail);
  auto unclear = find_subject(at);
  if (!unclear) return tl::unexpected(unclear.error());
  if (*unclear) return **unclear;
  return dispatch(at);
}

Result<std::optional<MailDesk::Outcome>> MailDesk::stopped_at_the_door(AtHand& at) {
  using Stop = std::optional<Outcome>;
  const auto pass_on = [](Step step) -> Result<Stop> {
    if (!step) return tl::unexpected(step.error());
    return Stop(std::move(*step));
  };
  const IncomingMail& mail = at.mail;
  auto programmes = programmes_of(at.received.account);
  if (!programmes) return tl::unexpected(programmes.error());
  at.programmes = std::move(*programmes);
  if (at.programmes.empty()) return Stop(Outcome{MailVerdict::kept, {}, "no_programme"});
  if (!is_address(mail.from)) return Stop(Outcome{MailVerdict::kept, {}, "no_sender"});
  if (same_address(mail.from, at.received.account)) {
    return Stop(Outcome{MailVerdict::recorded, {}, "own_address"});
  }
  const MailTrust trust = ports_.trust_in_sender
                              ? ports_.trust_in_sender(mail.from, mail.return_path)
                              : MailTrust::unknown;
  if (trust == MailTrust::unknown) {
    return fail(ErrorCode::unavailable,
                "There is no MSSanté trust list young enough to go by: mails wait until there is.");
  }
  if (trust == MailTrust::outsider) return pass_on(turn_away(at));
  bool shared = false;
  auto sender = sender_of(mail, shared);
  if (!sender) return tl::unexpected(sender.error());
  if (shared) return Stop(Outcome{MailVerdict::kept, {}, "shared_address"});
  if (!*sender) return pass_on(refuse(at, "unknown_sender"));
  at.sender = std::move(**sender);
  // Header and envelope name two people: which of them wrote it, a person decides.
  if (!mail.return_path.empty() && !same_address(mail.return_path, mail.from)) {
    return Stop(Outcome{MailVerdict::kept, {}, "sender_mismatch"});
  }
  bool other_body = false;
  const auto duplicate = is_duplicate(at, other_body);
  if (!duplicate) return tl::unexpected(duplicate.error());
  if (*duplicate) return Stop(Outcome{MailVerdict::duplicate, {}, user_code(at.sender.id)});
  if (other_body) return Stop(Outcome{MailVerdict::kept, {}, "same_id_other_body"});
  return Stop();
}

Result<std::optional<User>> MailDesk::sender_of(const IncomingMail& mail, bool& shared) {
  auto users = ports_.repository.users();
  if (!users) return tl::unexpected(users.error());
  std::optional<User> found;
  for (User& user : *users) {
    if (!user.may_log_in() || !same_address(user.mail_address, mail.from)) continue;
    shared = found.has_value();
    found = std::move(user);
    if (shared) break;
  }
  return found;
}

Result<std::vector<Programme>> MailDesk::programmes_of(const std::string& account) {
  auto all = ports_.repository.programmes();
  if (!all) return all;
  std::erase_if(*all, [&](const Programme& one) { return !same_address(one.mailbox, account); });
  return all;
}

Result<bool> MailDesk::is_duplicate(const AtHand& at, bool& other_body) {
  if (at.received.fingerprint.empty()) return false;
  const auto same_id = ports_.repository.received_by_fingerprint(at.received.fingerprint);
  if (!same_id) return tl::unexpected(same_id.error());
  for (const ReceivedMail& listed : *same_id) {
    // Of two the first counts: without a verdict it is still to be handled.
    if (listed.id == at.received.id) break;
    const auto earlier = ports_.repository.received_mail(listed.id);
    if (!earlier) return tl::unexpected(earlier.error());
    const auto bytes =
        *earlier ? open_received(**earlier, *service_.ring_.get()) : fail(ErrorCode::not_found, "");
    if (!bytes && bytes.error().code != ErrorCode::not_found) {
      return tl::unexpected(bytes.error());
    }
    const auto mail = bytes ? ports_.read_mail(*bytes) : fail(ErrorCode::not_found, "");
    if (mail && mail->body_hash == at.mail.body_hash) return true;
    other_body = true;
  }
  return false;
}

// ---- which case ---------------------------------------------------------------------------------

Result<std::optional<OutboxMessage>> MailDesk::message_to_sender(const AtHand& at,
                                                                 const OutboxId& id) {
  auto found = ports_.repository.find_message(id);
  if (!found) return found;
  if (!*found || (*found)->case_id.empty()) return std::nullopt;
  if (same_address((*found)->to, at.sender.mail_address)) return found;
  // To a group practice any member answers, from his own address.
  for (const Programme& programme : at.programmes) {
    const auto groups = ports_.repository.groups(programme.id);
    if (!groups) return tl::unexpected(groups.error());
    for (const GroupPractice& group : *groups) {
      const bool member = std::ranges::find(group.members, at.sender.id) != group.members.end();
      if (member && same_address(group.mail_address, (*found)->to)) return found;
    }
  }
  return std::nullopt;  // somebody else's: forged, or passed on
}

Result<std::optional<MailDesk::Outcome>> MailDesk::find_subject(AtHand& at) {
  std::set<CaseId> named;
  for (const auto* ids : {&at.mail.in_reply_to, &at.mail.references}) {
    for (const OutboxId& id : outbox_ids_in(*ids)) {
      const auto found = message_to_sender(at, id);
      if (!found) return tl::unexpected(found.error());
      if (!*found) continue;
      named.insert((*found)->case_id);
      if (!at.answers_to) at.answers_to = (*found)->kind;
    }
  }
  std::vector<std::string> numbers = case_numbers_in(at.mail.subject);
  if (!at.reply.case_number.empty()) numbers.push_back(at.reply.case_number);
  bool strange = false;
  for (const std::string& number : numbers) {
    const auto found = ports_.repository.case_by_number(number);
    if (!found) return tl::unexpected(found.error());
    const bool his =
        *found && ((*found)->requester == at.sender.id || was_ever_asked(**found, at.sender.id));
    strange = strange || !his;
    if (his) named.insert((*found)->id);
  }
  const bool two = std::ranges::find(at.reply.doubts, "two_cases") != at.reply.doubts.end();
  if (named.size() == 1 && !two && !strange) {
    auto loaded = ports_.repository.load_case(*named.begin());
    if (!loaded) return tl::unexpected(loaded.error());
    at.subject = std::move(*loaded);
  }
  if (at.subject || (named.empty() && !two && !strange)) return std::nullopt;
  auto asked = ask(at, strange ? "unknown_number" : "two_cases");
  if (!asked) return tl::unexpected(asked.error());
  return std::optional<Outcome>(std::move(*asked));
}

MailDesk::Step MailDesk::dispatch(AtHand& at) {
  if (at.subject && at.subject->wrapped_key.empty()) return ask(at, "erased");
  if (at.subject && at.subject->requester == at.sender.id) return of_requester(at);
  if (at.subject && was_ever_asked(*at.subject, at.sender.id)) return of_expert(at);
  if (at.subject) return ask(at, "unknown_number");
  std::vector<const Programme*> open;
  for (const Programme& programme : at.programmes) {
    if (at.sender.has(Role::requester, programme.id)) open.push_back(&programme);
  }
  // An expert who is no requester here answers something, and does not say what.
  const bool answers = at.reply.kind != ReplyReading::Kind::unclear;
  if (open.empty() || answers) return ask(at, "no_case");
  if (open.size() > 1) return ask(at, "several_programmes");
  return new_request(at, *open.front());
}

// ---- what he is told ----------------------------------------------------------------------------

bool MailDesk::may_answer(const AtHand& at) {
  return service_.answer_limit_.take(at.sender.id.value, at.now, ports_.mail_rules.answers_an_hour);
}

Result<void> MailDesk::recall_answers() {
  ReceivedQuery query;
  query.limit = kMostRecalled;
  const auto newest_first = ports_.repository.received_mails(query);
  if (!newest_first) return tl::unexpected(newest_first.error());
  for (auto mail = newest_first->rbegin(); mail != newest_first->rend(); ++mail) {
    const std::string sender = user_of_code(mail->detail);
    if (sender.empty()) continue;
    service_.answer_limit_.take(sender, mail->received_at, ports_.mail_rules.answers_an_hour);
  }
  return {};
}

Result<void> MailDesk::post(const AtHand& at, MessageKind kind, const OutboxId& id,
                            const std::string& words) {
  const Programme& programme = at.programmes.front();
  const std::string base = "mail." + std::string(message_kind_name(kind));
  MailDraft draft;
  draft.from = programme.mailbox;
  draft.from_label = programme.name(kMailLanguage == Language::french);
  draft.to = at.mail.from;
  draft.subject = message(kMailLanguage, base + ".subject");
  draft.text = message(kMailLanguage, base + ".text",
                       {{"programme", draft.from_label},
                        {"words", words},
                        {"no_link", message(kMailLanguage, "mail.no_link")}});
  draft.date = at.now;
  if (is_answerable_id(at.mail.message_id)) draft.in_reply_to = at.mail.message_id;
  draft.auto_submitted = "auto-replied";
  return service_.post(kind, id, std::move(draft));
}

MailDesk::Step MailDesk::refuse(const AtHand& at, std::string_view code) {
  const Outcome outcome{MailVerdict::refused, {}, std::string(code)};
  const auto local = local_time(at.now, at.programmes.front().time_zone);
  if (!local) return tl::unexpected(local.error());
  // One id a sender and day: the outbox takes it once.
  const OutboxId id(hash_hex(fmt::format("mail-refused/{}/{}/{}", at.received.account,
                                         sender_mark(at.mail.from), local->date))
                        .substr(0, kIdDigits));
  if (const auto posted = post(at, MessageKind::mail_refused, id, why_in_words(code)); !posted) {
    return tl::unexpected(posted.error());
  }
  return outcome;
}

MailDesk::Step MailDesk::turn_away(const AtHand& at) {
  const auto noted = ports_.repository.append_node_audit(
      {at.now, "engine", "mail_turned_away", at.received.id + " untrusted_domain"});
  if (!noted) return tl::unexpected(noted.error());
  return Outcome{MailVerdict::refused, {}, "untrusted_domain"};
}

MailDesk::Step MailDesk::tell_not_done(AtHand& at, const Error& error) {
  if (is_passing(error) || at.by_referent) return tl::unexpected(error);
  // An expert's opinion that found no case stays on somebody's list.
  const bool opinion = at.reply.kind == ReplyReading::Kind::opinion;
  return ask(at, error_name(error.code), error_sentence(kMailLanguage, error),
             opinion ? MailVerdict::asked_again : MailVerdict::not_done);
}

MailDesk::Step MailDesk::ask(AtHand& at, std::string_view code, const std::string& why,
                             MailVerdict verdict) {
  if (at.by_referent) {
    return fail(ErrorCode::state_conflict, "The case does not take this mail now (" +
                                               std::string(code) +
                                               "): look at it, and file the mail otherwise.");
  }
  const std::string detail = std::string(code) + " " + user_code(at.sender.id);
  const std::string words = why.empty() ? why_in_words(code) : why;
  const bool in_case = at.subject && !at.subject->wrapped_key.empty() && !at.subject->restricted_at;
  Outcome outcome{verdict, at.subject ? at.subject->id : CaseId(), detail};
  if (!may_answer(at)) {
    outcome.verdict = MailVerdict::kept;
    outcome.detail = "too_many_answers " + detail;
    return outcome;
  }
  if (!in_case) {
    const OutboxId id(hash_hex(at.event_id + "/ask").substr(0, kIdDigits));
    if (const auto posted = post(at, MessageKind::mail_refused, id, words); !posted) {
      return tl::unexpected(posted.error());
    }
    return outcome;
  }
  EventToApply event = event_of(at, outcome.verdict, at.subject->id, {});
  const UserId sender = at.sender.id;
  event.replies = [sender, words](const Case&) {
    return std::vector<MessageDraft>{{MessageKind::mail_unclear, sender, {}, {}, {}, words}};
  };
  event.answer =
      boost::json::serialize(boost::json::object{{"verdict", mail_verdict_name(outcome.verdict)},
                                                 {"case_id", outcome.case_id.value},
                                                 {"detail", detail}});
  event.body = event::MailUnclear{std::string(code)};
  const auto applied = service_.applier_.apply(event);
  if (!applied) return tl::unexpected(applied.error());
  return outcome;
}

EventToApply MailDesk::event_of(AtHand& at, MailVerdict verdict, const CaseId& id,
                                const Replies& replies) {
  EventToApply event;
  event.id = at.event_id;
  event.case_id = id;
  event.actor = at.sender.id;
  event.answers = AnsweredMail{
      at.sender.id, is_answerable_id(at.mail.message_id) ? at.mail.message_id : std::string()};
  event.replies = replies;
  event.answer = boost::json::serialize(boost::json::object{{"verdict", mail_verdict_name(verdict)},
                                                            {"case_id", id.value},
                                                            {"detail", user_code(at.sender.id)}});
  return event;
}

MailDesk::Replies MailDesk::noted(const AtHand& at, std::string_view what) const {
  const UserId sender = at.sender.id;
  const std::string words = message(kMailLanguage, "mail.noted." + std::string(what));
  return [sender, words](const Case&) {
    return std::vector<MessageDraft>{{MessageKind::mail_noted, sender, {}, {}, {}, words}};
  };
}

MailDesk::Step MailDesk::command(AtHand& at, std::string_view name, const std::string& body,
                                 MailVerdict verdict, const Replies& replies,
                                 const std::vector<UploadedFile>& files) {
  LenientIntake lenient;
  const CaseId id = at.subject->id;
  // Over the limit the effect stands and the answer is left out: no loop, and nothing lost.
  const Replies allowed = may_answer(at) ? replies : Replies();
  EventToApply event = event_of(at, verdict, id, allowed);
  event.document_flags = at.document_flags;
  const auto done = service_.run_command(
      {std::move(event), at.sender, name, id, body, files, &lenient}, *find_case_command(name));
  if (done) return Outcome{verdict, id, user_code(at.sender.id)};
  return tell_not_done(at, done.error());
}

Result<void> MailDesk::command_before(AtHand& at, std::string_view name, const std::string& body) {
  LenientIntake lenient;
  EventToApply event = event_of(at, MailVerdict::recorded, at.subject->id, {});
  event.id += "/" + std::string(name);
  const auto known = ports_.repository.find_event(event.id);
  if (!known) return tl::unexpected(known.error());
  if (*known) return {};
  const auto done =
      service_.run_command({std::move(event), at.sender, name, at.subject->id, body, {}, &lenient},
                           *find_case_command(name));
  if (!done) return tl::unexpected(done.error());
  return {};
}

// ---- mailboxes that cannot be read --------------------------------------------------------------

Result<void> MailDesk::alert_silent(const std::string& account, Instant since, Instant now) {
  const auto programmes = programmes_of(account);
  if (!programmes) return tl::unexpected(programmes.error());
  const auto days = std::chrono::duration_cast<std::chrono::hours>(now - since).count() / 24;
  for (const Programme& programme : *programmes) {
    const auto local = local_time(since, programme.time_zone);
    if (!local) return tl::unexpected(local.error());
    const std::string words = display_time(*local, kMailLanguage == Language::french);
    auto told = service_.alert_staff(
        programme, Role::coordinator, MessageKind::mailbox_alert, words,
        fmt::format("mailbox-silent/{}/{}/{}", account, format_utc(since), days));
    if (!told) return told;
  }
  return {};
}

Result<void> Service::alert_staff(const Programme& programme, Role role, MessageKind kind,
                                  const std::string& words, const std::string& occasion) {
  const auto staff = ports_.repository.members(programme.id, role);
  if (!staff) return tl::unexpected(staff.error());
  const std::string base = "mail." + std::string(message_kind_name(kind));
  for (const User& to : *staff) {
    if (!to.may_log_in()) continue;
    MailDraft draft;
    draft.from = programme.mailbox;
    draft.from_label = programme.name(kMailLanguage == Language::french);
    draft.to = to.mail_address;
    draft.subject = message(kMailLanguage, base + ".subject");
    draft.text = message(kMailLanguage, base + ".text",
                         {{"programme", draft.from_label},
                          {"words", words},
                          {"no_link", message(kMailLanguage, "mail.no_link")}});
    draft.date = ports_.clock.now();
    const OutboxId id(hash_hex(fmt::format("{}/{}", occasion, to.id.value)).substr(0, kIdDigits));
    if (auto posted = post(kind, id, std::move(draft)); !posted) return posted;
  }
  return {};
}

// ---- mails that wait ----------------------------------------------------------------------------

Result<void> MailDesk::alert_referents(const ReceivedMail& received, const std::string& occasion) {
  const auto programmes = programmes_of(received.account);
  if (!programmes) return tl::unexpected(programmes.error());
  for (const Programme& programme : *programmes) {
    auto told =
        service_.alert_staff(programme, Role::medical_referent, MessageKind::mail_kept_alert,
                             received.id, fmt::format("mail-kept/{}/{}", received.id, occasion));
    if (!told) return told;
  }
  return {};
}

}  // namespace telavis
