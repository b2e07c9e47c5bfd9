// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_walk.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "formats/dicom.h"
#include "formats/dicom_library.h"
#include "formats/dicom_tags.h"

namespace telavis {
namespace {

constexpr std::size_t kPreambleBytes = 128;
constexpr std::string_view kPrefix = "DICM";
constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;
constexpr std::uint32_t kItem = 0xFFFEE000;
constexpr std::uint32_t kItemEnd = 0xFFFEE00D;
constexpr std::uint32_t kSequenceEnd = 0xFFFEE0DD;
constexpr std::uint16_t kDelimiterGroup = 0xFFFE;

enum class Fault { truncated, malformed, too_deep, too_many };

tl::unexpected<Error> refusal(Fault fault) {
  switch (fault) {
    case Fault::truncated:
      return fail(ErrorCode::truncated_file,
                  "The DICOM file is incomplete: its end is missing. Export or send it again.");
    case Fault::malformed:
      return fail(ErrorCode::malformed_file,
                  "The DICOM file is damaged: its elements do not follow one another. Export or "
                  "send it again.");
    case Fault::too_deep:
      return fail(ErrorCode::limit_exceeded,
                  "The DICOM file nests its sequences more deeply than any device does. Export it "
                  "again from the device.");
    case Fault::too_many:
      return fail(ErrorCode::limit_exceeded,
                  "The DICOM file holds more elements than any device writes. Export it again from "
                  "the device.");
  }
  return fail(ErrorCode::malformed_file, "The DICOM file is damaged. Send it again.");
}

bool is_short_vr(std::string_view vr) {  // PS3.5 7.1.2: length of two bytes
  constexpr auto kShort = std::to_array<std::string_view>(
      {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO",
       "LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"});
  return std::ranges::find(kShort, vr) != kShort.end();
}

bool is_known_vr(std::string_view vr) {
  constexpr auto kLong = std::to_array<std::string_view>(
      {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"});
  return is_short_vr(vr) || std::ranges::find(kLong, vr) != kLong.end();
}

bool is_letters(std::array<char, 2> vr) {
  return vr[0] >= 'A' && vr[0] <= 'Z' && vr[1] >= 'A' && vr[1] <= 'Z';
}

std::string_view text_of(const std::array<char, 2>& vr) {
  return {vr.data(), vr.size()};
}

/// Goes once through bytes; `end` is the end of the item or sequence that it is in.
class Walker {
 public:
  Walker(ByteView bytes, std::size_t& budget) : bytes_(bytes), budget_(budget) {}

  /// Elements up to `end`, or up to the item delimiter when `delimited`. Keeps them in `kept`
  /// unless that is null.
  std::optional<Fault> elements(std::size_t end, DicomEncoding encoding, int depth, bool delimited,
                                std::vector<DicomElement>* kept) {
    while (at_ < end) {
      if (budget_ == 0) return Fault::too_many;
      --budget_;
      if (!delimited && depth == 0 && only_zeros_follow(end)) {
        zeros_at_end_ = true;
        return std::nullopt;
      }
      DicomElement element;
      std::uint32_t length = 0;
      if (!header(end, encoding, element, length)) return Fault::truncated;
      if (element.tag == kItemEnd && delimited) return std::nullopt;
      // Some writers close items whose length they have already given.
      if (element.tag >> 16 == kDelimiterGroup) {
        if (element.tag == kItem || length != 0) return Fault::malformed;
        continue;
      }
      if (const auto fault = value(end, encoding, depth, length, element)) return fault;
      if (kept != nullptr) kept->push_back(element);
    }
    return delimited ? std::optional(Fault::truncated) : std::nullopt;
  }

  /// Items up to `end`, or up to the sequence delimiter when `delimited`; each item's bytes and
  /// whether it is closed by a delimiter go to `found` unless that is null.
  std::optional<Fault> items(std::size_t end, DicomEncoding encoding, int depth, bool delimited,
                             std::vector<ByteView>* found) {
    if (depth > kMaxDicomNesting) return Fault::too_deep;
    while (at_ < end) {
      if (budget_ == 0) return Fault::too_many;
      --budget_;
      std::uint32_t tag = 0;
      std::uint32_t length = 0;
      if (!item_header(end, encoding.big_endian, tag, length)) return Fault::truncated;
      if (tag == kSequenceEnd && delimited) return std::nullopt;
      if (tag == kItemEnd || tag == kSequenceEnd) continue;  // closed twice
      if (tag != kItem) return Fault::malformed;
      const std::size_t start = at_;
      const bool open = length == kUndefinedLength;
      if (!open && length > end - at_) return Fault::truncated;
      if (const auto fault = elements(open ? end : at_ + length, encoding, depth, open, nullptr)) {
        return fault;
      }
      const std::size_t bytes = (open ? at_ - kItemHeader : at_) - start;
      if (found != nullptr) found->push_back(bytes_.subspan(start, bytes));
    }
    return delimited ? std::optional(Fault::truncated) : std::nullopt;
  }

  std::size_t position() const { return at_; }
  bool zeros_at_end() const { return zeros_at_end_; }
  void seek(std::size_t position) { at_ = position; }

  /// Tag and length of an item or of a delimiter: never a VR.
  bool item_header(std::size_t end, bool big, std::uint32_t& tag, std::uint32_t& length) {
    if (end - at_ < kItemHeader) return false;
    tag = read_tag(big);
    length = u32(big);
    return true;
  }

 private:
  static constexpr std::size_t kItemHeader = 8;

  std::uint16_t u16(bool big) {
    const auto first = bytes_[at_];
    const auto second = bytes_[at_ + 1];
    at_ += 2;
    return static_cast<std::uint16_t>(big ? first << 8 | second : second << 8 | first);
  }
  std::uint32_t u32(bool big) {
    const std::uint32_t first = u16(big);
    const std::uint32_t second = u16(big);
    return big ? first << 16 | second : second << 16 | first;
  }
  std::uint32_t read_tag(bool big) {
    const std::uint32_t group = u16(big);
    return group << 16 | u16(big);
  }

  bool only_zeros_follow(std::size_t end) const {
    if (bytes_[at_] != 0 || (end - at_ >= 8 && bytes_[at_ + 4] != 0)) return false;
    const ByteView rest = bytes_.subspan(at_, end - at_);
    return std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; });
  }

  bool header(std::size_t end, DicomEncoding encoding, DicomElement& element,
              std::uint32_t& length) {
    if (end - at_ < kItemHeader) return false;
    element.tag = read_tag(encoding.big_endian);
    if (!encoding.explicit_vr || element.tag >> 16 == kDelimiterGroup) {
      length = u32(encoding.big_endian);
      return true;
    }
    element.vr = {static_cast<char>(bytes_[at_]), static_cast<char>(bytes_[at_ + 1])};
    if (!is_letters(element.vr)) {  // an element that was copied as implicit VR
      element.vr = {};
      length = u32(encoding.big_endian);
      return true;
    }
    at_ += 2;
    if (is_short_vr(text_of(element.vr))) {
      length = u16(encoding.big_endian);
      return true;
    }
    if (end - at_ < 6) return false;
    at_ += 2;
    length = u32(encoding.big_endian);
    return true;
  }

  std::optional<Fault> value(std::size_t end, DicomEncoding encoding, int depth,
                             std::uint32_t length, DicomElement& element) {
    const std::size_t start = at_;
    const std::string_view vr = text_of(element.vr);
    if (length == kUndefinedLength) {
      element.encapsulated = true;
      std::optional<Fault> fault;
      if (element.tag == dicom_tag::kPixelData) {
        fault = fragments(end, encoding.big_endian);
      } else {
        // What is in an unknown VR of undefined length is implicit VR (PS3.5 6.2.2 note 4).
        if (vr == "UN") encoding = {.explicit_vr = false};
        fault = items(end, encoding, depth + 1, true, nullptr);
      }
      if (fault) return fault;
      element.value = bytes_.subspan(start, at_ - kItemHeader - start);
      return std::nullopt;
    }
    if (length > end - at_) return depth == 0 ? Fault::truncated : Fault::malformed;
    element.value = bytes_.subspan(start, length);
    if (vr == "SQ") {
      if (const auto fault = items(at_ + length, encoding, depth + 1, false, nullptr)) {
        return *fault == Fault::truncated ? Fault::malformed : *fault;
      }
    }
    at_ = start + length;
    return std::nullopt;
  }

  std::optional<Fault> fragments(std::size_t end, bool big) {
    while (true) {
      if (budget_ == 0) return Fault::too_many;
      --budget_;
      std::uint32_t tag = 0;
      std::uint32_t length = 0;
      if (!item_header(end, big, tag, length)) return Fault::truncated;
      if (tag == kSequenceEnd) return std::nullopt;
      if (tag != kItem) return Fault::malformed;
      if (length > end - at_) return Fault::truncated;
      at_ += length;
    }
  }

  ByteView bytes_;
  std::size_t& budget_;
  std::size_t at_ = 0;
  bool zeros_at_end_ = false;
};

std::string trimmed(ByteView value) {
  std::string_view text = as_text(value);
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

bool group_is(ByteView file, std::size_t at, std::uint16_t group, bool big) {
  if (file.size() < at + 2) return false;
  const std::uint8_t low = file[at + (big ? 1 : 0)];
  const std::uint8_t high = file[at + (big ? 0 : 1)];
  return (high << 8 | low) == group;
}

/// What the first element looks like, whatever the file says of itself.
DicomEncoding encoding_at(ByteView file, std::size_t at, bool big) {
  if (file.size() < at + 6) return {.explicit_vr = true, .big_endian = big};
  const std::array vr = {static_cast<char>(file[at + 4]), static_cast<char>(file[at + 5])};
  return {.explicit_vr = is_known_vr(text_of(vr)), .big_endian = big};
}

/// Groups are never larger than 255 at the start of a data set, so the order of bytes shows.
bool starts_big_endian(ByteView file, std::size_t at) {
  return file.size() >= at + 2 && file[at] == 0 && file[at + 1] != 0;
}

std::size_t start_of_elements(ByteView file) {
  if (file.size() >= kPreambleBytes + kPrefix.size() &&
      as_text(file.subspan(kPreambleBytes, kPrefix.size())) == kPrefix) {
    return kPreambleBytes + kPrefix.size();
  }
  return as_text(file).starts_with(kPrefix) ? kPrefix.size() : 0;
}

/// Reads group 0002, always explicit VR little endian; leaves `at` behind it.
std::optional<Fault> read_meta(ByteView file, std::size_t& at, DicomItem& meta) {
  std::size_t budget = kMaxDicomElements;
  while (group_is(file, at, 0x0002, false)) {
    Walker walker(file.subspan(at), budget);
    // One element at a time: what follows the group may be encoded otherwise.
    const ByteView rest = file.subspan(at);
    if (rest.size() < 8) return Fault::truncated;
    const std::array vr = {static_cast<char>(rest[4]), static_cast<char>(rest[5])};
    if (!is_known_vr(text_of(vr))) return Fault::malformed;
    ByteReader reader(rest);
    reader.skip(6);
    std::size_t length = reader.u16le().value_or(0);
    if (!is_short_vr(text_of(vr))) length = reader.u32le().value_or(kUndefinedLength);
    if (length > reader.remaining()) return Fault::truncated;
    if (const auto fault =
            walker.elements(reader.position() + length, {}, 0, false, &meta.elements)) {
      return fault;
    }
    at += reader.position() + length;
  }
  return std::nullopt;
}

void note(DicomFile& file, const char* code, const char* text) {
  file.findings.push_back({code, Severity::info, text});
}

/// The encoding of the data set at `at`, and findings where the file claims another.
DicomEncoding choose_encoding(ByteView bytes, std::size_t at, bool has_meta, DicomFile& file) {
  const DicomEncoding seen = encoding_at(bytes, at, starts_big_endian(bytes, at));
  const std::string_view actual = seen.big_endian    ? kExplicitBig
                                  : seen.explicit_vr ? kExplicitLittle
                                                     : kImplicitLittle;
  if (!has_meta || file.transfer_syntax.empty()) {
    note(file, "dicom_meta_missing",
         "The DICOM file does not say how it is encoded; this was recognised from its content.");
    file.transfer_syntax = actual;
    return seen;
  }
  const DicomEncoding claimed = {.explicit_vr = file.transfer_syntax != kImplicitLittle,
                                 .big_endian = file.transfer_syntax == kExplicitBig};
  if (at >= bytes.size() ||
      (claimed.explicit_vr == seen.explicit_vr && claimed.big_endian == seen.big_endian)) {
    return claimed;
  }
  note(file, "transfer_syntax_mismatch",
       "The DICOM file is encoded in another way than it says; it was read as it is.");
  return seen;
}

/// Whether a plausible element stands at the reader; goes behind it.
bool skip_plausible_element(ByteReader& reader, DicomEncoding encoding, std::uint32_t& last_tag) {
  constexpr std::size_t kLongestFirstValue = 4096;  // no pixels so early
  const auto number16 = [&] { return encoding.big_endian ? reader.u16be() : reader.u16le(); };
  const auto number32 = [&] { return encoding.big_endian ? reader.u32be() : reader.u32le(); };
  const auto group = number16();
  const auto element = number16();
  if (!group || !element) return false;
  const std::uint32_t tag = std::uint32_t{*group} << 16 | *element;
  if (tag <= last_tag || *group > 0x7FE0 || *group % 2 != 0) return false;
  last_tag = tag;
  std::optional<std::uint32_t> length;
  if (encoding.explicit_vr) {
    const auto vr = reader.take(2);
    if (!vr || !is_known_vr(as_text(*vr))) return false;
    if (is_short_vr(as_text(*vr))) {
      length = number16();
    } else if (reader.skip(2)) {
      length = number32();
    }
  } else {
    length = number32();
  }
  return length && *length <= kLongestFirstValue && *length % 2 == 0 && reader.skip(*length);
}

bool looks_like_elements(ByteView file) {
  constexpr int kConvincing = 3;
  const bool big = starts_big_endian(file, 0);
  if (!group_is(file, 0, 0x0008, big) && !group_is(file, 0, 0x0002, false)) return false;
  ByteReader reader(file);
  std::uint32_t last_tag = 0;
  const DicomEncoding encoding = encoding_at(file, 0, big);
  for (int i = 0; i < kConvincing; ++i) {
    if (!skip_plausible_element(reader, encoding, last_tag)) return false;
  }
  return true;
}

}  // namespace

const DicomElement* DicomItem::find(std::uint32_t tag) const {
  const auto found = std::ranges::find(elements, tag, &DicomElement::tag);
  return found == elements.end() ? nullptr : &*found;
}

ByteView DicomItem::value(std::uint32_t tag) const {
  const DicomElement* element = find(tag);
  return element == nullptr ? ByteView{} : element->value;
}

bool looks_like_dicom(ByteView file) {
  return start_of_elements(file) != 0 || looks_like_elements(file);
}

Result<DicomFile> walk_dicom(ByteView bytes) {
  DicomFile file;
  DicomItem meta;
  std::size_t at = start_of_elements(bytes);
  if (const auto fault = read_meta(bytes, at, meta)) return refusal(*fault);
  file.transfer_syntax = trimmed(meta.value(dicom_tag::kTransferSyntax));
  ByteView dataset = bytes.subspan(at);
  if (file.transfer_syntax == kDeflatedLittle) {
    auto inflated = inflate_dicom(dataset, kMaxInflatedBytes);
    if (!inflated) return tl::unexpected(std::move(inflated.error()));
    file.inflated = std::move(*inflated);
    dataset = file.inflated;
  }
  file.dataset.encoding = choose_encoding(dataset, 0, !meta.elements.empty(), file);
  std::size_t budget = kMaxDicomElements;
  Walker walker(dataset, budget);
  if (const auto fault = walker.elements(dataset.size(), file.dataset.encoding, 0, false,
                                         &file.dataset.elements)) {
    return refusal(*fault);
  }
  if (walker.zeros_at_end()) {
    note(file, "trailing_bytes", "Bytes follow the end of the DICOM object and are left out.");
  }
  // What the meta information says stands in for what the data set leaves out.
  if (file.dataset.find(dicom_tag::kSopClass) == nullptr) {
    if (const DicomElement* sop_class = meta.find(dicom_tag::kMediaSopClass)) {
      file.dataset.elements.push_back(*sop_class);
      file.dataset.elements.back().tag = dicom_tag::kSopClass;
    }
  }
  return file;
}

std::vector<DicomItem> dicom_items(const DicomItem& item, std::uint32_t sequence) {
  std::vector<DicomItem> items;
  const DicomElement* element = item.find(sequence);
  if (element == nullptr) return items;
  DicomEncoding encoding = item.encoding;
  if (text_of(element->vr) == "UN") encoding = {.explicit_vr = false};
  std::size_t budget = kMaxDicomElements;
  std::vector<ByteView> found;
  Walker walker(element->value, budget);
  // A fault ends the list: the whole was walked before, except what implicit VR hides.
  static_cast<void>(walker.items(element->value.size(), encoding, 1, false, &found));
  budget = kMaxDicomElements;
  for (const ByteView bytes : found) {
    DicomItem& read = items.emplace_back();
    read.encoding = encoding;
    static_cast<void>(
        Walker(bytes, budget).elements(bytes.size(), encoding, 1, false, &read.elements));
  }
  return items;
}

std::vector<ByteView> dicom_fragments(const DicomElement& pixels) {
  std::vector<ByteView> fragments;
  std::size_t budget = kMaxDicomElements;
  Walker walker(pixels.value, budget);
  std::uint32_t tag = 0;
  std::uint32_t length = 0;
  while (walker.item_header(pixels.value.size(), false, tag, length) && tag == kItem &&
         length <= pixels.value.size() - walker.position()) {
    fragments.push_back(pixels.value.subspan(walker.position(), length));
    walker.seek(walker.position() + length);
  }
  return fragments;
}

}  // namespace telavis
