// SPDX-License-Identifier: Apache-2.0
// How one mail becomes an event of a case. Used by the service_mail*.cpp files and Service only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/mail_form.h"
#include "engine/core/mail_intake.h"
#include "engine/core/mail_reply.h"
#include "engine/core/service.h"

namespace telavis {

/// {"text": ...}: the body of the commands that a mail's words become.
std::string text_json(const std::string& text);

class MailDesk {
 public:
  explicit MailDesk(Service& service) : service_(service), ports_(service.ports_) {}

  Result<MailVerdict> handle(const ReceivedMail& received);
  Result<MailVerdict> file(const ReceivedMail& received, const MailFiling& filing);
  Result<int> alert_kept();
  /// Counts who was answered before this process began, so that no restart lets a loop go on.
  Result<void> recall_answers();
  Result<void> alert_silent(const std::string& account, Instant since, Instant now);
  /// Hash of an address under the lookup key: tells two senders apart and names nobody.
  std::string sender_mark(std::string_view address) const;

 private:
  /// What became of it.
  struct Outcome {
    MailVerdict verdict = MailVerdict::recorded;
    CaseId case_id;
    std::string detail;  // codes
  };
  /// The mail and whatever of the engine's world it touches.
  struct AtHand {
    const ReceivedMail& received;
    std::string event_id;
    Instant now;
    IncomingMail mail;
    User sender;
    std::vector<Programme> programmes;  // of the mailbox
    std::optional<Case> subject;
    std::optional<MessageKind> answers_to;  // kind of the message of ours that it answers
    ReplyReading reply;
    bool by_referent = false;  // he files it: a refusal is told to him, and not to its sender
    std::vector<std::string> document_flags = {};  // of the documents that it brought
  };
  using Step = Result<Outcome>;
  /// The clinical documents among a mail's attachments.
  struct SentDocuments {
    std::optional<ReceivedRequest> request;
    std::vector<std::string> rejections;  // codes, as in ReceivedDocuments
  };

  // ---- service_mail.cpp: the door
  Result<std::optional<Outcome>> known_outcome(const std::string& event_id);
  /// What an event of a mail was stored with.
  static Result<Outcome> outcome_in(const std::string& answer);
  Result<MailVerdict> close(const ReceivedMail& received, const Outcome& outcome);
  /// Mails of the same sender about the same case that waited for his next word.
  Result<void> settle_earlier(const ReceivedMail& received, const Outcome& outcome);
  Step judge(const ReceivedMail& received, const std::string& event_id);
  Step judge_message(AtHand& at);
  /// nullopt: he may write to this mailbox.
  Result<std::optional<Outcome>> stopped_at_the_door(AtHand& at);
  Result<std::optional<User>> sender_of(const IncomingMail& mail, bool& shared);
  Result<std::vector<Programme>> programmes_of(const std::string& account);
  Result<bool> is_duplicate(const AtHand& at, bool& other_body);
  Result<std::optional<Outcome>> find_subject(AtHand& at);
  Result<std::optional<OutboxMessage>> message_to_sender(const AtHand& at, const OutboxId& id);
  Step dispatch(AtHand& at);

  // ---- what he is told
  /// Nothing was done: he is told why, and asked to write again.
  Step ask(AtHand& at, std::string_view code, const std::string& why = {},
           MailVerdict verdict = MailVerdict::asked_again);
  /// He was understood, and it cannot be done.
  Step tell_not_done(AtHand& at, const Error& error);
  /// His address is in the trust domain and none that we know: he is told so, once a day.
  Step refuse(const AtHand& at, std::string_view code);
  /// He is outside the trust domain: nothing is sent there, so that it is written down alone.
  Step turn_away(const AtHand& at);
  Result<void> post(const AtHand& at, MessageKind kind, const OutboxId& id,
                    const std::string& words);
  bool may_answer(const AtHand& at);
  static bool is_passing(const Error& error);
  Result<void> alert_referents(const ReceivedMail& received, const std::string& occasion);
  /// Carries out one of case_commands() in the sender's name.
  using Replies = std::function<std::vector<MessageDraft>(const Case& next)>;
  Step command(AtHand& at, std::string_view name, const std::string& body, MailVerdict verdict,
               const Replies& replies, const std::vector<UploadedFile>& files = {});
  /// An event before the one of the mail itself, e.g. the acceptance before a question.
  Result<void> command_before(AtHand& at, std::string_view name, const std::string& body);
  EventToApply event_of(AtHand& at, MailVerdict verdict, const CaseId& id, const Replies& replies);
  Replies noted(const AtHand& at, std::string_view what) const;

  // ---- service_mail_kept.cpp
  Result<MailVerdict> read_again(const ReceivedMail& received);
  Step file_in_case(AtHand& at, const MailFiling& filing);

  // ---- service_mail_request.cpp: the requester
  Step new_request(AtHand& at, const Programme& programme);
  Step complete(AtHand& at, SentDocuments sent);
  /// What is known, what documents say and what the mail says, in this order; `notes` gets what is
  /// to be told about it.
  Result<CaseRequest> joined_request(const AtHand& at, const Programme& programme,
                                     const SentDocuments& sent, FormReading& form,
                                     std::string& notes);
  Step of_requester(AtHand& at);
  Step of_requester_before_answer(AtHand& at, const RequesterWords& words);
  Step of_requester_after_answer(AtHand& at, const RequesterWords& words);
  Step inform(AtHand& at, const std::string& text);
  Step note_reading(AtHand& at);
  Result<std::vector<UploadedFile>> files_of(const IncomingMail& mail, LenientIntake& lenient);
  /// What the sender is told about his request as it stands then.
  static Replies received(const AtHand& at, const std::string& notes, bool red_flag);
  static std::string unread_note(const LenientIntake& lenient);
  /// The expert whom he names in words, where the requester chooses; what is to be told about it.
  Result<std::string> name_expert(const Programme& programme, const std::string& words,
                                  CaseRequest& request);

  // ---- service_mail_documents.cpp: documents of other systems, and doctors named in words
  /// Takes them out of the attachments; the files in them take their place.
  SentDocuments take_documents(AtHand& at) const;
  Step reject_documents(AtHand& at, const SentDocuments& sent);
  static std::string notes_on_documents(const AtHand& at);
  /// As the form would say it; identity and INS are those of the document's header.
  static FormReading told_by(const ReceivedRequest& document, const Programme& programme);
  static bool is_about(const ReceivedRequest& document, const CaseRequest& other);
  /// What became of this document, or of an earlier version, when its sender sent it before.
  Result<std::optional<Outcome>> known_document(AtHand& at, SentDocuments& sent);
  /// The event of a case that this document makes is the only one of its kind.
  static void mark_document(const AtHand& at, const ReceivedRequest& document, EventToApply& event);
  /// The patient's doctor and the one who will act; what is to be told about them.
  Result<std::string> name_doctors(const FormReading& form, CaseRequest& request);

  // ---- service_mail_reply.cpp: the expert, and what servers and readers report
  Step of_expert(AtHand& at);
  Step accept(AtHand& at);
  Step decline(AtHand& at);
  Step ask_requester(AtHand& at);
  Step sign(AtHand& at, const OpinionText& opinion);
  std::string opinion_in_words(const AtHand& at, const OpinionText& opinion) const;
  Step report_of_machine(const ReceivedMail& received, const std::string& event_id,
                         const IncomingMail& mail);
  Step reported(const std::string& event_id, const OutboxMessage& message, MailOutcome outcome,
                const std::string& status);

  Service& service_;
  ServicePorts& ports_;
};

}  // namespace telavis
