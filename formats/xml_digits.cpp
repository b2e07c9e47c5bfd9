// SPDX-License-Identifier: Apache-2.0
#include "formats/xml_digits.h"
#include "formats/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace telavis::xml {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();
constexpr int kMaxDecimals = 9;            // 10^10 is beyond 32 bits
constexpr int kMaxSignificantDigits = 18;  // of a 64-bit number
constexpr std::array<std::int64_t, 19> kPowers = [] {
  std::array<std::int64_t, 19> powers{};
  std::int64_t power = 1;
  for (auto& entry : powers) {
    entry = power;
    power = power > std::numeric_limits<std::int64_t>::max() / 10 ? power : power * 10;
  }
  return powers;
}();

bool is_blank(char character) {
  return character == ' ' || character == '\n' || character == '\t' || character == '\r';
}

// mantissa * 10^exponent
struct Decimal {
  std::int64_t mantissa = 0;
  int exponent = 0;
};

std::optional<Decimal> parse_decimal(std::string_view token) {
  Decimal out;
  std::size_t i = 0;
  const bool negative = token.front() == '-';
  if (negative || token.front() == '+') ++i;
  bool point = false;
  bool any = false;
  int significant = 0;
  for (; i < token.size() && (is_digit(token[i]) || (token[i] == '.' && !point)); ++i) {
    if (token[i] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (significant >= kMaxSignificantDigits) {
      if (!point) return std::nullopt;  // beyond 32 bits for sure
      continue;                         // far below any step
    }
    out.mantissa = out.mantissa * 10 + (token[i] - '0');
    if (out.mantissa != 0) ++significant;
    if (point) --out.exponent;
  }
  if (!any) return std::nullopt;
  if (i < token.size()) {
    if (token[i] != 'e' && token[i] != 'E') return std::nullopt;
    ++i;
    if (i < token.size() && token[i] == '+') ++i;
    int exponent = 0;
    const char* const end = token.data() + token.size();
    const auto [stop, error] = std::from_chars(token.data() + i, end, exponent);
    if (error != std::errc() || stop != end || std::abs(exponent) > 1'000) return std::nullopt;
    out.exponent += exponent;
  }
  while (out.mantissa != 0 && out.mantissa % 10 == 0) {
    out.mantissa /= 10;
    ++out.exponent;
  }
  if (out.mantissa == 0) out.exponent = 0;
  if (negative) out.mantissa = -out.mantissa;
  return out;
}

// decimal * 10^decimals, rounded half away from zero; nullopt beyond 32 bits.
std::optional<std::int32_t> scaled(const Decimal& decimal, int decimals) {
  const int shift = decimal.exponent + decimals;
  std::int64_t value = decimal.mantissa;
  if (shift > kMaxDecimals && value != 0) return std::nullopt;
  if (shift >= 0) {
    if (std::abs(value) > kLargest) return std::nullopt;
    value *= kPowers[static_cast<std::size_t>(std::max(shift, 0))];
  } else {
    if (-shift > kMaxSignificantDigits) return 0;
    const std::int64_t divisor = kPowers[static_cast<std::size_t>(-shift)];
    const std::int64_t half = divisor / 2;
    value = (value + (value < 0 ? -half : half)) / divisor;
  }
  if (std::abs(value) > kLargest) return std::nullopt;
  return static_cast<std::int32_t>(value);
}

// Calls `take` with each token; false as soon as that is.
template <typename Take>
bool for_each_token(std::string_view text, Take take) {
  std::size_t i = 0;
  while (true) {
    while (i < text.size() && is_blank(text[i])) ++i;
    if (i == text.size()) return true;
    const std::size_t begin = i;
    while (i < text.size() && !is_blank(text[i])) ++i;
    if (!take(text.substr(begin, i - begin))) return false;
  }
}

// Whole numbers alone, which nearly every file has; false at anything else.
bool read_whole(std::string_view text, std::vector<std::int32_t>& out) {
  const char* position = text.data();
  const char* const end = position + text.size();
  // One blank stands between two numbers, mostly.
  out.reserve(static_cast<std::size_t>(std::count(position, end, ' ')) + 1);
  while (true) {
    while (position != end && is_blank(*position)) ++position;
    if (position == end) return true;
    std::int32_t value = 0;
    const auto [stop, error] = std::from_chars(position, end, value);
    if (error != std::errc() || (stop != end && !is_blank(*stop))) return false;
    out.push_back(value);
    position = stop;
  }
}

}  // namespace

std::optional<Digits> read_digits(std::string_view text) {
  Digits out;
  if (read_whole(text, out.samples)) return out;
  out.samples.clear();
  int needed = 0;
  double largest = 0;
  const bool readable = for_each_token(text, [&](std::string_view token) {
    const auto decimal = parse_decimal(token);
    if (!decimal) return false;
    needed = std::max(needed, -decimal->exponent);
    const double magnitude = std::abs(static_cast<double>(decimal->mantissa));
    largest = std::max(largest, magnitude * std::pow(10.0, decimal->exponent));
    return true;
  });
  if (!readable || largest > static_cast<double>(kLargest)) return std::nullopt;
  while (out.decimals < std::min(needed, kMaxDecimals) &&
         largest * std::pow(10.0, out.decimals + 1) < static_cast<double>(kLargest)) {
    ++out.decimals;
  }
  out.rounded = out.decimals < needed;
  const bool fits = for_each_token(text, [&](std::string_view token) {
    const auto sample = scaled(*parse_decimal(token), out.decimals);
    if (sample) out.samples.push_back(*sample);
    return sample.has_value();
  });
  if (!fits) return std::nullopt;
  return out;
}

bool fold_origin(double origin, std::vector<std::int32_t>& samples, double& gain, bool& rounded) {
  if (origin == 0 && gain > 0) return true;
  constexpr auto kFractions = std::to_array<int>({1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 1000});
  const double step = std::abs(gain);
  // Doubles of decimal numbers: their quotient is whole only up to this.
  constexpr double kRelativeError = 1e-12;
  int fraction = 1;
  bool exact = false;
  for (const int candidate : kFractions) {
    const double steps = origin / step * candidate;
    exact = std::abs(steps - std::round(steps)) <= kRelativeError * std::max(1.0, std::abs(steps));
    if (exact) {
      fraction = candidate;
      break;
    }
  }
  if (!exact) rounded = true;
  const double offset = std::round(origin / step * fraction);
  if (!(std::abs(offset) <= static_cast<double>(kLargest))) return false;
  const auto add = static_cast<std::int64_t>(offset);
  const std::int64_t factor = gain < 0 ? -fraction : fraction;
  for (std::int32_t& sample : samples) {
    const std::int64_t value = sample * factor + add;
    if (std::abs(value) > kLargest) return false;
    sample = static_cast<std::int32_t>(value);
  }
  gain = step / fraction;
  return true;
}

}  // namespace telavis::xml
