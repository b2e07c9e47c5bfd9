// SPDX-License-Identifier: Apache-2.0
// Fills the data folder of a node with cases, and with the sealed file of each when a size is
// given: something to back up, restore, verify and walk through.
//
//   fill_cases DATA_DIR COUNT [EXAM_BYTES]
//
// The folder is one that `telavis init` made, and no server runs on it. What is written is durable,
// and the audit chains, keys and files are real: they open under the folder's master key.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/keys.h"
#include "storage/blobs_file.h"
#include "storage/sqlite.h"
#include "tests/bench/made_cases.h"

namespace telavis::bench {
namespace {

Result<void> fill_folder(const std::filesystem::path& folder, std::int64_t count,
                         std::int64_t exam_bytes) {
  auto master = read_master_keys(folder / "keys" / "master.key");
  if (!master) return tl::unexpected(master.error());
  const KeyRing keys(std::move(*master));
  auto blobs = FileBlobStore::open(folder / "blobs");
  if (!blobs) return tl::unexpected(blobs.error());
  auto repository = open_sqlite_repository({folder / "telavis.db", {}});
  if (!repository) return tl::unexpected(repository.error());
  Filling filling;
  filling.count = count;
  filling.exam_bytes = static_cast<std::size_t>(exam_bytes);
  filling.blobs = &*blobs;
  return fill(**repository, keys, filling);
}

bool parse(std::string_view text, std::int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= 0;
}

int run(const std::vector<std::string>& arguments) {
  std::int64_t count = 0;
  std::int64_t exam_bytes = 0;
  const bool given = arguments.size() == 2 || arguments.size() == 3;
  if (!given || !parse(arguments[1], count) ||
      (arguments.size() == 3 && !parse(arguments[2], exam_bytes))) {
    fmt::print(stderr, "fill_cases DATA_DIR COUNT [EXAM_BYTES]\n");
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const auto filled = fill_folder(arguments[0], count, exam_bytes);
  if (!filled) {
    fmt::print(stderr, "{}\n", filled.error().text);
    return 1;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  fmt::print("{} cases in {:.1f} s: {:.0f}/s\n", count, taken.count(),
             static_cast<double>(count) / taken.count());
  return 0;
}

}  // namespace
}  // namespace telavis::bench

int main(int argc, char** argv) {
  return telavis::bench::run({argv + 1, argv + argc});
}
