// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_samples.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace telavis {
namespace {

constexpr int kMaxFiner = 1000;
constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

std::size_t bytes_of(SampleCode code) {
  switch (code) {
    case SampleCode::signed8:
    case SampleCode::unsigned8:
      return 1;
    case SampleCode::signed16:
    case SampleCode::unsigned16:
      return 2;
    case SampleCode::signed32:
    case SampleCode::unsigned32:
      return 4;
  }
  return 1;
}

bool is_signed(SampleCode code) {
  return code == SampleCode::signed8 || code == SampleCode::signed16 ||
         code == SampleCode::signed32;
}

/// The bytes of one sample, least significant first.
std::uint32_t raw_sample(const SampleLayout& layout, std::size_t index) {
  const std::size_t bytes = bytes_of(layout.code);
  const std::size_t at = index * bytes;
  const auto byte = [&](std::size_t i) { return std::uint32_t{layout.data[i]}; };
  if (bytes == 1) {
    // In words of big endian files the first of two samples is the second byte.
    const std::size_t other = at ^ 1;
    const bool swapped = layout.big_endian && layout.in_words && other < layout.data.size();
    return byte(swapped ? other : at);
  }
  const auto word = [&](std::size_t i) {
    return layout.big_endian ? byte(i) << 8 | byte(i + 1) : byte(i + 1) << 8 | byte(i);
  };
  if (bytes == 2) return word(at);
  return layout.big_endian && !layout.in_words ? word(at) << 16 | word(at + 2)
                                               : word(at + 2) << 16 | word(at);
}

std::int64_t extended(std::uint32_t raw, std::size_t bits, bool with_sign) {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  const std::uint64_t value = raw & mask;
  const bool negative = with_sign && (value >> (bits - 1)) != 0;
  return negative ? static_cast<std::int64_t>(value) - static_cast<std::int64_t>(mask) - 1
                  : static_cast<std::int64_t>(value);
}

/// How many bits hold the value of the samples of a channel. Samples whose spare bits are neither
/// all clear nor copies of the sign use more bits than the file says.
std::size_t used_bits(const SampleLayout& layout, std::size_t channel, std::size_t samples,
                      std::uint32_t bits_stored) {
  const std::size_t allocated = 8 * bytes_of(layout.code);
  if (bits_stored == 0 || bits_stored >= allocated) return allocated;
  bool clear = true;
  bool copied = true;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::uint32_t raw = raw_sample(layout, i * layout.channels + channel);
    const std::int64_t whole = extended(raw, allocated, is_signed(layout.code));
    if (layout.padding == whole) continue;
    clear = clear && raw >> bits_stored == 0;
    copied = copied && whole == extended(raw, bits_stored, is_signed(layout.code));
  }
  return clear || copied ? bits_stored : allocated;
}

}  // namespace

std::optional<SampleCode> sample_code(std::string_view interpretation, std::uint32_t allocated) {
  if (interpretation == "SB" && allocated == 8) return SampleCode::signed8;
  if (interpretation == "UB" && allocated == 8) return SampleCode::unsigned8;
  if (interpretation == "SS" && allocated == 16) return SampleCode::signed16;
  if (interpretation == "US" && allocated == 16) return SampleCode::unsigned16;
  if (interpretation == "SL" && allocated == 32) return SampleCode::signed32;
  if (interpretation == "UL" && allocated == 32) return SampleCode::unsigned32;
  return std::nullopt;
}

std::size_t SampleLayout::samples() const {
  return data.size() / (channels * bytes_of(code));
}

std::optional<std::int64_t> padding_value(const SampleLayout& layout, ByteView value) {
  SampleLayout one = layout;
  one.data = value;
  one.channels = 1;
  if (one.samples() == 0) return std::nullopt;
  return extended(raw_sample(one, 0), 8 * bytes_of(layout.code), is_signed(layout.code));
}

ChannelSamples read_samples(const SampleLayout& layout, std::size_t channel, std::size_t samples,
                            std::uint32_t bits_stored) {
  const std::size_t allocated = 8 * bytes_of(layout.code);
  const std::size_t bits = used_bits(layout, channel, samples, bits_stored);
  const bool with_sign = is_signed(layout.code);
  ChannelSamples read;
  read.values.reserve(samples);
  std::size_t padded = 0;  // since the last recorded sample
  for (std::size_t i = 0; i < samples; ++i) {
    const std::uint32_t raw = raw_sample(layout, i * layout.channels + channel);
    if (layout.padding == extended(raw, allocated, with_sign)) {
      ++padded;
      continue;
    }
    const std::int64_t value = std::min(extended(raw, bits, with_sign), kLargest);
    if (read.values.empty()) {
      read.first = padded;
    } else if (padded > 0) {
      read.held += padded;
      read.values.insert(read.values.end(), padded, read.values.back());
    }
    padded = 0;
    read.values.push_back(static_cast<std::int32_t>(value));
  }
  return read;
}

std::optional<double> scale_samples(std::vector<std::int32_t>& values, double gain_nv,
                                    double baseline_nv) {
  if (!std::isfinite(gain_nv) || gain_nv == 0 || !std::isfinite(baseline_nv)) return std::nullopt;
  const double steps = baseline_nv / gain_nv;
  if (std::abs(steps) > static_cast<double>(kLargest)) return std::nullopt;
  const auto range = std::ranges::minmax(values);
  const std::int64_t sign = gain_nv < 0 ? -1 : 1;  // a step is positive; the samples turn instead
  const auto fits = [&](std::int64_t finer, std::int64_t shift) {
    const std::int64_t ends[] = {range.min * finer + shift, range.max * finer + shift};
    return std::ranges::all_of(ends, [](std::int64_t end) { return std::abs(end) <= kLargest; });
  };
  std::int64_t finer = 0;
  for (std::int64_t candidate = 1; candidate <= kMaxFiner; ++candidate) {
    const double exact = steps * static_cast<double>(candidate);
    if (!fits(candidate, std::llround(exact))) break;
    finer = candidate;
    if (std::abs(exact - std::round(exact)) <= 1e-7 * std::max(1.0, std::abs(exact))) break;
  }
  if (finer == 0) return std::nullopt;
  const std::int64_t shift = std::llround(steps * static_cast<double>(finer));
  for (std::int32_t& value : values) {
    value = static_cast<std::int32_t>(sign * (value * finer + shift));
  }
  const double gain = std::abs(gain_nv) / static_cast<double>(finer);
  return std::isnormal(gain) ? std::optional(gain) : std::nullopt;
}

double without_binary_noise(double value) {
  constexpr int kDigits = 14;
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value,
                                     std::chars_format::scientific, kDigits - 1);
  double tidy = value;
  std::from_chars(text.data(), written.ptr, tidy);
  return tidy;
}

}  // namespace telavis
