// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg.h"

#include <fmt/format.h>

#include "formats/scp_ecg_header.h"
#include "formats/scp_ecg_record.h"
#include "formats/scp_ecg_report.h"
#include "formats/scp_ecg_rhythm.h"

namespace telavis {
namespace {

// Section 9 is a manufacturer's own report, 12 to 18 came with version 3 (ISO 41064), ids from 128
// on belong to manufacturers.
bool is_unread(std::uint16_t id) {
  return id == 9 || id >= 12;
}

void note_unread_sections(const scp::Record& record, std::vector<Finding>& findings) {
  for (const scp::Section& section : record.sections) {
    if (!is_unread(section.id) || section.data.empty()) continue;
    findings.push_back(
        {"section_unread", Severity::info,
         fmt::format("Section {}, of a manufacturer or of a later version of the standard, is not "
                     "read.",
                     section.id)});
  }
}

}  // namespace

bool looks_like_scp_ecg(ByteView file) {
  return scp::starts_like_a_record(file);
}

Result<EcgRecording> decode_scp_ecg(ByteView file) {
  EcgRecording recording;
  recording.format = "SCP-ECG";
  const auto record = scp::read_record(file, recording.findings);
  if (!record) return tl::unexpected(record.error());
  unsigned protocol = 0;
  if (const scp::Section* header = record->find(1)) {
    protocol = scp::read_header(*header, recording);
  } else {
    recording.findings.push_back({"section_missing", Severity::error,
                                  "Section 1 is absent: the file does not say whose recording "
                                  "this is. Check the identity with the sender."});
  }
  auto tracing = scp::read_tracing(*record, protocol, recording.findings);
  if (!tracing) return tl::unexpected(tracing.error());
  recording.leads = std::move(tracing->leads);
  recording.median_beat = std::move(tracing->median_beat);
  if (const scp::Section* section = record->find(7)) {
    recording.measurements = scp::read_measurements(section->data, protocol, recording.findings);
  }
  scp::Statements statements =
      scp::read_statements(record->find(8), record->find(11), recording.findings);
  recording.statements = std::move(statements.texts);
  recording.statements_confirmed = statements.confirmed;
  if (const scp::Section* section = record->find(10)) {
    recording.lead_measurements = scp::read_lead_measurements(section->data, recording.findings);
  }
  note_unread_sections(*record, recording.findings);
  return recording;
}

}  // namespace telavis
