// SPDX-License-Identifier: Apache-2.0
// Hostile MFER.
#include "formats/mfer.h"
#include "tests/fuzz/check_tracing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const telavis::ByteView file(data, size);
  telavis::looks_like_mfer(file);
  telavis::fuzz::check_tracing(telavis::decode_mfer(file), size);
  return 0;
}
