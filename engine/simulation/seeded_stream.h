// SPDX-License-Identifier: Apache-2.0
// Chance that can be repeated: the same numbers for the same seed with every library. The
// standard's distributions are not used, because each library draws its own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/core/ports.h"

namespace telavis {

/// xoshiro256** (Blackman and Vigna, 2018), its state filled by splitmix64.
class SeededStream : public Random {
 public:
  explicit SeededStream(std::uint64_t seed);
  /// A stream of its own for one purpose, so that more draws there change nothing here.
  SeededStream split(std::string_view purpose) const;

  std::uint64_t next();
  void fill(std::span<std::uint8_t> out) override;

  double uniform();                        // [0, 1)
  double uniform(double from, double to);  // [from, to)
  bool chance(double probability);
  /// 0 .. count - 1; count > 0. The bias of the remainder is below 2^-40 for the counts used here.
  std::size_t below(std::size_t count);
  double exponential(double mean);
  double normal();  // mean 0, deviation 1
  /// Half the values are below `median`; `spread` is the deviation of the logarithm.
  double log_normal(double median, double spread);

 private:
  std::uint64_t seed_;
  std::uint64_t state_[4];
};

}  // namespace telavis
