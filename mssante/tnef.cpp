// SPDX-License-Identifier: Apache-2.0
#include "mssante/tnef.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::uint32_t kSignature = 0x223E9F78;
constexpr std::size_t kMaxTnefFiles = 100;     // a mail with more is no case
constexpr std::size_t kMaxAttributes = 2'000;  // a file has some six, a message some twenty
constexpr std::uint32_t kMaxProperties = 2'000;
constexpr std::uint32_t kMaxValues = 1'000;
constexpr int kMaxEnclosed = 4;  // mails enclosed in mails

// Attributes: type in the upper half, number in the lower.
constexpr std::uint32_t kAttributeBody = 0x0002800C;
constexpr std::uint32_t kAttributeProperties = 0x00069003;
constexpr std::uint32_t kAttributeRenderData = 0x00069002;
constexpr std::uint32_t kAttributeTitle = 0x00018010;
constexpr std::uint32_t kAttributeData = 0x0006800F;
constexpr std::uint32_t kAttributeFileProperties = 0x00069005;

constexpr std::uint16_t kPropertyBody = 0x1000;
constexpr std::uint16_t kPropertyRichText = 0x1009;
constexpr std::uint16_t kPropertyHtml = 0x1013;
constexpr std::uint16_t kPropertyData = 0x3701;
constexpr std::uint16_t kPropertyLongName = 0x3707;
constexpr std::uint16_t kPropertyMediaType = 0x370E;

constexpr std::uint16_t kTypeObject = 0x000D;
constexpr std::uint16_t kTypeText16 = 0x001F;
constexpr std::uint16_t kManyValues = 0x1000;  // flag of a type
constexpr std::uint16_t kFirstNamed = 0x8000;  // numbers from here on have names

std::string utf8_of_utf16(ByteView bytes) {
  std::string out;
  const auto unit = [&](std::size_t i) {
    return static_cast<std::uint32_t>(bytes[i] | (bytes[i + 1] << 8));
  };
  const auto append = [&](std::uint32_t c) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
      put(0xC0 | (c >> 6));
      return put(0x80 | (c & 0x3F));
    }
    if (c < 0x10000) {
      put(0xE0 | (c >> 12));
    } else {
      put(0xF0 | (c >> 18));
      put(0x80 | ((c >> 12) & 0x3F));
    }
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (c == 0) break;
    const bool high = (c & 0xFC00U) == 0xD800;
    if (high && i + 3 < bytes.size() && (unit(i + 2) & 0xFC00U) == 0xDC00) {
      c = 0x10000 + ((c & 0x3FFU) << 10) + (unit(i + 2) & 0x3FFU);
      i += 2;
    } else if ((c & 0xF800U) == 0xD800) {
      c = 0xFFFD;
    }
    append(c);
  }
  return out;
}

std::string utf8_of_8bit(ByteView bytes) {
  const auto end = std::ranges::find(bytes, std::uint8_t{0});
  return text_from_device(bytes.first(static_cast<std::size_t>(end - bytes.begin())));
}

struct Property {
  std::uint16_t type = 0;
  std::uint16_t number = 0;
  ByteView value;
};

/// Size of a value of fixed length, 0: its length stands before it.
std::size_t fixed_size(std::uint16_t type) {
  switch (type) {
    case 0x0002:  // 16 bits, in four bytes
    case 0x0003:
    case 0x0004:
    case 0x000A:
    case 0x000B:
      return 4;
    case 0x0005:
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case 0x0040:
      return 8;
    case 0x0048:
      return 16;
    default:
      return 0;
  }
}

bool skip_padded(ByteReader& reader, std::size_t size) {
  const std::size_t padded = (size + 3) / 4 * 4;
  return reader.skip(std::min(padded, reader.remaining())) && padded >= size;
}

/// Named properties carry their name between type and value.
bool skip_name(ByteReader& reader) {
  if (!reader.skip(16)) return false;
  const auto kind = reader.u32le();
  if (!kind) return false;
  if (*kind == 0) return reader.skip(4);
  const auto length = reader.u32le();
  return length && *length <= reader.remaining() && skip_padded(reader, *length);
}

std::optional<ByteView> read_value(ByteReader& reader, std::uint16_t type) {
  if (const std::size_t size = fixed_size(type)) return reader.take(size);
  const auto length = reader.u32le();
  if (!length || *length > reader.remaining()) return std::nullopt;
  const std::size_t begin = reader.position();
  const auto value = reader.take(*length);
  reader.seek(begin);
  return skip_padded(reader, *length) ? value : std::nullopt;
}

/// nullopt: it ends early. What was read before that stays.
bool read_properties(ByteView bytes, std::vector<Property>& out) {
  ByteReader reader(bytes);
  const auto count = reader.u32le();
  if (!count || *count > kMaxProperties) return false;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto type = reader.u16le();
    const auto number = reader.u16le();
    if (!type || !number) return false;
    if (*number >= kFirstNamed && !skip_name(reader)) return false;
    const auto one = static_cast<std::uint16_t>(*type & ~kManyValues);
    std::uint32_t values = 1;
    if ((*type & kManyValues) != 0 || fixed_size(one) == 0) {
      const auto many = reader.u32le();
      if (!many || *many > kMaxValues) return false;
      values = *many;
    }
    for (std::uint32_t v = 0; v < values; ++v) {
      const auto value = read_value(reader, one);
      if (!value) return false;
      if (v == 0) out.push_back({one, *number, *value});
    }
  }
  return true;
}

std::string text_of(const Property& property) {
  if (property.type == kTypeText16) return utf8_of_utf16(property.value);
  return utf8_of_8bit(property.value);
}

class TnefReader {
 public:
  explicit TnefReader(TnefContent& out) : out_(out) {}

  bool read(ByteView bytes, int depth) {
    ByteReader reader(bytes);
    if (reader.u32le() != kSignature || !reader.skip(2)) return false;
    std::size_t attributes = 0;
    while (reader.remaining() > 0) {
      const auto level = reader.u8();
      const auto id = reader.u32le();
      const auto length = reader.u32le();
      if (!level || !id || !length || ++attributes > kMaxAttributes) return cut();
      const auto value = reader.take(std::min<std::size_t>(*length, reader.remaining()));
      if (!value) return cut();
      attribute(*id, *value, depth);
      // The checksum is a sum of the bytes: the mail's transport guards them better.
      if (value->size() < *length || !reader.skip(2)) return cut();
    }
    return true;
  }

 private:
  bool cut() {
    out_.cut = true;
    return true;
  }
  TnefFile* file() {
    if (!open_) return nullptr;
    return &out_.files.back();
  }
  void attribute(std::uint32_t id, ByteView value, int depth) {
    switch (id) {
      case kAttributeRenderData:
        open_ = out_.files.size() < kMaxTnefFiles;
        if (open_) {
          out_.files.emplace_back();
        } else {
          out_.cut = true;
        }
        return;
      case kAttributeTitle:
        if (file() != nullptr && file()->name.empty()) file()->name = utf8_of_8bit(value);
        return;
      case kAttributeData:
        if (file() != nullptr) file()->bytes.assign(value.begin(), value.end());
        return;
      case kAttributeFileProperties:
        return file_properties(value, depth);
      case kAttributeBody:
        if (depth == 0 && out_.text.empty()) out_.text = utf8_of_8bit(value);
        return;
      case kAttributeProperties:
        if (depth == 0) message_properties(value);
        return;
      default:
        return;
    }
  }
  void message_properties(ByteView value) {
    std::vector<Property> properties;
    if (!read_properties(value, properties)) out_.cut = true;
    for (const Property& property : properties) {
      if (property.number == kPropertyRichText) out_.has_rich_text = true;
      if (property.number == kPropertyBody && out_.text.empty()) {
        out_.text = text_of(property);
        out_.text_is_html = false;
      }
    }
    for (const Property& property : properties) {
      if (property.number == kPropertyHtml && out_.text.empty()) {
        out_.text = text_of(property);
        out_.text_is_html = true;
      }
    }
  }
  void file_properties(ByteView value, int depth) {
    if (file() == nullptr) return;
    std::vector<Property> properties;
    if (!read_properties(value, properties)) out_.cut = true;
    for (const Property& property : properties) {
      if (property.number == kPropertyLongName) file()->name = text_of(property);
      if (property.number == kPropertyMediaType) file()->media_type = text_of(property);
    }
    for (const Property& property : properties) {
      if (property.number != kPropertyData) continue;
      constexpr std::size_t kInterfaceBytes = 16;  // the GUID before an object's bytes
      ByteView bytes = property.value;
      if (property.type == kTypeObject && bytes.size() >= kInterfaceBytes) {
        bytes = bytes.subspan(kInterfaceBytes);
        ByteReader start(bytes);
        if (start.u32le() == kSignature) {
          enclosed(bytes, depth);
          return;
        }
      }
      if (file()->bytes.empty()) file()->bytes.assign(bytes.begin(), bytes.end());
    }
  }
  void enclosed(ByteView bytes, int depth) {
    out_.files.pop_back();  // the message itself is no file
    open_ = false;
    if (depth + 1 > kMaxEnclosed || !TnefReader(out_).read(bytes, depth + 1)) out_.cut = true;
  }

  TnefContent& out_;
  bool open_ = false;
};

}  // namespace

Result<TnefContent> read_tnef(ByteView bytes) {
  TnefContent content;
  if (!TnefReader(content).read(bytes, 0)) {
    return fail(ErrorCode::unknown_format, "These bytes are no TNEF (winmail.dat).");
  }
  return content;
}

}  // namespace telavis
