// SPDX-License-Identifier: Apache-2.0
// What a case gives its two documents: the request (TLM-DA) and the report (TLM-CR).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/people.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"
#include "formats/bytes.h"
#include "formats/result.h"
#include "mssante/cda.h"

namespace telavis {

/// Who keeps the documents, and under which numbers (member `documents` of the configuration).
struct DocumentSettings {
  std::string root_oid;   // of the association or its engine; empty: no document is made
  std::string custodian;  // FINESS (9 characters) or SIRET (14 digits)
  std::string custodian_name;
  std::string facility_sector;   // "SA07"
  std::string practice_setting;  // "AMBULATOIRE"
  /// Fictive people alone: an INS of the test domains is written, a real one is not. Otherwise the
  /// other way round.
  bool test_identities = false;
};

/// Codes and shapes. No root OID is right: no document is made. Errors: configuration_invalid.
Result<void> check_documents(const DocumentSettings& settings);

/// OIDs under the root: the arc of what they number.
enum class DocumentArc { documents = 1, patients = 2, submissions = 3 };
std::string document_oid(const DocumentSettings& settings, DocumentArc arc);

struct DocumentInput {
  const DocumentSettings& settings;
  const Case& subject;
  const Programme& programme;
  const User& requester;
  const CaseRequest& request;
  std::vector<User> recipients;  // of a request: whom the requester named, so that it never changes
  const User* expert = nullptr;  // who signed; of a report
  ByteView report;               // PDF/A-1; of a report
};

/// The request as it stands after the last information that was added; each makes a new version
/// that replaces the one before. The narrative has the words of the report; vital signs and
/// treatments are entries. Errors: configuration_invalid (no root OID, time zone), invalid_field (a
/// profession that no code names, a number that is none of ours).
Result<CdaDocument> request_document(const DocumentInput& input);

/// The report of the released opinion. A correction is a new version that replaces the one before.
/// Errors: as request_document; state_conflict (no opinion has left).
Result<CdaDocument> report_document(const DocumentInput& input);

/// The patient as a document shows him. An INS is there only when it is qualified, of the settings'
/// domain and with all traits. Name and given names are taken for those of birth;
/// the place of birth is read from the INS (5 characters after sex, year and month).
CdaPatient document_patient(const DocumentInput& input);

/// The item of the request form that lists treatments.
inline constexpr std::string_view kTreatmentsItem = "treatments";
/// The item of the request form that a vital sign fills in; empty: none, or in another unit.
std::string_view vital_sign_item(std::string_view loinc, std::string_view unit);

/// Errors: invalid_field (a profession that no code names).
Result<CdaPerson> document_person(const User& user, std::string_view programme_speciality);

}  // namespace telavis
