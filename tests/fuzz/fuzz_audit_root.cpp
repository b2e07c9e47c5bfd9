// SPDX-License-Identifier: Apache-2.0
// A root document as it may come back from whoever kept it. What is accepted is what an engine
// writes, to the byte. The input is also tried with a good hash and signature under it, so that the
// fuzzer gets past them.
#include <cstdlib>

#include "engine/core/audit_root.h"

namespace {

using namespace telavis;

void look_at(std::string_view document) {
  const auto root = parse_root(document);
  if (!root) return;
  if (root_document(*root) != document) std::abort();
  if (root->content.number < 1 || root->content.heads.size() > kMaxRootHeads) std::abort();
  for (std::size_t i = 0; i < root->content.heads.size(); ++i) {
    const ChainHead& head = root->content.heads[i];
    if (head.head.length < 1 || head.head.hash.size() != 64) std::abort();
    if (i > 0 && root->content.heads[i - 1].chain >= head.chain) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SealKey kKey(Key(std::array<std::uint8_t, 32>{7}));  // that of the seeds
  const std::string text(as_text({data, size}));
  look_at(text);
  const std::size_t last = text.rfind('\n', text.size() < 2 ? 0 : text.size() - 2);
  const std::string above = text.substr(0, last == text.npos ? 0 : last + 1);
  const std::string hash = hash_hex(above);
  look_at(above + R"({"hash":")" + hash + R"(","signature":")" +
          kKey.sign("telavis audit root " + hash) + "\"}\n");
  return 0;
}
