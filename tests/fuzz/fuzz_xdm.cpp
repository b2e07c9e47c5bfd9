// SPDX-License-Identifier: Apache-2.0
// Hostile archives: whatever the bytes, a reading is complete and bounded or refused with a code.
#include <algorithm>
#include <cstdlib>

#include "mssante/sha1.h"
#include "mssante/xdm.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  std::vector<CdaFinding> findings;
  static_cast<void>(looks_like_xdm({data, size}));
  const auto reading = read_xdm({data, size}, findings);
  const bool rejects = std::ranges::any_of(
      findings, [](const CdaFinding& finding) { return finding.severity == CdaSeverity::reject; });
  require(rejects != reading.has_value());
  if (!reading) {
    require(!reading.error().text.empty());
    return 0;
  }
  require(reading->documents.size() == reading->metadata.entries.size());
  std::size_t unpacked = 0;
  for (std::size_t i = 0; i < reading->documents.size(); ++i) {
    unpacked += reading->documents[i].size();
    require(sha1_hex(reading->documents[i]) == reading->metadata.entries[i].hash);
  }
  require(unpacked <= kMaxXdmUnpackedBytes);
  return 0;
}
