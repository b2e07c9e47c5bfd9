// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_beats.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace telavis::scp {
namespace {

// The subtracted parts of neighbouring beats may touch; more than this many upon each other cannot
// be, and would make the work grow faster than the file.
constexpr std::uint64_t kMaxBeatsPerSample = 4;
// |residual| and |beat| are at most 2^15, so that their sum stays within 32 bits.
constexpr std::int64_t kMaxSumOfFactors = 65'535;
constexpr std::int64_t kLargestSample = 32'768;

std::int64_t rounded_quotient(std::int64_t value, std::int64_t divisor) {
  return (value >= 0 ? value + divisor / 2 : value - divisor / 2) / divisor;
}

void append_interpolated(std::span<const std::int32_t> blocks, unsigned factor,
                         std::vector<std::int32_t>& out) {
  if (blocks.empty()) return;
  out.insert(out.end(), factor / 2, blocks.front());
  for (std::size_t k = 0; k + 1 < blocks.size(); ++k) {
    const std::int64_t from = blocks[k];
    const std::int64_t step = std::int64_t{blocks[k + 1]} - from;
    for (unsigned i = 0; i < factor; ++i) {
      out.push_back(static_cast<std::int32_t>(rounded_quotient(from * factor + step * i, factor)));
    }
  }
  out.insert(out.end(), factor - factor / 2, blocks.back());
}

// All but the two ends.
void smooth_piece(std::span<std::int32_t> piece) {
  if (piece.size() < 3) return;
  std::int64_t before = piece[0];
  for (std::size_t i = 1; i + 1 < piece.size(); ++i) {
    const std::int64_t here = piece[i];
    piece[i] = static_cast<std::int32_t>(rounded_quotient(before + here + piece[i + 1], 3));
    before = here;
  }
}

}  // namespace

bool Beats::subtracted() const {
  return std::ranges::any_of(beats, [](const Beat& beat) {
    return beat.type == 0 && beat.begin != 0 && beat.end >= beat.begin;
  });
}

std::optional<Beats> read_beats(ByteView data) {
  ByteReader reader(data);
  const auto length = reader.u16le();
  const auto fiducial = reader.u16le();
  const auto count = reader.u16le();
  if (!count) return std::nullopt;
  Beats out{*length, *fiducial, {}, {}, {}};
  for (unsigned i = 0; i < *count; ++i) {
    const auto type = reader.u16le();
    const auto begin = reader.u32le();
    const auto middle = reader.u32le();
    const auto end = reader.u32le();
    if (!end) return std::nullopt;
    out.beats.push_back({*type, *begin, *middle, *end});
    if (*type == 0) {
      out.borders.push_back(*begin);
      out.borders.push_back(std::uint64_t{*end} + 1);
    }
  }
  std::ranges::sort(out.borders);
  const bool listed = reader.remaining() >= std::size_t{*count} * 8;
  for (const Beat& beat : out.beats) {
    Zone zone{beat.begin, beat.end};
    if (listed) zone = {reader.u32le().value_or(0), reader.u32le().value_or(0)};
    if (zone.begin != 0 && zone.end >= zone.begin) out.zones.push_back(zone);
  }
  std::ranges::sort(out.zones, {}, &Zone::begin);
  return out;
}

std::vector<Run> make_runs(const std::vector<Zone>& zones, std::uint32_t first,
                           std::uint64_t count) {
  std::vector<Run> runs;
  std::uint64_t next = 0;
  for (const Zone& zone : zones) {
    if (zone.end < first) continue;
    const std::uint64_t begin = std::max<std::uint64_t>(next, std::max(zone.begin, first) - first);
    const std::uint64_t end = std::min<std::uint64_t>(count, std::uint64_t{zone.end} - first + 1);
    if (begin >= end) continue;  // outside of the lead, or in the zone before
    if (begin > next) runs.push_back({next, begin, true});
    runs.push_back({begin, end, false});
    next = end;
  }
  if (next < count) runs.push_back({next, count, true});
  return runs;
}

std::uint64_t stored_count(const std::vector<Run>& runs, unsigned factor) {
  std::uint64_t count = 0;
  for (const Run& run : runs) {
    const std::uint64_t length = run.end - run.begin;
    count += run.decimated ? length / factor + length % factor : length;
  }
  return count;
}

std::vector<std::int32_t> interpolate(std::span<const std::int32_t> stored,
                                      const std::vector<Run>& runs, unsigned factor) {
  std::vector<std::int32_t> out;
  for (const Run& run : runs) {
    const std::uint64_t length = run.end - run.begin;
    std::uint64_t copied = length;
    if (run.decimated) {
      const std::uint64_t blocks = std::min<std::uint64_t>(length / factor, stored.size());
      append_interpolated(stored.first(blocks), factor, out);
      stored = stored.subspan(blocks);
      copied = length % factor;
    }
    copied = std::min<std::uint64_t>(copied, stored.size());
    out.insert(out.end(), stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(copied));
    stored = stored.subspan(copied);
  }
  return out;
}

void smooth(std::span<std::int32_t> samples, const std::vector<Run>& runs, const Beats& beats,
            std::uint32_t first) {
  auto border = beats.borders.begin();
  for (const Run& run : runs) {
    if (!run.decimated) continue;
    // One sample of each neighbouring zone joins, as an end that stays.
    std::size_t begin = run.begin == 0 ? 0 : static_cast<std::size_t>(run.begin - 1);
    const std::size_t end =
        static_cast<std::size_t>(std::min<std::uint64_t>(run.end + 1, samples.size()));
    border = std::upper_bound(border, beats.borders.end(), first + std::uint64_t{begin});
    for (; border != beats.borders.end() && *border < first + std::uint64_t{end}; ++border) {
      const auto at = static_cast<std::size_t>(*border - first);
      smooth_piece(samples.subspan(begin, at - begin));
      begin = at;
    }
    if (begin < end) smooth_piece(samples.subspan(begin, end - begin));
  }
}

CommonGain common_gain(std::uint16_t residual_nv, std::uint16_t beat_nv) {
  const int divisor = std::gcd(int{residual_nv}, int{beat_nv});
  CommonGain gain{residual_nv / divisor, beat_nv / divisor, static_cast<double>(divisor), 1};
  if (gain.residual_factor + gain.beat_factor > kMaxSumOfFactors) {
    gain = {1, beat_nv, static_cast<double>(residual_nv), residual_nv};
  }
  return gain;
}

Addition add_beats(std::span<std::int32_t> samples, std::span<const std::int32_t> reference,
                   const Beats& beats, std::uint32_t first, const CommonGain& gain) {
  Addition result;
  const auto put = [&](std::int32_t& sample, std::int64_t value) {
    const auto limited =
        std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min() + 1,
                                 std::numeric_limits<std::int32_t>::max());
    result.out_of_range = result.out_of_range || limited != value;
    sample = static_cast<std::int32_t>(limited);
  };
  if (gain.residual_factor != 1) {
    for (std::int32_t& sample : samples) put(sample, sample * gain.residual_factor);
  }
  const auto count = static_cast<std::int64_t>(samples.size());
  const auto reference_count = static_cast<std::int64_t>(reference.size());
  const std::int64_t largest =
      2 * kLargestSample *
      std::max(gain.residual_factor, rounded_quotient(gain.beat_factor, gain.beat_divisor));
  std::uint64_t added = 0;
  for (const Beat& beat : beats.beats) {
    if (beat.type != 0 || beat.begin == 0 || beat.end < beat.begin) continue;
    // Sample i of the lead and i + shift of the reference beat belong together.
    const std::int64_t shift = std::int64_t{beats.reference_fiducial} - 1 -
                               (std::int64_t{beat.fiducial} - std::int64_t{first});
    const std::int64_t begin = std::max<std::int64_t>(std::int64_t{beat.begin} - first, 0);
    const std::int64_t end = std::min(std::int64_t{beat.end} - first + 1, count);
    const std::int64_t from = std::max(begin, -shift);
    const std::int64_t to = std::min(end, reference_count - shift);
    result.beat_too_short = result.beat_too_short || (begin < end && (from > begin || to < end));
    if (from >= to) continue;
    added += static_cast<std::uint64_t>(to - from);
    if (added > kMaxBeatsPerSample * samples.size()) {
      result.overlapping = true;
      return result;
    }
    for (std::int64_t i = from; i < to; ++i) {
      const std::int64_t beat_value = rounded_quotient(
          reference[static_cast<std::size_t>(i + shift)] * gain.beat_factor, gain.beat_divisor);
      std::int32_t& sample = samples[static_cast<std::size_t>(i)];
      put(sample, sample + beat_value);
      result.out_of_range = result.out_of_range || std::abs(std::int64_t{sample}) > largest;
    }
  }
  return result;
}

}  // namespace telavis::scp
