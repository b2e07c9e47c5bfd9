// SPDX-License-Identifier: Apache-2.0
// What an MFER file defines of its channels, and the samples of a frame (ISO 22077-1, 5.2 and 5.3).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/leads.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis::mfer {

/// A physical value as MWF_IVL and MWF_SEN give it: mantissa * 10^exponent of a unit.
struct Scaled {
  std::uint8_t unit = 0;
  std::int8_t exponent = 0;
  std::uint32_t mantissa = 0;

  bool operator==(const Scaled&) const = default;
};

/// A value in the type of the channel's samples: MWF_NUL, MWF_OFF.
struct TypedValue {
  Bytes bytes;
  bool little_endian = false;

  bool operator==(const TypedValue&) const = default;
};

/// Definitions of the file, or of one channel over those of the file.
struct Definitions {
  std::optional<std::uint32_t> block, sequences;
  std::optional<std::uint16_t> waveform, lead;
  std::optional<std::string> lead_text;
  std::optional<std::uint8_t> type;
  std::optional<Scaled> interval, sensitivity;
  std::optional<TypedValue> null, offset;

  /// These, and where they say nothing those of `parent`.
  Definitions over(const Definitions& parent) const;
  /// What must be equal for a frame to go on where the last one ended.
  bool same_channel(const Definitions& other) const;
};

/// MWF_DTP: the types of ISO 22077-1, table 6.
enum class SampleType : std::uint8_t {
  int16 = 0,
  uint16 = 1,
  int32 = 2,
  uint8 = 3,
  status16 = 4,
  int8 = 5,
  uint32 = 6,
  float32 = 7,
  float64 = 8,
  aha8 = 9,
};

inline constexpr std::uint16_t kDominantBeat = 9;  // MWF_WFM

struct Channel {
  Definitions definitions;
  bool wanted = false;
  std::vector<std::int32_t> samples;  // whole steps, or nanovolts; kNotMeasured where null
};

/// Channels of the frame that the definitions describe. Errors: malformed_file,
/// unsupported_encoding.
Result<std::vector<Channel>> channels_of(const Definitions& parent,
                                         const std::map<std::uint32_t, Definitions>& children,
                                         std::size_t count);

/// Deals the samples of one MWF_WAV to the channels. False when it ends within a block.
bool read_frame(std::vector<Channel>& channels, ByteView wave, bool little_endian);

/// Seconds a sample, nullopt when impossible. Default: 1 kHz (ISO 22077-1, table 3).
std::optional<double> interval_us(const Definitions& definitions);

/// The channel as a lead, without its name; nullopt when it has no interval.
std::optional<Lead> lead_of(Channel channel);

/// The lead of a code (ISO 22077-1, table 17) or its name in MFER.
LeadCode lead_code(const Definitions& definitions);
std::string lead_label(const Definitions& definitions, std::size_t channel);

}  // namespace telavis::mfer
