// SPDX-License-Identifier: Apache-2.0
// make_tracing_seeds OUT_DIR: writes the first inputs of the targets edf, mfer and wfdb, one
// feature each, as OUT_DIR/<target>/<SHA-256>.
#include <filesystem>
#include <iostream>
#include <string>

#include "tests/formats/edf_builder.h"
#include "tests/formats/mfer_builder.h"
#include "tests/formats/wfdb_builder.h"
#include "tests/fuzz/seed_file.h"

namespace {

using namespace std::string_literals;
using telavis::Bytes;
using namespace telavis::test;

std::vector<Bytes> edf_seeds() {
  EdfFile interrupted = small_edf();
  interrupted.reserved = "EDF+D";
  interrupted.signals.push_back(
      edf_annotations({"+0\x14\x14\0"s, "+10\x14\x14\0+11\x15\x31\x14Texte\x14\0"s}));
  EdfFile bdf = small_edf();
  bdf.bdf = true;
  bdf.signals[0].physical_min = "-1.5";
  bdf.signals[1].label = "Resp";
  return {small_edf().build(), interrupted.build(), bdf.build()};
}

std::vector<Bytes> mfer_seeds() {
  MferBuilder plain = small_mfer();
  plain.tag(0x03, "UTF-16LE").tag(0x81, "A\0^\0B\0"s).number(0x12, 0x8000, 2);
  plain.wave(plain.samples({1, 2, 3, 4}));
  MferBuilder blocks = small_mfer(false);
  blocks.number(0x04, 2, 4).number(0x06, 2, 2).tag(0x17, "A^B^C^D").tag(0x11, "HPF=0.05");
  blocks.channel(1, blocks.definition(0x04, 1, 1), true);
  blocks.wave(blocks.samples({1, 2, 10, 3, 4, 20}));
  MferBuilder floating = small_mfer();
  floating.number(0x0A, 7, 1).number(0x08, 9, 2).wave(floating.samples({0x3F800000, 2}, 4));
  floating.number(0x08, 1, 2).wave(floating.samples({0x3F800000, 2}, 4));
  return {plain.build(), blocks.build(), floating.build()};
}

std::vector<Bytes> wfdb_seeds() {
  std::vector<Bytes> seeds;
  for (const int format : {8, 16, 212, 310, 311}) {
    const std::string header = "# Sex: F\nr 2 500/500(0) 2 10:11:12 02/03/2004\nr.dat " +
                               std::to_string(format) + "x2 200(1)/mV 12 0 0 0 0 II\nr.dat " +
                               std::to_string(format) + ":1+0 0 12 0 0 0 0 V1\n";
    Bytes seed = {static_cast<std::uint8_t>(header.size()), 0};
    seed.insert(seed.end(), header.begin(), header.end());
    const Bytes data = wfdb_bytes(format, {1, 2, 3, 4, 5, 6});
    seed.insert(seed.end(), data.begin(), data.end());
    seeds.push_back(seed);
  }
  seeds.push_back(wfdb_archive({wfdb_text("m.hea", "m/2 1 500 4\na 2\nb 2\n"),
                                wfdb_text("a.hea", "a 1 500 2\na.dat 16 200 12 0 0 0 0 II\n"),
                                wfdb_text("b.hea", "b 1 500 2\nb.dat 16 200 12 0 0 0 0 II\n"),
                                {"a.dat", wfdb_bytes(16, {1, 2})},
                                {"b.dat", wfdb_bytes(16, {3, 4})}}));
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_tracing_seeds OUT_DIR\n";
    return 2;
  }
  const std::filesystem::path out = argv[1];
  return write_seeds(out / "edf", edf_seeds()) && write_seeds(out / "mfer", mfer_seeds()) &&
                 write_seeds(out / "wfdb", wfdb_seeds())
             ? 0
             : 1;
}
