// SPDX-License-Identifier: Apache-2.0
#include "formats/foreign.h"
#include "formats/text.h"

#include <algorithm>
#include <array>
#include <string>

namespace telavis {
namespace {

constexpr std::size_t kTextWindow = 4096;  // a prolog and comments before what names a text

bool holds(ByteView file, std::size_t offset, std::string_view text) {
  return file.size() >= offset + text.size() && as_text(file.subspan(offset, text.size())) == text;
}

// The start of a text in lower-case 8-bit characters, UTF-16 narrowed, byte order mark off.
std::string text_start(ByteView file) {
  const bool little = holds(file, 0, "\xFF\xFE");
  const bool big = holds(file, 0, "\xFE\xFF");
  std::string text;
  if (little || big) {
    for (std::size_t i = 2; i + 1 < file.size() && text.size() < kTextWindow; i += 2) {
      const std::uint8_t high = file[little ? i + 1 : i];
      text += high == 0 ? static_cast<char>(file[little ? i : i + 1]) : '?';
    }
  } else {
    const std::size_t mark = holds(file, 0, "\xEF\xBB\xBF") ? 3 : 0;
    text = as_text(file).substr(mark, kTextWindow);
  }
  std::ranges::transform(text, text.begin(), to_lower);
  return text;
}

// Name of the first element of a markup text, prefix off; empty when the text is none.
std::string_view first_element(std::string_view text) {
  std::size_t position = text.find_first_not_of(" \t\r\n");
  if (position == std::string_view::npos || text[position] != '<') return {};
  while (position != std::string_view::npos && position + 1 < text.size()) {
    const char next = text[position + 1];
    if (next >= 'a' && next <= 'z') {
      std::string_view name = text.substr(position + 1);
      name = name.substr(0, name.find_first_of(" \t\r\n/>"));
      return name.substr(name.find(':') + 1);  // npos + 1 is 0: no prefix
    }
    const bool comment = text.substr(position).starts_with("<!--");
    position = text.find(comment ? "-->" : ">", position);
    if (position != std::string_view::npos) position = text.find('<', position);
  }
  return {};
}

// Contec ECG90A: a number of seven digits, three zero bytes, then "2020-1-24 07:19:13". Unverified
// beyond one file.
bool is_contec(ByteView file) {
  constexpr std::size_t kNumberDigits = 7;
  constexpr std::size_t kDateOffset = 10;
  constexpr std::size_t kDateMaxCharacters = 20;
  if (file.size() < kDateOffset + kDateMaxCharacters) return false;
  if (!std::ranges::all_of(as_text(file.first(kNumberDigits)), is_digit)) return false;
  if (!holds(file, kNumberDigits, std::string_view("\0\0\0", 3))) return false;
  std::string shape(as_text(file.subspan(kDateOffset, kDateMaxCharacters)));
  shape.resize(std::min(shape.find('\0'), shape.size()));
  std::ranges::replace_if(shape, is_digit, '9');
  return shape.starts_with("9999-9") && shape.ends_with(" 99:99:99");
}

// "BM", then the size of the file in four bytes and four that are zero.
bool is_bmp(ByteView file) {
  return holds(file, 0, "BM") && holds(file, 6, std::string_view("\0\0\0\0", 4)) &&
         file.size() > 18 && file[14] >= 12 && file[15] == 0;
}

// xDT (GDT, LDT): "0138000" and a number of four digits: 13 characters, field 8000.
bool is_xdt(ByteView file) {
  return holds(file, 0, "0138000");
}

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  ForeignFormat format;
};

constexpr ForeignFormat kZip = {
    "ZIP",
    "Ceci est une archive compressée (ZIP). Décompressez-la et envoyez le fichier du tracé ou de "
    "la photo qu'elle contient.",
    "This is a compressed archive (ZIP). Unpack it and send the file of the tracing or photo that "
    "it holds."};
constexpr ForeignFormat kOffice = {
    "Office",
    "Ceci est un document de bureautique (Word, Excel...). Envoyez le fichier du tracé exporté "
    "par l'appareil, ou la photo elle-même en JPEG.",
    "This is an office document (Word, Excel...). Send the file of the tracing that the device "
    "exports, or the photo itself as JPEG."};
constexpr ForeignFormat kPicture = {
    "",
    "Cette image est dans un format qui n'est pas lu. Enregistrez-la en JPEG ou en PNG et envoyez "
    "ce fichier.",
    "This picture is in a format that is not read. Save it as JPEG or PNG and send that file."};
constexpr ForeignFormat kVideo = {"video", "Ceci est une vidéo. Envoyez des photos (JPEG).",
                                  "This is a video. Send photos (JPEG)."};
constexpr ForeignFormat kIshne = {
    "ISHNE",
    "Ceci est un enregistrement Holter au format ISHNE, qui n'est pas lu. Dans le logiciel de "
    "lecture, exportez un extrait de 10 s ou plus en SCP-ECG, DICOM ou EDF.",
    "This is a Holter recording in the ISHNE format, which is not read. In the reading software "
    "export an extract of 10 s or more as SCP-ECG, DICOM or EDF."};

constexpr ForeignFormat picture(std::string_view name) {
  return {name, kPicture.fr, kPicture.en};
}
constexpr ForeignFormat archive(std::string_view name) {
  return {name,
          "Ceci est une archive compressée. Décompressez-la et envoyez le fichier qu'elle "
          "contient.",
          "This is a compressed archive. Unpack it and send the file that it holds."};
}

constexpr auto kMagics = std::to_array<Magic>({
    {0, "ISHNE1.0", kIshne},
    {0, "ANN  1.0", kIshne},
    {0, "PK\x03\x04", kZip},
    {0, "PK\x05\x06", kZip},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", kOffice},
    {0, "{\\rtf", kOffice},
    {0, "GIF87a", picture("GIF")},
    {0, "GIF89a", picture("GIF")},
    {0, std::string_view("II*\0", 4), picture("TIFF")},
    {0, std::string_view("MM\0*", 4), picture("TIFF")},
    {0, std::string_view("\0\0\0\x0CjP  \r\n\x87\n", 12), picture("JPEG 2000")},
    {0, "\xFF\x4F\xFF\x51", picture("JPEG 2000")},
    {4, "ftypavif", picture("AVIF")},
    {4, "ftypmp4", kVideo},
    {4, "ftypisom", kVideo},
    {4, "ftypqt  ", kVideo},
    {0, "\x1A\x45\xDF\xA3", kVideo},
    {0, "\x1F\x8B\x08", archive("gzip")},
    {0, "7z\xBC\xAF\x27\x1C", archive("7-Zip")},
    {0, "Rar!\x1A\x07", archive("RAR")},
});

struct Element {
  std::string_view name;  // lower case
  ForeignFormat format;
};
constexpr ForeignFormat xml_of(std::string_view device) {
  return {
      device,
      "Ce fichier XML d'un constructeur n'est pas lu. Dans le logiciel de l'appareil, choisissez "
      "l'export SCP-ECG, DICOM ou HL7 aECG (FDA-XML).",
      "This manufacturer's XML file is not read. In the software of the device choose the "
      "export SCP-ECG, DICOM or HL7 aECG (FDA XML)."};
}
constexpr ForeignFormat kWebPage = {
    "HTML",
    "Ceci est une page web, pas le fichier lui-même. Téléchargez le fichier du tracé ou de la "
    "photo "
    "et envoyez-le.",
    "This is a web page, not the file itself. Download the file of the tracing or photo and send "
    "it."};
constexpr ForeignFormat kSvg = picture("SVG");
constexpr auto kElements = std::to_array<Element>({
    {"html", kWebPage},
    {"svg", kSvg},
    {"cardiologyxml", xml_of("GE CardioSoft XML")},
    {"examdescript", xml_of("Schiller XML")},  // unverified beyond one reader's source
    {"clinicaldocument",
     {"CDA",
      "Ceci est un document clinique (CDA), pas un tracé. Envoyez le tracé ou la photo qui "
      "l'accompagne.",
      "This is a clinical document (CDA), not a tracing. Send the tracing or photo that comes with "
      "it."}},
});

constexpr ForeignFormat kHl7Message = {
    "HL7 v2",
    "Ceci est un message HL7, pas un tracé. Envoyez le tracé qui "
    "l'accompagne.",
    "This is an HL7 message, not a tracing. Send the tracing that comes with "
    "it."};
constexpr ForeignFormat kGdt = {
    "GDT",
    "Ceci est un fichier d'échange GDT : il annonce un examen et ne le "
    "contient pas. Envoyez le tracé lui-même.",
    "This is a GDT exchange file: it announces an exam and does not hold it. "
    "Send the tracing itself."};
constexpr ForeignFormat kAppleWatch = {
    "Apple Watch CSV",
    "Ce tracé d'Apple Watch est un tableau de nombres (CSV), qui n'est pas "
    "lu. Dans l'app Santé, choisissez « Exporter un PDF » et envoyez-le.",
    "This Apple Watch tracing is a table of numbers (CSV), which is not read. "
    "In the Health app choose \"Export a PDF\" and send it."};
constexpr ForeignFormat kContec = {
    "Contec ECG",
    "Ceci est un fichier d'un Contec ECG90A ou d'un appareil apparenté : son format n'est pas "
    "publié. Dans le logiciel de l'appareil, choisissez l'export SCP-ECG, DICOM ou PDF.",
    "This is a file of a Contec ECG90A or a kindred device: its layout is not published. In "
    "the software of the device choose the export SCP-ECG, DICOM or PDF."};

std::optional<ForeignFormat> recognise_text(ByteView file) {
  const std::string text = text_start(file);
  const std::string_view root = first_element(text);
  const auto* const found = std::ranges::find(kElements, root, &Element::name);
  if (found != kElements.end()) return found->format;
  // Mortara ELI Link writes the time of acquisition as the first attribute of its root.
  if (root == "ecg" && text.find("acquisition_time=") != std::string::npos) {
    return xml_of("Mortara ELI XML");
  }
  if (!root.empty()) return xml_of("XML");
  if (text.starts_with("msh|^~\\&")) {
    return kHl7Message;
  }
  if (is_xdt(file)) {
    return kGdt;
  }
  if (text.find("apple watch") != std::string::npos && text.find('\n') != std::string::npos) {
    return kAppleWatch;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ForeignFormat> recognise_foreign(ByteView file) {
  for (const Magic& magic : kMagics) {
    if (holds(file, magic.offset, magic.bytes)) return magic.format;
  }
  if (is_bmp(file)) return picture("BMP");
  if (is_contec(file)) {
    return kContec;
  }
  return recognise_text(file);
}

std::string refusal_of(const ForeignFormat& format) {
  return std::string(format.name).append(": ").append(format.en);
}

std::optional<std::string> french_of_refusal(std::string_view refusal) {
  const std::size_t colon = refusal.find(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view sentence = refusal.substr(colon + 2);
  const auto said = [&](const ForeignFormat& format) -> std::optional<std::string> {
    if (format.en != sentence) return std::nullopt;
    return std::string(refusal.substr(0, colon)).append(" : ").append(format.fr);
  };
  for (const Magic& magic : kMagics) {
    if (auto french = said(magic.format)) return french;
  }
  for (const Element& element : kElements) {
    if (auto french = said(element.format)) return french;
  }
  for (const ForeignFormat& format : {kContec, kHl7Message, kGdt, kAppleWatch, xml_of("")}) {
    if (auto french = said(format)) return french;
  }
  return std::nullopt;
}

}  // namespace telavis
