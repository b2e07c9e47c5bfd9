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

// Version 1 leaves the reserved bytes zero: then section 0 must prove itself. Its pointers, when
// its length makes sense.
std::vector<Pointer> plausible_pointers(ByteView file) {
  ByteReader reader(file);
  if (!reader.seek(kSection0Offset + 2)) return {};
  const auto id = reader.u16le();
  const auto length = reader.u32le();
  if (!length || id != 0 || *length < kSectionHeaderBytes + kPointerBytes ||
      *length > file.size() || (*length - kSectionHeaderBytes) % kPointerBytes != 0 ||
      *length > kSectionHeaderBytes + kMaxSections * kPointerBytes) {
    return {};
  }
  std::vector<Pointer> pointers;
  reader.seek(kFirstPointerOffset);
  for (std::size_t i = 0; i < (*length - kSectionHeaderBytes) / kPointerBytes; ++i) {
    if (const auto pointer = read_pointer(reader)) pointers.push_back(*pointer);
  }
  return pointers;
}

// The first pointer, when it describes section 0 itself.
std::optional<Pointer> self_description(ByteView file) {
  const auto pointers = plausible_pointers(file);
  if (pointers.empty() || pointers.front().id != 0 ||
      pointers.front().length != kSectionHeaderBytes + pointers.size() * kPointerBytes) {
    return std::nullopt;
  }
  return pointers.front();
}

std::optional<std::uint16_t> id_at(ByteView file, std::uint32_t index) {
  ByteReader reader(file);
  if (index == 0 || !reader.seek(std::size_t{index} - 1 + 2)) return std::nullopt;
  return reader.u16le();
}

bool points_at_a_header(ByteView file) {
  return std::ranges::any_of(plausible_pointers(file), [&](const Pointer& pointer) {
    return pointer.id == 1 && pointer.length > kSectionHeaderBytes &&
           id_at(file, pointer.index) == 1;
  });
}

// The samples cannot be known for sure without these, so a wrong pointer to one is fatal. Sections
// 4 and 5 are missed where the others turn out to depend on them.
bool needed_for_samples(std::uint16_t id) {
  return id == 2 || id == 3 || id == 6;
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

// What stands where `pointer` says; a text that says what is wrong otherwise.
tl::expected<Placed, std::string_view> place_section(ByteView record, const Pointer& pointer,
                                                     std::vector<Finding>& findings) {
  const auto outside = tl::unexpected<std::string_view>("lies outside of the record");
  if (pointer.index == 0 || pointer.index - 1 >= record.size()) return outside;
  const ByteView rest = record.subspan(pointer.index - 1);
  ByteReader reader(rest);
  reader.skip(2);
  const auto own_id = reader.u16le();
  const auto own_length = reader.u32le();
  if (!own_length || rest.size() < kSectionHeaderBytes) return outside;
  if (*own_id != pointer.id) return tl::unexpected<std::string_view>("is not where section 0 says");
  const auto fits = [&](std::uint32_t length) {
    return length >= kSectionHeaderBytes && length <= rest.size();
  };
  if (!fits(pointer.length) && !fits(*own_length)) return outside;
  const std::uint32_t length = fits(pointer.length) ? pointer.length : *own_length;
  if (*own_length != pointer.length) {
    findings.push_back({"section_length_mismatch", Severity::warning,
                        fmt::format("Section {} gives its length as {} bytes, section 0 as {}; "
                                    "{} are read.",
                                    pointer.id, *own_length, pointer.length, length)});
  }
  return Placed{pointer.id, pointer.index - 1, length};
}

void note_unreadable(std::uint16_t id, std::string_view why, std::vector<Finding>& findings) {
  findings.push_back({"section_unreadable", Severity::error,
                      fmt::format("Section {} {} and is left out.", id, why)});
}

// Of several pointers to one section the first that leads to it counts.
Result<Record> follow_pointers(ByteView record, const std::vector<Pointer>& pointers,
                               std::vector<Placed>& places, std::vector<Finding>& findings) {
  Record result;
  std::vector<std::pair<std::uint16_t, std::string_view>> lost;
  for (const Pointer& pointer : pointers) {
    if (pointer.length == 0 || pointer.id == 0) continue;
    if (result.find(pointer.id) != nullptr) {
      findings.push_back(
          {"duplicate_section", Severity::warning,
           fmt::format("Section {} stands twice in section 0; the first is used.", pointer.id)});
      continue;
    }
    const auto place = place_section(record, pointer, findings);
    if (!place) {
      lost.emplace_back(pointer.id, place.error());
      continue;
    }
    const ByteView whole = record.subspan(place->begin, place->length);
    result.sections.push_back({pointer.id, whole[9], whole.subspan(kSectionHeaderBytes)});
    places.push_back(*place);
  }
  for (const auto& [id, why] : lost) {
    if (result.find(id) != nullptr) continue;
    if (needed_for_samples(id)) return broken(id, why);
    note_unreadable(id, why, findings);
  }
  return result;
}

Result<std::vector<Pointer>> read_pointers(ByteView record) {
  ByteReader reader(record);
  reader.seek(kSection0Offset + 2);
  const std::uint16_t id = reader.u16le().value_or(0);
  const std::uint32_t length = reader.u32le().value_or(0);
  if (id != 0 || length < kSectionHeaderBytes + kPointerBytes ||
      length > record.size() - kSection0Offset) {
    return broken(0, "has an impossible length");
  }
  const std::size_t count = (length - kSectionHeaderBytes) / kPointerBytes;
  if (count > kMaxSections) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("This SCP-ECG file announces {} sections; at most {} are read. Export "
                            "the recording again from the device.",
                            count, kMaxSections));
  }
  std::vector<Pointer> pointers;
  reader.seek(kFirstPointerOffset);
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto pointer = read_pointer(reader)) pointers.push_back(*pointer);
  }
  return pointers;
}

// End of the last section that the file holds, and whether one reaches beyond the file.
struct Extent {
  std::uint64_t end = 0;
  bool cut = false;
};
Extent extent_of(ByteView file, const std::vector<Pointer>& pointers) {
  Extent extent{kFirstPointerOffset + pointers.size() * kPointerBytes, false};
  for (const Pointer& pointer : pointers) {
    if (pointer.length == 0 || pointer.index == 0) continue;
    const std::uint64_t end = std::uint64_t{pointer.index} - 1 + pointer.length;
    if (end > file.size()) {
      extent.cut = true;
    } else if (id_at(file, pointer.index) == pointer.id) {
      extent.end = std::max(extent.end, end);
    }
  }
  return extent;
}

// The record within the file: as long as it says, or as its sections need.
Result<ByteView> find_record(ByteView file, std::vector<Finding>& findings) {
  ByteReader reader(file);
  reader.skip(2);
  const std::uint32_t length = reader.u32le().value_or(0);
  const auto cut = [&] {
    return fail(ErrorCode::truncated_file,
                fmt::format("The file announces {} bytes and holds {}: it was cut on its way. "
                            "Export it again from the device and send the new file.",
                            length, file.size()));
  };
  const auto pointers = read_pointers(file);
  if (!pointers) {
    if (length > file.size()) return cut();
    return tl::unexpected(pointers.error());
  }
  const Extent extent = extent_of(file, *pointers);
  if (length > file.size() && extent.cut) return cut();
  std::uint64_t end = length;
  if (length > file.size() || length < extent.end) {
    end = length > file.size() ? file.size() : extent.end;
    findings.push_back({"record_length_mismatch", Severity::error,
                        fmt::format("The record gives its length as {} bytes; its sections need "
                                    "{}, and the file holds {}. It was damaged or edited after the "
                                    "recording. Export it again from the device.",
                                    length, extent.end, file.size())});
  }
  if (end < file.size()) {
    findings.push_back(
        {"trailing_bytes", Severity::warning,
         fmt::format("{} bytes follow the end of the record and are ignored.", file.size() - end)});
  }
  return file.first(end);
}

Result<Record> read_sections(ByteView record, std::vector<Finding>& findings) {
  const auto pointers = read_pointers(record);
  if (!pointers) return tl::unexpected(pointers.error());
  std::vector<Placed> places = {
      {0, kSection0Offset, kSectionHeaderBytes + pointers->size() * kPointerBytes}};
  auto result = follow_pointers(record, *pointers, places, findings);
  if (!result) return result;
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
  return (section0 &&
          (section0->index == kSection0Index || section0->index == kSection0IndexFromZero)) ||
         points_at_a_header(file);
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
  const auto section0 = self_description(file);
  if (!has_magic(file) && section0 && section0->index == kSection0IndexFromZero) {
    return fail(ErrorCode::unsupported_format,
                "This is the own format of Healforce hand-held recorders (Prince 180), which only "
                "bears the name SCP; it does not follow EN 1064 and is not read. Record the "
                "tracing with a device that exports SCP-ECG.");
  }
  const auto record = find_record(file, findings);
  if (!record) return tl::unexpected(record.error());
  check_crc(*record, "the record", findings);
  return read_sections(*record, findings);
}

}  // namespace telavis::scp
