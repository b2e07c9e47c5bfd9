// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_report.h"

#include <algorithm>

#include "formats/text.h"

namespace telavis::scp {
namespace {

void note_cut(int section, std::vector<Finding>& findings) {
  findings.push_back({section == 7 ? "measurements_truncated" : "statements_truncated",
                      Severity::warning,
                      section == 7 ? "The measurements of the device (section 7) are cut short."
                                   : "The statements of the device (section 8) are cut short."});
}

std::optional<int> between(std::uint16_t from, std::uint16_t to) {
  const auto begin = stated_value(from);
  const auto end = stated_value(to);
  if (!begin || !end || to < from) return std::nullopt;
  return to - from;
}

// One entry of 16 bytes; false when the section ends before it does.
bool read_reference_beat(ByteReader& reader, Measurements& out) {
  const auto p_on = reader.u16le();
  const auto p_off = reader.u16le();
  const auto qrs_on = reader.u16le();
  const auto qrs_off = reader.u16le();
  const auto t_off = reader.u16le();
  const auto p_axis = reader.i16le();
  const auto qrs_axis = reader.i16le();
  const auto t_axis = reader.i16le();
  if (!t_axis) return false;
  out.p_duration_ms = between(*p_on, *p_off);
  out.pr_ms = between(*p_on, *qrs_on);
  out.qrs_ms = between(*qrs_on, *qrs_off);
  out.qt_ms = between(*qrs_on, *t_off);
  out.p_axis_deg = stated_axis(*p_axis);
  out.qrs_axis_deg = stated_axis(*qrs_axis);
  out.t_axis_deg = stated_axis(*t_axis);
  return true;
}

// What versions from 1.3 on add after the spikes; false when it is cut in the middle.
bool read_global_values(ByteReader& reader, Measurements& out) {
  if (reader.remaining() < 2) return true;  // version 1.0 and 1.1 end here
  const std::uint16_t beats = reader.u16le().value_or(0);
  if (beats == kNotComputed) return true;  // nothing follows
  if (!reader.skip(beats)) return false;   // a type a beat
  const auto ventricular = reader.u16le();
  const auto atrial = reader.u16le();
  const auto qtc = reader.u16le();
  if (ventricular) out.ventricular_rate_bpm = stated_value(*ventricular);
  if (atrial) out.atrial_rate_bpm = stated_value(*atrial);
  if (qtc) out.qtc_ms = stated_value(*qtc);
  return qtc.has_value();
}

}  // namespace

std::optional<int> stated_value(std::uint16_t stored) {
  if (stored == 0 || stored == kNotComputed || stored == kRejected || stored == kWaveAbsent) {
    return std::nullopt;
  }
  return stored;
}

std::optional<int> stated_axis(std::int16_t stored) {
  if (stored < -kMaxAxisDegrees || stored > kMaxAxisDegrees) return std::nullopt;  // 999, 29999
  return stored;
}

Measurements read_measurements(ByteView data, std::vector<Finding>& findings) {
  Measurements out;
  ByteReader reader(data);
  const auto beats = reader.u8();
  const auto spikes = reader.u8();
  const auto rr = reader.u16le();
  const auto pp = reader.u16le();
  if (!pp) {
    if (!data.empty()) note_cut(7, findings);
    return out;
  }
  out.rr_ms = stated_value(*rr);
  out.pp_ms = stated_value(*pp);
  // 0 is also what a device writes that does not look for spikes, so it states nothing.
  if (*spikes > 0) out.pacemaker_spikes = *spikes;
  bool complete = true;
  for (unsigned beat = 0; beat < *beats && complete; ++beat) {
    Measurements of_beat = out;
    complete = read_reference_beat(reader, of_beat);
    if (complete && beat == 0) out = of_beat;
  }
  complete = complete && reader.skip(*spikes * (kSpikeTimeBytes + kSpikeInfoBytes)) &&
             read_global_values(reader, out);
  if (!complete) note_cut(7, findings);
  return out;
}

std::vector<std::string> read_statements(ByteView data, std::vector<Finding>& findings) {
  std::vector<std::string> statements;
  ByteReader reader(data);
  reader.skip(kStatementsHeadBytes);
  const auto count = data.size() > kStatementsHeadBytes ? reader.u8() : std::nullopt;
  if (!count) {
    if (!data.empty()) note_cut(8, findings);
    return statements;
  }
  for (unsigned i = 0; i < *count; ++i) {
    reader.skip(1);  // number of the statement
    const auto length = reader.u16le();
    const auto value = reader.take(std::min<std::size_t>(length.value_or(0), reader.remaining()));
    std::string text =
        text_from_device(value->first(std::ranges::find(*value, 0) - value->begin()));
    if (!text.empty()) statements.push_back(std::move(text));
    if (!length || value->size() < *length) {
      note_cut(8, findings);
      break;
    }
  }
  return statements;
}

}  // namespace telavis::scp
