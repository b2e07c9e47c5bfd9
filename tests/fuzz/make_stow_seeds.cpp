// SPDX-License-Identifier: Apache-2.0
// make_stow_seeds OUT_DIR: writes the first inputs of fuzz_stow, a Content-Type and a body each, as
// OUT_DIR/stow/<SHA-256> (the committed ones are in fixtures/fuzz).
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "formats/dicom_builder.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_walk.h"
#include "tests/fuzz/seed_file.h"

namespace {

using namespace telavis;  // NOLINT(google-build-using-namespace)

const std::string kTwelveLead = "1.2.840.10008.5.1.4.1.1.9.1.1";
const std::string kType = "multipart/related; type=\"application/dicom\"; boundary=B\n";

DicomBuilder header() {
  DicomBuilder data;
  data.text(dicom_tag::kSopClass, "UI", kTwelveLead);
  data.text(dicom_tag::kSopInstance, "UI", "1.2.3.4");
  data.text(dicom_tag::kStudyInstance, "UI", "1.2.3");
  data.text(dicom_tag::kPatientName, "PN", "Essai^Anna=x^y");
  return data;
}

/// Every kind of value, a sequence, and bytes that are long.
DicomBuilder tracing() {
  DicomBuilder data = header(), group;
  group.text(dicom_tag::kSamplingFrequency, "DS", "500\\x");
  group.bytes(dicom_tag::kWaveformData, "OW", Bytes(1200, 3));
  data.item(dicom_tag::kWaveformSequence, group);
  data.text(dicom_tag::kSpecificCharacterSet, "CS", "ISO_IR 144");
  data.text(dicom_tag::kInstanceNumber, "IS", "+1");
  data.text(0x00720074, "FD", std::string(8, '\x7F'));
  data.text(0x00280009, "AT", std::string("\x18\0\x63\x10", 4));
  return data;
}

DicomBuilder picture() {
  DicomBuilder data = header();
  data.u16(dicom_tag::kRows, 2);
  data.u16(dicom_tag::kColumns, 2);
  data.u16(dicom_tag::kSamplesPerPixel, 1);
  data.u16(dicom_tag::kBitsAllocated, 8);
  data.text(dicom_tag::kNumberOfFrames, "IS", "1");
  return data;
}

std::string part(const Bytes& file, const std::string& type = "application/dicom") {
  return "--B\r\nContent-Type: " + type + "\r\n\r\n" + std::string(as_text(file)) + "\r\n";
}

std::vector<Bytes> seeds() {
  DicomBuilder stream = picture(), plain = picture();
  stream.frame(dicom_tag::kPixelData, Bytes(8, 9));
  plain.bytes(dicom_tag::kPixelData, "OB", Bytes(4, 9));
  const std::string one = part(dicom_file(kTwelveLead, "1.2.3.4", kExplicitLittle, tracing()));
  const std::string jpeg =
      part(dicom_file(kTwelveLead, "1.2.3.4", "1.2.840.10008.1.2.4.50", stream),
           "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50");
  const std::string samples = part(dicom_file(kTwelveLead, "1.2.3.4", kExplicitLittle, plain));
  std::vector<Bytes> all;
  for (const std::string& text :
       {kType + one + "--B--\r\n", kType + jpeg + samples + "--B--",
        kType + "preamble\r\n" + part({1, 2, 3}) + one + "--B--\r\nepilogue",
        kType + part({}, "image/jpeg") + "--B--",
        "Multipart/Related; Type=application/dicom; start=\"<a>\"; boundary=\"B\"\n" + samples +
            "--B \t\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==\r\n--B--"}) {
    all.emplace_back(text.begin(), text.end());
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_stow_seeds OUT_DIR\n";
    return 2;
  }
  return telavis::test::write_seeds(std::filesystem::path(argv[1]) / "stow", seeds()) ? 0 : 1;
}
