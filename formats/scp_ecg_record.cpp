// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "formats/exam.h"

namespace telavis::scp {
namespace {

// Eight bytes a step: table k gives the remainder of a byte followed by k zero bytes.
constexpr std::size_t kCrcSlices = 8;
using CrcTables = std::array<std::array<std::uint16_t, 256>, kCrcSlices>;

constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    tables[0][byte] = static_cast<std::uint16_t>(crc);
  }
  for (std::size_t slice = 1; slice < kCrcSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint16_t before = tables[slice - 1][byte];
      tables[slice][byte] = static_cast<std::uint16_t>((before << 8) ^ tables[0][before >> 8]);
    }
  }
  return tables;
}
constexpr CrcTables kCrcTables = make_crc_tables();

// What some writers store instead of a checksum; BioSig reads it as "not computed".
constexpr std::uint16_t kCrcNotComputed = 0xFFFF;

constexpr std::size_t kSection0Offset = kRecordHeaderBytes;
constexpr std::size_t kFirstPointerOffset = kSection0Offset + kSectionHeaderBytes;
constexpr std::size_t kMinRecordBytes = kFirstPointerOffset + kPointerBytes;
// Indexes count from 1 at the record's first byte, so that of section 0 is 7. Healforce counts from
// 0.
constexpr std::uint32_t kSection0Index = kSection0Offset + 1;
constexpr std::uint32_t kSection0IndexFromZero = kSection0Offset;

struct Pointer {
  std::uint16_t id = 0;
  std::uint32_t length = 0;
  std::uint32_t index = 0;
};

std::optional<Pointer> read_pointer(ByteReader& reader) {
  const auto id = reader.u16le();
  const auto length = reader.u32le();
  const auto index = reader.u32le();
  if (!index) return std::nullopt;
  return Pointer{*id, *length, *index};
}

bool has_magic(ByteView file) {
  return file.size() >= kMagicOffset + kMagic.size() &&
         as_text(file.subspan(kMagicOffset, kMagic.size())) == kMagic;
}

// Version 1 leaves the reserved bytes zero: then section 0 must describe itself.
std::optional<Pointer> self_description(ByteView file) {
  ByteReader reader(file);
  if (!reader.seek(kSection0Offset + 2)) return std::nullopt;
  const auto id = reader.u16le();
  const auto length = reader.u32le();
  if (!length || id != 0 || *length < kSectionHeaderBytes + kPointerBytes ||
      *length > file.size() || (*length - kSectionHeaderBytes) % kPointerBytes != 0 ||
      *length > kSectionHeaderBytes + kMaxSections * kPointerBytes) {
    return std::nullopt;
  }
  if (!reader.seek(kFirstPointerOffset)) return std::nullopt;
  const auto first = read_pointer(reader);
  if (!first || first->id != 0 || first->length != *length) return std::nullopt;
  return first;
}

// The samples cannot be known for sure without these, so a wrong pointer to one is fatal.
bool needed_for_samples(std::uint16_t id) {
  return id == 2 || id == 3 || id == 4 || id == 6;
}

tl::unexpected<Error> broken(std::uint16_t id, std::string_view why) {
  return fail(ErrorCode::malformed_file,
              fmt::format("Section {} of this SCP-ECG file {}. Export the recording again from the "
                          "device and send the new file.",
                          id, why));
}

void check_crc(ByteView covered, std::string_view what, std::vector<Finding>& findings) {
  ByteReader reader(covered);
  const auto stored = reader.u16le();
  if (!stored || crc16(covered.subspan(2)) == *stored) return;
  if (*stored == kCrcNotComputed) {
    findings.push_back({"crc_not_computed", Severity::info,
                        fmt::format("The checksum of {} was left out by the writer, so damage "
                                    "to it cannot be noticed.",
                                    what)});
    return;
  }
  findings.push_back({"crc_mismatch", Severity::error,
                      fmt::format("The checksum of {} is wrong: the file was damaged or edited "
                                  "after the recording. Export it again from the device.",
                                  what)});
}

struct Placed {
  std::uint16_t id = 0;
  std::size_t begin = 0;
  std::size_t length = 0;
};

Result<void> refuse_overlaps(std::vector<Placed> places) {
  std::ranges::sort(places, {}, &Placed::begin);
  for (std::size_t i = 1; i < places.size(); ++i) {
    if (places[i].begin < places[i - 1].begin + places[i - 1].length) {
      return fail(ErrorCode::malformed_file,
                  "Two sections of this SCP-ECG file overlap. Export the recording again from the "
                  "device and send the new file.");
    }
  }
  return {};
}

// The section that `pointer` announces, nullopt (with a finding) when it can be done without.
Result<std::optional<Section>> place_section(ByteView record, const Pointer& pointer,
                                             std::vector<Finding>& findings) {
  const auto give_up = [&](std::string_view why) -> Result<std::optional<Section>> {
    if (needed_for_samples(pointer.id)) return broken(pointer.id, why);
    findings.push_back({"section_unreadable", Severity::error,
                        fmt::format("Section {} {} and is left out.", pointer.id, why)});
    return std::nullopt;
  };
  const std::uint64_t end = std::uint64_t{pointer.index} - 1 + pointer.length;
  if (pointer.index == 0 || pointer.length < kSectionHeaderBytes || end > record.size()) {
    return give_up("lies outside of the record");
  }
  const ByteView whole = record.subspan(pointer.index - 1, pointer.length);
  ByteReader reader(whole);
  reader.skip(2);
  const std::uint16_t own_id = reader.u16le().value_or(0);
  const std::uint32_t own_length = reader.u32le().value_or(0);
  reader.skip(1);
  const std::uint8_t version = reader.u8().value_or(0);
  if (own_id != pointer.id) return give_up("is not where section 0 says");
  if (own_length != pointer.length) {
    findings.push_back({"section_length_mismatch", Severity::warning,
                        fmt::format("Section {} gives its length as {} bytes, section 0 as {}; "
                                    "the latter is used.",
                                    pointer.id, own_length, pointer.length)});
  }
  return Section{pointer.id, version, whole.subspan(kSectionHeaderBytes)};
}

Result<Record> read_sections(ByteView record, std::vector<Finding>& findings) {
  ByteReader reader(record);
  reader.seek(kSection0Offset + 2);
  const std::uint16_t id = reader.u16le().value_or(0);
  const std::uint32_t length = reader.u32le().value_or(0);
  if (id != 0 || length < kSectionHeaderBytes + kPointerBytes ||
      length > record.size() - kSection0Offset) {
    return broken(0, "has an impossible length");
  }
  const std::size_t pointers = (length - kSectionHeaderBytes) / kPointerBytes;
  if (pointers > kMaxSections) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("This SCP-ECG file announces {} sections; at most {} are read. Export "
                            "the recording again from the device.",
                            pointers, kMaxSections));
  }
  Record result;
  std::vector<Placed> places = {{0, kSection0Offset, length}};
  reader.seek(kFirstPointerOffset);
  for (std::size_t i = 0; i < pointers; ++i) {
    const auto pointer = read_pointer(reader);
    if (!pointer || pointer->length == 0 || pointer->id == 0) continue;
    if (result.find(pointer->id) != nullptr) {
      findings.push_back(
          {"duplicate_section", Severity::warning,
           fmt::format("Section {} stands twice in section 0; the first is used.", pointer->id)});
      continue;
    }
    auto section = place_section(record, *pointer, findings);
    if (!section) return tl::unexpected(section.error());
    if (!*section) continue;
    places.push_back({pointer->id, pointer->index - 1, pointer->length});
    result.sections.push_back(**section);
  }
  if (auto apart = refuse_overlaps(places); !apart) return tl::unexpected(apart.error());
  for (const Placed& place : places) {  // each byte at most once, now that none overlap
    check_crc(record.subspan(place.begin, place.length), fmt::format("section {}", place.id),
              findings);
  }
  return result;
}

}  // namespace

std::uint16_t crc16(ByteView data) {
  std::uint32_t crc = 0xFFFF;
  const auto& t = kCrcTables;
  while (data.size() >= kCrcSlices) {
    crc = static_cast<std::uint32_t>(t[7][data[0] ^ (crc >> 8)] ^ t[6][data[1] ^ (crc & 0xFF)] ^
                                     t[5][data[2]] ^ t[4][data[3]] ^ t[3][data[4]] ^ t[2][data[5]] ^
                                     t[1][data[6]] ^ t[0][data[7]]);
    data = data.subspan(kCrcSlices);
  }
  for (const std::uint8_t byte : data) {
    crc = ((crc << 8) & 0xFFFF) ^ t[0][(crc >> 8) ^ byte];
  }
  return static_cast<std::uint16_t>(crc);
}

const Section* Record::find(std::uint16_t id) const {
  const auto found = std::ranges::find(sections, id, &Section::id);
  return found == sections.end() ? nullptr : &*found;
}

bool starts_like_a_record(ByteView file) {
  if (has_magic(file)) return true;
  const auto section0 = self_description(file);
  return section0 &&
         (section0->index == kSection0Index || section0->index == kSection0IndexFromZero);
}

Result<Record> read_record(ByteView file, std::vector<Finding>& findings) {
  if (file.size() > kMaxFileBytes) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("SCP-ECG files of more than {} MiB are not read. Export a shorter "
                            "recording.",
                            kMaxFileBytes >> 20));
  }
  if (file.size() < kMinRecordBytes) {
    return fail(ErrorCode::truncated_file,
                fmt::format("The file holds only {} bytes, too few for an SCP-ECG record. Export "
                            "it again from the device and send the new file.",
                            file.size()));
  }
  if (!starts_like_a_record(file)) {
    return fail(ErrorCode::malformed_file,
                "The file does not start like an SCP-ECG record. Export the recording again from "
                "the device, in the format SCP-ECG.");
  }
  if (!has_magic(file) && self_description(file)->index == kSection0IndexFromZero) {
    return fail(ErrorCode::unsupported_format,
                "This is the own format of Healforce hand-held recorders (Prince 180), which only "
                "bears the name SCP; it does not follow EN 1064 and is not read. Record the "
                "tracing with a device that exports SCP-ECG.");
  }
  ByteReader reader(file);
  reader.skip(2);
  const std::uint32_t length = reader.u32le().value_or(0);
  if (length > file.size()) {
    return fail(ErrorCode::truncated_file,
                fmt::format("The file announces {} bytes and holds {}: it was cut on its way. "
                            "Export it again from the device and send the new file.",
                            length, file.size()));
  }
  if (length < kMinRecordBytes) {
    return fail(ErrorCode::malformed_file,
                "The record length of this SCP-ECG file is impossible. Export the recording again "
                "from the device and send the new file.");
  }
  if (length < file.size()) {
    findings.push_back({"trailing_bytes", Severity::warning,
                        fmt::format("{} bytes follow the end of the record and are ignored.",
                                    file.size() - length)});
  }
  const ByteView record = file.first(length);
  check_crc(record, "the record", findings);
  return read_sections(record, findings);
}

}  // namespace telavis::scp
