// SPDX-License-Identifier: Apache-2.0
// Elements in the order of POCD_MT000040 (CDA R2).
#include "mssante/cda.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "formats/xml_reader.h"
#include "mssante/cda_body.h"
#include "mssante/cda_check.h"
#include "mssante/cda_codes.h"
#include "mssante/cda_names.h"
#include "mssante/cda_oids.h"
#include "mssante/xml_writer.h"

namespace telavis {
namespace {

using namespace cda;

/// What our own documents may have of the remarks that a reader makes.
constexpr std::array<std::string_view, 2> kAllowed = {"ins_absent", "ins_test"};

std::string label_of(CdaValueSet set, std::string_view code) {
  return cda_label(set, code).value_or(std::string());
}

class HeaderWriter {
 public:
  HeaderWriter(const CdaDocument& document, XmlWriter& xml) : in_(document), xml_(xml) {}

  void write() {
    document();
    patient();
    author();
    custodian();
    for (const CdaPerson& recipient : in_.recipients) information_recipient(recipient);
    legal_authenticator();
    act();
    replaced();
    encounter();
  }

 private:
  void id(std::string_view element, std::string_view root, std::string_view extension) {
    xml_.empty(element, {{"root", root}, {"extension", extension}});
  }
  void code(std::string_view element, std::string_view code, std::string_view label,
            std::string_view system, std::string_view system_name = {}) {
    xml_.empty(element, {{"code", code},
                         {"displayName", label},
                         {"codeSystem", system},
                         {"codeSystemName", system_name}});
  }

  void document() {
    const bool request = in_.kind == CdaKind::tlm_da;
    xml_.empty("realmCode", {{"code", "FR"}});
    id("typeId", kTypeRoot, kTypeExtension);
    id("templateId", kHl7France, {});
    id("templateId", kCiSisHeader, {});
    if (request) {
      id("templateId", kTlmDa, kTlmDaVersion);
    } else {
      id("templateId", kUnstructured, {});
    }
    id("id", in_.id_root, in_.id_extension);
    code("code", request ? kTlmDaCode : kTlmCrCode,
         request ? "Demande d'acte de télémédecine" : "CR d'acte de télémédecine", kLoinc, "LOINC");
    xml_.text("title", in_.title);
    xml_.empty("effectiveTime", {{"value", in_.effective_time}});
    code("confidentialityCode", in_.confidentiality, confidentiality_label(in_.confidentiality),
         kConfidentiality, "Confidentiality");
    xml_.empty("languageCode", {{"code", "fr-FR"}});
    id("setId", in_.set_id_root, in_.set_id_extension);
    xml_.empty("versionNumber", {{"value", fmt::format("{}", in_.version)}});
  }

  void patient() {
    const CdaPatient& patient = in_.patient;
    xml_.open("recordTarget");
    xml_.open("patientRole");
    if (!patient.ins.matricule.empty()) id("id", patient.ins.oid, patient.ins.matricule);
    if (!patient.local_id.empty()) id("id", patient.local_id_root, patient.local_id);
    telecom("tel:", patient.phone, {});
    xml_.open("patient");
    patient_name();
    code("administrativeGenderCode", gender_code(patient.sex), gender_label(patient.sex), kGender);
    xml_.empty("birthTime", {{"value", hl7_date(patient.birth_date)}});
    if (!patient.birth_place_insee.empty()) {
      xml_.open("birthplace");
      xml_.open("place");
      xml_.open("addr");
      xml_.text("county", patient.birth_place_insee);
      for (int i = 0; i < 3; ++i) xml_.close();
    }
    for (int i = 0; i < 3; ++i) xml_.close();
  }

  void patient_name() {
    const CdaPatient& patient = in_.patient;
    xml_.open("name");
    if (!patient.birth_family.empty()) {
      xml_.text("family", patient.birth_family, {{"qualifier", "BR"}});
    }
    if (!patient.birth_given.empty()) {
      xml_.text("given", fmt::format("{}", fmt::join(patient.birth_given, " ")));
      xml_.text("given", patient.birth_given.front(), {{"qualifier", "BR"}});
    }
    if (!patient.used_family.empty()) {
      xml_.text("family", patient.used_family, {{"qualifier", "CL"}});
    }
    if (!patient.used_given.empty()) {
      xml_.text("given", patient.used_given, {{"qualifier", "CL"}});
    }
    xml_.close();
  }

  void telecom(std::string_view scheme, std::string_view value, std::string_view use) {
    if (value.empty()) return;
    xml_.empty("telecom", {{"value", std::string(scheme) + std::string(value)}, {"use", use}});
  }

  void person_name(const CdaPerson& person) {
    const PersonTitle title = person_title(person.title);
    xml_.open("name");
    if (!title.prefix.empty()) xml_.text("prefix", title.prefix);
    if (!person.given.empty()) xml_.text("given", person.given);
    xml_.text("family", person.family);
    if (!title.suffix.empty()) xml_.text("suffix", title.suffix);
    xml_.close();
  }

  void organization(std::string_view element, const CdaOrganization& organization) {
    if (organization == CdaOrganization{}) return;
    xml_.open(element);
    if (!organization.id.empty()) id("id", kOrganizations, organization.id);
    if (!organization.name.empty()) xml_.text("name", organization.name);
    if (!organization.practice_setting.empty()) {
      code("standardIndustryClassCode", organization.practice_setting,
           label_of(CdaValueSet::practice_settings, organization.practice_setting),
           kPracticeSettings, "practiceSettingCode");
    }
    xml_.close();
  }

  /// Of an assignedAuthor or assignedEntity.
  void assigned(std::string_view element, const CdaPerson& person) {
    xml_.open(element);
    id("id", kProfessionals, kRppsPrefix + person.rpps);
    if (!person.profession_code.empty()) {
      code("code", person.profession_code, person.profession_label, kProfessions);
    }
    telecom("tel:", person.phone, "WP");
    telecom("mailto:", person.mail, {});
    xml_.open("assignedPerson");
    person_name(person);
    xml_.close();
    organization("representedOrganization", person.organization);
    xml_.close();
  }

  void author() {
    xml_.open("author");
    xml_.empty("time", {{"value", in_.author_time}});
    assigned("assignedAuthor", in_.author);
    xml_.close();
  }

  void custodian() {
    xml_.open("custodian");
    xml_.open("assignedCustodian");
    xml_.open("representedCustodianOrganization");
    id("id", kOrganizations, in_.custodian.id);
    xml_.text("name", in_.custodian.name);
    for (int i = 0; i < 3; ++i) xml_.close();
  }

  void information_recipient(const CdaPerson& person) {
    xml_.open("informationRecipient");
    xml_.open("intendedRecipient");
    if (!person.rpps.empty()) id("id", kProfessionals, kRppsPrefix + person.rpps);
    telecom("tel:", person.phone, "WP");
    telecom("mailto:", person.mail, {});
    xml_.open("informationRecipient");
    person_name(person);
    xml_.close();
    organization("receivedOrganization", person.organization);
    xml_.close();
    xml_.close();
  }

  void legal_authenticator() {
    xml_.open("legalAuthenticator");
    xml_.empty("time", {{"value", in_.signed_time}});
    xml_.empty("signatureCode", {{"code", "S"}});
    assigned("assignedEntity", in_.legal_authenticator);
    xml_.close();
  }

  void interval(std::string_view low, std::string_view high) {
    xml_.open("effectiveTime");
    if (!low.empty()) xml_.empty("low", {{"value", low}});
    if (!high.empty()) xml_.empty("high", {{"value", high}});
    xml_.close();
  }

  void act() {
    xml_.open("documentationOf");
    xml_.open("serviceEvent");
    code("code", in_.service_code, label_of(CdaValueSet::services, in_.service_code), kNgap,
         "NGAP");
    interval(in_.service_time_low, in_.service_time_high);
    xml_.open("performer", {{"typeCode", "PRF"}});
    assigned("assignedEntity", in_.performer);
    for (int i = 0; i < 3; ++i) xml_.close();
  }

  void replaced() {
    if (in_.replaces_root.empty()) return;
    xml_.open("relatedDocument", {{"typeCode", "RPLC"}});
    xml_.open("parentDocument");
    id("id", in_.replaces_root, in_.replaces_extension);
    xml_.close();
    xml_.close();
  }

  void encounter() {
    const CdaEncounter& encounter = in_.encounter;
    xml_.open("componentOf");
    xml_.open("encompassingEncounter");
    code("code", "VR", "Virtuelle", kActCode);
    interval(encounter.time_low, encounter.time_high);
    xml_.open("location");
    xml_.open("healthCareFacility");
    if (!encounter.id.empty()) id("id", kOrganizations, encounter.id);
    code("code", encounter.sector, label_of(CdaValueSet::sectors, encounter.sector), kSectors);
    if (!encounter.name.empty()) {
      xml_.open("location");
      xml_.text("name", encounter.name);
      xml_.close();
    }
    for (int i = 0; i < 4; ++i) xml_.close();
  }

  const CdaDocument& in_;
  XmlWriter& xml_;
};

tl::unexpected<Error> refused(std::string_view field, std::string_view what) {
  return fail(ErrorCode::invalid_field,
              fmt::format("The document cannot be written: '{}' {}.", field, what));
}

/// What no reader could notice, because it would not be written at all or without its words.
Result<void> check_codes(const CdaDocument& document) {
  for (const CdaPerson* person :
       {&document.author, &document.legal_authenticator, &document.performer}) {
    if (!cda_label(CdaValueSet::professions, person->profession_code)) {
      return refused("profession", "is missing or no code of the value set: see cda_codes.json");
    }
  }
  if (!cda_label(CdaValueSet::practice_settings,
                 document.performer.organization.practice_setting)) {
    return refused("documents.practice_setting", "is no code of the value set");
  }
  if (!cda_label(CdaValueSet::sectors, document.encounter.sector)) {
    return refused("documents.facility_sector", "is no code of the value set");
  }
  if (document.encounter.time_low.empty()) return refused("encounter", "has no time");
  if (document.custodian.id.empty() || document.custodian.name.empty()) {
    return refused("documents.custodian", "lacks its identifier or its name");
  }
  const CdaPatient& patient = document.patient;
  if (!patient.ins.matricule.empty() && (!is_qualified(patient.ins) || !has_ins_traits(patient))) {
    return refused("ins", "is not qualified: only a qualified one may leave");
  }
  return check_body(document);
}

}  // namespace

std::string_view cda_kind_name(CdaKind kind) {
  switch (kind) {
    case CdaKind::tlm_da:
      return "tlm-da";
    case CdaKind::tlm_cr:
      return "tlm-cr";
  }
  return "tlm-da";
}

std::string_view cda_severity_name(CdaSeverity severity) {
  switch (severity) {
    case CdaSeverity::flag:
      return "flag";
    case CdaSeverity::reject:
      return "reject";
  }
  return "reject";
}

std::string_view cda_verdict(const std::vector<CdaFinding>& findings) {
  if (findings.empty()) return "accept";
  const bool rejected = std::ranges::any_of(
      findings, [](const CdaFinding& finding) { return finding.severity == CdaSeverity::reject; });
  return rejected ? "reject" : "flag";
}

bool looks_like_cda(ByteView file) {
  return xml_root_name(file) == "ClinicalDocument";
}

Result<Bytes> write_cda(const CdaDocument& document) {
  if (auto right = check_codes(document); !right) return tl::unexpected(right.error());
  for (const CdaFinding& finding : check(document)) {
    if (std::ranges::find(kAllowed, finding.code) != kAllowed.end()) continue;
    return fail(ErrorCode::invalid_field,
                fmt::format("The document cannot be written ({}). {}", finding.code, finding.text));
  }
  XmlWriter xml;
  xml.open("ClinicalDocument",
           {{"xmlns", kNamespace}, {"xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"}});
  HeaderWriter(document, xml).write();
  write_body(document, xml);
  xml.close();
  Bytes bytes = xml.finish();
  if (bytes.size() > kMaxCdaBytes) {
    return fail(ErrorCode::limit_exceeded,
                "The document is larger than any reader of ours takes: leave out pictures.");
  }
  return bytes;
}

}  // namespace telavis
