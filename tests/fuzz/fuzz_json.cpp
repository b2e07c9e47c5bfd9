// SPDX-License-Identifier: Apache-2.0
// Everything that is read as JSON; what is accepted must be written and read the same.
#include <cstdlib>

#include "engine/core/close_out.h"
#include "engine/core/opinion.h"
#include "engine/core/programme.h"
#include "engine/core/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  const std::string_view text = as_text({data, size});
  if (const auto request = parse_case_request(text)) {
    const std::string written = case_request_json(*request);
    const auto again = parse_case_request(written);
    if (!again || case_request_json(*again) != written) std::abort();
  }
  if (const auto opinion = parse_opinion(text)) {
    const std::string written = opinion_json(*opinion);
    const auto again = parse_opinion(written);
    if (!again || opinion_json(*again) != written) std::abort();
  }
  if (const auto close_out = parse_close_out(text)) {
    const auto again = parse_close_out(*close_out);
    if (!again || *again != *close_out) std::abort();
  }
  if (const auto programme = parse_programme(text)) {
    const auto again = parse_programme(programme_json(*programme));
    if (!again || programme_json(*again) != programme_json(*programme)) std::abort();
  }
  return 0;
}
