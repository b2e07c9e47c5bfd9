// SPDX-License-Identifier: Apache-2.0
// Hostile XML: aecg.
#include "formats/aecg.h"

#include "tests/fuzz/xml_contract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  telavis::fuzz::check_xml_recording(telavis::decode_aecg({data, size}));
  return 0;
}
