// SPDX-License-Identifier: Apache-2.0
// Hostile clinical documents. What is read and not rejected can be written, unless its codes are
// none of ours, and reads back as the same patient.
#include <cstdlib>

#include "formats/text.h"
#include "mssante/cda.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  std::vector<CdaFinding> findings;
  const auto read = read_cda({data, size}, findings);
  if (!read) {
    require(!read.error().text.empty());
    return 0;
  }
  for (const CdaFinding& finding : findings)
    require(!finding.code.empty() && !finding.text.empty());
  require(is_valid_utf8(read->title) && is_valid_utf8(read->patient.birth_family));
  const bool qualified = is_qualified(read->patient.ins);
  require(!qualified || has_right_ins_key(read->patient.ins.matricule));
  const auto written = write_cda(*read);
  if (!written) return 0;
  std::vector<CdaFinding> again;
  const auto back = read_cda(*written, again);
  require(back && cda_verdict(again) != "reject");
  require(back->patient.ins == read->patient.ins && back->pdf == read->pdf);
  require(back->sections.size() == read->sections.size());
  return 0;
}
