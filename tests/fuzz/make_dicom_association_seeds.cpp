// SPDX-License-Identifier: Apache-2.0
// make_dicom_association_seeds OUT_DIR: writes the first inputs of fuzz_dicom_association, all that
// a device sends on one connection each, as OUT_DIR/dicom_association/<SHA-256> (the committed ones
// are in fixtures/fuzz).
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "formats/dicom_builder.h"
#include "formats/dicom_tags.h"
#include "tests/devices/dicom_pdus.h"
#include "tests/fuzz/seed_file.h"

namespace {

using namespace telavis;
using namespace telavis::test;  // NOLINT(google-build-using-namespace)

const std::string kVerification = "1.2.840.10008.1.1";
const std::string kTwelveLead = "1.2.840.10008.5.1.4.1.1.9.1.1";
const std::string kWorklist = "1.2.840.10008.5.1.4.31";
const std::string kCommitment = "1.2.840.10008.1.20.1";
const std::string kExplicit = "1.2.840.10008.1.2.1";
const std::string kImplicit = "1.2.840.10008.1.2";
const std::string kInstance = "1.2.3.4";

/// A whole association: request, messages, release.
Bytes conversation(const std::vector<Bytes>& said) {
  Bytes all = associate_request({{1, kVerification, {kImplicit}},
                                 {3, kTwelveLead, {kExplicit, kImplicit}},
                                 {5, kWorklist, {kImplicit}},
                                 {7, kCommitment, {kExplicit}},
                                 {9, "1.2.3", {"1.2.4"}}});
  for (const Bytes& one : said) put(all, one);
  put(all, pdu(0x05, Bytes(4)));
  return all;
}

Bytes object() {
  DicomBuilder data;
  data.text(dicom_tag::kSopClass, "UI", kTwelveLead);
  data.text(dicom_tag::kSopInstance, "UI", kInstance);
  data.text(dicom_tag::kPatientName, "PN", "Essai^Anna");
  return data.encoded();
}

Bytes commitment() {
  DicomBuilder data, one;
  data.text(0x00081195, "UI", "1.2.3.99");
  one.text(0x00081150, "UI", kTwelveLead);
  one.text(0x00081155, "UI", kInstance);
  data.item(0x00081199, one);
  return data.encoded();
}

// Implicit VR: (0010,0010) and, in (0040,0100), one item with (0008,0060).
Bytes query() {
  return {0x10, 0, 0x10, 0,  2, 0, 0, 0, 'e', '*',  0x40, 0, 0, 1, 20, 0,   0,   0,   0xFE,
          0xFF, 0, 0xE0, 12, 0, 0, 0, 8, 0,   0x60, 0,    4, 0, 0, 0,  'E', 'C', 'G', ' '};
}

std::vector<Bytes> seeds() {
  const Bytes data = object();
  const Bytes store = fragment(3, 3, store_command(1, kTwelveLead, kInstance));
  return {
      conversation({fragment(1, 3, echo_command(1)), fragment(1, 3, echo_command(2))}),
      conversation({store, fragment(3, 2, data)}),
      conversation({store, fragment(3, 0, ByteView(data).first(21)),
                    fragment(3, 2, ByteView(data).subspan(21)), store, fragment(3, 2, data)}),
      conversation({fragment(5, 3, find_command(1)), fragment(5, 2, query())}),
      conversation({fragment(7, 3, commitment_command(1)), fragment(7, 2, commitment())}),
      conversation({store, pdu(0x07, Bytes(4))}),
      associate_request({{1, kVerification}}, "CART", "ELSEWHERE"),
  };
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_dicom_association_seeds OUT_DIR\n";
    return 2;
  }
  return write_seeds(std::filesystem::path(argv[1]) / "dicom_association", seeds()) ? 0 : 1;
}
