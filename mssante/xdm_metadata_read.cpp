// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "engine/core/ins.h"
#include "formats/text.h"
#include "formats/xml_reader.h"
#include "formats/xml_values.h"
#include "mssante/hl7_field.h"
#include "mssante/xdm_ebrim.h"
#include "mssante/xdm_metadata.h"

namespace telavis {
namespace {

using namespace xdm;
using xml::Element;
using xml::equal_ignoring_case;

constexpr std::size_t kHashDigits = 40;
constexpr std::string_view kUuidUrn = "urn:uuid:";
constexpr std::size_t kUuidUrnBytes = 45;
constexpr std::string_view kNationalIdentifier = "NH";

std::string ebrim_attribute(Element element, std::string_view name) {
  return std::string(xml::trimmed(element.attribute(name)));
}

std::vector<std::string> values_of(Element slot) {
  std::vector<std::string> values;
  for (const Element value : slot.child("ValueList").children("Value")) {
    values.emplace_back(xml::trimmed(value.text()));
  }
  return values;
}

/// The first value of the slot of that name.
std::string slot_value(Element object, std::string_view name) {
  for (const Element slot : object.children("Slot")) {
    if (slot.attribute("name") != name) continue;
    auto values = values_of(slot);
    return values.empty() ? std::string() : std::move(values.front());
  }
  return {};
}

std::string name_of(Element object) {
  return ebrim_attribute(object.path({"Name", "LocalizedString"}), "value");
}

XdmCode code_of(Element classification) {
  return {ebrim_attribute(classification, "nodeRepresentation"), name_of(classification),
          slot_value(classification, "codingScheme")};
}

XdmAuthor author_of(Element classification) {
  XdmAuthor author;
  for (const auto& place : kAuthorSlots) {
    author.*place.value = slot_value(classification, place.name);
  }
  return author;
}

template <typename Number>
Number whole(std::string_view text, Number when_none) {
  Number value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() ? value : when_none;
}

template <typename Object, std::size_t N>
void read_identifiers(Element element, const std::array<TextPlace<Object>, N>& places,
                      Object& object) {
  for (const Element identifier : element.children("ExternalIdentifier")) {
    for (const auto& place : places) {
      if (equal_ignoring_case(identifier.attribute("identificationScheme"), place.name)) {
        object.*place.value = ebrim_attribute(identifier, "value");
      }
    }
  }
}

void read_codes(Element object, XdmEntry& entry) {
  for (const Element classification : object.children("Classification")) {
    const std::string_view scheme = classification.attribute("classificationScheme");
    const auto is = [&](std::string_view known) { return equal_ignoring_case(scheme, known); };
    if (is(kEntryAuthor) && entry.author == XdmAuthor{}) entry.author = author_of(classification);
    if (is(kConfidentiality)) entry.confidentiality_codes.push_back(code_of(classification));
    if (is(kEventCode)) entry.event_codes.push_back(code_of(classification));
    for (const CodePlace& place : kEntryCodes) {
      if (is(place.scheme)) entry.*place.value = code_of(classification);
    }
  }
}

XdmEntry entry_of(Element object) {
  XdmEntry entry;
  entry.entry_uuid = ebrim_attribute(object, "id");
  entry.logical_id = ebrim_attribute(object, "lid");
  entry.availability = ebrim_attribute(object, "status");
  entry.mime_type = ebrim_attribute(object, "mimeType");
  for (const auto& place : kEntrySlots) entry.*place.value = slot_value(object, place.name);
  entry.hash = lowered(entry.hash);
  entry.size = whole<std::uint64_t>(slot_value(object, "size"), 0);
  for (const Element slot : object.children("Slot")) {
    if (slot.attribute("name") == "sourcePatientInfo") entry.source_patient_info = values_of(slot);
  }
  entry.title = name_of(object);
  // ebRIM's own default is "1.1".
  entry.version =
      whole<std::int64_t>(ebrim_attribute(object.child("VersionInfo"), "versionName"), 1);
  read_codes(object, entry);
  read_identifiers(object, kEntryIdentifiers, entry);
  return entry;
}

void read_set(Element package, XdmMetadata& metadata) {
  metadata.entry_uuid = ebrim_attribute(package, "id");
  metadata.submission_time = slot_value(package, "submissionTime");
  metadata.title = name_of(package);
  for (const Element classification : package.children("Classification")) {
    const std::string_view scheme = classification.attribute("classificationScheme");
    if (equal_ignoring_case(scheme, kSetAuthor)) metadata.author = author_of(classification);
    if (equal_ignoring_case(scheme, kContentType)) metadata.content_type = code_of(classification);
  }
  read_identifiers(package, kSetIdentifiers, metadata);
}

bool is_set_marker(Element classification) {
  return equal_ignoring_case(classification.attribute("classificationNode"), kSetMarker);
}

/// Documents that lie below the folder of METADATA.XML, by a name that every system understands.
bool is_document_uri(std::string_view uri) {
  if (uri.empty() || uri.front() == '/' || uri.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(uri, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F && c != '\\' && c != ':' && c != '?' && c != '#';
  });
}

class MetadataReader {
 public:
  explicit MetadataReader(std::vector<CdaFinding>& findings) : findings_(findings) {}

  Result<XdmMetadata> read(ByteView file);

 private:
  void reject(std::string_view code, std::string text) {
    findings_.push_back({std::string(code), CdaSeverity::reject, text});
    if (refusal_.empty()) refusal_ = std::move(text);
  }
  void flag(std::string_view code, std::string text) {
    findings_.push_back({std::string(code), CdaSeverity::flag, std::move(text)});
  }
  std::optional<Element> submission_set(Element list);
  void read_entries(Element list);
  void read_associations(Element list);
  void check_missing(const std::vector<Missing>& missing);
  void check_time(std::string& time);
  void check_entry(XdmEntry& entry);
  void check_patient();
  void check_names();

  std::vector<CdaFinding>& findings_;
  std::string refusal_;  // of the first finding that rejects
  XdmMetadata metadata_;
};

std::optional<Element> MetadataReader::submission_set(Element list) {
  std::set<std::string, std::less<>> marked;
  for (const Element classification : list.children("Classification")) {
    if (is_set_marker(classification))
      marked.insert(ebrim_attribute(classification, "classifiedObject"));
  }
  std::vector<Element> sets;
  for (const Element package : list.children("RegistryPackage")) {
    bool is_set = marked.contains(ebrim_attribute(package, "id"));
    for (const Element classification : package.children("Classification")) {
      is_set = is_set || is_set_marker(classification);
    }
    if (is_set) sets.push_back(package);
  }
  if (sets.size() == 1) return sets.front();
  if (sets.empty()) {
    reject("no_submission_set",
           "METADATA.XML describes no submission set: ask the sender to make the archive anew.");
  } else {
    reject("several_submission_sets",
           "METADATA.XML describes several submission sets: ask the sender for one message each.");
  }
  return std::nullopt;
}

void MetadataReader::read_entries(Element list) {
  for (const Element object : list.children("ExtrinsicObject")) {
    if (metadata_.entries.size() == kMaxXdmDocuments) {
      reject("too_many_documents",
             fmt::format("METADATA.XML describes more than {} documents: ask the sender to send "
                         "them in several messages.",
                         kMaxXdmDocuments));
      return;
    }
    metadata_.entries.push_back(entry_of(object));
  }
  if (metadata_.entries.empty()) {
    reject("no_document",
           "METADATA.XML describes no document: ask the sender to make the archive anew.");
  }
}

void MetadataReader::read_associations(Element list) {
  std::set<std::string, std::less<>> members;
  for (const Element association : list.children("Association")) {
    const std::string_view kind = association.attribute("associationType");
    const std::string source = ebrim_attribute(association, "sourceObject");
    const std::string target = ebrim_attribute(association, "targetObject");
    if (kind.ends_with("HasMember") && source == metadata_.entry_uuid) members.insert(target);
    if (!kind.ends_with(":RPLC")) continue;
    for (XdmEntry& entry : metadata_.entries) {
      if (entry.entry_uuid == source) entry.replaces = target;
    }
  }
  const bool all = std::ranges::all_of(
      metadata_.entries, [&](const XdmEntry& entry) { return members.contains(entry.entry_uuid); });
  if (!all) {
    flag("document_not_in_set",
         "A document is no member of the submission set: check that it was meant to be sent.");
  }
}

void MetadataReader::check_missing(const std::vector<Missing>& missing) {
  std::string incomplete;
  for (const Missing& one : missing) {
    if (one.essential) {
      reject("metadata_missing", "METADATA.XML lacks " + one.name +
                                     ": ask the sender to complete it and send it again.");
    } else {
      incomplete += (incomplete.empty() ? "" : ", ") + one.name;
    }
  }
  if (incomplete.empty()) return;
  flag("metadata_incomplete",
       "METADATA.XML lacks what is mandatory in France: " + incomplete + ". Tell the sender.");
}

void MetadataReader::check_time(std::string& time) {
  if (time.empty() || is_dtm(time)) return;
  flag("time_not_utc",
       "A time of METADATA.XML is not written as UTC digits: compare it with the document.");
  const auto utc = utc_digits(time);
  time = utc ? *utc : std::string();
}

void MetadataReader::check_entry(XdmEntry& entry) {
  check_time(entry.creation_time);
  check_time(entry.service_start);
  check_time(entry.service_stop);
  check_missing(missing_of(entry));
  const bool is_hash = entry.hash.size() == kHashDigits &&
                       entry.hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!entry.hash.empty() && !is_hash) {
    reject("hash_malformed",
           "A hash of METADATA.XML is no SHA-1: ask the sender to make the archive anew.");
  }
  if (!entry.uri.empty() && !is_document_uri(entry.uri)) {
    reject("document_uri",
           "METADATA.XML names a document by a path that leaves its folder: do not open it, and "
           "ask the sender for a new archive.");
  }
  if (!entry.entry_uuid.starts_with(kUuidUrn) || entry.entry_uuid.size() != kUuidUrnBytes) {
    flag("entry_uuid", "A document has no UUID of its own: it cannot be replaced later.");
  }
  if (!entry.mime_type.empty() && entry.mime_type != "text/xml" &&
      entry.mime_type != "application/xslt+xml") {
    flag("document_type", "A document is no CDA: look at it before it is filed.");
  }
}

void MetadataReader::check_patient() {
  const PatientCx patient = patient_cx(metadata_.patient_id);
  const auto differs = [&](const XdmEntry& entry) {
    const PatientCx other = patient_cx(entry.patient_id);
    return other.id != patient.id || other.authority != patient.authority;
  };
  if (std::ranges::any_of(metadata_.entries, differs)) {
    reject("several_patients",
           "METADATA.XML names several patients: file nothing, and ask the sender for one message "
           "a patient.");
    return;
  }
  const std::string_view authority = ins_authority(patient.authority);
  const bool is_ins = patient.type == kNationalIdentifier || !authority.empty();
  if (patient.authority.empty()) {
    reject("patient_id_malformed",
           "METADATA.XML does not say who gave the patient's identifier: ask the sender to send "
           "it again with the authority's OID.");
  } else if (!is_ins) {
    flag("ins_absent",
         "The patient has no national identifier (INS) here: check the identity by its traits.");
  } else if (authority.empty()) {
    reject("ins_oid_unknown",
           "The patient's national identifier (INS) has an OID of no authority: ask the sender to "
           "correct it.");
  } else if (!has_right_ins_key(patient.id)) {
    reject("ins_key_wrong",
           "The key of the patient's national identifier (INS) is wrong: ask the sender to check "
           "the identity.");
  } else if (authority == "test" || authority == "demo") {
    flag("ins_test", "The INS is one of the test domains: no real patient may have it.");
  }
}

void MetadataReader::check_names() {
  std::set<std::string> uris, ids;
  for (const XdmEntry& entry : metadata_.entries) {
    const std::string folded = lowered(entry.uri);
    if (uris.insert(folded).second && ids.insert(entry.unique_id).second) continue;
    reject("duplicate_document",
           "METADATA.XML describes one document twice: ask the sender to make the archive anew.");
    return;
  }
}

Result<XdmMetadata> MetadataReader::read(ByteView file) {
  std::vector<Finding> ignored;  // of the encoding, which is recognised by the bytes
  const auto document = file.size() > kMaxXdmMetadataBytes
                            ? Result<xml::Document>(fail(ErrorCode::limit_exceeded, ""))
                            : xml::parse(file, ignored);
  if (!document || document->root().name() != "SubmitObjectsRequest") {
    reject("metadata_unreadable",
           "METADATA.XML is no readable SubmitObjectsRequest: it was damaged or made wrongly; ask "
           "for it to be sent again.");
    return fail(ErrorCode::malformed_file, refusal_);
  }
  const Element list = document->root().child("RegistryObjectList");
  if (const auto set = submission_set(list)) {
    read_set(*set, metadata_);
    read_entries(list);
    read_associations(list);
    check_time(metadata_.submission_time);
    check_missing(missing_of_set(metadata_));
    for (XdmEntry& entry : metadata_.entries) check_entry(entry);
    check_patient();
    check_names();
  }
  if (!refusal_.empty()) return fail(ErrorCode::malformed_file, refusal_);
  return std::move(metadata_);
}

}  // namespace

Result<XdmMetadata> read_xdm_metadata(ByteView file, std::vector<CdaFinding>& findings) {
  return MetadataReader(findings).read(file);
}

bool looks_like_xdm_metadata(ByteView file) {
  return xml_root_name(file) == "SubmitObjectsRequest";
}

}  // namespace telavis
