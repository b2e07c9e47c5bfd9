// SPDX-License-Identifier: Apache-2.0
// Hostile EDF.
#include "formats/edf.h"
#include "tests/fuzz/check_tracing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const telavis::ByteView file(data, size);
  telavis::looks_like_edf(file);
  telavis::fuzz::check_tracing(telavis::decode_edf(file), size);
  return 0;
}
