// SPDX-License-Identifier: Apache-2.0
// The outer layout of an SCP-ECG record: checksums and the pointers of section 0 (EN 1064
// clauses 5.1 to 5.3). Private to scp_ecg*.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis::scp {

inline constexpr std::size_t kRecordHeaderBytes = 6;    // u16 CRC, u32 length
inline constexpr std::size_t kSectionHeaderBytes = 16;  // CRC, id, length, two versions, 6 reserved
inline constexpr std::size_t kPointerBytes = 10;        // u16 id, u32 length, u32 index
/// Version 3 defines 19 sections; the rest leaves room for those of manufacturers.
inline constexpr std::size_t kMaxSections = 64;
/// A lead count is a byte; no device records more than this, and it bounds findings.
inline constexpr std::size_t kMaxLeads = 64;
/// The first six reserved bytes of section 0, from version 1.3 on.
inline constexpr std::string_view kMagic = "SCPECG";
inline constexpr std::size_t kMagicOffset = 16;

/// CRC-CCITT: polynomial 0x1021, initial 0xFFFF, most significant bit first, no final exclusive or.
std::uint16_t crc16(ByteView data);

struct Section {
  std::uint16_t id = 0;
  std::uint8_t version = 0;  // protocol version x 10, e.g. 20
  ByteView data;             // after the section's header
};

struct Record {
  std::vector<Section> sections;  // in file order, no id twice, none overlapping another
  const Section* find(std::uint16_t id) const;
};

/// True when the file starts like a record: the magic, a section 0 that describes itself, or one
/// that points at a section 1.
bool starts_like_a_record(ByteView file);

/// Sections that can be read without danger. Lengths that disagree are findings as long as all
/// sections lie within the file. Errors: truncated_file, malformed_file, limit_exceeded,
/// unsupported_format (a manufacturer's own format that only looks like SCP-ECG).
Result<Record> read_record(ByteView file, std::vector<Finding>& findings);

}  // namespace telavis::scp
