// SPDX-License-Identifier: Apache-2.0
// METADATA.XML of an IHE XDM archive: ebRIM 3.0 as IHE ITI TF-3, 4.2 lays it out, with the metadata
// that France makes mandatory (ANS, "Transmission d'un document CDA R2", mapping to XDS). Bytes <->
// values; the archive around it is in xdm.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/result.h"
#include "mssante/cda.h"

namespace telavis {

/// Of one document some ten kilobytes.
inline constexpr std::size_t kMaxXdmMetadataBytes = std::size_t{4} << 20;
/// DOC0001.XML ... DOC0099.XML: a message has one, two when a report follows its request.
inline constexpr std::size_t kMaxXdmDocuments = 99;

struct XdmCode {
  std::string code;
  std::string label;
  std::string system;  // OID

  bool operator==(const XdmCode&) const = default;
};

struct XdmAuthor {
  std::string person;  // XCN: "801234567897^NOM^Prénom^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
  std::string institution;  // XON, or empty
  std::string role;
  std::string specialty;  // "code^libellé^OID", or empty

  bool operator==(const XdmAuthor&) const = default;
};

/// What is said about one document (fiche, DocumentEntry). Times are UTC, "yyyyMMddHHmmss" or a
/// part of it from the left; identifiers of people and patients are HL7 V2 CX, XCN and PID fields.
struct XdmEntry {
  std::string entry_uuid;  // "urn:uuid:..."
  std::string logical_id;  // the same for all versions of a document
  std::int64_t version = 1;
  std::string availability;  // "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
  std::string mime_type;
  std::string uri;   // below the folder of METADATA.XML
  std::string hash;  // SHA-1, 40 lower-case hexadecimal digits
  std::uint64_t size = 0;
  std::string creation_time, service_start, service_stop;
  std::string language;
  std::string title;
  std::string patient_id;         // "matricule^^^&OID&ISO^NH"
  std::string source_patient_id;  // "IPP^^^&OID&ISO^PI"
  std::vector<std::string> source_patient_info;
  std::string unique_id;  // "root" or "root^extension" of the document
  std::string legal_authenticator;
  XdmAuthor author;
  XdmCode class_code, format_code, type_code, facility_code, practice_code;
  std::vector<XdmCode> confidentiality_codes, event_codes;
  std::string replaces;  // entry_uuid of the version that this one takes the place of, or empty

  bool operator==(const XdmEntry&) const = default;
};

/// Documents that are sent together (lot de soumission, SubmissionSet).
struct XdmMetadata {
  std::string entry_uuid;
  std::string unique_id;  // OID
  std::string source_id;  // OID of the sending system
  std::string submission_time;
  std::string patient_id;
  std::string title;
  XdmAuthor author;
  XdmCode content_type;
  std::vector<XdmEntry> entries;

  bool operator==(const XdmMetadata&) const = default;
};

/// UTF-8, valid against lcm.xsd of ebRS 3.0; the same values give the same bytes. Errors:
/// missing_field (a mandatory one is empty), limit_exceeded.
Result<Bytes> write_xdm_metadata(const XdmMetadata& metadata);

/// Reads what any sender wrote. What can be read well enough to find, check and name its documents
/// is returned beside what is flagged. Errors: malformed_file, with one finding at least that
/// rejects and the text of the first of them.
///
/// Rejected: metadata_unreadable, no_submission_set, several_submission_sets, no_document,
/// too_many_documents, metadata_missing (what a document is found, checked or given to a patient
/// by), several_patients, patient_id_malformed, ins_key_wrong, ins_oid_unknown, hash_malformed,
/// document_uri, duplicate_document. Flagged: metadata_incomplete (other mandatory ones),
/// ins_absent, ins_test, time_not_utc, document_not_in_set, entry_uuid, document_type.
Result<XdmMetadata> read_xdm_metadata(ByteView file, std::vector<CdaFinding>& findings);

/// True when the root element of these bytes is a SubmitObjectsRequest.
bool looks_like_xdm_metadata(ByteView file);

}  // namespace telavis
