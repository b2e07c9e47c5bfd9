// SPDX-License-Identifier: Apache-2.0
// make_seeds OUT_DIR: writes the first inputs of the fuzz targets, small and one feature each, as
// OUT_DIR/<target>/<SHA-256> (the committed ones are in fixtures/fuzz).
#include <filesystem>
#include <iostream>
#include <string>

#include "fixtures/synthetic_ecg.h"
#include "formats/jpeg.h"
#include "formats/scp_ecg.h"
#include "tests/formats/scp_builder.h"
#include "tests/formats/scp_compression.h"
#include "tests/fuzz/seed_file.h"

namespace {

using telavis::Bytes;
using telavis::test::bytes_of;
using telavis::test::ScpBuilder;
using telavis::test::small_scp;

std::vector<Bytes> scp_seeds() {
  std::vector<Bytes> seeds = {small_scp().build()};
  ScpBuilder builder = small_scp();
  builder.sections[7] = {1, 1, 0, 3, 0, 0};
  builder.sections[7].resize(60, 1);
  builder.sections[8] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3, 0, 'A', 'B', 0};
  seeds.push_back(builder.build());

  builder = small_scp();  // plain samples, version 1.3, counted from 0
  builder.sections.erase(2);
  builder.magic = false;
  builder.version = 13;
  builder.rhythm({{1, 0, 3, telavis::test::plain_bytes({1, 2, 3})},
                  {61, 1, 3, telavis::test::plain_bytes({1, 2, 3})}},
                 1);
  seeds.push_back(builder.build());

  builder = small_scp();  // subtraction announced, one beat left alone
  builder.rhythm({{1, 1, 6, telavis::test::huffman_bytes({10, 12, 1, -3, -1, 1})}}, 2, 2500, 2000,
                 0x65);
  builder.sections[4] = {0xAE, 4, 9, 0, 1, 0};
  builder.sections[4].resize(20, 1);
  seeds.push_back(builder.build());

  builder = small_scp();  // two tables, switched; universal statements, measurements of a lead
  builder.sections[2] = telavis::test::tables_section(
      {{{"0", 0, false, 1}, {"10", 8, false, 0}, {"11", 0, true, 2}},
       {{"0", 0, false, -1}, {"1000000000000", 0, false, 300}, {"11", 0, true, 1}}});
  builder.rhythm({{1, 1, 6,
                   telavis::test::pack_bits("0"
                                            "11"
                                            "0"
                                            "1000000000000"
                                            "11"
                                            "0"
                                            "1000000101"
                                            "0")}},
                 1);
  builder.sections[10] = {1, 0, 8, 0, 1, 0, 4, 0, 90, 0, 160, 0};
  builder.sections[11] = {1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, 0, 1, 'N', 'S', 'R', 0};
  seeds.push_back(builder.build());

  builder = small_scp();  // a beat subtracted, decimated twice but for a zone
  const std::vector<telavis::test::BeatPlace> beats = {{0, 5, 8, 12, 7, 9}};
  builder.rhythm({{1, 1, 20,
                   telavis::test::huffman_bytes(
                       telavis::test::decimated(telavis::test::Values(20, 3), beats, 1, 2))}},
                 0, 2500, 4000, 0x0D, 1);
  builder.sections[4] = telavis::test::beats_section(16, 4, beats);
  builder.sections[5] = telavis::test::coded_section(
      1000, 2000, 0, 0, {telavis::test::huffman_bytes({0, 1, 9, 90, 9, 1, 0, 0})});
  seeds.push_back(builder.build());

  builder = small_scp();  // version 3: a median beat without section 4
  builder.version = 30;
  builder.pointers = 19;
  builder.sections[5] = telavis::test::coded_section(
      1000, 2000, 1, 0,
      {telavis::test::huffman_bytes({1, 2, 30}), telavis::test::huffman_bytes({4, 5, 60})});
  builder.sections[12] = Bytes(6, 1);
  seeds.push_back(builder.build());

  auto parameters = telavis::fixtures::demo_ecg_parameters();
  parameters.duration_s = 0.2;
  parameters.sampling_hz = 250;
  seeds.push_back(
      telavis::encode_scp_ecg(telavis::fixtures::synthetic_ecg(parameters)).value_or(Bytes{}));
  return seeds;
}

std::vector<Bytes> exam_seeds() {
  std::vector<Bytes> seeds = {
      small_scp().build(),
      bytes_of("<?xml version=\"1.0\"?><!-- c --><!DOCTYPE RestingECG [<!ENTITY a \">\">]>"
               "<RestingECG>"),
      bytes_of("<restingecgdata xmlns=\"x\">"),
      bytes_of("%PDF-1.7"),
      bytes_of("ISHNE1.0"),
      bytes_of("@ MFR Mon"),
  };
  Bytes utf16 = {0xFF, 0xFE};
  for (const char character : std::string_view("<hl7:AnnotatedECG/>")) {
    utf16.push_back(static_cast<std::uint8_t>(character));
    utf16.push_back(0);
  }
  seeds.push_back(utf16);
  const telavis::Pixels grey{20, 12, Bytes(20 * 12 * 3, 90)};
  seeds.push_back(telavis::encode_jpeg(grey, 60).value_or(Bytes{}));
  return seeds;
}

std::vector<Bytes> multipart_seeds() {
  const std::string request =
      "--B\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n{}\r\n";
  const std::string file =
      "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\\\"b.scp\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n\r\n--b\r\n";
  return {
      bytes_of("multipart/form-data; boundary=B\n" + request + file + "--B--\r\n"),
      bytes_of("Multipart/Form-Data; charset=x; Boundary=\"B\"\npreamble\r\n" + file + file +
               request + "--B-- \r\nepilogue"),
      bytes_of("multipart/form-data; boundary=B\n--B \t\r\nContent-Transfer-Encoding: base64\r\n"
               "content-disposition: form-data; name=file\r\n\r\nAA==\r\n--B--"),
  };
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_seeds OUT_DIR\n";
    return 2;
  }
  const std::filesystem::path out = argv[1];
  return telavis::test::write_seeds(out / "scp_ecg", scp_seeds()) &&
                 telavis::test::write_seeds(out / "exam", exam_seeds()) &&
                 telavis::test::write_seeds(out / "multipart", multipart_seeds())
             ? 0
             : 1;
}
