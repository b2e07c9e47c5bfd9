// SPDX-License-Identifier: Apache-2.0
// The two documents of a teleexpertise (HL7 CDA R2, French CI-SIS volume "Télémédecine" 2022.01):
// the request, TLM-DA (level 3), and the report, TLM-CR (level 1 around a PDF/A-1). Bytes <->
// values; what a case gives them is in case_document.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ins.h"
#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// A report of twenty pages with photos has 6 MB, a third more in base64; the whole of an MSSanté
/// message is limited to 25 MB by the strictest known operator.
inline constexpr std::size_t kMaxCdaBytes = std::size_t{32} << 20;

enum class CdaKind {
  tlm_da,  // demande d'acte de télémédecine, LOINC 75496-0
  tlm_cr,  // compte rendu d'acte de télémédecine, LOINC 85208-7
};
std::string_view cda_kind_name(CdaKind kind);  // "tlm-da", "tlm-cr"

/// LOINC codes of the sections that a TLM-DA of ours has.
inline constexpr std::string_view kCdaAnamnesis = "34117-2";   // mandatory
inline constexpr std::string_view kCdaTreatments = "10160-0";  // mandatory
inline constexpr std::string_view kCdaVitalSigns = "8716-3";
inline constexpr std::string_view kCdaResults = "30954-2";

struct CdaOrganization {
  std::string id;  // of 1.2.250.1.71.4.2.2: "1" + FINESS, "3" + SIRET; or empty
  std::string name;
  std::string sector;            // of 1.2.250.1.71.4.2.4: "SA07"
  std::string practice_setting;  // of 1.2.250.1.213.1.1.4.9: "AMBULATOIRE"

  bool operator==(const CdaOrganization&) const = default;
};

struct CdaPerson {
  std::string rpps;  // 11 digits; the document has an 8 before them
  std::string title;
  std::string given, family;
  std::string profession_code;  // of 1.2.250.1.213.1.1.4.5: "G15_10/SM04"
  std::string profession_label;
  std::string mail, phone;
  CdaOrganization organization;

  bool operator==(const CdaPerson&) const = default;
};

/// Nobody stands in a place that a document may leave empty.
inline bool is_absent(const CdaPerson& person) {
  return person == CdaPerson{};
}

struct CdaPatient {
  InsIdentity ins;       // written when it is qualified; empty matricule otherwise
  std::string local_id;  // in the domain `local_id_root`
  std::string local_id_root;
  std::string birth_family;
  std::string used_family;
  std::vector<std::string> birth_given;  // all of them, the first one first
  std::string used_given;
  std::string sex;                // "M", "F" or "U"
  std::string birth_date;         // ISO
  std::string birth_place_insee;  // code officiel géographique; an INS needs it
  std::string phone;

  bool operator==(const CdaPatient&) const = default;
};

/// One vital sign.
struct CdaMeasure {
  std::string code;  // LOINC
  std::string label;
  std::string value;  // digits with a point
  std::string unit;   // UCUM

  bool operator==(const CdaMeasure&) const = default;
};

struct CdaSection {
  std::string code;  // LOINC
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<std::string> treatments;  // names as written, an entry each; of kCdaTreatments
  std::vector<CdaMeasure> measures;     // an entry each; of kCdaVitalSigns

  bool operator==(const CdaSection&) const = default;
};

struct CdaCustodian {
  std::string id;  // of 1.2.250.1.71.4.2.2
  std::string name;

  bool operator==(const CdaCustodian&) const = default;
};

/// The place where the patient was seen, or the engine of a teleexpertise.
struct CdaEncounter {
  std::string sector;  // of 1.2.250.1.71.4.2.4: "SA07"
  std::string name;
  std::string id;  // of 1.2.250.1.71.4.2.2, or empty
  std::string time_low, time_high;

  bool operator==(const CdaEncounter&) const = default;
};

/// Every time is "yyyyMMddHHmmss+0100": local, with its offset from UTC.
struct CdaDocument {
  CdaKind kind = CdaKind::tlm_da;
  std::string id_root, id_extension;  // an OID, with an extension or without
  std::string set_id_root, set_id_extension;
  std::int64_t version = 1;
  std::string title;
  std::string confidentiality = "N";  // HL7 Confidentiality: "N", "R", "V"
  std::string effective_time;
  CdaPatient patient;
  CdaPerson author, legal_authenticator;
  std::string author_time, signed_time;
  CdaCustodian custodian;
  std::vector<CdaPerson> recipients;
  CdaPerson performer;
  std::string service_code;  // NGAP, of a closed list: "TE2", never a billing code
  std::string service_time_low, service_time_high;
  CdaEncounter encounter;
  std::string replaces_root, replaces_extension;  // of a later version: the document it replaces
  std::vector<CdaSection> sections;               // of a TLM-DA
  Bytes pdf;                                      // PDF/A-1, of a TLM-CR

  bool operator==(const CdaDocument&) const = default;
};

enum class CdaSeverity {
  flag,    // a person should look at it
  reject,  // not to be taken as a document
};
std::string_view cda_severity_name(CdaSeverity severity);

/// What is wrong with a document. `code` is stable snake_case; `text` is English and says what to
/// do about it, without any identity.
struct CdaFinding {
  std::string code;
  CdaSeverity severity = CdaSeverity::flag;
  std::string text;

  bool operator==(const CdaFinding&) const = default;
};

/// "accept" without findings, "reject" with one that rejects, "flag" else.
std::string_view cda_verdict(const std::vector<CdaFinding>& findings);

/// True when the root element of these bytes is a ClinicalDocument.
bool looks_like_cda(ByteView file);

/// UTF-8 with an XML declaration; the same document gives the same bytes. Errors: missing_field,
/// invalid_field (a mandatory part is missing, a time has no offset, a code is of no value set, an
/// INS is not qualified or lacks its traits, the PDF is no PDF/A-1): nothing is written that our
/// own reader would reject.
Result<Bytes> write_cda(const CdaDocument& document);

/// Reads a TLM-DA or TLM-CR of any sender. What can be read is returned beside what is wrong with
/// it. An INS with a right key, a known authority and all traits is read as qualified: only such a
/// one may be sent (ECO.2.4.2). Errors, of bytes that are no such document at all: malformed_file
/// (no XML, a document type, another root), truncated_file, limit_exceeded, unsupported_format (a
/// CDA of another kind).
Result<CdaDocument> read_cda(ByteView file, std::vector<CdaFinding>& findings);

}  // namespace telavis
