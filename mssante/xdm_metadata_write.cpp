// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "formats/xml_text.h"
#include "mssante/sha1.h"
#include "mssante/xdm_codes.h"
#include "mssante/xdm_ebrim.h"
#include "mssante/xdm_metadata.h"

namespace telavis {
namespace xdm {

std::vector<Missing> missing_of(const XdmEntry& entry) {
  std::vector<Missing> missing;
  const auto need = [&](std::string_view name, bool given, bool essential = false) {
    if (!given) missing.push_back({std::string(name), essential});
  };
  need("entryUUID", !entry.entry_uuid.empty(), true);
  need("URI", !entry.uri.empty(), true);
  need("hash", !entry.hash.empty(), true);
  need("size", entry.size != 0, true);
  need("patientId", !entry.patient_id.empty(), true);
  need("uniqueId", !entry.unique_id.empty(), true);
  need("mimeType", !entry.mime_type.empty());
  need("logicalID", !entry.logical_id.empty());
  need("authorPerson", !entry.author.person.empty());
  need("classCode", !entry.class_code.code.empty());
  need("confidentialityCode", !entry.confidentiality_codes.empty());
  need("creationTime", !entry.creation_time.empty());
  need("formatCode", !entry.format_code.code.empty());
  need("healthcareFacilityTypeCode", !entry.facility_code.code.empty());
  need("languageCode", !entry.language.empty());
  need("legalAuthenticator", !entry.legal_authenticator.empty());
  need("practiceSettingCode", !entry.practice_code.code.empty());
  need("serviceStartTime", !entry.service_start.empty());
  need("sourcePatientId", !entry.source_patient_id.empty());
  need("title", !entry.title.empty());
  need("typeCode", !entry.type_code.code.empty());
  return missing;
}

std::vector<Missing> missing_of_set(const XdmMetadata& metadata) {
  std::vector<Missing> missing;
  const auto need = [&](std::string_view name, bool given, bool essential = false) {
    if (!given) missing.push_back({std::string(name), essential});
  };
  need("patientId", !metadata.patient_id.empty(), true);
  need("uniqueId", !metadata.unique_id.empty(), true);
  need("sourceId", !metadata.source_id.empty());
  need("submissionTime", !metadata.submission_time.empty());
  need("authorPerson", !metadata.author.person.empty());
  need("contentTypeCode", !metadata.content_type.code.empty());
  return missing;
}

}  // namespace xdm

namespace {

using namespace xdm;

constexpr std::size_t kMaxSlotBytes = 256;    // LongName of rim.xsd, which counts characters
constexpr std::size_t kMaxTitleBytes = 1024;  // FreeFormText

/// Writes objects; remembers whether every text fitted.
class Writer {
 public:
  void slot(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    put("<Slot name=\"{}\"><ValueList>", name);
    for (const std::string& value : values) put("<Value>{}</Value>", text(value, kMaxSlotBytes));
    put("</ValueList></Slot>\n");
  }
  void slot(std::string_view name, const std::string& value) {
    if (!value.empty()) slot(name, std::vector<std::string>{value});
  }
  void name(std::string_view value) {
    if (value.empty()) return;
    put("<Name><LocalizedString xml:lang=\"fr-FR\" charset=\"UTF-8\" value=\"{}\"/></Name>\n",
        text(value, kMaxTitleBytes));
  }
  /// `key` tells the classifications of one scheme apart.
  void classification(std::string_view owner, std::string_view scheme, const XdmCode& code,
                      std::string_view key = {}) {
    if (code.code.empty()) return;
    open_classification(owner, scheme, code.code, key);
    slot("codingScheme", code.system);
    name(code.label);
    put("</Classification>\n");
  }
  void author(std::string_view owner, std::string_view scheme, const XdmAuthor& author) {
    open_classification(owner, scheme, "", "");
    for (const auto& place : kAuthorSlots) slot(place.name, author.*place.value);
    put("</Classification>\n");
  }
  template <typename Object, std::size_t N>
  void identifiers(std::string_view owner, const Object& object,
                   const std::array<TextPlace<Object>, N>& places) {
    for (const auto& place : places) {
      put("<ExternalIdentifier id=\"{}\" identificationScheme=\"{}\" registryObject=\"{}\" "
          "objectType=\"{}ExternalIdentifier\" value=\"{}\">",
          id_of(owner, place.name, ""), place.name, reference(owner), kRegistryObject,
          text(object.*place.value, kMaxSlotBytes));
      name(place.title);
      put("</ExternalIdentifier>\n");
    }
  }
  void association(std::string_view kind, std::string_view source, std::string_view target) {
    put("<Association id=\"{}\" associationType=\"{}\" sourceObject=\"{}\" targetObject=\"{}\" "
        "objectType=\"{}Association\">\n",
        id_of(source, kind, target), kind, reference(source), reference(target), kRegistryObject);
    if (kind == kHasMember) slot("SubmissionSetStatus", std::string("Original"));
    put("</Association>\n");
  }
  void entry(const XdmEntry& entry);
  void submission_set(const XdmMetadata& set);

  template <typename... Values>
  void put(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
  }
  std::string reference(std::string_view id) { return text(id, kMaxSlotBytes); }
  bool fits() const { return fits_; }
  const std::string& written() const { return out_; }

 private:
  std::string text(std::string_view value, std::size_t max_bytes) {
    fits_ = fits_ && value.size() <= max_bytes;
    return xml_escaped(value);
  }
  /// The same object has the same id in every archive.
  static std::string id_of(std::string_view owner, std::string_view scheme, std::string_view key) {
    return named_uuid_urn(fmt::format("{} {} {}", owner, scheme, key));
  }
  void open_classification(std::string_view owner, std::string_view scheme, std::string_view code,
                           std::string_view key) {
    put("<Classification id=\"{}\" classificationScheme=\"{}\" classifiedObject=\"{}\" "
        "nodeRepresentation=\"{}\" objectType=\"{}Classification\">\n",
        id_of(owner, scheme, key), scheme, reference(owner), text(code, kMaxSlotBytes),
        kRegistryObject);
  }

  std::string out_;
  bool fits_ = true;
};

void Writer::entry(const XdmEntry& entry) {
  put("<ExtrinsicObject id=\"{}\"", reference(entry.entry_uuid));
  put(" lid=\"{}\"", reference(entry.logical_id));
  put(" mimeType=\"{}\" objectType=\"{}\"", reference(entry.mime_type), kDocumentType);
  if (!entry.availability.empty()) put(" status=\"{}\"", reference(entry.availability));
  put(">\n");
  for (const auto& place : kEntrySlots) slot(place.name, entry.*place.value);
  slot("size", fmt::to_string(entry.size));
  slot("sourcePatientInfo", entry.source_patient_info);
  if (entry.version > 1) slot(xdm_later_version_slot().name, xdm_later_version_slot().value);
  name(entry.title);
  put("<VersionInfo versionName=\"{}\"/>\n", entry.version);
  author(entry.entry_uuid, kEntryAuthor, entry.author);
  for (const CodePlace& place : kEntryCodes) {
    classification(entry.entry_uuid, place.scheme, entry.*place.value);
  }
  for (const XdmCode& code : entry.confidentiality_codes) {
    classification(entry.entry_uuid, kConfidentiality, code, code.code);
  }
  for (const XdmCode& code : entry.event_codes) {
    classification(entry.entry_uuid, kEventCode, code, code.code);
  }
  identifiers(entry.entry_uuid, entry, kEntryIdentifiers);
  put("</ExtrinsicObject>\n");
}

void Writer::submission_set(const XdmMetadata& set) {
  put("<RegistryPackage id=\"{}\" objectType=\"{}RegistryPackage\" status=\"{}\">\n",
      reference(set.entry_uuid), kRegistryObject, kApproved);
  slot("submissionTime", set.submission_time);
  name(set.title);
  author(set.entry_uuid, kSetAuthor, set.author);
  classification(set.entry_uuid, kContentType, set.content_type);
  identifiers(set.entry_uuid, set, kSetIdentifiers);
  put("</RegistryPackage>\n");
  put("<Classification id=\"{}\" classifiedObject=\"{}\" classificationNode=\"{}\" "
      "objectType=\"{}Classification\"/>\n",
      named_uuid_urn(set.entry_uuid), reference(set.entry_uuid), kSetMarker, kRegistryObject);
}

Result<void> check_complete(const XdmMetadata& metadata) {
  std::vector<Missing> missing = missing_of_set(metadata);
  if (metadata.entry_uuid.empty()) missing.push_back({"entryUUID", true});
  for (const XdmEntry& entry : metadata.entries) {
    for (Missing& one : missing_of(entry)) missing.push_back(std::move(one));
  }
  if (!missing.empty()) {
    return fail(ErrorCode::missing_field, "The metadata lack " + missing.front().name +
                                              ", which is mandatory: complete the document.");
  }
  if (metadata.entries.empty() || metadata.entries.size() > kMaxXdmDocuments) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("A submission has 1 to {} documents.", kMaxXdmDocuments));
  }
  return {};
}

}  // namespace

Result<Bytes> write_xdm_metadata(const XdmMetadata& metadata) {
  if (auto complete = check_complete(metadata); !complete) {
    return tl::unexpected(complete.error());
  }
  Writer writer;
  writer.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  writer.put("<lcm:SubmitObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\"");
  writer.put(" xmlns=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\">\n<RegistryObjectList>\n");
  for (const XdmEntry& entry : metadata.entries) writer.entry(entry);
  writer.submission_set(metadata);
  for (const XdmEntry& entry : metadata.entries) {
    writer.association(kHasMember, metadata.entry_uuid, entry.entry_uuid);
    if (!entry.replaces.empty()) {
      writer.association(kReplaces, entry.entry_uuid, entry.replaces);
    }
  }
  writer.put("</RegistryObjectList>\n</lcm:SubmitObjectsRequest>\n");
  if (!writer.fits()) {
    return fail(ErrorCode::limit_exceeded,
                "A name, a title or an identifier is longer than XDS metadata allow: shorten it.");
  }
  const std::string& text = writer.written();
  return Bytes(text.begin(), text.end());
}

}  // namespace telavis
