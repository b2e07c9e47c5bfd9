// SPDX-License-Identifier: Apache-2.0
// Requests that come as clinical documents of another system, and the doctors whom a mail names.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/clinical_form.h"
#include "engine/core/incidents.h"
#include "engine/core/report_copies.h"
#include "engine/core/service_mail.h"
#include "formats/identity.h"

namespace telavis {
namespace {

constexpr std::int64_t kMostVersions = 50;  // of a document that are looked for; few have three

std::string rejection_in_words(const std::string& code) {
  const std::string id = "mail.document.reject." + code;
  if (has_message(id)) return message(kMailLanguage, id);
  return message(kMailLanguage, "mail.document.reject.other", {{"code", code}});
}

bool is_of_form(const Programme& programme, std::string_view item) {
  const auto items = clinical_items(programme.speciality);
  return std::ranges::any_of(items, [&](const auto& kind) { return kind.name == item; });
}

/// Which document of whom; the sender's own alone, so that nobody learns what a colleague sent.
std::string document_event(const UserId& sender, const std::string& document,
                           std::int64_t version) {
  return "document:" + hash_hex(fmt::format("{}/{}/{}", sender.value, document, version));
}

}  // namespace

MailDesk::SentDocuments MailDesk::take_documents(AtHand& at) const {
  SentDocuments sent;
  if (!ports_.read_documents) return sent;
  std::vector<MailAttachment> files;
  for (MailAttachment& attachment : at.mail.attachments) {
    auto read = ports_.read_documents(attachment.bytes);
    if (!read) {
      files.push_back(std::move(attachment));
      continue;
    }
    std::ranges::move(read->rejections, std::back_inserter(sent.rejections));
    for (std::string& code : read->flags) {
      const bool known = std::ranges::find(at.document_flags, code) != at.document_flags.end();
      if (!known) at.document_flags.push_back(std::move(code));
    }
    if (!read->request) continue;
    if (sent.request) sent.rejections.emplace_back("several_requests");
    std::ranges::move(read->request->files, std::back_inserter(files));
    sent.request = std::move(read->request);
  }
  at.mail.attachments = std::move(files);
  return sent;
}

MailDesk::Step MailDesk::reject_documents(AtHand& at, const SentDocuments& sent) {
  std::string why;
  for (const std::string& code : sent.rejections) {
    why += (why.empty() ? "" : " ; ") + rejection_in_words(code);
  }
  return ask(at, "document_rejected",
             message(kMailLanguage, "mail.why.document_rejected", {{"why", why}}),
             MailVerdict::not_done);
}

std::string MailDesk::notes_on_documents(const AtHand& at) {
  std::string notes;
  for (const std::string& code : at.document_flags)
    notes += document_flag_in_words(code, kMailLanguage) + "\n";
  return notes;
}

FormReading MailDesk::told_by(const ReceivedRequest& document, const Programme& programme) {
  FormReading told = read_form(document.text, programme);
  // What is under no label of ours, or under one of somebody's own, is not lost.
  told.request.context = document.text;
  for (const ClinicalItem& item : document.request.clinical) {
    std::erase_if(told.request.clinical, [&](const auto& one) { return one.name == item.name; });
    if (is_of_form(programme, item.name)) {
      told.request.clinical.push_back(item);
    } else {
      told.request.context +=
          message(kMailLanguage, "form." + item.name) + " : " + item.value + "\n";
    }
  }
  told.request.patient = document.request.patient;
  told.request.ins = document.request.ins;
  told.request.patient_phone = document.request.patient_phone;
  return told;
}

bool MailDesk::is_about(const ReceivedRequest& document, const CaseRequest& other) {
  const std::string& one = document.request.ins.matricule;
  const std::string& two = other.ins.matricule;
  if (!one.empty() && !two.empty() && one != two) return false;
  return check_identity(document.request.patient, other.patient).empty();
}

Result<std::optional<MailDesk::Outcome>> MailDesk::known_document(AtHand& at, SentDocuments& sent) {
  const ReceivedRequest& document = *sent.request;
  const std::int64_t oldest = std::max<std::int64_t>(1, document.version - kMostVersions);
  for (std::int64_t version = document.version; version >= oldest; --version) {
    const auto event =
        ports_.repository.find_event(document_event(at.sender.id, document.document, version));
    if (!event) return tl::unexpected(event.error());
    if (!*event) continue;
    auto outcome = outcome_in((*event)->answer);
    if (!outcome) return tl::unexpected(outcome.error());
    const bool same = version == document.version;
    // This very mail, committed before a crash.
    if (same && (*event)->request_hash == at.received.id) return std::optional(*outcome);
    auto subject = ports_.repository.load_case(outcome->case_id);
    if (!subject) return tl::unexpected(subject.error());
    at.subject = std::move(*subject);
    Step step = at.subject && at.subject->state == CaseState::incomplete
                    ? complete(at, std::move(sent))
                    : ask(at, same ? "document_known" : "document_later_version", {},
                          same ? MailVerdict::duplicate : MailVerdict::not_done);
    if (!step) return tl::unexpected(step.error());
    return std::optional<Outcome>(std::move(*step));
  }
  return std::optional<Outcome>();
}

void MailDesk::mark_document(const AtHand& at, const ReceivedRequest& document,
                             EventToApply& event) {
  event.id = document_event(at.sender.id, document.document, document.version);
  event.request_hash = at.received.id;
}

Result<std::string> MailDesk::name_doctors(const FormReading& form, CaseRequest& request) {
  std::string notes;
  if (form.attending_physician.empty() && form.acting_doctor.empty()) return notes;
  const auto users = ports_.repository.users();
  if (!users) return tl::unexpected(users.error());
  for (const auto& [words, doctor] :
       {std::pair(&form.attending_physician, &request.attending_physician),
        std::pair(&form.acting_doctor, &request.acting_doctor)}) {
    if (words->empty()) continue;
    *doctor = named_doctor(*words, *users);
    if (!doctor->address.empty()) continue;
    notes += message(kMailLanguage, "mail.copy_without_address", {{"doctor", doctor->name}}) + "\n";
  }
  return notes;
}

}  // namespace telavis
