// SPDX-License-Identifier: Apache-2.0
// Hostile METADATA.XML: what is taken has nothing that rejects, and once written it reads the same.
#include <algorithm>
#include <cstdlib>

#include "formats/text.h"
#include "mssante/xdm_metadata.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  std::vector<CdaFinding> findings;
  const auto read = read_xdm_metadata({data, size}, findings);
  const bool rejects = std::ranges::any_of(
      findings, [](const CdaFinding& finding) { return finding.severity == CdaSeverity::reject; });
  require(rejects != read.has_value());
  for (const CdaFinding& finding : findings) require(is_valid_utf8(finding.text));
  if (!read) return 0;
  require(!read->entries.empty() && read->entries.size() <= kMaxXdmDocuments);
  const auto written = write_xdm_metadata(*read);
  if (!written) return 0;
  findings.clear();
  const auto again = read_xdm_metadata(*written, findings);
  require(again.has_value());
  const auto once_more = write_xdm_metadata(*again);
  require(once_more.has_value() && *once_more == *written);
  return 0;
}
