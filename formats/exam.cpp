// SPDX-License-Identifier: Apache-2.0
#include "formats/exam.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "formats/aecg.h"
#include "formats/dicom.h"
#include "formats/edf.h"
#include "formats/foreign.h"
#include "formats/heic.h"
#include "formats/jpeg.h"
#include "formats/mfer.h"
#include "formats/muse_xml.h"
#include "formats/pdf.h"
#include "formats/png.h"
#include "formats/scp_ecg.h"
#include "formats/sierra_xml.h"
#include "formats/webp.h"
#include "formats/wfdb.h"

namespace telavis {
namespace {

template <Result<EcgRecording> (*kDecode)(ByteView)>
Result<DecodedExam> tracing(ByteView file) {
  auto recording = kDecode(file);
  if (!recording) return tl::unexpected(std::move(recording.error()));
  return DecodedExam{std::move(*recording), {}};
}

// Both of one decoding.
Result<NormalisedExam> normalise_jpeg_file(ByteView file) {
  auto photo = inspect_jpeg(file);
  if (!photo) return tl::unexpected(std::move(photo.error()));
  auto both = normalise_jpeg_with_preview(file, kPreviewSidePx);
  if (!both) return tl::unexpected(std::move(both.error()));
  return NormalisedExam{std::move(*photo), std::move(both->upright), std::move(both->preview)};
}

Result<DecodedExam> decode_pdf(ByteView file) {
  auto document = inspect_pdf(file);
  if (!document) return tl::unexpected(std::move(document.error()));
  return DecodedExam{std::move(*document), Bytes(file.begin(), file.end())};
}

// A PDF inside a DICOM object is looked through like any other.
Result<DecodedExam> decode_dicom_file(ByteView file) {
  auto decoded = decode_dicom(file);
  if (!decoded) return decoded;
  if (auto* document = std::get_if<PdfDocument>(&decoded->exam)) {
    const auto inside = inspect_pdf(decoded->document);
    if (!inside) return tl::unexpected(inside.error());
    document->version = inside->version;
    document->pages = inside->pages;
    std::ranges::copy(inside->findings, std::back_inserter(document->findings));
  }
  return decoded;
}

bool looks_like_wfdb(ByteView file) {
  return looks_like_wfdb_archive(file) || looks_like_wfdb_header(file);
}

struct Codec {
  FileFormat format;
  std::string_view name;
  std::string_view extension;
  bool (*looks_like)(ByteView);
  Result<DecodedExam> (*decode)(ByteView);  // of JPEG none: it is inspected or normalised
  bool by_libraries;
};

// In the order of asking: a signature at a fixed place before a likeness, a likeness of bytes
// before one of text.
constexpr auto kCodecs = std::to_array<Codec>({
    {FileFormat::jpeg, "JPEG", ".jpg", looks_like_jpeg, nullptr, false},
    {FileFormat::png, "PNG", ".png", looks_like_png, decode_png, true},
    {FileFormat::webp, "WebP", ".webp", looks_like_webp, decode_webp, true},
    {FileFormat::heic, "HEIC", ".heic", looks_like_heic, decode_heic, true},
    {FileFormat::scp_ecg, "SCP-ECG", ".scp", looks_like_scp_ecg, tracing<decode_scp_ecg>, false},
    {FileFormat::mfer, "MFER", ".mwf", looks_like_mfer, tracing<decode_mfer>, false},
    {FileFormat::edf, "EDF", ".edf", looks_like_edf, tracing<decode_edf>, false},
    {FileFormat::hl7_aecg, "HL7 aECG", ".xml", looks_like_aecg, tracing<decode_aecg>, true},
    {FileFormat::muse_xml, "GE MUSE XML", ".xml", looks_like_muse_xml, tracing<decode_muse_xml>,
     true},
    {FileFormat::sierra_xml, "Philips Sierra XML", ".xml", looks_like_sierra_xml,
     tracing<decode_sierra_xml>, true},
    {FileFormat::dicom, "DICOM", ".dcm", looks_like_dicom, decode_dicom_file, true},
    {FileFormat::pdf, "PDF", ".pdf", looks_like_pdf, decode_pdf, true},
    {FileFormat::wfdb, "WFDB", ".tar", looks_like_wfdb, tracing<decode_wfdb>, false},
});

const Codec* codec_of(FileFormat format) {
  const auto* const found = std::ranges::find(kCodecs, format, &Codec::format);
  return found == kCodecs.end() ? nullptr : found;
}

Result<const Codec*> codec_for(ByteView file) {
  if (file.empty()) {
    return fail(ErrorCode::empty_file,
                "The file is empty. Export it again from the device and send the new file.");
  }
  if (file.size() > kMaxFileBytes) {
    return fail(ErrorCode::limit_exceeded,
                "The file is larger than 64 MiB. Send a shorter recording or a smaller photo.");
  }
  if (const Codec* const codec = codec_of(sniff(file)); codec != nullptr) return codec;
  if (const auto foreign = recognise_foreign(file)) {
    return fail(ErrorCode::unsupported_format, refusal_of(*foreign));
  }
  return fail(ErrorCode::unknown_format,
              "The format of the file is not known. Send a tracing as SCP-ECG, DICOM or HL7 aECG, "
              "or a photo as JPEG.");
}

}  // namespace

std::string_view file_format_name(FileFormat format) {
  const Codec* const codec = codec_of(format);
  return codec == nullptr ? "unknown" : codec->name;
}

std::string_view file_extension(FileFormat format) {
  const Codec* const codec = codec_of(format);
  return codec == nullptr ? ".bin" : codec->extension;
}

bool decoded_by_libraries(FileFormat format) {
  const Codec* const codec = codec_of(format);
  return codec != nullptr && codec->by_libraries;
}

FileFormat sniff(ByteView file) {
  for (const Codec& codec : kCodecs) {
    if (codec.looks_like(file)) return codec.format;
  }
  return recognise_foreign(file) ? FileFormat::foreign : FileFormat::unknown;
}

Result<Exam> decode_exam(ByteView file) {
  const auto codec = codec_for(file);
  if (!codec) return tl::unexpected(codec.error());
  if ((*codec)->format == FileFormat::jpeg) {
    auto photo = inspect_jpeg(file);
    if (!photo) return tl::unexpected(std::move(photo.error()));
    return Exam(std::move(*photo));
  }
  auto decoded = (*codec)->decode(file);
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  return std::move(decoded->exam);
}

Result<NormalisedExam> normalise_exam(ByteView file) {
  const auto codec = codec_for(file);
  if (!codec) return tl::unexpected(codec.error());
  if ((*codec)->format == FileFormat::jpeg) return normalise_jpeg_file(file);
  auto decoded = (*codec)->decode(file);
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  NormalisedExam exam{std::move(decoded->exam), std::move(decoded->document), {}};
  if (std::holds_alternative<SkinPhoto>(exam.exam)) {
    auto preview = preview_jpeg(exam.document, kPreviewSidePx);
    if (!preview) return tl::unexpected(std::move(preview.error()));
    exam.preview = std::move(*preview);
  }
  return exam;
}

void check_exam(NormalisedExam& exam, const ExamLimits& limits) {
  const auto add = [](std::vector<Finding>& findings, std::vector<Finding> more) {
    std::ranges::move(more, std::back_inserter(findings));
  };
  if (auto* recording = std::get_if<EcgRecording>(&exam.exam)) {
    add(recording->findings, check_ecg(*recording, limits.ecg));
  } else if (auto* photo = std::get_if<SkinPhoto>(&exam.exam)) {
    // The preview was made here: what cannot be read of it is no remark about the photo.
    const auto reduced = decode_jpeg(exam.preview, kPreviewSidePx);
    if (reduced) add(photo->findings, check_photo(*photo, *reduced, limits.photo));
  }
}

}  // namespace telavis
