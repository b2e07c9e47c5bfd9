// SPDX-License-Identifier: Apache-2.0
// The arithmetic of waveform samples (PS3.3 C.10.9.1.4 and C.10.9.1.5). Internal to the DICOM
// reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "formats/bytes.h"

namespace telavis {

enum class SampleCode { signed8, unsigned8, signed16, unsigned16, signed32, unsigned32 };

/// From Waveform Sample Interpretation and Bits Allocated; nullopt when they do not belong together
/// or are no linear samples.
std::optional<SampleCode> sample_code(std::string_view interpretation, std::uint32_t allocated);

/// Samples of all channels, instant after instant.
struct SampleLayout {
  SampleCode code = SampleCode::signed16;
  std::size_t channels = 1;
  bool big_endian = false;
  bool in_words = true;  // VR OW: words of 16 bits, the low one first
  ByteView data;
  std::optional<std::int64_t> padding;  // stands where nothing was recorded

  std::size_t samples() const;  // whole instants
};

/// Waveform Padding Value, which is written like a sample.
std::optional<std::int64_t> padding_value(const SampleLayout& layout, ByteView value);

struct ChannelSamples {
  std::vector<std::int32_t> values;
  std::size_t first = 0;  // instants of padding in front
  std::size_t held = 0;   // samples inside that were padding: the last one before goes on
};

/// One channel; padding at both ends is cut. `bits_stored` fewer than allocated: the sign stands at
/// the highest stored bit, unless the values show that they use all bits. Values of 32 unsigned
/// bits over 2^31 - 1 are out of the range of a recording and become that.
ChannelSamples read_samples(const SampleLayout& layout, std::size_t channel, std::size_t samples,
                            std::uint32_t bits_stored);

/// Brings `values` in steps of `gain_nv` above `baseline_nv` to steps above zero, and gives the
/// size of a step (> 0): the same one when the baseline is a whole number of steps, else a finer
/// one, at most 1,000 times. nullopt when they do not fit in 32 bits.
std::optional<double> scale_samples(std::vector<std::int32_t>& values, double gain_nv,
                                    double baseline_nv);

/// The decimal of 14 digits that a product or quotient of decimals was meant to be.
double without_binary_noise(double value);

}  // namespace telavis
