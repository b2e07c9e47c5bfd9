// SPDX-License-Identifier: Apache-2.0
// What anybody may send: nothing is taken for granted.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "formats/xml_reader.h"
#include "formats/xml_values.h"
#include "mssante/cda.h"
#include "mssante/cda_check.h"
#include "mssante/cda_codes.h"
#include "mssante/cda_names.h"
#include "mssante/cda_oids.h"
#include "mssante/cda_read_body.h"

namespace telavis {
namespace {

using namespace cda;
using xml::Element;

constexpr std::size_t kMaxRecipients = 100;  // a letter has three; a list is no letter
constexpr std::size_t kMaxValue = 1000;      // of a name or a code

std::string value_of(std::string_view text) {
  std::size_t length = std::min(text.size(), kMaxValue);
  // Not within a character of UTF-8.
  while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) --length;
  return xml::shown_text(text.substr(0, length));
}
std::string text_in(Element element) {
  return value_of(element.text());
}
std::string attribute(Element element, std::string_view name) {
  return value_of(element.attribute(name));
}

class DocumentReader {
 public:
  DocumentReader(Element root, std::vector<CdaFinding>& findings)
      : root_(root), findings_(findings) {}

  CdaDocument read(CdaKind kind) {
    out_.kind = kind;
    header();
    patient();
    people();
    acts();
    encounter();
    const Element replaced = root_.path({"relatedDocument", "parentDocument", "id"});
    out_.replaces_root = attribute(replaced, "root");
    out_.replaces_extension = attribute(replaced, "extension");
    const Element body = root_.child("component");
    if (kind == CdaKind::tlm_da) {
      out_.sections = read_sections(body.child("structuredBody"));
    } else {
      read_pdf(body.path({"nonXMLBody", "text"}));
    }
    return std::move(out_);
  }

 private:
  void add(std::string code, CdaSeverity severity, std::string text) {
    findings_.push_back({std::move(code), severity, std::move(text)});
  }

  void require_template(std::string_view root) {
    for (const Element one : root_.children("templateId")) {
      if (one.attribute("root") == root) return;
    }
    add("template_missing", CdaSeverity::reject,
        fmt::format("The document does not follow the template {}: ask for a new one.", root));
  }

  void header() {
    const Element type = root_.child("typeId");
    if (type.attribute("root") != kTypeRoot || type.attribute("extension") != kTypeExtension) {
      add("type_id_wrong", CdaSeverity::reject,
          "The document does not say that it is a CDA of release 2: ask for a new one.");
    }
    if (root_.child("realmCode").attribute("code") != "FR") {
      add("realm_wrong", CdaSeverity::flag, "The document is not one of the French realm.");
    }
    require_template(kHl7France);
    require_template(kCiSisHeader);
    require_template(out_.kind == CdaKind::tlm_da ? kTlmDa : kUnstructured);
    const Element id = root_.child("id");
    out_.id_root = attribute(id, "root");
    out_.id_extension = attribute(id, "extension");
    const Element set = root_.child("setId");
    out_.set_id_root = attribute(set, "root");
    out_.set_id_extension = attribute(set, "extension");
    const std::string_view version = root_.child("versionNumber").attribute("value");
    out_.version = 0;
    std::from_chars(version.data(), version.data() + version.size(), out_.version);
    out_.title = text_in(root_.child("title"));
    out_.effective_time = attribute(root_.child("effectiveTime"), "value");
    out_.confidentiality = attribute(root_.child("confidentialityCode"), "code");
  }

  // ---- the patient

  void patient() {
    int patients = 0;
    for (const Element target : root_.children("recordTarget")) {
      for (const Element role : target.children("patientRole")) {
        for (const Element person : role.children("patient")) patients += person ? 1 : 0;
      }
    }
    if (patients > 1) {
      add("several_patients", CdaSeverity::reject,
          "The document is about several patients: ask for one document each.");
    }
    const Element role = root_.path({"recordTarget", "patientRole"});
    patient_ids(role);
    telecoms(role, out_.patient.phone, nullptr);
    const Element person = role.child("patient");
    patient_name(person);
    out_.patient.sex =
        std::string(sex_of(person.child("administrativeGenderCode").attribute("code")));
    out_.patient.birth_date = iso_date(person.child("birthTime").attribute("value"));
    out_.patient.birth_place_insee =
        text_in(person.path({"birthplace", "place", "addr", "county"}));
    if (!has_ins_traits(out_.patient)) return;
    out_.patient.ins.status = InsStatus::qualified;
    out_.patient.ins.from_insi = true;  // so says who sends a qualified one
  }

  void patient_ids(Element role) {
    CdaPatient& patient = out_.patient;
    bool mixed = false;
    for (const Element id : role.children("id")) {
      const std::string root = attribute(id, "root");
      const std::string extension = attribute(id, "extension");
      if (extension.empty()) continue;
      if (!root.starts_with(kInsDomains)) {
        if (patient.local_id.empty()) {
          patient.local_id = extension;
          patient.local_id_root = root;
        }
      } else if (patient.ins.matricule.empty()) {
        patient.ins.matricule = extension;
        patient.ins.oid = root;
      } else {
        mixed = mixed || patient.ins.matricule != extension || patient.ins.oid != root;
      }
    }
    if (mixed) {
      add("ins_mixed", CdaSeverity::reject,
          "The patient has two national numbers, or one under two authorities: ask for a new "
          "document.");
    }
    if (!patient.ins.matricule.empty() || !looks_national(patient.local_id)) return;
    // check() says that its authority is none.
    patient.ins.matricule = std::exchange(patient.local_id, {});
    patient.ins.oid = std::exchange(patient.local_id_root, {});
  }

  /// A right key, and sex and month as a national number has them: one local number of 15 digits in
  /// some hundred has the first by chance, few have all.
  static bool looks_national(std::string_view number) {
    if (!has_right_ins_key(number)) return false;
    const int month = (number[3] - '0') * 10 + (number[4] - '0');
    const bool month_of_any_kind = (month >= 1 && month <= 12) || (month >= 20 && month <= 42);
    return std::string_view("1278").find(number[0]) != std::string_view::npos && month_of_any_kind;
  }

  void patient_name(Element person) {
    CdaPatient& patient = out_.patient;
    std::string all_given, first_given;
    for (const Element name : person.children("name")) {
      for (const Element part : name.children()) {
        const std::string_view qualifier = part.attribute("qualifier");
        if (part.name() == "family") {
          (qualifier == "CL" ? patient.used_family : patient.birth_family) = text_in(part);
        } else if (part.name() == "given" && qualifier == "CL") {
          patient.used_given = text_in(part);
        } else if (part.name() == "given") {
          (qualifier == "BR" ? first_given : all_given) = text_in(part);
        }
      }
    }
    patient.birth_given = given_names(all_given, first_given);
  }

  /// All the given names of birth, the first one first, which may be of several words.
  static std::vector<std::string> given_names(std::string_view all, const std::string& first) {
    std::vector<std::string> names;
    if (!first.empty()) {
      names.push_back(first);
      if (all == first || all.starts_with(first + " ")) all.remove_prefix(first.size());
    }
    while (true) {
      const std::size_t begin = all.find_first_not_of(' ');
      if (begin == std::string_view::npos) return names;
      all.remove_prefix(begin);
      const std::size_t end = std::min(all.find(' '), all.size());
      names.emplace_back(all.substr(0, end));
      all.remove_prefix(end);
    }
  }

  // ---- people

  static void telecoms(Element entity, std::string& phone, std::string* mail) {
    for (const Element telecom : entity.children("telecom")) {
      const std::string value = attribute(telecom, "value");
      if (value.starts_with("tel:") && phone.empty()) phone = value.substr(4);
      if (mail != nullptr && value.starts_with("mailto:") && mail->empty()) *mail = value.substr(7);
    }
  }

  static std::string number_of(Element entity, std::string_view root) {
    for (const Element id : entity.children("id")) {
      if (id.attribute("root") == root) return attribute(id, "extension");
    }
    return {};
  }

  static CdaOrganization organization(Element element) {
    CdaOrganization out;
    out.id = number_of(element, kOrganizations);
    out.name = text_in(element.child("name"));
    out.practice_setting = attribute(element.child("standardIndustryClassCode"), "code");
    return out;
  }

  /// `names` holds the name: assignedPerson, or informationRecipient.
  static CdaPerson person(Element entity, std::string_view names,
                          std::string_view organization_in) {
    CdaPerson out;
    out.rpps = number_of(entity, kProfessionals);
    if (out.rpps.size() == 12 && out.rpps[0] == kRppsPrefix) out.rpps.erase(0, 1);
    const Element code = entity.child("code");
    out.profession_code = attribute(code, "code");
    out.profession_label = attribute(code, "displayName");
    telecoms(entity, out.phone, &out.mail);
    const Element name = entity.path({names, "name"});
    out.given = text_in(name.child("given"));
    out.family = text_in(name.child("family"));
    out.title = title_of(text_in(name.child("prefix")), text_in(name.child("suffix")));
    out.organization = organization(entity.child(organization_in));
    return out;
  }

  void people() {
    const Element author = root_.child("author");
    out_.author_time = attribute(author.child("time"), "value");
    out_.author =
        person(author.child("assignedAuthor"), "assignedPerson", "representedOrganization");
    const Element custodian =
        root_.path({"custodian", "assignedCustodian", "representedCustodianOrganization"});
    out_.custodian.id = attribute(custodian.child("id"), "extension");
    out_.custodian.name = text_in(custodian.child("name"));
    for (const Element recipient : root_.children("informationRecipient")) {
      if (out_.recipients.size() == kMaxRecipients) break;
      out_.recipients.push_back(person(recipient.child("intendedRecipient"), "informationRecipient",
                                       "receivedOrganization"));
    }
    const Element legal = root_.child("legalAuthenticator");
    out_.signed_time = attribute(legal.child("time"), "value");
    out_.legal_authenticator =
        person(legal.child("assignedEntity"), "assignedPerson", "representedOrganization");
    if (legal && legal.child("signatureCode").attribute("code") != "S") {
      add("signature_missing", CdaSeverity::flag,
          "Nobody is said to have signed the document: ask the sender whether it is a draft.");
    }
  }

  // ---- the act and its place

  void acts() {
    Element documented;
    for (const Element one : root_.children("documentationOf")) {
      const Element event = one.child("serviceEvent");
      if (!documented) {
        documented = event;
        continue;
      }
      // Of the others, the code alone counts; check() looks at the first.
      if (!cda_label(CdaValueSet::services, event.child("code").attribute("code"))) {
        add("service_code_invalid", CdaSeverity::reject,
            "A further act has a code that is none of telemedicine: billing codes do not belong "
            "into a document. Ask for a new one.");
      }
    }
    out_.service_code = attribute(documented.child("code"), "code");
    const Element time = documented.child("effectiveTime");
    out_.service_time_low = attribute(time.child("low"), "value");
    out_.service_time_high = attribute(time.child("high"), "value");
    out_.performer = person(documented.path({"performer", "assignedEntity"}), "assignedPerson",
                            "representedOrganization");
  }

  void encounter() {
    const Element encounter = root_.path({"componentOf", "encompassingEncounter"});
    if (!encounter) {
      add("encounter_missing", CdaSeverity::reject,
          "The document does not say in which care it was made (componentOf): ask for a new one.");
    }
    const Element time = encounter.child("effectiveTime");
    out_.encounter.time_low = attribute(time.child("low"), "value");
    out_.encounter.time_high = attribute(time.child("high"), "value");
    const Element facility = encounter.path({"location", "healthCareFacility"});
    out_.encounter.id = number_of(facility, kOrganizations);
    out_.encounter.sector = attribute(facility.child("code"), "code");
    out_.encounter.name = text_in(facility.path({"location", "name"}));
  }

  void read_pdf(Element text) {
    const std::string_view type = text.attribute("mediaType");
    if (!text || type != "application/pdf") return;  // check() says that there is none
    auto pdf = pdf_in(text);
    if (pdf) {
      out_.pdf = *std::move(pdf);
      return;
    }
    add("pdf_unreadable", CdaSeverity::reject,
        "The PDF inside is not written in base64: it was damaged on its way. Ask for it again.");
  }

  Element root_;
  std::vector<CdaFinding>& findings_;
  CdaDocument out_;
};

tl::unexpected<Error> unreadable(ErrorCode code) {
  switch (code) {
    case ErrorCode::truncated_file:
      return fail(code, "This document ends too early: it was cut on its way. Ask for it again.");
    case ErrorCode::limit_exceeded:
      return fail(code,
                  "This document is larger or deeper than a document ever is: ask the "
                  "sender what it holds.");
    default:  // whatever else the reader of XML says, the bytes are no document
      return fail(ErrorCode::malformed_file,
                  "This is no sound XML document: ask the sender for a new one.");
  }
}

/// What stands before the root element, and its start tag.
std::string_view prolog_of(ByteView file) {
  const std::string_view text = as_text(file);
  const std::size_t name = text.find("ClinicalDocument");
  return text.substr(0, text.find('>', std::min(name, text.size())));
}

Result<void> check_bytes(ByteView file) {
  if (file.size() > kMaxCdaBytes) return unreadable(ErrorCode::limit_exceeded);
  if (!looks_like_cda(file)) {
    return fail(ErrorCode::malformed_file, "This is no clinical document (HL7 CDA).");
  }
  const std::string_view prolog = prolog_of(file);
  // A mark of UTF-16 hides both words that are looked for; CI-SIS asks for UTF-8.
  if (prolog.find("<!DOCTYPE") != std::string_view::npos) {
    return fail(ErrorCode::malformed_file,
                "This document has a document type, which no clinical document has: it is not "
                "read. Ask the sender for a new one.");
  }
  if (prolog.find(kNamespace) == std::string_view::npos) {
    return fail(ErrorCode::malformed_file,
                "This document is not in UTF-8, or not in the namespace of clinical documents "
                "(urn:hl7-org:v3): ask the sender for a new one.");
  }
  return {};
}

std::optional<CdaKind> kind_of(Element root) {
  const Element code = root.child("code");
  if (code.attribute("codeSystem") != kLoinc) return std::nullopt;
  if (code.attribute("code") == kTlmDaCode) return CdaKind::tlm_da;
  if (code.attribute("code") == kTlmCrCode) return CdaKind::tlm_cr;
  return std::nullopt;
}

}  // namespace

Result<CdaDocument> read_cda(ByteView file, std::vector<CdaFinding>& findings) {
  if (auto right = check_bytes(file); !right) return tl::unexpected(right.error());
  std::vector<Finding> remarks;
  const auto parsed = xml::parse(file, remarks);
  if (!parsed) return unreadable(parsed.error().code);
  for (const Finding& remark : remarks) {
    findings.push_back({remark.code, CdaSeverity::flag,
                        "The bytes of the document are not what they are said to be, or more "
                        "follows its end: look whether it is whole."});
  }
  const auto kind = kind_of(parsed->root());
  if (!kind) {
    return fail(ErrorCode::unsupported_format,
                "This clinical document is neither a request (75496-0) nor a report (85208-7) of "
                "telemedicine: file it by hand.");
  }
  CdaDocument document = DocumentReader(parsed->root(), findings).read(*kind);
  std::ranges::move(check(document), std::back_inserter(findings));
  return document;
}

}  // namespace telavis
