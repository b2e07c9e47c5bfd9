// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg.h"

#include <fmt/format.h>

#include "formats/scp_ecg_header.h"
#include "formats/scp_ecg_record.h"
#include "formats/scp_ecg_report.h"
#include "formats/scp_ecg_rhythm.h"

namespace telavis {
namespace {

// Version 3 (ISO 41064) adds sections 12..18; ids from 128 on belong to manufacturers.
constexpr std::uint16_t kFirstUnreadSection = 12;
constexpr std::uint16_t kFirstVendorSection = 128;

void note_unread_sections(const scp::Record& record, std::vector<Finding>& findings) {
  for (const scp::Section& section : record.sections) {
    if (section.id < kFirstUnreadSection || section.id >= kFirstVendorSection) continue;
    findings.push_back(
        {"section_unread", Severity::info,
         fmt::format("Section {}, of a later version of the standard, is not read.", section.id)});
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
  if (const scp::Section* header = record->find(1)) {
    scp::read_header(*header, recording);
  } else {
    recording.findings.push_back({"section_missing", Severity::error,
                                  "Section 1 is absent: the file does not say whose recording "
                                  "this is. Check the identity with the sender."});
  }
  auto leads = scp::read_leads(*record, recording.findings);
  if (!leads) return tl::unexpected(leads.error());
  recording.leads = std::move(*leads);
  if (const scp::Section* section = record->find(7)) {
    recording.measurements = scp::read_measurements(section->data, recording.findings);
  }
  if (const scp::Section* section = record->find(8)) {
    recording.statements = scp::read_statements(section->data, recording.findings);
  }
  note_unread_sections(*record, recording.findings);
  return recording;
}

}  // namespace telavis
