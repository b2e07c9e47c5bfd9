// SPDX-License-Identifier: Apache-2.0
#include "formats/edf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/edf_header.h"
#include "formats/signals.h"
#include "formats/text.h"

namespace telavis {
namespace {

using edf::Header;
using edf::Signal;

// Records that are read, and when the first of them begins.
struct Stretch {
  std::size_t first_record = 0;
  std::size_t records = 0;
  double start_s = 0;
};

// An offset of the file's steps is met to 1/16 of a step when no coarser grid meets it exactly.
constexpr int kMaxStepsPerStep = 16;
constexpr double kExact = 1e-6;         // of a step: below what text of eight characters states
constexpr double kMaxSample = 1 << 30;  // so that no sum below leaves 32 bits

// value in nanovolts = (digital * fineness + offset) * gain_nv
struct Scale {
  double gain_nv = 0;
  std::int64_t factor = 1;  // fineness, negative when the file turns the signal over
  std::int64_t offset = 0;
};

std::optional<Scale> scale_of(const Signal& signal, std::size_t sample_bytes) {
  const auto unit_nv = nanovolts_of_unit(signal.unit);
  if (!unit_nv || !signal.physical_min || !signal.physical_max || !signal.digital_min ||
      !signal.digital_max || *signal.digital_max == *signal.digital_min) {
    return std::nullopt;
  }
  const double slope =
      (*signal.physical_max - *signal.physical_min) / (*signal.digital_max - *signal.digital_min);
  const double gain_nv = std::abs(slope) * *unit_nv;
  if (!std::isfinite(gain_nv) || gain_nv <= 0) return std::nullopt;
  // In whole steps of the turned signal.
  const double offset = (*signal.physical_min / slope - *signal.digital_min) * (slope < 0 ? -1 : 1);
  const double largest = sample_bytes == 3 ? 0x1p23 : 0x1p15;
  if (!(std::abs(offset) + largest < kMaxSample / kMaxStepsPerStep)) return std::nullopt;
  int fineness = 1;
  while (fineness < kMaxStepsPerStep &&
         std::abs(offset * fineness - std::round(offset * fineness)) > kExact) {
    ++fineness;
  }
  return Scale{gain_nv / fineness, slope < 0 ? -fineness : fineness,
               std::llround(offset * fineness)};
}

std::int32_t digital_at(const std::uint8_t* bytes, std::size_t sample_bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < sample_bytes; ++i) value |= std::uint32_t{bytes[i]} << (8 * i);
  const int unused = sample_bytes == 3 ? 8 : 16;
  return static_cast<std::int32_t>(value << unused) >> unused;
}

Lead lead_of(const Header& header, const Signal& signal, const Scale& scale, const Stretch& stretch,
             ByteView data) {
  Lead lead;
  lead.gain_nv_per_lsb = scale.gain_nv;
  lead.sampling_interval_us =
      header.record_s * 1e6 / static_cast<double>(signal.samples_per_record);
  lead.first_sample = static_cast<std::uint32_t>(
      std::clamp(std::round(stretch.start_s * 1e6 / lead.sampling_interval_us), 0.0, 4e9));
  lead.samples.reserve(stretch.records * signal.samples_per_record);
  for (std::size_t r = 0; r < stretch.records; ++r) {
    const std::size_t at = (stretch.first_record + r) * header.record_bytes + signal.record_offset;
    const std::uint8_t* bytes = data.data() + at;
    for (std::size_t i = 0; i < signal.samples_per_record; ++i, bytes += header.sample_bytes) {
      const std::int64_t digital = digital_at(bytes, header.sample_bytes);
      lead.samples.push_back(static_cast<std::int32_t>(digital * scale.factor + scale.offset));
    }
  }
  return lead;
}

// One "time-stamped annotations list" (EDF+ 2.2.2): onset, 0x15 duration, 0x14 text, 0x14 ..., NUL.
struct Annotation {
  std::optional<double> onset_s;
  std::vector<std::string_view> texts;
};

// Calls `take` with each list of a record.
template <typename Take>
void for_each_annotation(ByteView record, const Take& take) {
  std::string_view rest = as_text(record);
  while (!rest.empty()) {
    std::string_view list = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(list.size() + 1, rest.size()));
    const std::size_t mark = list.find('\x14');
    if (mark == std::string_view::npos) continue;
    const std::string_view time = list.substr(0, mark);
    Annotation annotation{number_of(time.substr(0, time.find('\x15'))), {}};
    list.remove_prefix(mark + 1);
    while (!list.empty()) {
      const std::size_t end = std::min(list.find('\x14'), list.size());
      if (end > 0) annotation.texts.push_back(list.substr(0, end));
      list.remove_prefix(std::min(end + 1, list.size()));
    }
    take(annotation);
  }
}

ByteView annotations_in(const Header& header, const Signal& signal, std::size_t record,
                        ByteView data) {
  return data.subspan(record * header.record_bytes + signal.record_offset,
                      signal.samples_per_record * header.sample_bytes);
}

// When each record begins: the first list of the first annotation signal.
std::optional<double> start_of_record(const Header& header, const Signal& signal,
                                      std::size_t record, ByteView data) {
  std::optional<double> start;
  std::string_view text = as_text(annotations_in(header, signal, record, data));
  for_each_annotation(as_bytes(text.substr(0, text.find('\0') + 1)),
                      [&](const Annotation& annotation) { start = annotation.onset_s; });
  return start;
}

// The longest run of records that follow each other without a gap.
Stretch longest_stretch(const Header& header, std::size_t records, ByteView data,
                        std::vector<Finding>& findings) {
  const auto time = std::ranges::find_if(header.signals, &Signal::annotations);
  if (!header.discontinuous() || time == header.signals.end()) return {0, records, 0};
  constexpr double kToleranceS = 1e-3;  // half a sample at 500 Hz
  Stretch best;
  Stretch current{0, 0, 0};
  std::optional<double> first_s;
  std::optional<double> expected_s;
  std::size_t gaps = 0;
  for (std::size_t r = 0; r < records; ++r) {
    const auto stated = start_of_record(header, *time, r, data);
    const double start_s = stated ? *stated : expected_s.value_or(0);
    if (!first_s) first_s = start_s;
    if (expected_s && std::abs(start_s - *expected_s) > kToleranceS) {
      ++gaps;
      current = {r, 0, 0};
    }
    if (current.records++ == 0) current.start_s = start_s - *first_s;
    if (current.records > best.records) best = current;
    expected_s = start_s + header.record_s;
  }
  if (gaps > 0) {
    findings.push_back(
        {"recording_discontinuous", Severity::warning,
         fmt::format("The recording was interrupted: gaps: {}. The longest stretch without a gap "
                     "is shown, {:.1f} s of {:.1f} s. Send the other stretches as recordings of "
                     "their own if they matter.",
                     gaps, static_cast<double>(best.records) * header.record_s,
                     static_cast<double>(records) * header.record_s)});
  }
  return best;
}

// False when enough was read.
bool read_texts(ByteView record, std::size_t& read, EcgRecording& recording) {
  constexpr std::size_t kMaxCharacters = 1024;  // of one annotation
  constexpr std::size_t kMaxRead = 100'000;     // annotations looked at: each beat of a day
  bool more = true;
  for_each_annotation(record, [&](const Annotation& annotation) {
    for (const std::string_view text : annotation.texts) {
      more = more && ++read <= kMaxRead &&
             add_statement(recording, text_from_device(as_bytes(text.substr(0, kMaxCharacters))));
    }
  });
  return more;
}

void read_statements(const Header& header, const Stretch& stretch, ByteView data,
                     EcgRecording& recording) {
  std::size_t read = 0;
  for (const Signal& signal : header.signals) {
    if (!signal.annotations) continue;
    for (std::size_t r = 0; r < stretch.records; ++r) {
      const ByteView record = annotations_in(header, signal, stretch.first_record + r, data);
      if (!read_texts(record, read, recording)) return;
    }
  }
}

std::size_t count_records(const Header& header, ByteView data, std::vector<Finding>& findings) {
  const std::size_t whole = data.size() / header.record_bytes;
  const std::size_t rest = data.size() % header.record_bytes;
  const std::uint64_t stated =
      header.records ? static_cast<std::uint64_t>(*header.records) : std::uint64_t{whole};
  if (stated > whole) {
    findings.push_back({"data_truncated", Severity::error,
                        "The file ends before its recording does: what is there is shown. Export "
                        "the recording again."});
  } else if (stated < whole || rest != 0) {
    findings.push_back({"trailing_bytes", Severity::info,
                        "Bytes follow the end of the recording and are left out."});
  }
  return static_cast<std::size_t>(std::min<std::uint64_t>(stated, whole));
}

// Leads that are read, with their scales; what is not read is told once.
std::vector<std::pair<const Signal*, Scale>> choose_signals(const Header& header,
                                                            std::vector<Finding>& findings) {
  std::vector<std::pair<const Signal*, Scale>> chosen;
  std::size_t left_out = 0;
  for (const Signal& signal : header.signals) {
    if (signal.annotations || signal.samples_per_record == 0) continue;
    const auto scale = scale_of(signal, header.sample_bytes);
    if (scale && signal_kind(signal.label) != SignalKind::other) {
      chosen.emplace_back(&signal, *scale);
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) {
    findings.push_back(
        {"signals_left_out", Severity::info,
         fmt::format("Signals that are no ECG lead in volts, and are not shown: {}.", left_out)});
  }
  return chosen;
}

// Those of the leads when they all say the same.
Filters common_filters(const std::vector<std::pair<const Signal*, Scale>>& chosen) {
  const std::string_view first = chosen.front().first->prefilter;
  const bool same =
      std::ranges::all_of(chosen, [&](const auto& pair) { return pair.first->prefilter == first; });
  return same ? edf::filters_of(first) : Filters{};
}

}  // namespace

bool looks_like_edf(ByteView file) {
  if (file.size() < edf::kHeaderBytes) return false;
  if (!edf::is_bdf(file) && !as_text(file).starts_with("0       ")) return false;
  const auto length = whole_number_of(as_text(file.subspan(edf::kHeaderLengthOffset, 8)));
  return length && *length >= 0;
}

Result<EcgRecording> decode_edf(ByteView file) {
  EcgRecording recording;
  const auto header = edf::read_header(file, recording.findings);
  if (!header) return tl::unexpected(header.error());
  recording.format = edf::is_bdf(file) ? "BDF" : "EDF";
  recording.version = std::string(header->version);
  edf::read_identification(*header, recording);
  const auto chosen = choose_signals(*header, recording.findings);
  if (chosen.empty()) {
    return fail(ErrorCode::unsupported_format,
                "The EDF file holds no ECG lead in a unit of voltage. Export the ECG leads.");
  }
  const ByteView data = file.subspan(header->header_bytes);
  const std::size_t records = count_records(*header, data, recording.findings);
  if (records == 0) {
    return fail(ErrorCode::truncated_file,
                "The EDF file ends before its first record does. Export the recording again.");
  }
  const Stretch stretch = longest_stretch(*header, records, data, recording.findings);
  recording.filters = common_filters(chosen);
  for (const auto& [signal, scale] : chosen) {
    add_lead(recording, lead_of(*header, *signal, scale, stretch, data), signal->label);
  }
  read_statements(*header, stretch, data, recording);
  return recording;
}

}  // namespace telavis
