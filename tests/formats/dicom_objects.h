// SPDX-License-Identifier: Apache-2.0
// DICOM objects for the tests in every encoding, laid out byte by byte after PS3.5 without any code
// of the project, so that reader and writer are held against something else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

struct ObjectEncoding {
  bool explicit_vr = true;
  bool big_endian = false;
  bool open_sequences = false;  // of undefined length, closed by delimiters
};

/// Elements in the order in which they are put.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(ObjectEncoding encoding = {}) : encoding_(encoding) {}

  ObjectBuilder& text(std::uint32_t tag, std::string_view vr, std::string_view value) {
    Bytes bytes(value.begin(), value.end());
    if (bytes.size() % 2 != 0) bytes.push_back(vr == "UI" ? 0 : ' ');
    return raw(tag, vr, bytes);
  }
  ObjectBuilder& u16(std::uint32_t tag, std::uint32_t value) {
    Bytes bytes;
    put16(bytes, value);
    return raw(tag, "US", bytes);
  }
  ObjectBuilder& u32(std::uint32_t tag, std::uint32_t value) {
    Bytes bytes;
    put32(bytes, value);
    return raw(tag, "UL", bytes);
  }
  ObjectBuilder& raw(std::uint32_t tag, std::string_view vr, const Bytes& value) {
    header(tag, vr, static_cast<std::uint32_t>(value.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  ObjectBuilder& sequence(std::uint32_t tag, const std::vector<ObjectBuilder>& items) {
    Bytes content;
    for (const ObjectBuilder& item : items) {
      put_tag(content, 0xFFFEE000);
      put32(content,
            encoding_.open_sequences ? 0xFFFFFFFF : static_cast<std::uint32_t>(item.bytes_.size()));
      content.insert(content.end(), item.bytes_.begin(), item.bytes_.end());
      if (encoding_.open_sequences) delimiter(content, 0xFFFEE00D);
    }
    if (encoding_.open_sequences) delimiter(content, 0xFFFEE0DD);
    header(tag, "SQ",
           encoding_.open_sequences ? 0xFFFFFFFF : static_cast<std::uint32_t>(content.size()));
    bytes_.insert(bytes_.end(), content.begin(), content.end());
    return *this;
  }
  ObjectBuilder& code(std::uint32_t tag, std::string_view value, std::string_view scheme,
                      std::string_view meaning) {
    ObjectBuilder item(encoding_);
    item.text(0x00080100, "SH", value).text(0x00080102, "SH", scheme);
    item.text(0x00080104, "LO", meaning);
    return sequence(tag, {item});
  }
  /// Encapsulated pixels; `table` is the basic offset table.
  ObjectBuilder& fragments(const std::vector<Bytes>& streams, const Bytes& table = {}) {
    header(0x7FE00010, "OB", 0xFFFFFFFF);
    std::vector<Bytes> all = {table};
    all.insert(all.end(), streams.begin(), streams.end());
    for (Bytes stream : all) {
      if (stream.size() % 2 != 0) stream.push_back(0);
      put_tag(bytes_, 0xFFFEE000);
      put32(bytes_, static_cast<std::uint32_t>(stream.size()));
      bytes_.insert(bytes_.end(), stream.begin(), stream.end());
    }
    delimiter(bytes_, 0xFFFEE0DD);
    return *this;
  }

  const Bytes& bytes() const { return bytes_; }
  ObjectEncoding encoding() const { return encoding_; }
  ObjectBuilder nested() const { return ObjectBuilder(encoding_); }

  /// With preamble and meta information.
  Bytes file(std::string_view transfer_syntax, std::string_view sop_class) const {
    ObjectBuilder meta;
    meta.raw(0x00020001, "OB", {0, 1}).text(0x00020002, "UI", sop_class);
    meta.text(0x00020003, "UI", "2.25.1").text(0x00020010, "UI", transfer_syntax);
    Bytes file(128);
    for (const char letter : std::string_view("DICM")) {
      file.push_back(static_cast<std::uint8_t>(letter));
    }
    ObjectBuilder length;
    length.u32(0x00020000, static_cast<std::uint32_t>(meta.bytes_.size()));
    for (const ByteView part : {ByteView(length.bytes_), ByteView(meta.bytes_), ByteView(bytes_)}) {
      file.insert(file.end(), part.begin(), part.end());
    }
    return file;
  }
  Bytes file(std::string_view sop_class) const {
    if (encoding_.big_endian) return file("1.2.840.10008.1.2.2", sop_class);
    return file(encoding_.explicit_vr ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2", sop_class);
  }

  void put16(Bytes& out, std::uint32_t value) const {
    const auto low = static_cast<std::uint8_t>(value);
    const auto high = static_cast<std::uint8_t>(value >> 8);
    out.push_back(encoding_.big_endian ? high : low);
    out.push_back(encoding_.big_endian ? low : high);
  }
  void put32(Bytes& out, std::uint32_t value) const {
    put16(out, encoding_.big_endian ? value >> 16 : value & 0xFFFF);
    put16(out, encoding_.big_endian ? value & 0xFFFF : value >> 16);
  }

 private:
  void put_tag(Bytes& out, std::uint32_t tag) const {
    put16(out, tag >> 16);
    put16(out, tag & 0xFFFF);
  }
  void delimiter(Bytes& out, std::uint32_t tag) const {
    put_tag(out, tag);
    put32(out, 0);
  }
  void header(std::uint32_t tag, std::string_view vr, std::uint32_t length) {
    put_tag(bytes_, tag);
    if (!encoding_.explicit_vr) return put32(bytes_, length);
    bytes_.push_back(static_cast<std::uint8_t>(vr[0]));
    bytes_.push_back(static_cast<std::uint8_t>(vr[1]));
    if (vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UN" || vr == "OL") {
      put16(bytes_, 0);
      return put32(bytes_, length);
    }
    put16(bytes_, length);
  }

  ObjectEncoding encoding_;
  Bytes bytes_;
};

inline constexpr std::string_view kTwelveLeadClass = "1.2.840.10008.5.1.4.1.1.9.1.1";
inline constexpr std::string_view kGeneralEcgClass = "1.2.840.10008.5.1.4.1.1.9.1.2";
inline constexpr std::string_view kHemodynamicClass = "1.2.840.10008.5.1.4.1.1.9.2.1";
inline constexpr std::string_view kSecondaryCaptureClass = "1.2.840.10008.5.1.4.1.1.7";

/// One channel of a group, as a device would describe it.
struct TestChannel {
  std::string code = "2:1";
  std::string scheme = "MDC";
  std::string meaning = "Lead I";
  std::string label;
  std::string sensitivity = "2.5";
  std::string unit = "uV";
  std::string correction = "1";
  std::string baseline = "0";
  std::string skew = "0";
  std::uint32_t bits_stored = 16;
  std::string low_filter, high_filter, notch;
  std::string derivation;
};

struct TestGroup {
  std::vector<TestChannel> channels = {TestChannel{}};
  std::vector<std::vector<std::int64_t>> samples = {{1, -2, 3, -4}};  // a row a channel
  std::string frequency = "500";
  std::string originality = "ORIGINAL";
  std::string offset;
  int bits = 16;
  std::string interpretation = "SS";
  std::string data_vr = "OW";
  std::vector<std::int64_t> padding;  // none or one
};

inline Bytes sample_bytes(const ObjectBuilder& order, const TestGroup& group,
                          const std::vector<std::int64_t>& values) {
  Bytes data;
  for (const std::int64_t value : values) {
    const auto raw = static_cast<std::uint32_t>(value);
    if (group.bits == 8) {
      data.push_back(static_cast<std::uint8_t>(raw));
    } else if (group.bits == 16) {
      order.put16(data, raw & 0xFFFF);
    } else {
      order.put32(data, raw);
    }
  }
  return data;
}

inline ObjectBuilder waveform_item(const ObjectBuilder& like, const TestGroup& group) {
  ObjectBuilder item = like.nested();
  if (!group.offset.empty()) item.text(0x00181068, "DS", group.offset);
  item.text(0x003A0004, "CS", group.originality);
  item.u16(0x003A0005, static_cast<std::uint32_t>(group.channels.size()));
  item.u32(0x003A0010, static_cast<std::uint32_t>(group.samples.front().size()));
  item.text(0x003A001A, "DS", group.frequency);
  std::vector<ObjectBuilder> definitions;
  for (const TestChannel& channel : group.channels) {
    ObjectBuilder& at = definitions.emplace_back(like.nested());
    if (!channel.label.empty()) at.text(0x003A0203, "SH", channel.label);
    at.code(0x003A0208, channel.code, channel.scheme, channel.meaning);
    if (!channel.derivation.empty()) at.text(0x003A020C, "LO", channel.derivation);
    if (!channel.sensitivity.empty()) at.text(0x003A0210, "DS", channel.sensitivity);
    if (!channel.unit.empty()) at.code(0x003A0211, channel.unit, "UCUM", "a unit");
    if (!channel.correction.empty()) at.text(0x003A0212, "DS", channel.correction);
    at.text(0x003A0213, "DS", channel.baseline).text(0x003A0215, "DS", channel.skew);
    at.u16(0x003A021A, channel.bits_stored);
    if (!channel.low_filter.empty()) at.text(0x003A0220, "DS", channel.low_filter);
    if (!channel.high_filter.empty()) at.text(0x003A0221, "DS", channel.high_filter);
    if (!channel.notch.empty()) at.text(0x003A0222, "DS", channel.notch);
  }
  item.sequence(0x003A0200, definitions);
  item.u16(0x54001004, static_cast<std::uint32_t>(group.bits));
  item.text(0x54001006, "CS", group.interpretation);
  if (!group.padding.empty()) {
    item.raw(0x5400100A, group.data_vr, sample_bytes(like, group, group.padding));
  }
  std::vector<std::int64_t> multiplexed;
  for (std::size_t i = 0; i < group.samples.front().size(); ++i) {
    for (const auto& row : group.samples) multiplexed.push_back(row[i]);
  }
  return item.raw(0x54001010, group.data_vr, sample_bytes(like, group, multiplexed));
}

/// An ECG object of these groups and annotations.
inline ObjectBuilder ecg_object(const std::vector<TestGroup>& groups, ObjectEncoding encoding = {},
                                std::string_view sop_class = kGeneralEcgClass,
                                const std::vector<ObjectBuilder>& annotations = {}) {
  ObjectBuilder object(encoding);
  object.text(0x00080005, "CS", "ISO_IR 100").text(0x00080016, "UI", sop_class);
  object.text(0x0008002A, "DT", "20260309102030.5+0100").text(0x00080070, "LO", "Maker");
  object.text(0x00081090, "LO", "Model 3").text(0x00100010, "PN", "MARTIN^Zo\xE9^^Dr");
  object.text(0x00100020, "LO", "4711").text(0x00100030, "DA", "19790314");
  object.text(0x00100040, "CS", "F").text(0x00181000, "LO", "SN 7");
  if (!annotations.empty()) object.sequence(0x0040B020, annotations);
  std::vector<ObjectBuilder> items;
  items.reserve(groups.size());
  for (const TestGroup& group : groups) items.push_back(waveform_item(object, group));
  return object.sequence(0x54000100, items);
}

/// A picture whose pixels are put by `put`.
template <typename Put>
ObjectBuilder picture_object(int width, int height, int samples, std::string_view photometric,
                             int bits, Put put, ObjectEncoding encoding = {},
                             std::string_view sop_class = kSecondaryCaptureClass) {
  ObjectBuilder object(encoding);
  object.text(0x00080016, "UI", sop_class).text(0x00100010, "PN", "DUPONT^Jean");
  object.u16(0x00280002, static_cast<std::uint32_t>(samples));
  object.text(0x00280004, "CS", photometric);
  if (samples > 1) object.u16(0x00280006, 0);
  object.u16(0x00280010, static_cast<std::uint32_t>(height));
  object.u16(0x00280011, static_cast<std::uint32_t>(width));
  object.u16(0x00280100, static_cast<std::uint32_t>(bits));
  object.u16(0x00280101, static_cast<std::uint32_t>(bits));
  object.u16(0x00280102, static_cast<std::uint32_t>(bits - 1)).u16(0x00280103, 0);
  put(object);
  return object;
}

}  // namespace telavis::test
