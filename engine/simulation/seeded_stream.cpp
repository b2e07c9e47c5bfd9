// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/seeded_stream.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

namespace telavis {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

}  // namespace

SeededStream::SeededStream(std::uint64_t seed) : seed_(seed) {
  std::uint64_t state = seed;
  for (std::uint64_t& word : state_) word = splitmix(state);
}

SeededStream SeededStream::split(std::string_view purpose) const {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (const char c : purpose) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3U;
  std::uint64_t mixed = seed_ ^ hash;
  return SeededStream(splitmix(mixed));
}

std::uint64_t SeededStream::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5U, 7) * 9U;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void SeededStream::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    std::uint64_t word = next();
    const std::size_t taken = std::min(out.size(), sizeof word);
    for (std::size_t i = 0; i < taken; ++i, word >>= 8U) out[i] = static_cast<std::uint8_t>(word);
    out = out.subspan(taken);
  }
}

double SeededStream::uniform() {
  return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

double SeededStream::uniform(double from, double to) {
  return from + (to - from) * uniform();
}

bool SeededStream::chance(double probability) {
  return uniform() < probability;
}

std::size_t SeededStream::below(std::size_t count) {
  return static_cast<std::size_t>(next() % count);
}

double SeededStream::exponential(double mean) {
  return -mean * std::log(1.0 - uniform());
}

double SeededStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

double SeededStream::log_normal(double median, double spread) {
  return median * std::exp(spread * normal());
}

}  // namespace telavis
