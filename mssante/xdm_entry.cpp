// SPDX-License-Identifier: Apache-2.0
// From documents to what METADATA.XML says of them (ANS, "Transmission d'un document CDA R2",
// mapping to XDS).
#include <fmt/format.h>

#include <algorithm>

#include "mssante/cda_codes.h"
#include "mssante/cda_oids.h"
#include "mssante/hl7_field.h"
#include "mssante/sha1.h"
#include "mssante/xdm.h"
#include "mssante/xdm_codes.h"
#include "mssante/xdm_ebrim.h"

namespace telavis {
namespace {

constexpr std::string_view kLanguageCode = "fr-FR";
// A value has 256 characters with all its components.
constexpr std::size_t kMaxFamily = 80, kMaxGiven = 50, kMaxOrganization = 120, kMaxLabel = 120;

tl::unexpected<Error> invalid(const char* what) {
  return fail(ErrorCode::invalid_field, std::string("XDM archive: ") + what);
}

std::string joined(std::string_view root, std::string_view extension) {
  return extension.empty() ? std::string(root) : fmt::format("{}^{}", root, extension);
}

std::string entry_uuid(std::string_view unique_id) {
  return named_uuid_urn(fmt::format("document {}", unique_id));
}

std::string xcn(const CdaPerson& person) {
  if (person.rpps.empty() || person.family.empty()) return {};
  return fmt::format("8{}^{}^{}^^^^^^&{}&ISO^D^^^IDNPS", person.rpps,
                     hl7_component(person.family, kMaxFamily),
                     hl7_component(person.given, kMaxGiven), cda::kProfessionals);
}

std::string xon(const CdaOrganization& organization) {
  const std::string name = hl7_component(organization.name, kMaxOrganization);
  if (organization.id.empty() || name.empty()) return name;
  return fmt::format("{}^^^^^&{}&ISO^IDNST^^^{}", name, cda::kOrganizations,
                     hl7_component(organization.id, kMaxGiven));
}

XdmAuthor author_of(const CdaPerson& person) {
  XdmAuthor author;
  author.person = xcn(person);
  author.institution = xon(person.organization);
  if (!person.profession_code.empty()) {
    author.specialty =
        fmt::format("{}^{}^{}", hl7_component(person.profession_code, kMaxGiven),
                    hl7_component(person.profession_label, kMaxLabel), cda::kProfessions);
  }
  return author;
}

std::string ins_cx(const CdaPatient& patient) {
  return patient_cx_text({patient.ins.matricule, patient.ins.oid, "NH"});
}

std::string local_cx(const CdaPatient& patient) {
  return patient_cx_text({patient.local_id, patient.local_id_root, "PI"});
}

/// The national identifier, else the one of the sender.
std::string patient_id(const CdaPatient& patient) {
  return patient.ins.matricule.empty() ? local_cx(patient) : ins_cx(patient);
}

std::vector<std::string> patient_info(const CdaPatient& patient) {
  std::string all;
  for (const std::string& given : patient.birth_given) all += (all.empty() ? "" : " ") + given;
  const std::string first = patient.birth_given.empty() ? std::string() : patient.birth_given[0];
  std::vector<std::string> info;
  info.push_back(fmt::format("PID-5|{}^{}^{}^^^^L", hl7_component(patient.birth_family, kMaxFamily),
                             hl7_component(first, kMaxGiven), hl7_component(all, kMaxFamily)));
  if (!patient.used_family.empty() || !patient.used_given.empty()) {
    info.push_back(fmt::format("PID-5|{}^{}^^^^^D", hl7_component(patient.used_family, kMaxFamily),
                               hl7_component(patient.used_given, kMaxGiven)));
  }
  std::string birth = patient.birth_date;
  std::erase(birth, '-');
  if (!birth.empty()) info.push_back("PID-7|" + birth);
  if (!patient.sex.empty()) info.push_back("PID-8|" + patient.sex);
  if (!patient.birth_place_insee.empty()) {
    info.push_back("PID-11|^^^^^^BDL^^" + hl7_component(patient.birth_place_insee, kMaxGiven));
  }
  return info;
}

XdmCode labelled(CdaValueSet set, const std::string& code, std::string_view system) {
  if (code.empty()) return {};
  return {code, cda_label(set, code).value_or(code), std::string(system)};
}

Result<void> set_times(const CdaDocument& document, XdmEntry& entry) {
  const auto set = [](const std::string& from, std::string& to) -> Result<void> {
    if (from.empty()) return {};
    auto utc = utc_digits(from);
    if (!utc) return tl::unexpected(utc.error());
    to = std::move(*utc);
    return {};
  };
  if (auto done = set(document.effective_time, entry.creation_time); !done) return done;
  if (auto done = set(document.service_time_low, entry.service_start); !done) return done;
  return set(document.service_time_high, entry.service_stop);
}

void set_codes(const CdaDocument& document, XdmEntry& entry) {
  const XdmDocumentCodes& codes = xdm_document_codes(document.kind);
  entry.type_code = codes.type;
  entry.class_code = codes.document_class;
  entry.format_code = codes.format;
  entry.facility_code = labelled(CdaValueSet::sectors, document.encounter.sector, cda::kSectors);
  entry.practice_code =
      labelled(CdaValueSet::practice_settings, document.performer.organization.practice_setting,
               cda::kPracticeSettings);
  if (!document.service_code.empty()) {
    entry.event_codes = {labelled(CdaValueSet::services, document.service_code, cda::kNgap)};
  }
}

Result<XdmEntry> entry_of(const XdmDocument& document, std::size_t number,
                          const std::vector<std::string>& masking) {
  const CdaDocument& meta = document.meta;
  if (!looks_like_cda(document.cda)) return invalid("the bytes of a document are no CDA.");
  const auto confidentiality = xdm_confidentiality(meta.confidentiality);
  if (!confidentiality) return invalid("the confidentiality of a document is unknown.");
  XdmEntry entry;
  entry.unique_id = joined(meta.id_root, meta.id_extension);
  entry.entry_uuid = entry_uuid(entry.unique_id);
  entry.logical_id =
      meta.set_id_root.empty()
          ? entry.entry_uuid
          : named_uuid_urn("versions of " + joined(meta.set_id_root, meta.set_id_extension));
  entry.version = meta.version;
  entry.availability = xdm::kApproved;
  entry.mime_type = "text/xml";
  entry.uri = fmt::format("DOC{:04}.XML", number);
  entry.hash = sha1_hex(document.cda);
  entry.size = document.cda.size();
  entry.language = kLanguageCode;
  entry.title = meta.title;
  entry.patient_id = patient_id(meta.patient);
  entry.source_patient_id =
      meta.patient.local_id.empty() ? ins_cx(meta.patient) : local_cx(meta.patient);
  entry.source_patient_info = patient_info(meta.patient);
  entry.legal_authenticator = xcn(meta.legal_authenticator);
  entry.author = author_of(meta.author);
  entry.confidentiality_codes = {*confidentiality};
  for (const std::string& masked : masking) {
    const auto code = xdm_masking(masked);
    if (!code) return invalid("a code of masking is unknown.");
    entry.confidentiality_codes.push_back(*code);
  }
  set_codes(meta, entry);
  if (auto timed = set_times(meta, entry); !timed) return tl::unexpected(timed.error());
  if (!meta.replaces_root.empty()) {
    entry.replaces = entry_uuid(joined(meta.replaces_root, meta.replaces_extension));
  }
  return entry;
}

std::string utc_of(Instant at) {
  std::string digits = format_utc(at);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  return digits;
}

}  // namespace

Result<XdmMetadata> xdm_metadata(const XdmSubmission& submission) {
  if (submission.documents.empty()) return invalid("it has no document.");
  if (!is_oid(submission.unique_id) || !is_oid(submission.source_id)) {
    return invalid("the identifiers of a submission and of its source are OIDs.");
  }
  const auto content_type = xdm_content_type(submission.content_type_code);
  if (!content_type) return invalid("the content type of a submission is unknown.");
  XdmMetadata metadata;
  metadata.unique_id = submission.unique_id;
  metadata.entry_uuid = named_uuid_urn("submission " + submission.unique_id);
  metadata.source_id = submission.source_id;
  metadata.submission_time = utc_of(submission.at);
  metadata.author = author_of(submission.author);
  metadata.content_type = *content_type;
  for (const XdmDocument& document : submission.documents) {
    auto entry = entry_of(document, metadata.entries.size() + 1, submission.masking);
    if (!entry) return tl::unexpected(entry.error());
    metadata.entries.push_back(std::move(*entry));
  }
  metadata.title = metadata.entries.front().title;
  metadata.patient_id = metadata.entries.front().patient_id;
  const auto others = [&](const XdmEntry& entry) {
    return entry.patient_id != metadata.patient_id;
  };
  if (std::ranges::any_of(metadata.entries, others)) {
    return invalid("its documents are about several patients: one patient a message (ECO.2.1.1).");
  }
  for (auto entry = metadata.entries.begin(); entry != metadata.entries.end(); ++entry) {
    if (std::ranges::count(metadata.entries, entry->unique_id, &XdmEntry::unique_id) > 1) {
      return invalid("a document is there twice.");
    }
  }
  return metadata;
}

void check_xdm_document(const XdmEntry& entry, const CdaDocument& document,
                        std::vector<CdaFinding>& findings) {
  const PatientCx named = patient_cx(entry.patient_id);
  const CdaPatient& patient = document.patient;
  const bool by_ins = !patient.ins.matricule.empty() && !ins_authority(named.authority).empty();
  bool other = by_ins && (named.id != patient.ins.matricule || named.authority != patient.ins.oid);
  if (!by_ins && named.authority == patient.local_id_root) other = named.id != patient.local_id;
  std::string birth = patient.birth_date;
  std::erase(birth, '-');
  for (const std::string& info : entry.source_patient_info) {
    other = other || (info.starts_with("PID-7|") && !birth.empty() && info.size() > 6 &&
                      info.substr(6, birth.size()) != birth);
  }
  if (other) {
    findings.push_back({"patient_mismatch", CdaSeverity::reject,
                        "METADATA.XML and a document are about different patients: file nothing, "
                        "and call the sender."});
  }
  if (entry.unique_id != joined(document.id_root, document.id_extension)) {
    findings.push_back({"unique_id_mismatch", CdaSeverity::flag,
                        "METADATA.XML and a document give it different identifiers: tell the "
                        "sender, since it cannot be replaced later."});
  }
  if (entry.type_code.code != xdm_document_codes(document.kind).type.code) {
    findings.push_back({"type_mismatch", CdaSeverity::flag,
                        "METADATA.XML and a document give it different types: the document's is "
                        "followed."});
  }
}

}  // namespace telavis
