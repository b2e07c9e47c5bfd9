// SPDX-License-Identifier: Apache-2.0
#include "formats/wfdb_samples.h"

#include <algorithm>
#include <array>

#include "formats/signals.h"

namespace telavis::wfdb {
namespace {

std::int32_t sign_extended(std::uint32_t value, int bits) {
  const int unused = 32 - bits;
  return static_cast<std::int32_t>(value << unused) >> unused;
}

std::uint32_t little_endian(ByteView bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::uint32_t{bytes[at + i]} << (8 * i);
  return value;
}

// Two samples of 12 bits in three bytes: the high halves share the middle one.
std::int32_t sample_212(ByteView bytes, std::size_t k) {
  const std::size_t at = k / 2 * 3;
  const std::uint32_t middle = bytes[at + 1];
  if (k % 2 == 0) return sign_extended(bytes[at] | ((middle & 0x0F) << 8), 12);
  return sign_extended(bytes[at + 2] | ((middle & 0xF0) << 4), 12);
}

// Three samples of 10 bits in two words of 16: bits 1..10 of each word, then the upper five bits of
// the first under those of the second.
std::int32_t sample_310(ByteView bytes, std::size_t k) {
  const std::size_t at = k / 3 * 4;
  const std::size_t place = k % 3;
  if (place < 2) return sign_extended(little_endian(bytes, at + 2 * place, 2) >> 1, 10);
  return sign_extended((bytes[at + 1] >> 3) | (std::uint32_t{bytes[at + 3]} >> 3 << 5), 10);
}

// Three samples of 10 bits one behind the other in 32 bits. The last group may have fewer bytes.
std::int32_t sample_311(ByteView bytes, std::size_t k) {
  const std::size_t at = k / 3 * 4;
  const std::uint32_t word = little_endian(bytes, at, std::min<std::size_t>(4, bytes.size() - at));
  return sign_extended(word >> (10 * (k % 3)), 10);
}

struct Format {
  int number;
  int bits;  // the smallest value of so many bits means "not measured"
  bool invalid_known;
};
constexpr auto kFormats = std::to_array<Format>({{8, 8, false},
                                                 {16, 16, true},
                                                 {24, 24, true},
                                                 {32, 32, true},
                                                 {61, 16, true},
                                                 {80, 8, true},
                                                 {160, 16, true},
                                                 {212, 12, true},
                                                 {310, 10, true},
                                                 {311, 10, true}});

const Format* format_of(int number) {
  const auto* const found = std::ranges::find(kFormats, number, &Format::number);
  return found == kFormats.end() ? nullptr : found;
}

// `sample(k)` is the kth sample of the file.
template <typename Sample>
void deal(std::span<Channel> group, std::uint64_t frames, std::int32_t invalid, bool invalid_known,
          const Sample& sample) {
  std::size_t k = 0;
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    for (Channel& channel : group) {
      const std::size_t count = channel.signal->samples_per_frame;
      if (!channel.wanted) {
        k += count;
        continue;
      }
      for (std::size_t i = 0; i < count; ++i, ++k) {
        const std::int32_t value = sample(k);
        channel.checksum =
            static_cast<std::uint16_t>(channel.checksum + static_cast<std::uint32_t>(value));
        if (frame < channel.signal->skew) continue;
        channel.samples.push_back(invalid_known && value == invalid ? kNotMeasured : value);
      }
    }
  }
}

// Format 8 stores differences: every sample depends on those before it, the unwanted ones not.
void deal_differences(std::span<Channel> group, ByteView bytes, std::uint64_t frames) {
  std::vector<std::uint32_t> last;
  for (const Channel& channel : group) {
    last.push_back(static_cast<std::uint32_t>(channel.signal->initial_value));
  }
  std::size_t k = 0;
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    for (std::size_t c = 0; c < group.size(); ++c) {
      Channel& channel = group[c];
      for (std::size_t i = 0; i < channel.signal->samples_per_frame; ++i, ++k) {
        last[c] += static_cast<std::uint32_t>(sign_extended(bytes[k], 8));
        if (!channel.wanted) continue;
        channel.checksum = static_cast<std::uint16_t>(channel.checksum + last[c]);
        if (frame < channel.signal->skew) continue;
        channel.samples.push_back(static_cast<std::int32_t>(last[c]));
      }
    }
  }
}

void read_samples(std::span<Channel> group, ByteView bytes, std::uint64_t frames) {
  const Format& format = *format_of(group.front().signal->format);
  const auto invalid = static_cast<std::int32_t>(-(std::int64_t{1} << (format.bits - 1)));
  const auto with = [&](const auto& sample) {
    deal(group, frames, invalid, format.invalid_known, sample);
  };
  switch (format.number) {
    case 8:
      return deal_differences(group, bytes, frames);
    case 16:
      return with([&](std::size_t k) { return sign_extended(little_endian(bytes, 2 * k, 2), 16); });
    case 24:
      return with([&](std::size_t k) { return sign_extended(little_endian(bytes, 3 * k, 3), 24); });
    case 32:
      return with(
          [&](std::size_t k) { return static_cast<std::int32_t>(little_endian(bytes, 4 * k, 4)); });
    case 61:
      return with([&](std::size_t k) {
        return sign_extended((std::uint32_t{bytes[2 * k]} << 8) | bytes[2 * k + 1], 16);
      });
    case 80:
      return with([&](std::size_t k) { return std::int32_t{bytes[k]} - 128; });
    case 160:
      return with([&](std::size_t k) {
        return static_cast<std::int32_t>(little_endian(bytes, 2 * k, 2)) - 32'768;
      });
    case 212:
      return with([&](std::size_t k) { return sample_212(bytes, k); });
    case 310:
      return with([&](std::size_t k) { return sample_310(bytes, k); });
    case 311:
      return with([&](std::size_t k) { return sample_311(bytes, k); });
    default:
      return;  // is_readable keeps others out
  }
}

}  // namespace

bool is_readable(int format) {
  return format_of(format) != nullptr;
}

bool is_flac(int format) {
  return format == 508 || format == 516 || format == 524;
}

std::uint64_t samples_in(int format, std::uint64_t bytes) {
  switch (format) {
    case 8:
    case 80:
      return bytes;
    case 24:
      return bytes / 3;
    case 32:
      return bytes / 4;
    case 212:
      return bytes / 3 * 2 + (bytes % 3 == 2 ? 1 : 0);
    case 310:
      return bytes / 4 * 3 + (bytes % 4 >= 2 ? 1 : 0);
    case 311:
      return bytes / 4 * 3 + (bytes % 4 >= 2 ? bytes % 4 - 1 : 0);
    default:
      return bytes / 2;
  }
}

std::uint64_t read_group(std::span<Channel> group, ByteView file, std::uint64_t frames) {
  const Signal& first = *group.front().signal;
  if (first.byte_offset >= file.size()) return 0;
  const ByteView bytes = file.subspan(first.byte_offset);
  std::uint64_t frame_samples = 0;
  for (const Channel& channel : group) frame_samples += channel.signal->samples_per_frame;
  if (frame_samples == 0) return 0;
  frames = std::min(frames, samples_in(first.format, bytes.size()) / frame_samples);
  for (Channel& channel : group) {
    if (!channel.wanted) continue;
    const std::uint64_t kept = frames - std::min<std::uint64_t>(frames, channel.signal->skew);
    channel.samples.reserve(channel.samples.size() + kept * channel.signal->samples_per_frame);
  }
  read_samples(group, bytes, frames);
  return frames;
}

}  // namespace telavis::wfdb
