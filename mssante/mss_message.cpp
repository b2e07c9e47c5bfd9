// SPDX-License-Identifier: Apache-2.0
#include "mssante/mss_message.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "engine/core/catalogue.h"
#include "engine/core/mail_address.h"
#include "engine/core/service_apply.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::string_view kXdmName = "IHE_XDM.zip";
constexpr std::size_t kMaxLabel = 200;
constexpr std::size_t kMaxSubject = 500;  // label, two names of the civil registry, a date
constexpr std::size_t kMaxPdfName = 150;  // below the 255 of a file system, with a counter
constexpr std::size_t kMaxDocuments = 20;
constexpr std::size_t kMaxCode = 32;  // a LOINC code has at most 8 characters

bool is_citizen(const std::string& address, const MssProfile& profile) {
  return lowered(address).ends_with("@" + lowered(profile.citizen_domain));
}

/// A word of a file name; nothing but letters, digits, "-" and single "_" inside.
std::string name_word(std::string_view text) {
  std::string word;
  for (const char c : plain_ascii(text)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (plain)
      word += c;
    else if (!word.empty() && word.back() != '_')
      word += '_';
  }
  while (word.ends_with('_')) word.pop_back();
  return word;
}

std::string french_date(const std::string& iso) {
  return iso.substr(8, 2) + "/" + iso.substr(5, 2) + "/" + iso.substr(0, 4);
}

std::string subject_of(const MssMessage& mail) {
  // ECO.2.1.3; which of a person's names is not said there.
  std::string subject = mail.replaces ? "[Annule et remplace] " : "";
  subject += "XDM/1.0/DDM+" + mail.documents.front().label + " " + mail.patient.family + " " +
             mail.patient.given;
  if (!mail.patient.birth_date.empty()) subject += " " + french_date(mail.patient.birth_date);
  return subject;
}

Result<void> check_document(const MssDocument& document) {
  const bool code = !document.code.empty() && document.code.size() <= kMaxCode &&
                    std::ranges::all_of(document.code, [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-';
                    });
  if (!code) return invalid_mail("a document's code", "is no LOINC code");
  if (document.label.empty()) return invalid_mail("a document's label", "is missing");
  if (auto checked = check_header_text("a document's label", document.label, kMaxLabel); !checked)
    return checked;
  if (!is_iso_date(document.act_date)) return invalid_mail("a document's act_date", "is no date");
  if (document.pdf.empty()) return invalid_mail("a document", "has no PDF");
  return check_header_text("a document's case_number", document.case_number, kMaxLabel);
}

Result<void> check_audience(const MssMessage& mail, const MssProfile& profile) {
  const bool citizen = mail.audience == MssAudience::citizen;
  if (is_citizen(mail.to, profile) != citizen)
    return fail(ErrorCode::forbidden,
                citizen ? "this mail is for the patient and goes to another domain"
                        : "this mail is for a professional and goes to a patient's box");
  const auto masking = masking_for({!citizen, citizen}, mail.patient_informed, false);
  if (!masking) return tl::unexpected(masking.error());
  if (!citizen) return {};
  const auto own = citizen_address(mail.patient, profile);
  if (!own) return tl::unexpected(own.error());
  if (lowered(*own) != lowered(mail.to))
    return fail(ErrorCode::forbidden, "this mail goes to another person's box than the patient's");
  return {};
}

Result<void> check(const MssMessage& mail) {
  if (!is_address(mail.from.address)) return invalid_mail("from", "is not a mail address");
  if (!is_address(mail.to)) return invalid_mail("to", "is not a mail address");
  if (mail.replaces && mail.in_reply_to.empty())
    return fail(ErrorCode::missing_field, "mail: in_reply_to names the message that is replaced");
  if (mail.patient.family.empty() || mail.patient.given.empty())
    return fail(ErrorCode::missing_field, "mail: the subject needs the patient's two names");
  if (!mail.patient.birth_date.empty() && !is_iso_date(mail.patient.birth_date))
    return invalid_mail("the patient's birth_date", "is no date");
  if (mail.documents.empty() || mail.documents.size() > kMaxDocuments)
    return invalid_mail("documents", "must be 1 to 20");
  if (mail.xdm.empty()) return fail(ErrorCode::missing_field, "mail: the XDM is missing");
  for (const MssDocument& document : mail.documents) {
    if (auto checked = check_document(document); !checked) return checked;
  }
  for (const auto& original : mail.originals) {
    if (original.name.empty()) return invalid_mail("an attachment", "has no name");
  }
  if (auto checked = check_header_text("from", sender_label(mail.from), kMaxLabel); !checked)
    return checked;
  if (auto checked = check_header_text("subject", subject_of(mail), kMaxSubject); !checked)
    return checked;
  return check_body_text(mail.text);
}

std::vector<std::pair<std::string, std::string>> document_headers(const MssMessage& mail,
                                                                  const MssProfile& profile) {
  std::string codes;
  for (const MssDocument& document : mail.documents)
    codes += (codes.empty() ? "" : ",") + document.code;
  std::vector<std::pair<std::string, std::string>> headers = {
      {"X-MSS-CODECDA", codes}, {"X-MSS-INS", has_sendable_ins(mail.patient, profile) ? "O" : "N"}};
  // ECO.2.2.8: nobody reads what a citizen would write back to the engine.
  if (mail.audience == MssAudience::citizen) headers.emplace_back("X-MSS-MES", "FIN");
  if (mail.read_receipt && mail.audience == MssAudience::professional)
    headers.emplace_back("Disposition-Notification-To",
                         profile.reply_to.empty() ? mail.from.address : profile.reply_to);
  return headers;
}

/// XDM, PDFs and originals, under names of their own.
std::vector<MailDraft::Attachment> attachments_of(const MssMessage& mail) {
  std::vector<MailDraft::Attachment> all = {{std::string(kXdmName), "application/zip", mail.xdm}};
  std::set<std::string> names;
  for (const MssDocument& document : mail.documents) {
    std::string name = pdf_name(document, mail.patient);
    for (int n = 2; !names.insert(name).second; ++n)
      name = pdf_name(document, mail.patient).insert(name.rfind(".pdf"), "_" + std::to_string(n));
    all.push_back({std::move(name), "application/pdf", document.pdf});
  }
  all.insert(all.end(), mail.originals.begin(), mail.originals.end());
  return all;
}

/// The sender's operator has a limit, and so has the citizens'.
std::size_t size_limit(MssAudience audience, const MssProfile& profile) {
  const std::size_t own = profile.size_limit_bytes;
  const std::size_t citizen = profile.citizen_size_limit_bytes;
  if (audience == MssAudience::professional || citizen == 0) return own;
  return own == 0 ? citizen : std::min(own, citizen);
}

std::string text_of(const MssMessage& mail, const std::string& left_out) {
  const bool citizen = mail.audience == MssAudience::citizen;
  std::string text = mail.text;
  const auto add = [&](std::string sentence) { text += "\n\n" + std::move(sentence); };
  if (mail.replaces) add(message(kMailLanguage, "mss.replaces"));
  if (!left_out.empty())
    add(message(kMailLanguage, citizen ? "mss.left_out_citizen" : "mss.left_out",
                {{"names", left_out}}));
  if (citizen) add(message(kMailLanguage, "mss.no_reply"));
  const std::string no_link = message(kMailLanguage, "mail.no_link");
  if (text.find(no_link) == std::string::npos) add(no_link);
  return canonical_text(text);
}

}  // namespace

bool has_sendable_ins(const MssPatient& patient, const MssProfile& profile) {
  const std::string_view authority = ins_authority(patient.ins.oid);
  const bool real = authority == "nir" || authority == "nia";
  return is_qualified(patient.ins) && (real || profile.test_identities) &&
         !patient.family.empty() && !patient.given.empty() && !patient.birth_date.empty() &&
         !patient.sex.empty();
}

Result<std::string> citizen_address(const MssPatient& patient, const MssProfile& profile) {
  if (has_sendable_ins(patient, profile))
    return patient.ins.matricule + "@" + profile.citizen_domain;
  return fail(ErrorCode::forbidden,
              "The patient's box cannot be written to: his identity is not qualified with all its "
              "traits.");
}

std::string sender_label(const MssSender& sender) {
  if (sender.type != MailboxType::personal) return sender.label;
  std::string label;
  for (const std::string* part : {&sender.title, &sender.given, &sender.family, &sender.entity}) {
    if (!part->empty()) label += (label.empty() ? "" : "_") + *part;
  }
  return label;
}

std::string pdf_name(const MssDocument& document, const MssPatient& patient) {
  std::string name;
  for (const char c : document.act_date) {
    if (c >= '0' && c <= '9') name += c;
  }
  for (const std::string* part :
       {&document.label, &patient.family, &patient.given, &document.case_number}) {
    const std::string word = name_word(*part);
    if (!word.empty()) name += "_" + word;
  }
  return name.substr(0, kMaxPdfName) + ".pdf";
}

Result<Bytes> compose_mss(const MssMessage& message, const MssProfile& profile) {
  if (auto checked = check(message); !checked) return tl::unexpected(checked.error());
  if (auto checked = check_audience(message, profile); !checked)
    return tl::unexpected(checked.error());
  auto thread = thread_headers(message.in_reply_to, message.references);
  if (!thread) return tl::unexpected(thread.error());
  const std::size_t limit = size_limit(message.audience, profile);
  MimeMail mail;
  mail.message_id = message.message_id;
  mail.date = message.date;
  mail.headers = {{"From", mailbox_words(sender_label(message.from), message.from.address)},
                  {"To", message.to},
                  {"Subject", subject_words(subject_of(message))}};
  MssProfile of_sender = profile;
  of_sender.mailbox_type = message.from.type;
  for (auto& header : *thread) mail.headers.push_back(std::move(header));
  for (auto& header : profile_headers(of_sender, message.from.address))
    mail.headers.push_back(std::move(header));
  for (auto& header : document_headers(message, profile)) mail.headers.push_back(std::move(header));
  if (!message.auto_submitted.empty())
    mail.headers.emplace_back("Auto-Submitted", message.auto_submitted);
  const auto attachments = attachments_of(message);
  auto fitted = fitted_parts(attachments, message.text.size(), limit);
  const std::string text = text_of(message, fitted.left_out);
  mail.parts = std::move(fitted.parts);
  mail.parts.insert(mail.parts.begin(),
                    {"text/plain", as_bytes(text), PartEncoding::quoted_printable});
  auto mime = write_mime(mail);
  if (!mime) return mime;
  if (auto fit = check_mail_size(mime->size(), limit); !fit) return tl::unexpected(fit.error());
  return mime;
}

bool masking_allows(const MssMasking& masking, const MssDestinations& destinations) {
  struct Row {
    std::optional<bool> professionals_masked, patient, representatives;  // nullopt: either
    bool to_professionals, to_patient;
  };
  static constexpr std::array<Row, 3> kRows = {{{false, false, false, true, true},
                                                {false, true, false, true, false},
                                                {std::nullopt, false, std::nullopt, false, true}}};
  return std::ranges::any_of(kRows, [&](const Row& row) {
    const auto is = [](const std::optional<bool>& wanted, bool actual) {
      return !wanted || *wanted == actual;
    };
    return is(row.professionals_masked, masking.masked_to_professionals) &&
           is(row.patient, masking.invisible_to_patient) &&
           is(row.representatives, masking.invisible_to_representatives) &&
           row.to_professionals == destinations.professionals &&
           row.to_patient == destinations.patient;
  });
}

Result<MssMasking> masking_for(const MssDestinations& destinations, bool patient_informed,
                               bool minor_secrecy) {
  if (destinations.patient && !patient_informed)
    return fail(ErrorCode::forbidden,
                "Nothing goes to the patient's box before the requester has said that the patient "
                "was told.");
  MssMasking masking;
  masking.invisible_to_patient = !destinations.patient;
  masking.invisible_to_representatives = minor_secrecy && destinations.patient;
  if (masking_allows(masking, destinations)) return masking;
  return fail(ErrorCode::forbidden,
              "MSSanté has no such transmission: write to the professionals and to a minor who "
              "asks for secrecy in two messages.");
}

std::vector<std::string> masking_codes(const MssMasking& masking) {
  std::vector<std::string> codes;
  if (masking.masked_to_professionals) codes.emplace_back("MASQUE_PS");
  if (masking.invisible_to_patient) codes.emplace_back("INVISIBLE_PATIENT");
  if (masking.invisible_to_representatives) codes.emplace_back("INVISIBLE_REPRESENTANTS_LEGAUX");
  return codes;
}

}  // namespace telavis
