// SPDX-License-Identifier: Apache-2.0
#include "formats/exam.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "formats/dicom.h"
#include "formats/jpeg.h"
#include "formats/quality.h"
#include "formats/scp_ecg.h"

namespace telavis {
namespace {

constexpr int kPreviewMaxSidePx = 1024;
// Comments before the root element of an aECG run to some kilobytes.
constexpr std::size_t kXmlPrologCharacters = std::size_t{64} << 10;
// PDF 32000-1 annex H: readers accept the header within the first 1024 bytes.
constexpr std::size_t kPdfHeaderWindow = 1024;
constexpr std::size_t kHeicMajorBrandOffset = 8;

bool holds(ByteView file, std::size_t offset, std::string_view text) {
  return file.size() >= offset + text.size() && as_text(file.subspan(offset, text.size())) == text;
}

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

// The start of an XML document as 8-bit characters: byte order mark off, UTF-16 narrowed (names of
// elements are ASCII, any other character becomes '?').
std::string xml_start(ByteView file) {
  const bool little = holds(file, 0, "\xFF\xFE") || holds(file, 0, std::string_view("<\0", 2));
  const bool big = holds(file, 0, "\xFE\xFF") || holds(file, 0, std::string_view("\0<", 2));
  if (!little && !big) {
    const std::size_t mark = holds(file, 0, "\xEF\xBB\xBF") ? 3 : 0;
    return std::string(as_text(file.subspan(mark)).substr(0, kXmlPrologCharacters));
  }
  std::string text;
  for (std::size_t i = 0; i + 1 < file.size() && text.size() < kXmlPrologCharacters; i += 2) {
    const std::uint8_t low = file[little ? i : i + 1];
    const std::uint8_t high = file[little ? i + 1 : i];
    if (i == 0 && (high == 0xFE || high == 0xFF)) continue;  // byte order mark
    text += high == 0 && low < 0x80 ? static_cast<char>(low) : '?';
  }
  return text;
}

// Past a "<!DOCTYPE ...>", whose internal subset in brackets may hold '>'.
std::size_t end_of_declaration(std::string_view text, std::size_t position) {
  bool in_subset = false;
  for (; position < text.size(); ++position) {
    if (text[position] == '[') in_subset = true;
    if (text[position] == ']') in_subset = false;
    if (text[position] == '>' && !in_subset) return position + 1;
  }
  return std::string_view::npos;
}

// Local name of the root element, empty when the text is not XML.
std::string_view xml_root(std::string_view text) {
  const auto past = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string_view::npos ? found : found + mark.size();
  };
  std::size_t position = 0;
  while (true) {
    position = text.find_first_not_of(" \t\r\n", position);
    if (position == std::string_view::npos || text[position] != '<') return {};
    const std::string_view rest = text.substr(position);
    if (rest.starts_with("<?")) {
      position = past("?>", position);
    } else if (rest.starts_with("<!--")) {
      position = past("-->", position + 4);
    } else if (rest.starts_with("<!")) {
      position = end_of_declaration(text, position);
    } else {
      const std::string_view name = rest.substr(1, rest.find_first_of(" \t\r\n/>") - 1);
      return name.substr(name.find(':') + 1);  // npos + 1 is 0: no prefix
    }
    if (position == std::string_view::npos) return {};
  }
}

FileFormat sniff_xml(ByteView file) {
  const std::string text = xml_start(file);
  const std::string_view root = xml_root(text);
  if (root == "AnnotatedECG") return FileFormat::hl7_aecg;
  if (root == "RestingECG") return FileFormat::muse_xml;
  if (root == "restingecgdata") return FileFormat::sierra_xml;
  return FileFormat::unknown;
}

bool looks_like_heic(ByteView file) {
  if (!holds(file, 4, "ftyp")) return false;
  constexpr auto kBrands = std::to_array<std::string_view>(
      {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"});
  return std::ranges::any_of(
      kBrands, [&](std::string_view brand) { return holds(file, kHeicMajorBrandOffset, brand); });
}

// EDF: version "0" padded to 8 characters, header length in characters 184..191. BDF starts with
// 0xFF "BIOSEMI".
bool looks_like_edf(ByteView file) {
  if (holds(file, 0,
            "\xFF"
            "BIOSEMI"))
    return true;
  return holds(file, 0, "0       ") && file.size() >= 256 &&
         is_digit(static_cast<char>(file[184])) &&
         std::ranges::all_of(file.subspan(184, 8), [](std::uint8_t byte) {
           return byte == ' ' || is_digit(static_cast<char>(byte));
         });
}

// Contec ECG90A: a number of seven digits, three zero bytes, then "2020-1-24 07:19:13". Unverified
// beyond one file.
bool looks_like_contec(ByteView file) {
  constexpr std::size_t kNumberDigits = 7;
  constexpr std::size_t kDateOffset = 10;
  constexpr std::size_t kDateMaxCharacters = 20;
  if (file.size() < kDateOffset + kDateMaxCharacters) return false;
  if (!std::ranges::all_of(file.first(kNumberDigits),
                           [](std::uint8_t byte) { return is_digit(static_cast<char>(byte)); })) {
    return false;
  }
  if (!holds(file, kNumberDigits, std::string_view("\0\0\0", 3))) return false;
  std::string_view date = as_text(file.subspan(kDateOffset, kDateMaxCharacters));
  date = date.substr(0, date.find('\0'));
  std::string shape(date);
  std::ranges::replace_if(shape, is_digit, '9');
  return shape.starts_with("9999-9") && shape.ends_with(" 99:99:99");
}

// ISO 22077: the preamble frame, tag 0x40, a length, "MFR" or "MFER".
bool looks_like_mfer(ByteView file) {
  return holds(file, 0, "\x40") && (holds(file, 2, "MFR") || holds(file, 2, "MFER"));
}

std::string_view advice(FileFormat format) {
  switch (format) {
    case FileFormat::dicom:
    case FileFormat::hl7_aecg:
    case FileFormat::muse_xml:
    case FileFormat::sierra_xml:
    case FileFormat::mfer:
    case FileFormat::edf:
    case FileFormat::ishne:
      return "is recognised but not read. In the software of the device choose the export "
             "\"SCP-ECG\" (.scp) and send that file.";
    case FileFormat::contec:
      return "of a Contec ECG90A or a kindred device is recognised but not read: its layout is not "
             "published. In the software of the device choose the export \"SCP-ECG\" (.scp) and "
             "send that file.";
    case FileFormat::pdf:
      return "holds a drawing, not the recording. Export the tracing as \"SCP-ECG\" (.scp), or the "
             "photo as JPEG, and send that file.";
    case FileFormat::png:
    case FileFormat::webp:
      return "is not read. Save the picture as JPEG and send that file.";
    case FileFormat::heic:
      return "is not read. Save the photo as JPEG (on an iPhone: Settings, Camera, Formats, Most "
             "Compatible) and send that file.";
    case FileFormat::scp_ecg:
    case FileFormat::jpeg:
    case FileFormat::unknown:
      return "";
  }
  return "";
}

template <typename T>
Result<Exam> as_exam(Result<T> decoded) {
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  return Exam(std::move(*decoded));
}

Result<NormalisedExam> normalise_photo(SkinPhoto photo, ByteView file) {
  auto upright = normalise_jpeg(file);
  if (!upright) return tl::unexpected(std::move(upright.error()));
  auto preview = preview_jpeg(*upright, kPreviewMaxSidePx);
  if (!preview) return tl::unexpected(std::move(preview.error()));
  return NormalisedExam{std::move(photo), std::move(*upright), std::move(*preview), "image/jpeg"};
}

}  // namespace

std::string_view file_format_name(FileFormat format) {
  switch (format) {
    case FileFormat::scp_ecg:
      return "SCP-ECG";
    case FileFormat::jpeg:
      return "JPEG";
    case FileFormat::dicom:
      return "DICOM";
    case FileFormat::hl7_aecg:
      return "HL7 aECG";
    case FileFormat::muse_xml:
      return "GE MUSE XML";
    case FileFormat::sierra_xml:
      return "Philips Sierra XML";
    case FileFormat::mfer:
      return "MFER";
    case FileFormat::edf:
      return "EDF";
    case FileFormat::pdf:
      return "PDF";
    case FileFormat::png:
      return "PNG";
    case FileFormat::webp:
      return "WebP";
    case FileFormat::heic:
      return "HEIC";
    case FileFormat::contec:
      return "Contec ECG";
    case FileFormat::ishne:
      return "ISHNE";
    case FileFormat::unknown:
      return "unknown";
  }
  return "unknown";
}

FileFormat sniff(ByteView file) {
  if (looks_like_jpeg(file)) return FileFormat::jpeg;
  if (holds(file, 0, "\x89PNG\r\n\x1A\n")) return FileFormat::png;
  if (holds(file, 0, "RIFF") && holds(file, 8, "WEBP")) return FileFormat::webp;
  if (looks_like_heic(file)) return FileFormat::heic;
  if (looks_like_dicom(file)) return FileFormat::dicom;
  if (looks_like_scp_ecg(file)) return FileFormat::scp_ecg;
  if (holds(file, 0, "ISHNE1.0") || holds(file, 0, "ANN  1.0")) return FileFormat::ishne;
  if (looks_like_mfer(file)) return FileFormat::mfer;
  if (looks_like_edf(file)) return FileFormat::edf;
  if (looks_like_contec(file)) return FileFormat::contec;
  if (const FileFormat xml = sniff_xml(file); xml != FileFormat::unknown) return xml;
  const std::string_view head = as_text(file).substr(0, kPdfHeaderWindow);
  if (head.find("%PDF-") != std::string_view::npos) return FileFormat::pdf;
  return FileFormat::unknown;
}

Result<Exam> decode_exam(ByteView file) {
  if (file.empty()) {
    return fail(ErrorCode::empty_file,
                "The file is empty. Export it again from the device and send the new file.");
  }
  if (file.size() > kMaxFileBytes) {
    return fail(ErrorCode::limit_exceeded,
                "The file is larger than 64 MiB. Send a shorter recording or a smaller photo.");
  }
  const FileFormat format = sniff(file);
  if (format == FileFormat::scp_ecg) return as_exam(decode_scp_ecg(file));
  if (format == FileFormat::jpeg) return as_exam(inspect_jpeg(file));
  if (format == FileFormat::unknown) {
    return fail(ErrorCode::unknown_format,
                "The format of the file is not known. Send a tracing as SCP-ECG (.scp) or a photo "
                "as JPEG.");
  }
  return fail(ErrorCode::unsupported_format, std::string("This ")
                                                 .append(file_format_name(format))
                                                 .append(" file ")
                                                 .append(advice(format)));
}

Result<NormalisedExam> normalise_exam(ByteView file) {
  auto exam = decode_exam(file);
  if (!exam) return tl::unexpected(std::move(exam.error()));
  if (auto* photo = std::get_if<SkinPhoto>(&*exam)) {
    return normalise_photo(std::move(*photo), file);
  }
  auto& recording = std::get<EcgRecording>(*exam);
  std::vector<Finding> quality = check_ecg(recording);
  std::ranges::move(quality, std::back_inserter(recording.findings));
  return NormalisedExam{
      std::move(*exam), Bytes(file.begin(), file.end()), {}, "application/x-scp-ecg"};
}

}  // namespace telavis
