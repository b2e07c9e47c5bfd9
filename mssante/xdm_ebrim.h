// SPDX-License-Identifier: Apache-2.0
// How XDS metadata are laid out in ebRIM (IHE ITI TF-3, 4.2.5): the names and UUIDs that the writer
// and the reader of METADATA.XML share, and which metadata France makes mandatory.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "mssante/xdm_metadata.h"

namespace telavis::xdm {

inline constexpr std::string_view kDocumentType = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1";
inline constexpr std::string_view kSetMarker = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd";
inline constexpr std::string_view kHasMember =
    "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember";
inline constexpr std::string_view kReplaces = "urn:ihe:iti:2007:AssociationType:RPLC";
inline constexpr std::string_view kApproved = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved";
/// Followed by the name of the element.
inline constexpr std::string_view kRegistryObject =
    "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:";

inline constexpr std::string_view kEntryAuthor = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d";
inline constexpr std::string_view kSetAuthor = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d";
inline constexpr std::string_view kConfidentiality =
    "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f";
inline constexpr std::string_view kEventCode = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4";
inline constexpr std::string_view kContentType = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500";

struct CodePlace {
  std::string_view scheme;
  XdmCode XdmEntry::*value;
};
inline constexpr std::array<CodePlace, 5> kEntryCodes = {{
    {"urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", &XdmEntry::class_code},
    {"urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", &XdmEntry::format_code},
    {"urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", &XdmEntry::facility_code},
    {"urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead", &XdmEntry::practice_code},
    {"urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", &XdmEntry::type_code},
}};

template <typename Object>
struct TextPlace {
  std::string_view name;  // of a slot, or scheme of an identifier
  std::string Object::*value;
  std::string_view title = {};  // of an identifier
};
inline constexpr std::array<TextPlace<XdmEntry>, 8> kEntrySlots = {{
    {"URI", &XdmEntry::uri},
    {"creationTime", &XdmEntry::creation_time},
    {"hash", &XdmEntry::hash},
    {"languageCode", &XdmEntry::language},
    {"legalAuthenticator", &XdmEntry::legal_authenticator},
    {"serviceStartTime", &XdmEntry::service_start},
    {"serviceStopTime", &XdmEntry::service_stop},
    {"sourcePatientId", &XdmEntry::source_patient_id},
}};
inline constexpr std::array<TextPlace<XdmAuthor>, 4> kAuthorSlots = {{
    {"authorInstitution", &XdmAuthor::institution},
    {"authorPerson", &XdmAuthor::person},
    {"authorRole", &XdmAuthor::role},
    {"authorSpecialty", &XdmAuthor::specialty},
}};
inline constexpr std::array<TextPlace<XdmEntry>, 2> kEntryIdentifiers = {{
    {"urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", &XdmEntry::patient_id,
     "XDSDocumentEntry.patientId"},
    {"urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", &XdmEntry::unique_id,
     "XDSDocumentEntry.uniqueId"},
}};
inline constexpr std::array<TextPlace<XdmMetadata>, 3> kSetIdentifiers = {{
    {"urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", &XdmMetadata::patient_id,
     "XDSSubmissionSet.patientId"},
    {"urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832", &XdmMetadata::source_id,
     "XDSSubmissionSet.sourceId"},
    {"urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8", &XdmMetadata::unique_id,
     "XDSSubmissionSet.uniqueId"},
}};

/// A mandatory metadata that is empty. `essential`: without it a document cannot be found, checked
/// or given to a patient.
struct Missing {
  std::string name;
  bool essential = false;
};
std::vector<Missing> missing_of(const XdmEntry& entry);
std::vector<Missing> missing_of_set(const XdmMetadata& metadata);

}  // namespace telavis::xdm
