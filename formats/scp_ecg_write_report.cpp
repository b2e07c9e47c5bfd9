// SPDX-License-Identifier: Apache-2.0
// Sections 7, 8 and 10 of SCP-ECG as they are written.
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "formats/scp_ecg_record.h"
#include "formats/scp_ecg_report.h"
#include "formats/scp_ecg_write.h"

namespace telavis::scp {
namespace {

constexpr std::size_t kMaxStatements = 255;  // counted in a u8
// On- and offsets of the one reference beat are laid out from here; with intervals below this limit
// none of them can meet a value that means "no value".
constexpr int kBeatStartMs = 100;
constexpr int kMaxIntervalMs = 9'000;

struct BeatTimes {
  std::uint16_t p_on = kNotComputed, p_off = kNotComputed, qrs_on = kNotComputed,
                qrs_off = kNotComputed, t_off = kNotComputed;
};

Result<BeatTimes> beat_times(const Measurements& m) {
  for (const auto& interval : {m.p_duration_ms, m.pr_ms, m.qrs_ms, m.qt_ms}) {
    if (interval && (*interval < 0 || *interval > kMaxIntervalMs)) {
      return cannot(fmt::format("An interval lies outside of 0 to {} ms.", kMaxIntervalMs));
    }
  }
  if (m.p_duration_ms && !m.pr_ms && (m.qrs_ms || m.qt_ms)) {
    return cannot(
        "SCP-ECG places all waves in one beat: a P duration beside a QRS or QT needs the "
        "PR interval.");
  }
  const auto at = [](int start, std::optional<int> length) {
    return length ? static_cast<std::uint16_t>(start + *length) : kNotComputed;
  };
  BeatTimes times;
  if (m.p_duration_ms || m.pr_ms) times.p_on = kBeatStartMs;
  times.p_off = at(kBeatStartMs, m.p_duration_ms);
  if (m.pr_ms || m.qrs_ms || m.qt_ms) {
    const int qrs_on = kBeatStartMs + m.pr_ms.value_or(0);
    times.qrs_on = static_cast<std::uint16_t>(qrs_on);
    times.qrs_off = at(qrs_on, m.qrs_ms);
    times.t_off = at(qrs_on, m.qt_ms);
  }
  return times;
}

bool states_nothing(const Measurements& m) {
  return !m.ventricular_rate_bpm && !m.atrial_rate_bpm && !m.rr_ms && !m.pp_ms &&
         !m.p_duration_ms && !m.pr_ms && !m.qrs_ms && !m.qt_ms && !m.qtc_ms && !m.p_axis_deg &&
         !m.qrs_axis_deg && !m.t_axis_deg && !m.qtc_formula && m.pacemaker_spikes.value_or(0) == 0;
}

// 0: not stated. Fridericia's and Framingham's have no number.
std::uint8_t formula_number(std::optional<QtcFormula> formula) {
  if (!formula) return 0;
  switch (*formula) {
    case QtcFormula::bazett:
      return kFormulaBazett;
    case QtcFormula::hodges:
      return kFormulaHodges;
    case QtcFormula::unknown:
    case QtcFormula::fridericia:
    case QtcFormula::framingham:
      return 0;
  }
  return 0;
}

Result<void> check_stated(const Measurements& m) {
  for (const auto& value :
       {m.ventricular_rate_bpm, m.atrial_rate_bpm, m.rr_ms, m.pp_ms, m.qtc_ms}) {
    if (value &&
        (*value < 1 || *value > 65'535 || !stated_value(static_cast<std::uint16_t>(*value)))) {
      return cannot("A rate or an interval has no place in SCP-ECG (1 to 65,535, some reserved).");
    }
  }
  for (const auto& axis : {m.p_axis_deg, m.qrs_axis_deg, m.t_axis_deg}) {
    if (axis && std::abs(*axis) > kMaxAxisDegrees) return cannot("An axis is no angle.");
  }
  if (m.pacemaker_spikes && (*m.pacemaker_spikes < 0 || *m.pacemaker_spikes > 255)) {
    return cannot("SCP-ECG counts at most 255 pacemaker spikes.");
  }
  return {};
}

}  // namespace

Result<Bytes> measurements_data(const Measurements& m) {
  if (states_nothing(m)) return Bytes{};
  if (const auto stated = check_stated(m); !stated) return tl::unexpected(stated.error());
  const auto times = beat_times(m);
  if (!times) return tl::unexpected(times.error());
  const auto number = [](std::optional<int> value) {
    return static_cast<std::uint16_t>(value.value_or(kNotComputed));
  };
  const int spikes = m.pacemaker_spikes.value_or(0);
  Bytes out;
  ByteWriter writer(out);
  writer.u8(1);  // one reference beat
  writer.u8(static_cast<std::uint8_t>(spikes));
  writer.u16le(number(m.rr_ms));
  writer.u16le(number(m.pp_ms));
  for (const std::uint16_t instant :
       {times->p_on, times->p_off, times->qrs_on, times->qrs_off, times->t_off}) {
    writer.u16le(instant);
  }
  for (const auto& axis : {m.p_axis_deg, m.qrs_axis_deg, m.t_axis_deg}) writer.u16le(number(axis));
  for (int i = 0; i < spikes; ++i) {  // only their number is known
    writer.u16le(kNotComputed);
    writer.u16le(kNotComputed);
  }
  out.resize(out.size() + static_cast<std::size_t>(spikes) * kSpikeInfoBytes, 0);
  writer.u16le(0);  // no list of beats
  writer.u16le(number(m.ventricular_rate_bpm));
  writer.u16le(number(m.atrial_rate_bpm));
  writer.u16le(number(m.qtc_ms));
  writer.u8(formula_number(m.qtc_formula));
  writer.u16le(0);  // no tagged field
  return out;
}

Result<Bytes> statements_data(const EcgRecording& recording, const Moment& moment,
                              ScpVersion version) {
  const std::vector<std::string>& statements = recording.statements;
  if (statements.empty()) return Bytes{};
  if (statements.size() > kMaxStatements) {
    return cannot(fmt::format("SCP-ECG counts at most {} statements.", kMaxStatements));
  }
  Bytes out = {recording.statements_confirmed ? kConfirmed : std::uint8_t{0}};
  ByteWriter writer(out);
  writer.bytes(moment.date);
  writer.bytes(moment.time);
  out.resize(kStatementsHeadBytes, 0);
  writer.u8(static_cast<std::uint8_t>(statements.size()));
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto text = device_text(statements[i], kMaxTextBytes, "statement of the device", version);
    if (!text) return tl::unexpected(text.error());
    writer.u8(static_cast<std::uint8_t>(i + 1));
    writer.u16le(static_cast<std::uint16_t>(text->size() + 1));
    writer.bytes(*text);
    writer.u8(0);
  }
  return out;
}

Result<Bytes> lead_measurements_data(const std::vector<LeadMeasurements>& leads) {
  if (leads.empty()) return Bytes{};
  if (leads.size() > kMaxLeads) {
    return cannot(
        fmt::format("SCP-ECG is written with measurements of at most {} leads.", kMaxLeads));
  }
  Bytes out;
  ByteWriter writer(out);
  writer.u16le(static_cast<std::uint16_t>(leads.size()));
  // Some readers take their number of values from here: bytes of an entry, its head included.
  writer.u16le(4 + 2 * kLeadValuesCount);
  for (const LeadMeasurements& lead : leads) {
    writer.u16le(static_cast<std::uint16_t>(lead.code));
    writer.u16le(2 * kLeadValuesCount);
    std::array<std::int16_t, kLeadValuesCount> values{};
    values.fill(kNotComputed);
    for (const LeadValuePlace& place : kLeadValues) {
      const std::optional<int>& value = lead.*place.value;
      if (!value) continue;
      const auto stored = static_cast<std::int16_t>(*value);
      if (stored != *value || stated_lead_value(stored, place.number) != value) {
        return cannot(
            "A measurement of a lead has no place in SCP-ECG (16 bits, some values reserved, no "
            "negative duration).");
      }
      values.at(place.number) = stored;
    }
    for (const std::int16_t value : values) writer.i16le(value);
  }
  return out;
}

}  // namespace telavis::scp
