// SPDX-License-Identifier: Apache-2.0
// quality_figures [SEED [COUNT]]: how often each disturbance of synthetic recordings is found, and
// how often it is found where it is not. The limits were chosen on seed 1.
#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "tests/formats/quality_sets.h"

namespace {

template <typename T>
bool parse(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 2;
  int count = 300;
  if ((argc > 1 && !parse(argv[1], seed)) || (argc > 2 && !parse(argv[2], count)) || count < 1) {
    fmt::print(stderr, "quality_figures [SEED [COUNT]]\n");
    return 2;
  }
  fmt::print("seed {}, {} recordings of each kind\n", seed, count);
  fmt::print("{:<40} {:<28} {:>11} {:>11}\n", "disturbance", "finding", "sensitivity",
             "specificity");
  for (const auto& score : telavis::test::quality_scores(seed, count)) {
    fmt::print("{:<40} {:<28} {:>11.3f} {:>11.4f}\n", score.disturbance, score.finding,
               score.sensitivity(), score.specificity());
  }
  return 0;
}
