// SPDX-License-Identifier: Apache-2.0
// Hostile files of any format through the one door: sniff, decode, normalise.
#include <cstdlib>

#include "formats/exam.h"
#include "formats/inspect.h"
#include "formats/text.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const telavis::ByteView file(data, size);
  const telavis::FileFormat format = telavis::sniff(file);
  const auto decoded = telavis::decode_exam(file);
  const auto exam = telavis::normalise_exam(file);
  if (!decoded) {
    require(!exam && exam.error().code == decoded.error().code);
    require(!decoded.error().text.empty());
    return 0;
  }
  require(format == telavis::FileFormat::scp_ecg || format == telavis::FileFormat::jpeg);
  if (!exam) return 0;  // a photo may break where its pixels begin
  require(telavis::is_valid_utf8(telavis::inspect_json(exam->exam)));
  require(telavis::sniff(exam->normalised) == format);
  return 0;
}
