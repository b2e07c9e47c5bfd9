// SPDX-License-Identifier: Apache-2.0
// Hostile documents: a page count within its limit, or a refusal with a reason.
#include "formats/pdf.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = telavis::inspect_pdf({data, size});
  const bool sound = document ? document->pages > 0 && static_cast<std::size_t>(document->pages) <=
                                                           telavis::kMaxPdfPages
                              : !document.error().text.empty();
  if (!sound) std::abort();
  return 0;
}
