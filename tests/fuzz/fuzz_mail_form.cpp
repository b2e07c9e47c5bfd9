// SPDX-License-Identifier: Apache-2.0
// A requester's text: what is complete is a request that the engine takes.
#include <cstdint>
#include <cstdlib>

#include "engine/core/mail_form.h"
#include "formats/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  static const std::vector<Programme> programmes = shipped_programmes();
  if (size == 0) return 0;
  const Programme& programme = programmes[data[0] % programmes.size()];
  const FormReading reading = read_form(text_from_device({data + 1, size - 1}), programme);
  if (!reading.missing.empty()) return 0;
  const auto parsed = parse_case_request(case_request_json(reading.request));
  if (!parsed || !check_against(*parsed, programme)) std::abort();
  return 0;
}
