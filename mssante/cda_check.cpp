// SPDX-License-Identifier: Apache-2.0
#include "mssante/cda_check.h"

#include <algorithm>
#include <string>

#include "engine/core/people.h"
#include "engine/core/time.h"
#include "formats/pdf.h"
#include "formats/pdfa.h"
#include "formats/text.h"
#include "formats/xml_values.h"
#include "mssante/cda_codes.h"
#include "mssante/hl7_field.h"

namespace telavis::cda {
namespace {

constexpr std::size_t kUuidLength = 36;

bool is_uuid(std::string_view text) {
  if (text.size() != kUuidLength) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

class Checker {
 public:
  explicit Checker(const CdaDocument& document) : in_(document) {}

  std::vector<CdaFinding> run() {
    identifiers();
    times();
    patient();
    people();
    act();
    if (in_.kind == CdaKind::tlm_da) {
      sections();
    } else {
      pdf();
    }
    return std::move(findings_);
  }

 private:
  void add(std::string code, CdaSeverity severity, std::string text) {
    findings_.push_back({std::move(code), severity, std::move(text)});
  }
  void reject(std::string code, std::string text) {
    add(std::move(code), CdaSeverity::reject, std::move(text));
  }
  void flag(std::string code, std::string text) {
    add(std::move(code), CdaSeverity::flag, std::move(text));
  }

  void identifiers() {
    if (!is_identifier_root(in_.id_root)) {
      reject("id_invalid",
             "The document has no identifier, or one whose root is no OID: its sender must give it "
             "one.");
    }
    if (!is_identifier_root(in_.set_id_root)) {
      flag("set_id_missing",
           "The document says not which set of versions it belongs to (setId): it cannot be "
           "replaced later. Tell the sender.");
    }
    if (in_.version < 1) {
      flag("version_invalid",
           "The version number is missing or no positive number: look whether "
           "an older or newer version is on file.");
    }
    const bool replaces = !in_.replaces_root.empty();
    if (in_.version > 1 && !replaces) {
      flag("replaced_unknown",
           "A later version that does not say which document it replaces: look for the earlier "
           "one and decide which holds.");
    }
    if (replaces && !is_identifier_root(in_.replaces_root)) {
      flag("replaced_unknown", "The identifier of the replaced document is no OID.");
    }
    if (in_.title.empty()) flag("title_missing", "The document has no title.");
    if (in_.confidentiality != "N" && in_.confidentiality != "R" && in_.confidentiality != "V") {
      flag("confidentiality_invalid",
           "The confidentiality is not N, R or V: treat the document "
           "as very restricted until the sender has said more.");
    }
  }

  void time(std::string_view value, std::string_view what, bool whole) {
    if (value.empty()) {
      reject("time_missing", "The " + std::string(what) + " is missing: ask for a new document.");
      return;
    }
    const auto read = xml::timestamp(value);
    if (!read || value.find('T') != std::string_view::npos ||
        (value.size() > 4 && value[4] == '-')) {
      reject("time_invalid",
             "The " + std::string(what) + " is no date of the calendar: ask for a new document.");
      return;
    }
    if (read->utc_offset_minutes || (read->time.empty() && !whole)) return;
    flag("time_without_offset",
         "The " + std::string(what) +
             " does not say how far it is from UTC: the hour is not certain overseas.");
  }

  void times() {
    time(in_.effective_time, "time of the document", true);
    time(in_.author_time, "time of the author", true);
    time(in_.signed_time, "time of the signature", true);
    time(in_.service_time_low, "time of the act", false);
    if (!in_.service_time_high.empty()) time(in_.service_time_high, "end of the act", false);
    if (!in_.encounter.time_low.empty()) time(in_.encounter.time_low, "start of the care", false);
    if (!in_.encounter.time_high.empty()) time(in_.encounter.time_high, "end of the care", false);
  }

  void patient() {
    const CdaPatient& patient = in_.patient;
    if (patient.ins.matricule.empty() && patient.local_id.empty()) {
      reject("patient_id_missing", "The patient has no identifier at all: ask for a new document.");
    }
    if (!patient.local_id.empty() && !is_identifier_root(patient.local_id_root)) {
      reject("patient_id_invalid", "The domain of the patient's local number is no OID.");
    }
    if (patient.birth_family.empty() && patient.used_family.empty()) {
      reject("patient_name_missing", "The patient has no name: ask for a new document.");
    }
    if (patient.birth_given.empty() && patient.used_given.empty()) {
      flag("patient_given_missing", "The patient has no given name: compare with the request.");
    }
    if (!is_iso_date(patient.birth_date)) {
      reject("birth_date_invalid",
             "The birth date is missing or no day of the calendar: ask for a new document.");
    }
    if (patient.sex != "M" && patient.sex != "F" && patient.sex != "U") {
      reject("sex_invalid", "The patient's sex is none of M, F and UN: ask for a new document.");
    }
    ins();
  }

  void ins() {
    const InsIdentity& ins = in_.patient.ins;
    if (ins.matricule.empty()) {
      flag("ins_absent",
           "The document has no INS: the identity is not qualified. Compare the traits before "
           "filing it.");
      return;
    }
    if (!has_right_ins_key(ins.matricule)) {
      reject("ins_key_wrong",
             "The key of the INS does not fit its 13 characters: the number is wrong. Ask for a "
             "new document.");
    }
    const std::string_view authority = ins_authority(ins.oid);
    if (authority.empty()) {
      reject("ins_oid_unknown",
             "A national number stands under an identifier that is no authority of the INS (.8 "
             "NIR, .9 NIA): ask for a new document.");
    }
    if (authority == "test" || authority == "demo") {
      flag("ins_test", "The INS is one of the test domains: no real patient may have it.");
    }
    if (!has_ins_traits(in_.patient)) {
      flag("ins_traits_missing",
           "An INS without name and given name of birth, birth date, sex and place of birth is "
           "not qualified. Compare the traits before filing it.");
    }
  }

  void person(const CdaPerson& person, std::string_view who) {
    if (is_absent(person)) {
      reject("person_missing",
             "The document does not say who is its " + std::string(who) + ": ask for a new one.");
      return;
    }
    if (person.rpps.empty()) {
      flag("rpps_missing", "There is no RPPS number of the " + std::string(who) +
                               ": compare the name with the directory.");
    } else if (person.rpps.size() != 11 || !std::ranges::all_of(person.rpps, is_digit)) {
      flag("rpps_invalid", "The number of the " + std::string(who) +
                               " is no RPPS (11 digits): compare the name with the directory.");
    }
    if (person.family.empty()) {
      flag("person_name_missing", "The " + std::string(who) + " has no name.");
    }
  }

  void people() {
    person(in_.author, "author");
    person(in_.legal_authenticator, "signatory");
    person(in_.performer, "performer");
    if (in_.custodian.id.empty() && in_.custodian.name.empty()) {
      reject("custodian_missing",
             "The document does not say who keeps it (custodian): ask for a new one.");
    }
  }

  void act() {
    if (!cda_label(CdaValueSet::services, in_.service_code)) {
      reject("service_code_invalid",
             "The code of the act is missing or none of telemedicine (TE1, TE2, TC, ...): billing "
             "codes do not belong into a document. Ask for a new one.");
    }
    if (in_.encounter.sector.empty()) {
      flag("facility_missing", "The document does not say where the care took place.");
    }
  }

  void sections() {
    for (const std::string_view code : {kCdaAnamnesis, kCdaTreatments}) {
      if (std::ranges::find(in_.sections, code, &CdaSection::code) == in_.sections.end()) {
        reject("section_missing", "The mandatory section " + std::string(code) +
                                      " is missing: ask for a new document.");
      }
    }
  }

  void pdf() {
    if (in_.pdf.empty()) {
      reject("pdf_missing", "The report holds no PDF: ask for a new document.");
      return;
    }
    if (const auto read = inspect_pdf(in_.pdf); !read) {
      reject("pdf_refused", "The PDF inside is not taken: " + read.error().text);
      return;
    }
    if (!claims_pdfa_1(in_.pdf)) {
      flag("pdf_not_pdfa1",
           "The PDF inside does not say that it is PDF/A-1: it may look different in some years. "
           "Ask the sender for one that is.");
    }
  }

  const CdaDocument& in_;
  std::vector<CdaFinding> findings_;
};

}  // namespace

bool is_identifier_root(std::string_view text) {
  return is_oid(text) || is_uuid(text);
}

bool has_ins_traits(const CdaPatient& patient) {
  return has_right_ins_key(patient.ins.matricule) && !ins_authority(patient.ins.oid).empty() &&
         !patient.birth_family.empty() && !patient.birth_given.empty() &&
         is_iso_date(patient.birth_date) && (patient.sex == "M" || patient.sex == "F") &&
         !patient.birth_place_insee.empty();
}

std::vector<CdaFinding> check(const CdaDocument& document) {
  return Checker(document).run();
}

}  // namespace telavis::cda
