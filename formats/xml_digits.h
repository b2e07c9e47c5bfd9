// SPDX-License-Identifier: Apache-2.0
// Samples written as decimal numbers: digits of aECG, plain waveforms of Philips.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace telavis::xml {

/// value = samples[i] / 10^decimals. `rounded` when ten to that power was not enough.
struct Digits {
  std::vector<std::int32_t> samples;
  int decimals = 0;
  bool rounded = false;
};

/// Decimal numbers parted by blanks: whole, with decimals or an exponent. nullopt when one is no
/// number or lies outside of 32 bits. Linear in the length of `text`.
std::optional<Digits> read_digits(std::string_view text);

/// samples * gain := samples * gain + origin, exactly where a step of gain, or a fraction of it,
/// divides the origin. A negative gain is turned round. False, with samples in disorder, when a
/// sample leaves 32 bits; `rounded` is set when it could not be exact.
bool fold_origin(double origin, std::vector<std::int32_t>& samples, double& gain, bool& rounded);

}  // namespace telavis::xml
