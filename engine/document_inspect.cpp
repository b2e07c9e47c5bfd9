// SPDX-License-Identifier: Apache-2.0
#include "engine/document_inspect.h"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "mssante/cda.h"
#include "mssante/xdm.h"
#include "mssante/xdm_codes.h"

namespace telavis {
namespace {

namespace bj = boost::json;

struct Inspection {
  std::string_view format;
  std::vector<std::string> kinds;
  std::vector<CdaFinding> findings;
};

std::string kind_of(const XdmEntry& entry) {
  for (const CdaKind kind : {CdaKind::tlm_da, CdaKind::tlm_cr}) {
    if (xdm_document_codes(kind).type.code == entry.type_code.code) {
      return std::string(cda_kind_name(kind));
    }
  }
  return entry.type_code.code;
}

/// What could not be read at all is rejected with the reason, unless a finding says it already.
void note_error(const Error& error, std::vector<CdaFinding>& findings) {
  if (cda_verdict(findings) == "reject") return;
  findings.push_back({std::string(error_name(error.code)), CdaSeverity::reject, error.text});
}

Inspection inspect_cda(ByteView file) {
  Inspection inspection{"cda", {}, {}};
  const auto document = read_cda(file, inspection.findings);
  if (document) {
    inspection.kinds.emplace_back(cda_kind_name(document->kind));
  } else {
    note_error(document.error(), inspection.findings);
  }
  return inspection;
}

Inspection inspect_metadata(ByteView file) {
  Inspection inspection{"xdm_metadata", {}, {}};
  const auto metadata = read_xdm_metadata(file, inspection.findings);
  if (!metadata) {
    note_error(metadata.error(), inspection.findings);
    return inspection;
  }
  for (const XdmEntry& entry : metadata->entries) inspection.kinds.push_back(kind_of(entry));
  return inspection;
}

void inspect_enclosed(const XdmEntry& entry, ByteView file, std::vector<CdaFinding>& findings) {
  if (!looks_like_cda(file)) {
    findings.push_back({"document_type", CdaSeverity::flag,
                        "A document is no CDA: look at it before it is filed."});
    return;
  }
  std::vector<CdaFinding> found;
  const auto document = read_cda(file, found);
  if (document) {
    check_xdm_document(entry, *document, found);
  } else if (document.error().code == ErrorCode::unsupported_format) {
    // A hospital's letter may travel beside a request.
    found.push_back({"document_kind", CdaSeverity::flag, document.error().text});
  } else {
    note_error(document.error(), found);
  }
  findings.insert(findings.end(), found.begin(), found.end());
}

Inspection inspect_archive(ByteView file) {
  Inspection inspection{"xdm", {}, {}};
  const auto reading = read_xdm(file, inspection.findings);
  if (!reading) {
    note_error(reading.error(), inspection.findings);
    return inspection;
  }
  for (std::size_t i = 0; i < reading->documents.size(); ++i) {
    const XdmEntry& entry = reading->metadata.entries[i];
    inspection.kinds.push_back(kind_of(entry));
    inspect_enclosed(entry, reading->documents[i], inspection.findings);
  }
  return inspection;
}

std::string json_of(const Inspection& inspection) {
  std::string kinds;
  for (const std::string& kind : inspection.kinds) kinds += (kinds.empty() ? "" : ",") + kind;
  bj::array findings;
  std::vector<CdaFinding> told;  // archive and document may say the same
  for (const CdaFinding& finding : inspection.findings) {
    if (std::ranges::find(told, finding) != told.end()) continue;
    told.push_back(finding);
    findings.push_back(bj::object{{"code", finding.code},
                                  {"severity", cda_severity_name(finding.severity)},
                                  {"text", finding.text}});
  }
  return bj::serialize(bj::object{{"format", inspection.format},
                                  {"kind", kinds.empty() ? bj::value(nullptr) : bj::value(kinds)},
                                  {"verdict", cda_verdict(inspection.findings)},
                                  {"findings", std::move(findings)}});
}

}  // namespace

std::optional<std::string> inspect_document(ByteView file) {
  if (looks_like_xdm(file)) return json_of(inspect_archive(file));
  if (looks_like_xdm_metadata(file)) return json_of(inspect_metadata(file));
  if (looks_like_cda(file)) return json_of(inspect_cda(file));
  return std::nullopt;
}

bool is_rejected(std::string_view inspected) {
  const bj::value parsed = bj::parse(inspected);
  const bj::value* verdict = parsed.as_object().if_contains("verdict");
  return verdict != nullptr && verdict->as_string() == "reject";
}

}  // namespace telavis
