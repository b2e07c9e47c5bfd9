// SPDX-License-Identifier: Apache-2.0
// Mails of requesters: a new question, what it lacked, and what they say about their own case.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "engine/core/service_mail.h"
#include "formats/identity.h"

namespace telavis {
namespace {

// What a signature brings along beside pictures, and a mail program for itself: no exams.
constexpr auto kNoExams = std::to_array<std::string_view>(
    {"text/vcard", "text/x-vcard", "text/directory", "text/calendar", "text/plain", "text/html",
     "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
     "application/ics"});

bool is_archive(ByteView bytes) {
  constexpr std::array<std::uint8_t, 4> kLocalHeader = {'P', 'K', 3, 4};
  return bytes.size() > kLocalHeader.size() &&
         std::equal(kLocalHeader.begin(), kLocalHeader.end(), bytes.begin());
}

bool names_other_patient(const CaseRequest& known, const CaseRequest& said) {
  const std::string& one = known.patient.birth_date;
  const std::string& other = said.patient.birth_date;
  return !one.empty() && !other.empty() && one != other;
}

bool is_known_by(const User& expert, const std::vector<std::string>& words) {
  const auto family = name_words(expert.family_name);
  return !family.empty() && std::ranges::all_of(family, [&](const std::string& word) {
    return std::ranges::find(words, word) != words.end();
  });
}

}  // namespace

Result<std::vector<UploadedFile>> MailDesk::files_of(const IncomingMail& mail,
                                                     LenientIntake& lenient) {
  std::vector<UploadedFile> files;
  for (const MailAttachment& attachment : mail.attachments) {
    const bool archive = is_archive(attachment.bytes);
    if (!archive &&
        std::ranges::find(kNoExams, std::string_view(attachment.media_type)) != kNoExams.end()) {
      continue;
    }
    if (!archive || !ports_.unpack_zip) {
      files.push_back({"mail", attachment.name, attachment.bytes});
      continue;
    }
    auto unpacked = ports_.unpack_zip(attachment.bytes);
    if (!unpacked) {
      lenient.left_out += 1;
      continue;
    }
    for (MailAttachment& member : *unpacked) {
      files.push_back({"mail", std::move(member.name), std::move(member.bytes)});
    }
  }
  return files;
}

std::string MailDesk::unread_note(const LenientIntake& lenient) {
  if (lenient.left_out == 0) return {};
  return message(kMailLanguage, "mail.files_unread",
                 {{"count", fmt::format("{}", lenient.left_out)}}) +
         "\n";
}

Result<std::string> MailDesk::name_expert(const Programme& programme, const std::string& words,
                                          CaseRequest& request) {
  if (words.empty() || programme.policy != OfferPolicy::direct) return std::string();
  const auto experts = ports_.repository.members(programme.id, Role::expert);
  if (!experts) return tl::unexpected(experts.error());
  const auto said = name_words(words);
  std::vector<UserId> found;
  for (const User& expert : *experts) {
    if (is_known_by(expert, said)) found.push_back(expert.id);
  }
  if (found.size() == 1) {
    request.requested_experts = found;
    return std::string();
  }
  return message(kMailLanguage, "mail.expert_unknown") + "\n";
}

MailDesk::Replies MailDesk::received(const AtHand& at, const std::string& notes, bool red_flag) {
  const UserId sender = at.sender.id;
  return [sender, notes, red_flag](const Case& next) -> std::vector<MessageDraft> {
    const MessageDraft emergency{MessageKind::emergency, sender, {}, {}, {}, {}};
    const MessageDraft noted{MessageKind::mail_noted, sender, {}, {}, {}, notes};
    switch (next.state) {
      case CaseState::queued:
        return {{MessageKind::request_received, sender, {}, {}, {}, notes}};
      case CaseState::redirected:
        return {emergency};
      case CaseState::incomplete:  // the decision says what is missing
        if (red_flag) return {emergency};
        if (!notes.empty()) return {noted};
        return {};
      case CaseState::offered:
      case CaseState::accepted:
      case CaseState::waiting:
      case CaseState::answered:
      case CaseState::delivered:
      case CaseState::closed:
      case CaseState::cancelled:
        return {};
    }
    return {};
  };
}

MailDesk::Step MailDesk::new_request(AtHand& at, const Programme& programme) {
  SentDocuments sent = take_documents(at);
  if (!sent.rejections.empty()) return reject_documents(at, sent);
  if (sent.request) {
    auto known = known_document(at, sent);
    if (!known) return tl::unexpected(known.error());
    if (*known) return std::move(**known);
  }
  FormReading form = read_form(at.mail.text, programme);
  LenientIntake lenient;
  const auto files = files_of(at.mail, lenient);
  if (!files) return tl::unexpected(files.error());
  if (form.given.empty() && files->empty() && !sent.request) {
    // Whoever writes without it gets the form, to be filled in where he answers.
    return ask(at, "no_form",
               message(kMailLanguage, "mail.why.no_form") + "\n\n" + form_template(programme));
  }
  if (sent.request && !is_about(*sent.request, form.request)) {
    return ask(at, "document_other_patient");
  }
  std::string notes = notes_on_documents(at);
  auto joined = joined_request(at, programme, sent, form, notes);
  if (!joined) return tl::unexpected(joined.error());
  CaseRequest& request = *joined;
  const auto may = service_.check_requester(at.sender, programme);
  if (!may) return tell_not_done(at, may.error());
  // The one parser says what a request may hold, by whatever way it comes.
  auto checked = parse_case_request(case_request_json(request), RequestShape::unfinished);
  if (!checked) return tell_not_done(at, checked.error());
  auto event =
      service_.submission(at.sender, *checked, programme, *files, Incomplete::kept, &lenient);
  if (!event) return tell_not_done(at, event.error());
  const Replies replies =
      may_answer(at) ? received(at, unread_note(lenient) + notes, form.red_flag) : Replies();
  EventToApply made = event_of(at, MailVerdict::submitted, event->case_id, replies);
  made.at = event->at;
  made.patient_marks = std::move(event->patient_marks);
  made.body = std::move(event->body);
  made.document_flags = at.document_flags;
  if (sent.request) mark_document(at, *sent.request, made);
  const auto applied = service_.applier_.apply(made);
  if (!applied) return tl::unexpected(applied.error());
  return Outcome{MailVerdict::submitted, made.case_id, "by:" + at.sender.id.value};
}

Result<CaseRequest> MailDesk::joined_request(const AtHand& at, const Programme& programme,
                                             const SentDocuments& sent, FormReading& form,
                                             std::string& notes) {
  CaseRequest request;
  if (at.subject) {
    auto known = service_.applier_.request_of(*at.subject);
    if (!known) return known;
    request = std::move(*known);
  }
  request.programme = programme.id;
  if (sent.request) {
    const FormReading told = told_by(*sent.request, programme);
    request = completed_request(std::move(request), told);
    form.red_flag |= told.red_flag;
    form.consent_refused |= told.consent_refused;
    if (form.requested_expert.empty()) form.requested_expert = told.requested_expert;
    if (form.attending_physician.empty()) form.attending_physician = told.attending_physician;
    if (form.acting_doctor.empty()) form.acting_doctor = told.acting_doctor;
  }
  request = completed_request(std::move(request), form);
  if (sent.request) {
    // The document's header says who it is; the mail is about the same person, and adds the sex.
    const Sex sex = request.patient.sex;
    request.patient = sent.request->request.patient;
    if (request.patient.sex == Sex::unknown) request.patient.sex = sex;
    request.ins = sent.request->request.ins;
  }
  request.oppositions.exchange |= form.consent_refused;
  auto note = name_expert(programme, form.requested_expert, request);
  if (!note) return tl::unexpected(note.error());
  notes += *note;
  note = name_doctors(form, request);
  if (!note) return tl::unexpected(note.error());
  notes += *note;
  return request;
}

MailDesk::Step MailDesk::complete(AtHand& at, SentDocuments sent) {
  if (!sent.rejections.empty()) return reject_documents(at, sent);
  const auto programme = service_.applier_.programme_of(*at.subject);
  if (!programme) return tl::unexpected(programme.error());
  const auto request = service_.applier_.request_of(*at.subject);
  if (!request) return tl::unexpected(request.error());
  FormReading form = read_form(at.mail.text, *programme);
  LenientIntake lenient;
  const auto files = files_of(at.mail, lenient);
  if (!files) return tl::unexpected(files.error());
  if (form.given.empty() && files->empty() && !sent.request) return ask(at, "no_form");
  if (names_other_patient(*request, form.request)) return ask(at, "other_patient");
  if (sent.request &&
      !(is_about(*sent.request, *request) && is_about(*sent.request, form.request))) {
    return ask(at, "document_other_patient");
  }
  std::string notes = notes_on_documents(at);
  auto completed = joined_request(at, *programme, sent, form, notes);
  if (!completed) return tl::unexpected(completed.error());
  completed->file_roles.clear();
  return command(at, "complete", case_request_json(*completed), MailVerdict::completed,
                 received(at, unread_note(lenient) + notes, form.red_flag), *files);
}

MailDesk::Step MailDesk::of_requester(AtHand& at) {
  const RequesterWords words = read_requester_words(at.mail);
  switch (at.subject->state) {
    case CaseState::incomplete:
      if (words.kind == RequesterWords::Kind::cancel) {
        return of_requester_before_answer(at, words);
      }
      return complete(at, take_documents(at));
    case CaseState::redirected:
    case CaseState::queued:
    case CaseState::offered:
    case CaseState::accepted:
    case CaseState::waiting:
      return of_requester_before_answer(at, words);
    case CaseState::answered:
    case CaseState::delivered:
    case CaseState::closed:
      return of_requester_after_answer(at, words);
    case CaseState::cancelled:
      return ask(at, "case_ended");
  }
  return ask(at, "unclear");
}

MailDesk::Step MailDesk::of_requester_before_answer(AtHand& at, const RequesterWords& words) {
  using Kind = RequesterWords::Kind;
  const bool redirected = at.subject->state == CaseState::redirected;
  const bool asked_for =
      at.subject->state == CaseState::waiting &&
      (at.answers_to == MessageKind::info_needed || at.answers_to == MessageKind::info_reminder);
  switch (words.kind) {
    case Kind::cancel:
      return command(at, "cancel", R"({"reason":"other"})", MailVerdict::cancelled, {});
    case Kind::regulation: {
      if (!redirected) break;
      const std::string body =
          boost::json::serialize(boost::json::object{{"regulated_at", words.time}});
      return command(at, "resume", body, MailVerdict::resumed, received(at, "", false));
    }
    case Kind::wait:
      return command(at, "wait", "{}", MailVerdict::waited, noted(at, "waits"));
    case Kind::info:
      if (!redirected) return inform(at, words.text);
      break;
    case Kind::none:
    case Kind::question:
      // What the expert asked for comes in any words, and is passed on as it is.
      if (asked_for && (!words.whole.empty() || !at.mail.attachments.empty())) {
        return inform(at, words.whole);
      }
      break;
    case Kind::read:
    case Kind::informed:
      break;
  }
  return ask(at, redirected ? "redirected" : "requester_words");
}

MailDesk::Step MailDesk::inform(AtHand& at, const std::string& text) {
  if (!at.mail.doubts.empty()) return ask(at, "unreadable");
  const SentDocuments sent = take_documents(at);
  if (!sent.rejections.empty()) return reject_documents(at, sent);
  if (sent.request) {
    const auto request = service_.applier_.request_of(*at.subject);
    if (!request) return tl::unexpected(request.error());
    if (!is_about(*sent.request, *request)) return ask(at, "document_other_patient");
  }
  LenientIntake lenient;
  const auto files = files_of(at.mail, lenient);
  if (!files) return tl::unexpected(files.error());
  std::string words = text;
  if (sent.request) words += (words.empty() ? "" : "\n") + sent.request->text;
  if (words.empty()) words = message(kMailLanguage, "mail.files_alone");
  return command(at, "info", text_json(words), MailVerdict::informed, noted(at, "informed"),
                 *files);
}

MailDesk::Step MailDesk::of_requester_after_answer(AtHand& at, const RequesterWords& words) {
  switch (words.kind) {
    case RequesterWords::Kind::read:
      return note_reading(at);
    case RequesterWords::Kind::question:
      return command(at, "follow-up", text_json(words.text), MailVerdict::questioned,
                     noted(at, "questioned"));
    case RequesterWords::Kind::informed:
      return command(at, "patient-informed", "{}", MailVerdict::read,
                     noted(at, "patient_informed"));
    case RequesterWords::Kind::none:
    case RequesterWords::Kind::regulation:
    case RequesterWords::Kind::cancel:
    case RequesterWords::Kind::info:
    case RequesterWords::Kind::wait:
      return ask(at, "after_answer");
  }
  return ask(at, "after_answer");
}

MailDesk::Step MailDesk::note_reading(AtHand& at) {
  const bool urgent = at.subject->urgent_alert_at.has_value();
  const bool answerable = may_answer(at);
  EventToApply event = event_of(at, MailVerdict::read, at.subject->id,
                                answerable && !urgent ? noted(at, "read") : Replies());
  if (urgent) event.id += "/read";
  event.body = event::ReportRead{};
  const auto applied = service_.applier_.apply(event);
  if (!applied && is_passing(applied.error())) return tl::unexpected(applied.error());
  if (!applied) return ask(at, "after_answer");
  if (!urgent) return Outcome{MailVerdict::read, at.subject->id, "by:" + at.sender.id.value};
  return command(at, "acknowledge", "{}", MailVerdict::read, noted(at, "read"));
}

}  // namespace telavis
