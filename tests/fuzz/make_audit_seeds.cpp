// SPDX-License-Identifier: Apache-2.0
// make_audit_seeds FOLDER: writes FOLDER/audit_root anew, each named by the SHA-256 of its bytes.
#include <cstdio>
#include <filesystem>
#include <string>

#include "engine/core/audit_root.h"
#include "tests/fuzz/seed_file.h"

namespace {

using namespace telavis;

Bytes seed(std::int64_t number, const std::vector<ChainHead>& heads) {
  AuditRootContent content;
  content.number = number;
  content.at = from_epoch_ms(1'795'226'400'000 + number * 86'400'000);
  if (number > 1) {
    content.previous = hash_hex("before");
    content.previous_exported_at = content.at - std::chrono::hours(24);
  }
  content.engine = "0.1.0";
  content.heads = heads;
  const SealKey key(Key(std::array<std::uint8_t, 32>{7}));
  const std::string document = root_document(sign_root(content, key));
  return {document.begin(), document.end()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: make_audit_seeds FOLDER\n", stderr));
    return 2;
  }
  const std::vector<Bytes> seeds = {seed(1, {}), seed(2, {{"node", {17, hash_hex("n")}}}),
                                    seed(1'000'000, {{"0k3w8d", {1, hash_hex("a")}},
                                                     {"node", {999'999'999'999, hash_hex("b")}},
                                                     {"zz", {2, hash_hex("c")}}})};
  return test::write_seeds(std::filesystem::path(argv[1]) / "audit_root", seeds) ? 0 : 1;
}
