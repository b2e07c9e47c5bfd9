// SPDX-License-Identifier: Apache-2.0
// Mails of experts, and what servers and readers report of messages of ours.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "engine/core/opinion.h"
#include "engine/core/service_mail.h"

namespace telavis {
namespace {

bool holds(const Case& subject, const UserId& expert) {
  const bool held = subject.state == CaseState::accepted || subject.state == CaseState::waiting;
  return held && subject.expert == expert;
}

std::optional<MailOutcome> outcome_of(const DeliveryReport& report) {
  if (report.action == "failed") return MailOutcome::failed;
  if (report.action == "delivered" || report.action == "expanded") return MailOutcome::delivered;
  if (report.action == "relayed") return MailOutcome::relayed;
  return std::nullopt;  // "delayed": the server goes on trying
}

}  // namespace

std::string text_json(const std::string& text) {
  return boost::json::serialize(boost::json::object{{"text", text}});
}

// ---- the expert ---------------------------------------------------------------------------------

MailDesk::Step MailDesk::of_expert(AtHand& at) {
  const bool asked_about_opinion =
      at.answers_to == MessageKind::follow_up || at.answers_to == MessageKind::follow_up_overdue;
  const bool only_words = at.reply.kind == ReplyReading::Kind::unclear &&
                          at.reply.doubts == std::vector<std::string>{"no_token"};
  if (asked_about_opinion && at.subject->follow_up_due_at && only_words) {
    return command(at, "follow-up-answer", text_json(at.reply.own_words), MailVerdict::answered,
                   noted(at, "answered"));
  }
  switch (at.reply.kind) {
    case ReplyReading::Kind::accept:
      return accept(at);
    case ReplyReading::Kind::decline:
      return decline(at);
    case ReplyReading::Kind::need_info:
      return ask_requester(at);
    case ReplyReading::Kind::opinion: {
      OpinionText opinion = opinion_of(at.reply);
      opinion.own_words = at.reply.own_words;
      // A code that he did not give is none of his: only the urgency and the delay are his words.
      if (opinion.orientation == "gp_management") opinion.orientation.clear();
      return sign(at, opinion);
    }
    case ReplyReading::Kind::unclear:
      break;
  }
  auto asked = ask(at, at.reply.doubts.empty() ? "unclear" : at.reply.doubts.front());
  if (!asked || !at.reply.urgent) return asked;
  // Urgent and not understood: nobody waits until he has written again.
  if (const auto told = alert_referents(at.received, "urgent"); !told) {
    return tl::unexpected(told.error());
  }
  return asked;
}

MailDesk::Step MailDesk::accept(AtHand& at) {
  const bool saw_nothing = service_.access(at.sender, *at.subject) == CaseAccess::coded;
  if (!saw_nothing)
    return command(at, "accept", "{}", MailVerdict::accepted, noted(at, "accepted"));
  const UserId sender = at.sender.id;
  return command(at, "accept", "{}", MailVerdict::accepted, [sender](const Case&) {
    return std::vector<MessageDraft>{{MessageKind::question, sender, {}, {}, {}, {}}};
  });
}

MailDesk::Step MailDesk::decline(AtHand& at) {
  // His words stay in the mail; the audit and the statistics know codes alone.
  const bool given_back = holds(*at.subject, at.sender.id);
  return command(at, given_back ? "give-back" : "decline", R"({"reason":"other"})",
                 MailVerdict::declined, noted(at, "declined"));
}

MailDesk::Step MailDesk::ask_requester(AtHand& at) {
  if (service_.access(at.sender, *at.subject) == CaseAccess::coded) return ask(at, "accept_first");
  const Offer* offer = pending_offer(*at.subject, at.sender.id);
  if (offer != nullptr) {
    // Whoever asks about a case that he sees has taken it up.
    const auto accepted = command_before(at, "accept", "{}");
    if (!accepted) return tell_not_done(at, accepted.error());
  }
  return command(at, "need-info", text_json(at.reply.question), MailVerdict::asked_info,
                 noted(at, "asked_info"));
}

std::string MailDesk::opinion_in_words(const AtHand& at, const OpinionText& opinion) const {
  std::string words;
  const auto add = [&](std::string_view id, const std::string& value) {
    if (value.empty()) return;
    words += message(kMailLanguage, id) + " : " + value + "\n";
  };
  add("mail.echo.conclusion", opinion.conclusion);
  add("mail.echo.conduct", opinion.conduct);
  if (opinion.in_person.delay_days) {
    add("mail.echo.in_person",
        message(kMailLanguage, "mail.echo.days",
                {{"days", fmt::format("{}", *opinion.in_person.delay_days)}}));
  }
  if (marks_of(opinion).urgent) words += message(kMailLanguage, "mail.echo.urgent") + "\n";
  words += "\n" + message(kMailLanguage, "mail.echo.own_words") + "\n" + at.reply.own_words;
  return words;
}

MailDesk::Step MailDesk::sign(AtHand& at, const OpinionText& opinion) {
  if (service_.access(at.sender, *at.subject) == CaseAccess::coded) return ask(at, "accept_first");
  const Case& subject = *at.subject;
  const bool pending = subject.pending_opinion && subject.pending_opinion->expert == at.sender.id;
  if (!pending && subject.opinion && subject.opinion->expert == at.sender.id) {
    return ask(at, "already_left");
  }
  const UserId sender = at.sender.id;
  const std::string words = opinion_in_words(at, opinion);
  return command(at, "opinion", opinion_json(opinion), MailVerdict::opinion,
                 [sender, words](const Case& next) -> std::vector<MessageDraft> {
                   const bool leaves =
                       next.pending_opinion && next.pending_opinion->expert == sender;
                   // A second opinion is kept; the decision tells him.
                   if (!leaves) return {};
                   return {{MessageKind::opinion_echo, sender, {}, {}, {}, words}};
                 });
}

// ---- reports ------------------------------------------------------------------------------------

MailDesk::Step MailDesk::report_of_machine(const ReceivedMail& received,
                                           const std::string& event_id, const IncomingMail& mail) {
  Outcome outcome{MailVerdict::recorded, received.case_id, "report_of_nothing"};
  const auto note = [&](const std::string& id, const std::string& message_id,
                        std::optional<MailOutcome> what,
                        const std::string& status) -> Result<void> {
    auto ids = outbox_ids_in({message_id});
    if (ids.empty()) ids = outbox_ids_in({id});
    if (ids.empty() || !what) return {};
    const auto found = ports_.repository.find_message(ids.front());
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    const bool displayed = *what == MailOutcome::displayed;
    // Only its recipient can say that he has read it.
    if (displayed && (*found)->to != mail.from) return {};
    auto step = reported(event_id, **found, *what, status);
    if (!step) return tl::unexpected(step.error());
    outcome = *step;
    return {};
  };
  for (const DeliveryReport& report : mail.deliveries) {
    const auto noted =
        note(report.envelope_id, report.original_message_id, outcome_of(report), report.status);
    if (!noted) return tl::unexpected(noted.error());
  }
  if (mail.read_report) {
    const bool displayed = mail.read_report->disposition == "displayed";
    const auto noted = note("", mail.read_report->original_message_id,
                            displayed ? std::optional(MailOutcome::displayed) : std::nullopt, "");
    if (!noted) return tl::unexpected(noted.error());
  }
  return outcome;
}

MailDesk::Step MailDesk::reported(const std::string& event_id, const OutboxMessage& message,
                                  MailOutcome outcome, const std::string& status) {
  const Outcome done{
      MailVerdict::reported, message.case_id,
      std::string(message_kind_name(message.kind)) + " " + std::string(mail_outcome_name(outcome))};
  if (message.case_id.empty()) return done;
  const auto subject = ports_.repository.load_case(message.case_id);
  if (!subject) return tl::unexpected(subject.error());
  const auto requester = *subject ? ports_.repository.user((*subject)->requester)
                                  : fail(ErrorCode::internal, "A message names no case.");
  if (!requester) return tl::unexpected(requester.error());
  EventToApply event;
  event.id = event_id + "/" + message.id.value + "/" + std::string(mail_outcome_name(outcome));
  event.case_id = message.case_id;
  const bool to_requester = *requester && (*requester)->mail_address == message.to;
  event.body =
      event::MessageReported{{message.id, message.kind, outcome, status, ports_.clock.now()},
                             message.created_at,
                             to_requester};
  const auto applied = service_.applier_.apply(event);
  if (!applied) return tl::unexpected(applied.error());
  return done;
}

}  // namespace telavis
