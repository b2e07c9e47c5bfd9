// SPDX-License-Identifier: Apache-2.0
#include "formats/mfer_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "formats/signals.h"

namespace telavis::mfer {
namespace {

constexpr std::uint8_t kUnitHertz = 0;  // MWF_IVL
constexpr std::uint8_t kUnitSecond = 1;
constexpr std::uint8_t kUnitVolt = 0;  // MWF_SEN
constexpr double kNanovoltsPerVolt = 1e9;

std::size_t size_of(SampleType type) {
  switch (type) {
    case SampleType::uint8:
    case SampleType::int8:
    case SampleType::aha8:
      return 1;
    case SampleType::int16:
    case SampleType::uint16:
    case SampleType::status16:
      return 2;
    case SampleType::int32:
    case SampleType::uint32:
    case SampleType::float32:
      return 4;
    case SampleType::float64:
      return 8;
  }
  return 2;
}

SampleType type_of(const Definitions& definitions) {
  return SampleType{definitions.type.value_or(0)};
}

bool is_floating(SampleType type) {
  return type == SampleType::float32 || type == SampleType::float64;
}

std::uint64_t bits_of(const std::uint8_t* bytes, std::size_t size, bool little_endian) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = (value << 8) | bytes[little_endian ? size - 1 - i : i];
  }
  return value;
}

double floating_of(std::uint64_t bits, SampleType type) {
  if (type == SampleType::float64) return std::bit_cast<double>(bits);
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

std::int64_t whole_of(std::uint64_t bits, SampleType type) {
  switch (type) {
    case SampleType::int16:
      return static_cast<std::int16_t>(bits);
    case SampleType::int32:
      return static_cast<std::int32_t>(bits);
    case SampleType::int8:
      return static_cast<std::int8_t>(bits);
    case SampleType::uint16:
    case SampleType::status16:
    case SampleType::uint8:
    case SampleType::uint32:
    case SampleType::float32:
    case SampleType::float64:
    case SampleType::aha8:
      return static_cast<std::int64_t>(bits);
  }
  return 0;
}

std::int32_t clamped(double value) {
  return static_cast<std::int32_t>(std::clamp(std::round(value), -2147483647.0, 2147483647.0));
}

double step_nv(const Definitions& definitions) {
  const Scaled scale = definitions.sensitivity.value_or(Scaled{});
  return scale.mantissa * std::pow(10.0, scale.exponent) * kNanovoltsPerVolt;
}

std::optional<std::uint64_t> typed_bits(const std::optional<TypedValue>& value, std::size_t size) {
  if (!value || value->bytes.size() < size) return std::nullopt;
  return bits_of(value->bytes.data(), size, value->little_endian);
}

// How one channel's bytes become samples.
struct Reader {
  SampleType type;
  std::size_t size;
  std::optional<std::uint64_t> null;
  double nanovolts = 1;     // a unit, of floating-point samples
  std::int64_t offset = 0;  // MWF_OFF is added to whole samples (unverified which sign it has)

  explicit Reader(const Definitions& definitions)
      : type(type_of(definitions)),
        size(size_of(type)),
        null(typed_bits(definitions.null, size)),
        nanovolts(step_nv(definitions)) {
    const auto bits = typed_bits(definitions.offset, size);
    if (bits && !is_floating(type)) offset = whole_of(*bits, type);
  }

  std::int32_t operator()(const std::uint8_t* bytes, bool little_endian) const {
    const std::uint64_t bits = bits_of(bytes, size, little_endian);
    if (null && bits == *null) return kNotMeasured;
    if (!is_floating(type)) {
      const std::int64_t value = whole_of(bits, type) + offset;
      return static_cast<std::int32_t>(std::clamp<std::int64_t>(
          value, std::int64_t{kNotMeasured} + 1, std::numeric_limits<std::int32_t>::max()));
    }
    const double value = floating_of(bits, type) * nanovolts;
    return std::isfinite(value) ? clamped(value) : kNotMeasured;
  }
};

// Room for what the frame holds: exact for the one frame of most files, doubled for more.
void reserve(std::vector<Channel>& channels, const std::vector<Reader>& readers,
             std::size_t wave_bytes) {
  std::uint64_t sequence_bytes = 0;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    sequence_bytes += std::uint64_t{channels[c].definitions.block.value_or(1)} * readers[c].size;
  }
  if (sequence_bytes == 0 || sequence_bytes > wave_bytes) return;
  for (Channel& channel : channels) {
    if (!channel.wanted) continue;
    const std::uint64_t sequences = std::min<std::uint64_t>(
        wave_bytes / sequence_bytes + 1, channel.definitions.sequences.value_or(UINT32_MAX));
    const std::uint64_t needed =
        channel.samples.size() + sequences * channel.definitions.block.value_or(1);
    if (needed <= channel.samples.capacity()) continue;
    channel.samples.reserve(std::max<std::uint64_t>(needed, 2 * channel.samples.capacity()));
  }
}

// Waveforms (MWF_WFM) whose lead codes mean other places than those of an ECG: spectra, trends,
// sounds, pulse waves, EEG (unverified).
bool is_other_waveform(const Definitions& definitions) {
  const std::uint16_t waveform = definitions.waveform.value_or(0);
  return waveform == 25 || waveform == 26 || waveform == 30 || waveform == 31 ||
         (waveform >= 40 && waveform <= 43);
}

template <typename T>
void take_from(std::optional<T>& own, const std::optional<T>& parent) {
  if (!own) own = parent;
}

struct LeadName {
  std::uint16_t code;
  std::string_view name;
};
// Codes beyond those that MFER has in common with SCP-ECG (unverified).
constexpr auto kMferNames = std::to_array<LeadName>({{31, "NASA"},
                                                     {32, "CB4"},
                                                     {33, "CB5"},
                                                     {34, "CB6"},
                                                     {4166, "ECG1"},
                                                     {4167, "ECG2"},
                                                     {4168, "ECG3"},
                                                     {4169, "ECG4"}});

}  // namespace

Definitions Definitions::over(const Definitions& parent) const {
  Definitions all = *this;
  take_from(all.block, parent.block);
  take_from(all.sequences, parent.sequences);
  take_from(all.waveform, parent.waveform);
  take_from(all.lead, parent.lead);
  take_from(all.lead_text, parent.lead_text);
  take_from(all.type, parent.type);
  take_from(all.interval, parent.interval);
  take_from(all.sensitivity, parent.sensitivity);
  take_from(all.null, parent.null);
  take_from(all.offset, parent.offset);
  return all;
}

bool Definitions::same_channel(const Definitions& other) const {
  return waveform == other.waveform && lead == other.lead && lead_text == other.lead_text &&
         type == other.type && interval == other.interval && sensitivity == other.sensitivity &&
         null == other.null && offset == other.offset;
}

Result<std::vector<Channel>> channels_of(const Definitions& parent,
                                         const std::map<std::uint32_t, Definitions>& children,
                                         std::size_t count) {
  std::vector<Channel> channels(count);
  for (std::size_t i = 0; i < count; ++i) {
    Definitions base = parent;
    if (i > 0) {  // the name of a lead names one channel
      base.lead.reset();
      base.lead_text.reset();
    }
    const auto child = children.find(static_cast<std::uint32_t>(i));
    channels[i].definitions = child == children.end() ? base : child->second.over(base);
    const Definitions& all = channels[i].definitions;
    if (type_of(all) == SampleType::aha8) {
      return fail(ErrorCode::unsupported_encoding,
                  "The MFER file is compressed (AHA differences), which is not read. Choose the "
                  "export without compression on the device.");
    }
    if (all.type.value_or(0) > static_cast<std::uint8_t>(SampleType::aha8) ||
        all.block.value_or(1) == 0) {
      return fail(ErrorCode::malformed_file,
                  "The MFER file describes its samples in an impossible way. Export it again.");
    }
    const bool volts = all.sensitivity && all.sensitivity->unit == kUnitVolt;
    channels[i].wanted = volts && !is_other_waveform(all) && std::isnormal(step_nv(all)) &&
                         step_nv(all) > 0 && type_of(all) != SampleType::status16 &&
                         interval_us(all).has_value();
  }
  return channels;
}

bool read_frame(std::vector<Channel>& channels, ByteView wave, bool little_endian) {
  std::vector<Reader> readers;
  readers.reserve(channels.size());
  for (const Channel& channel : channels) readers.emplace_back(channel.definitions);
  reserve(channels, readers, wave.size());
  std::size_t position = 0;
  for (std::uint64_t sequence = 0; position < wave.size(); ++sequence) {
    bool any = false;
    for (std::size_t c = 0; c < channels.size() && position < wave.size(); ++c) {
      Channel& channel = channels[c];
      if (sequence >= channel.definitions.sequences.value_or(UINT32_MAX)) continue;
      any = true;
      const Reader& reader = readers[c];
      const std::size_t stated = channel.definitions.block.value_or(1);
      const std::size_t count = std::min(stated, (wave.size() - position) / reader.size);
      if (channel.wanted) {
        for (std::size_t i = 0; i < count; ++i) {
          channel.samples.push_back(
              reader(wave.data() + position + i * reader.size, little_endian));
        }
      }
      if (count < stated) return false;
      position += count * reader.size;
    }
    if (!any) break;
  }
  return true;
}

std::optional<double> interval_us(const Definitions& definitions) {
  if (!definitions.interval) return 1000.0;
  const Scaled& scale = *definitions.interval;
  const double value = scale.mantissa * std::pow(10.0, scale.exponent);
  double us = 0;
  if (scale.unit == kUnitHertz) us = 1e6 / value;
  // 4 * 10^-3 s: the power first, so that a whole number of microseconds stays one.
  if (scale.unit == kUnitSecond) us = scale.mantissa * std::pow(10.0, scale.exponent + 6);
  if (!std::isnormal(us) || us < 1 || us > 1e9) return std::nullopt;
  return us;
}

std::optional<Lead> lead_of(Channel channel) {
  const auto interval = interval_us(channel.definitions);
  if (!interval) return std::nullopt;
  Lead lead;
  lead.code = lead_code(channel.definitions);
  lead.sampling_interval_us = *interval;
  lead.gain_nv_per_lsb =
      is_floating(type_of(channel.definitions)) ? 1 : step_nv(channel.definitions);
  lead.samples = std::move(channel.samples);
  return lead;
}

LeadCode lead_code(const Definitions& definitions) {
  const std::uint16_t code = definitions.lead.value_or(0);
  const bool shared = (code >= 1 && code <= 20 && code != 10) || (code >= 61 && code <= 72);
  return shared ? LeadCode{code} : LeadCode::unspecified;
}

std::string lead_label(const Definitions& definitions, std::size_t channel) {
  if (definitions.lead_text && !definitions.lead_text->empty()) return *definitions.lead_text;
  const std::uint16_t code = definitions.lead.value_or(0);
  const auto* const found = std::ranges::find(kMferNames, code, &LeadName::code);
  if (found != kMferNames.end()) return std::string(found->name);
  return code != 0 ? fmt::format("MFER {}", code) : fmt::format("Channel {}", channel + 1);
}

}  // namespace telavis::mfer
