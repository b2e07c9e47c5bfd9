// SPDX-License-Identifier: Apache-2.0
// Hostile pictures: whatever the bytes, an upright JPEG without metadata or a refusal with a
// reason.
#include "formats/heic.h"

#include "tests/fuzz/check_picture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  telavis::fuzz::check_picture(telavis::decode_heic({data, size}));
  return 0;
}
