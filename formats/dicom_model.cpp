// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "formats/base64.h"
#include "formats/dicom_attributes.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"
#include "formats/xml_text.h"

namespace telavis {
namespace {

constexpr std::string_view kXmlHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    "<NativeDicomModel xmlns=\"http://dicom.nema.org/PS3.19/models/NativeDICOM\" "
    "xml:space=\"preserve\">";

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string tag_text(std::uint32_t tag) {
  return fmt::format("{:08X}", tag);
}
std::string path_to(std::string_view before, std::uint32_t tag) {
  return fmt::format("{}{:08x}", before, tag);
}

/// What both models share: the values of an attribute as texts that need no more than escaping.
struct Bulk {
  bool inline_bytes = false;
  std::optional<std::string> uri;
};

Bulk bulk_of(const DicomAttribute& attribute, std::string_view before, const BulkUri& uri) {
  if (attribute.bytes.empty()) return {};
  if (attribute.bytes.size() <= kMaxInlineBytes && !attribute.encapsulated) return {true, {}};
  return {false, uri ? uri(path_to(before, attribute.tag)) : std::nullopt};
}

class JsonModel {
 public:
  explicit JsonModel(const BulkUri& uri) : uri_(uri) {}

  void item(const DicomItem& dataset, std::string_view sets, const std::string& before,
            int depth = 0) {
    const std::string own_sets = dicom_character_sets(dataset, sets);
    out_ += '{';
    bool first = true;
    for (const DicomAttribute& attribute : dicom_attributes(dataset, sets)) {
      if (!first) out_ += ',';
      first = false;
      out_ += fmt::format("\"{}\":{{\"vr\":\"{}\"", tag_text(attribute.tag), attribute.vr);
      content(attribute, own_sets, before, depth);
      out_ += '}';
    }
    out_ += '}';
  }
  std::string take() { return std::move(out_); }

 private:
  void content(const DicomAttribute& attribute, const std::string& sets, const std::string& before,
               int depth) {
    if (attribute.is_binary()) return binary(attribute, before);
    std::vector<std::string> values;
    for (const DicomPersonName& name : attribute.names) values.push_back(person(name));
    for (std::size_t i = 0; i < std::max(attribute.texts.size(), attribute.numbers.size()); ++i) {
      const bool number = i < attribute.numbers.size() && !attribute.numbers[i].empty();
      const bool text = i < attribute.texts.size() && !attribute.texts[i].empty();
      values.push_back(number ? attribute.numbers[i]
                       : text ? json_text(attribute.texts[i])
                              : std::string("null"));
    }
    // The walk of an implicit file cannot see what only the dictionary calls a sequence.
    const std::size_t items = depth < kMaxDicomNesting ? attribute.items.size() : 0;
    if (values.empty() && items == 0) return;
    out_ += fmt::format(",\"Value\":[{}", fmt::join(values, ","));
    for (std::size_t i = 0; i < items; ++i) {
      if (i > 0) out_ += ',';
      item(attribute.items[i], sets, fmt::format("{}.{}.", path_to(before, attribute.tag), i),
           depth + 1);
    }
    out_ += ']';
  }

  void binary(const DicomAttribute& attribute, const std::string& before) {
    const Bulk bulk = bulk_of(attribute, before, uri_);
    if (bulk.inline_bytes) {
      out_ += ",\"InlineBinary\":" + json_text(base64_encoded(attribute.bytes));
    } else if (bulk.uri) {
      out_ += ",\"BulkDataURI\":" + json_text(*bulk.uri);
    }
  }

  static std::string person(const DicomPersonName& name) {
    std::vector<std::string> members;
    for (const auto& [key, text] :
         {std::pair<const char*, const std::string&>("Alphabetic", name.alphabetic),
          {"Ideographic", name.ideographic},
          {"Phonetic", name.phonetic}}) {
      if (!text.empty()) members.push_back(fmt::format("\"{}\":{}", key, json_text(text)));
    }
    return members.empty() ? "null" : fmt::format("{{{}}}", fmt::join(members, ","));
  }

  const BulkUri& uri_;
  std::string out_;
};

class XmlModel {
 public:
  explicit XmlModel(const BulkUri& uri) : uri_(uri) {}

  void item(const DicomItem& dataset, std::string_view sets, const std::string& before,
            int depth = 0) {
    const std::string own_sets = dicom_character_sets(dataset, sets);
    for (const DicomAttribute& attribute : dicom_attributes(dataset, sets)) {
      out_ += fmt::format("<DicomAttribute tag=\"{}\" vr=\"{}\"", tag_text(attribute.tag),
                          attribute.vr);
      if (!attribute.keyword.empty())
        out_ += fmt::format(" keyword=\"{}\"", xml_escaped(attribute.keyword));
      out_ += '>';
      content(attribute, own_sets, before, depth);
      out_ += "</DicomAttribute>";
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void content(const DicomAttribute& attribute, const std::string& sets, const std::string& before,
               int depth) {
    if (attribute.is_binary()) {
      const Bulk bulk = bulk_of(attribute, before, uri_);
      if (bulk.inline_bytes)
        out_ += "<InlineBinary>" + base64_encoded(attribute.bytes) + "</InlineBinary>";
      if (bulk.uri) out_ += fmt::format("<BulkData uri=\"{}\"/>", xml_escaped(*bulk.uri));
      return;
    }
    std::size_t number = 0;
    for (const DicomPersonName& name : attribute.names) person(++number, name);
    const auto& values = attribute.texts.empty() ? attribute.numbers : attribute.texts;
    for (const std::string& value : values)
      out_ += fmt::format("<Value number=\"{}\">{}</Value>", ++number, xml_escaped(value));
    for (std::size_t i = 0; depth < kMaxDicomNesting && i < attribute.items.size(); ++i) {
      out_ += fmt::format("<Item number=\"{}\">", i + 1);
      item(attribute.items[i], sets, fmt::format("{}.{}.", path_to(before, attribute.tag), i),
           depth + 1);
      out_ += "</Item>";
    }
  }

  void person(std::size_t number, const DicomPersonName& name) {
    constexpr std::array kComponents = {"FamilyName", "GivenName", "MiddleName", "NamePrefix",
                                        "NameSuffix"};
    out_ += fmt::format("<PersonName number=\"{}\">", number);
    for (const auto& [group, text] :
         {std::pair<const char*, const std::string&>("Alphabetic", name.alphabetic),
          {"Ideographic", name.ideographic},
          {"Phonetic", name.phonetic}}) {
      if (text.empty()) continue;
      out_ += fmt::format("<{}>", group);
      std::string_view rest = text;
      for (const char* component : kComponents) {
        const std::string_view part = rest.substr(0, rest.find('^'));
        if (!part.empty())
          out_ += fmt::format("<{0}>{1}</{0}>", component, xml_escaped(std::string(part)));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      }
      out_ += fmt::format("</{}>", group);
    }
    out_ += "</PersonName>";
  }

  const BulkUri& uri_;
  std::string out_;
};

std::size_t unit_of(std::string_view vr) {
  if (vr == "OW") return 2;
  if (vr == "OF" || vr == "OL") return 4;
  return vr == "OD" || vr == "OV" ? 8 : 1;
}

Bytes little_endian(ByteView bytes, std::string_view vr, bool big_endian) {
  Bytes out(bytes.begin(), bytes.end());
  const std::size_t unit = big_endian ? unit_of(vr) : 1;
  for (std::size_t at = 0; unit > 1 && at + unit <= out.size(); at += unit) {
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(at),
                 out.begin() + static_cast<std::ptrdiff_t>(at + unit));
  }
  return out;
}

tl::unexpected<Error> no_bulk_data() {
  return fail(ErrorCode::not_found,
              "There are no bytes at this place of the instance: take the URI from its metadata.");
}

/// The next step of a path, "54000100" or "0", and the dot behind it taken off.
std::optional<std::uint32_t> step(std::string_view& path, int base) {
  const std::string_view text = path.substr(0, path.find('.'));
  path.remove_prefix(std::min(path.size(), text.size() + 1));
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number, base);
  if (text.empty() || error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

Result<std::vector<Bytes>> fragments_of_frames(const DicomElement& pixels, std::size_t frames) {
  std::vector<ByteView> fragments = dicom_fragments(pixels);
  if (fragments.size() < 2) return no_bulk_data();
  const ByteView table = fragments.front();
  fragments.erase(fragments.begin());
  // Where each frame begins: in the first fragment, in one each, or as the offset table says.
  std::vector<std::size_t> starts;
  if (frames == 1) {
    starts = {0};
  } else if (frames == fragments.size()) {
    for (std::size_t i = 0; i < frames; ++i) starts.push_back(i);
  } else if (table.size() == frames * 4) {
    ByteReader offsets(table);
    std::size_t at = 0;  // of the item of fragment i, from the first one
    std::size_t wanted = offsets.u32le().value_or(0);
    for (std::size_t i = 0; i < fragments.size(); ++i) {
      if (at == wanted) {
        starts.push_back(i);
        wanted = offsets.u32le().value_or(UINT32_MAX);
      }
      at += fragments[i].size() + 8;  // tag and length
    }
  }
  if (starts.size() != frames) {
    return fail(ErrorCode::unsupported_encoding,
                "The frames of this instance cannot be told apart: retrieve the instance whole.");
  }
  std::vector<Bytes> found(frames);
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const std::size_t end = frame + 1 < frames ? starts[frame + 1] : fragments.size();
    for (std::size_t i = starts[frame]; i < end; ++i)
      found[frame].insert(found[frame].end(), fragments[i].begin(), fragments[i].end());
  }
  return found;
}

}  // namespace

std::string dicom_json(const DicomItem& dataset, const BulkUri& bulk_uri) {
  JsonModel model(bulk_uri);
  model.item(dataset, {}, {});
  return model.take();
}

std::string dicom_xml(const DicomItem& dataset, const BulkUri& bulk_uri) {
  XmlModel model(bulk_uri);
  model.item(dataset, {}, {});
  return std::string(kXmlHead) + model.take() + "</NativeDicomModel>";
}

Result<Bytes> dicom_bulk_data(const DicomItem& dataset, std::string_view path) {
  DicomItem at = dataset;
  for (int depth = 0; depth <= kMaxDicomNesting; ++depth) {
    const auto tag = step(path, 16);
    if (!tag) return no_bulk_data();
    if (path.empty()) {
      for (const DicomAttribute& attribute : dicom_attributes(at, {})) {
        if (attribute.tag == *tag && attribute.is_binary() && !attribute.encapsulated &&
            !attribute.bytes.empty())
          return little_endian(attribute.bytes, attribute.vr, at.encoding.big_endian);
      }
      return no_bulk_data();
    }
    const auto number = step(path, 10);
    std::vector<DicomItem> items = dicom_items(at, *tag);
    if (!number || *number >= items.size()) return no_bulk_data();
    at = std::move(items[*number]);
  }
  return no_bulk_data();
}

Result<std::vector<Bytes>> dicom_frames(const DicomItem& dataset) {
  const DicomElement* pixels = dataset.find(dicom_tag::kPixelData);
  // US each, whatever a file writes there: the product of four of them cannot overflow.
  const auto number = [&](std::uint32_t tag, std::uint32_t absent) {
    return std::size_t{dicom_unsigned(dataset, tag).value_or(absent) & 0xFFFF};
  };
  if (pixels == nullptr || pixels->value.empty()) return no_bulk_data();
  const std::size_t frames =
      std::max<std::size_t>(1, dicom_unsigned(dataset, dicom_tag::kNumberOfFrames).value_or(1));
  if (pixels->encapsulated) return fragments_of_frames(*pixels, frames);
  const std::size_t bits = number(dicom_tag::kBitsAllocated, 0);
  const std::size_t samples = number(dicom_tag::kSamplesPerPixel, 1);
  const std::size_t size =
      number(dicom_tag::kRows, 0) * number(dicom_tag::kColumns, 0) * (bits / 8) * samples;
  if (size == 0 || bits % 8 != 0) return no_bulk_data();
  const bool words = std::string_view(pixels->vr.data(), pixels->vr.size()) != "OB";
  const Bytes all = little_endian(pixels->value, words ? "OW" : "OB", dataset.encoding.big_endian);
  if (size > all.size() / frames) return no_bulk_data();
  std::vector<Bytes> found;
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const auto start = all.begin() + static_cast<std::ptrdiff_t>(frame * size);
    found.emplace_back(start, start + static_cast<std::ptrdiff_t>(size));
  }
  return found;
}

}  // namespace telavis
