// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_data.h"

#include <utility>

#include "formats/dicom_tags.h"

namespace telavis {
namespace {

constexpr std::uint32_t kItem = 0xFFFEE000;
constexpr std::string_view kSequence = "SQ";

void put_start(ByteWriter& out, std::uint32_t tag, std::size_t length) {
  out.u16le(static_cast<std::uint16_t>(tag >> 16));
  out.u16le(static_cast<std::uint16_t>(tag));
  out.u32le(static_cast<std::uint32_t>(length));
}

Bytes without_types(const DicomItem& item) {
  Bytes bytes;
  ByteWriter out(bytes);
  for (const DicomElement& element : item.elements) {
    if (std::string_view(element.vr.data(), element.vr.size()) != kSequence) {
      put_start(out, element.tag, element.value.size());
      out.bytes(element.value);
      continue;
    }
    Bytes items;
    ByteWriter into(items);
    for (const DicomItem& one : dicom_items(item, element.tag)) {
      const Bytes content = without_types(one);
      put_start(into, kItem, content.size());
      into.bytes(content);
    }
    put_start(out, element.tag, items.size());
    out.bytes(items);
  }
  return bytes;
}

}  // namespace

Bytes dicom_file_start(std::string_view sop_class, std::string_view sop_instance,
                       std::string_view transfer_syntax) {
  return dicom_file(sop_class, sop_instance, transfer_syntax, DicomBuilder());
}

Result<DicomData> read_dicom_data(ByteView data, std::string_view transfer_syntax) {
  Bytes bytes = dicom_file_start({}, {}, transfer_syntax);
  bytes.insert(bytes.end(), data.begin(), data.end());
  DicomData read{std::make_shared<const Bytes>(std::move(bytes)), {}};
  auto file = walk_dicom(*read.bytes);
  if (!file) return tl::unexpected(file.error());
  read.elements = std::move(file->dataset);
  // The walker lends a data set the class that a file's meta information states; here it is none.
  std::erase_if(read.elements.elements, [](const DicomElement& one) {
    return one.tag == dicom_tag::kSopClass && one.value.empty();
  });
  return read;
}

Bytes dicom_data_bytes(const DicomBuilder& data, std::string_view transfer_syntax) {
  Bytes bytes = data.encoded();
  if (transfer_syntax != kImplicitLittle) return bytes;
  const auto read = read_dicom_data(bytes, kExplicitLittle);
  // What the builder wrote is well-formed: its own tests and the walker's hold them together.
  return read ? without_types(read->elements) : Bytes();
}

}  // namespace telavis
