// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_library.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcdicent.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmdata/dcxfer.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <dcmtk/ofstd/ofchrenc.h>

#include <algorithm>
#include <memory>

namespace telavis {
namespace {

constexpr std::size_t kInflateChunk = std::size_t{1} << 20;

tl::unexpected<Error> damaged_picture() {
  return fail(ErrorCode::malformed_file,
              "The picture in the DICOM file is damaged. Export or send it again.");
}

OFString to_of(std::string_view text) {
  return {text.data(), text.size()};
}

/// The one frame as DCMTK wants it: an empty offset table, then one fragment of even length.
std::unique_ptr<DcmPixelSequence> as_sequence(ByteView stream) {
  const DcmTag item_tag(DCM_PixelItemTag, DcmVR(EVR_pixelItem));
  auto sequence =
      std::make_unique<DcmPixelSequence>(DcmTag(DCM_PixelSequenceTag, DcmVR(EVR_pixelSQ)));
  auto table = std::make_unique<DcmPixelItem>(item_tag);
  auto fragment = std::make_unique<DcmPixelItem>(item_tag);
  Bytes even(stream.begin(), stream.end());
  if (even.size() % 2 != 0) even.push_back(0);
  if (fragment->putUint8Array(even.data(), static_cast<unsigned long>(even.size())).bad())
    return {};
  if (sequence->insert(table.get()).bad()) return {};
  static_cast<void>(table.release());  // the sequence owns it now
  if (sequence->insert(fragment.get()).bad()) return {};
  static_cast<void>(fragment.release());
  return sequence;
}

bool put_description(DcmDataset& dataset, const CompressedFrame& frame) {
  const auto put = [&](const DcmTagKey& key, int value) {
    return dataset.putAndInsertUint16(DcmTag(key, DcmVR(EVR_US)), static_cast<Uint16>(value))
        .good();
  };
  // The name only tells the codecs how many components there are; they are told to convert none.
  const char* photometric = frame.samples == 3 ? "RGB" : "MONOCHROME2";
  return put(DCM_SamplesPerPixel, frame.samples) && put(DCM_Rows, frame.rows) &&
         put(DCM_Columns, frame.columns) && put(DCM_BitsAllocated, frame.bits_allocated) &&
         put(DCM_BitsStored, frame.bits_stored) && put(DCM_HighBit, frame.bits_stored - 1) &&
         put(DCM_PixelRepresentation, frame.is_signed ? 1 : 0) &&
         (frame.samples == 1 || put(DCM_PlanarConfiguration, 0)) &&
         dataset
             .putAndInsertString(DcmTag(DCM_PhotometricInterpretation, DcmVR(EVR_CS)), photometric)
             .good();
}

}  // namespace

void prepare_dicom_library() {
  static const bool prepared = [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    // The codecs are found through a global list. Colours are ours to convert.
    DJDecoderRegistration::registerCodecs(EDC_never, EUC_never, EPC_colorByPixel);
    DJLSDecoderRegistration::registerCodecs(EJLSUC_never, EJLSPC_colorByPixel);
    return true;
  }();
  static_cast<void>(prepared);
}

Result<Bytes> inflate_dicom(ByteView deflated, std::size_t limit) {
  prepare_dicom_library();
  // A padding byte may follow the stream; without it the library waits for more.
  DcmInputBufferStream stream;
  stream.setBuffer(deflated.data(), static_cast<offile_off_t>(deflated.size()));
  stream.setEos();
  Bytes inflated;
  if (stream.installCompressionFilter(ESC_zlib).bad()) return damaged_picture();
  Bytes chunk(kInflateChunk);
  while (stream.good()) {
    const offile_off_t count = stream.read(chunk.data(), static_cast<offile_off_t>(chunk.size()));
    if (count <= 0) break;
    if (inflated.size() + static_cast<std::size_t>(count) > limit) {
      return fail(ErrorCode::limit_exceeded,
                  "The deflated DICOM file is too large. Export it without compression.");
    }
    inflated.insert(inflated.end(), chunk.begin(), chunk.begin() + count);
  }
  if (inflated.empty()) {
    return fail(ErrorCode::malformed_file,
                "The deflated DICOM file is damaged. Export or send it again.");
  }
  return inflated;
}

std::string convert_dicom_text(std::string_view text, std::string_view character_sets,
                               std::string_view delimiters) {
  prepare_dicom_library();
  OFString converted;
  if (character_sets.find("IR 87") != std::string_view::npos ||
      character_sets.find("IR 159") != std::string_view::npos) {
    // The C library has the Japanese sets together only, under the name of their use in mail.
    OFCharacterEncoding japanese;
    if (japanese.selectEncoding("ISO-2022-JP-2", "UTF-8").good() &&
        japanese.convertString(text.data(), text.size(), converted).good()) {
      return {converted.data(), converted.size()};
    }
  }
  DcmSpecificCharacterSet converter;
  if (converter.selectCharacterSet(to_of(character_sets)).bad() ||
      converter.convertString(text.data(), text.size(), converted, to_of(delimiters)).bad()) {
    return {};
  }
  return {converted.data(), converted.size()};
}

DicomEntry dicom_entry(std::uint32_t tag) {
  const DcmTagKey key(static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag));
  const DcmDataDictionary& dictionary = dcmDataDict.rdlock();
  const DcmDictEntry* found = dictionary.findEntry(key, nullptr);
  DicomEntry entry{"UN", {}};
  if (found != nullptr) {
    // The dictionary's own letters for "one of several": pixels, palettes, US or SS.
    const std::string vr = found->getVR().getVRName();
    entry.vr = vr == "xs" ? "US" : DcmVR(found->getEVR()).getValidVRName();
    if (vr == "ox" || vr == "px" || vr == "lt") entry.vr = "OW";
    entry.keyword = found->getTagName();
  }
  dcmDataDict.rdunlock();
  return entry;
}

std::optional<std::uint32_t> dicom_tag_of(const std::string& keyword) {
  const DcmDataDictionary& dictionary = dcmDataDict.rdlock();
  const DcmDictEntry* found = dictionary.findEntry(keyword.c_str());
  std::optional<std::uint32_t> tag;
  if (found != nullptr && !found->isRepeating())
    tag = std::uint32_t{found->getGroup()} << 16 | found->getElement();
  dcmDataDict.rdunlock();
  return tag;
}

std::string dicom_uid_name(std::string_view uid) {
  const char* name = dcmFindNameOfUID(std::string(uid).c_str());
  return name == nullptr ? std::string() : std::string(name);
}

Result<Bytes> decompress_frame(const CompressedFrame& frame) {
  prepare_dicom_library();
  const DcmXfer syntax(std::string(frame.transfer_syntax).c_str());
  auto sequence = as_sequence(frame.stream);
  DcmDataset dataset;
  if (!sequence || !put_description(dataset, frame)) return damaged_picture();
  auto pixels = std::make_unique<DcmPixelData>(DcmTag(DCM_PixelData, DcmVR(EVR_OB)));
  pixels->putOriginalRepresentation(syntax.getXfer(), nullptr, sequence.release());
  DcmPixelData* const data = pixels.get();
  if (dataset.insert(data).bad()) return damaged_picture();
  static_cast<void>(pixels.release());  // the data set owns it now

  const std::size_t bytes =
      static_cast<std::size_t>(frame.rows) * static_cast<std::size_t>(frame.columns) *
      static_cast<std::size_t>(frame.samples) * static_cast<std::size_t>(frame.bits_allocated / 8);
  Bytes decompressed(bytes + bytes % 2);
  Uint32 fragment = 0;
  OFString colours;
  const OFCondition status =
      data->getUncompressedFrame(&dataset, 0, fragment, decompressed.data(),
                                 static_cast<Uint32>(decompressed.size()), colours, nullptr);
  if (status.bad()) return damaged_picture();
  decompressed.resize(bytes);
  return decompressed;
}

}  // namespace telavis
