// SPDX-License-Identifier: Apache-2.0
// Section 4 of SCP-ECG and what it undoes: bimodal compression and the subtraction of a reference
// beat (EN 1064 clauses 5.7 to 5.9 and annex C). Private to scp_ecg*.
//
// No public file uses bimodal compression, so its details are unverified beyond the agreement of
// two open decoders (scp-decode, ECGToolkit). Between two protected zones a run of L samples is
// stored as L / f decimated ones (f: the interval of section 6 over that of section 5, at most 4)
// and L % f full ones. Decoded: the first f / 2 samples repeat the first decimated one; between two
// neighbours a and b, f samples a + (b - a) * i / f, i = 0..f-1; the last one repeats to the end of
// its block. Then a mean of three, rounded half away from zero, smooths the run before the beat is
// added; it starts again where a subtracted beat begins or ends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "formats/bytes.h"

namespace telavis::scp {

/// Sample numbers count from 1 and include the last, at the interval of section 5.
struct Beat {
  std::uint16_t type = 0;  // 0: the reference beat was subtracted here
  std::uint32_t begin = 0;
  std::uint32_t fiducial = 0;
  std::uint32_t end = 0;
};
struct Zone {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Beats {
  std::uint16_t reference_length_ms = 0;
  std::uint16_t reference_fiducial = 0;  // counted from 1
  std::vector<Beat> beats;
  std::vector<Zone> zones;  // protected; those of the beats where the file lists none (version 1)
  std::vector<std::uint64_t> borders;  // sorted numbers of samples that begin a piece: at beats of
                                       // type 0 and behind them
  bool subtracted() const;             // from at least one sample
};
/// nullopt when the list of beats is cut short.
std::optional<Beats> read_beats(ByteView data);

/// The samples of one lead, in pieces. Half-open, from the lead's first sample.
struct Run {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool decimated = false;
};
/// Pieces of a lead of `count` samples whose first has the number `first`: decimated, but in zones.
std::vector<Run> make_runs(const std::vector<Zone>& zones, std::uint32_t first,
                           std::uint64_t count);
/// How many samples are stored for them.
std::uint64_t stored_count(const std::vector<Run>& runs, unsigned factor);

/// The lead at full rate from what is stored; as many samples as the stored ones give.
std::vector<std::int32_t> interpolate(std::span<const std::int32_t> stored,
                                      const std::vector<Run>& runs, unsigned factor);
/// The mean of three over decimated runs, in place.
void smooth(std::span<std::int32_t> samples, const std::vector<Run>& runs, const Beats& beats,
            std::uint32_t first);

/// Residual and beat in a common step: sample = residual * residual_factor + beat * beat_factor.
struct CommonGain {
  std::int64_t residual_factor = 1;
  std::int64_t beat_factor = 1;
  double gain_nv = 1;
  /// The factors would leave 32 bits: the beat is rounded to steps of `gain_nv` instead.
  std::int64_t beat_divisor = 1;
  bool rounded() const { return beat_divisor != 1; }
};
/// Both gains in 1..65535 nV.
CommonGain common_gain(std::uint16_t residual_nv, std::uint16_t beat_nv);

struct Addition {
  bool beat_too_short = false;  // a subtracted part lies outside of the reference beat
  bool overlapping = false;     // beats lie upon each other more than can be
  bool out_of_range = false;    // a result left 32 bits, or what 16 bits of either gain can hold
};
/// Adds the reference beat wherever it was subtracted, in place; `samples` keep the count.
Addition add_beats(std::span<std::int32_t> samples, std::span<const std::int32_t> reference,
                   const Beats& beats, std::uint32_t first, const CommonGain& gain);

}  // namespace telavis::scp
