// SPDX-License-Identifier: Apache-2.0
#include "formats/scp_ecg_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/text.h"

namespace telavis::scp {
namespace {

constexpr unsigned kEsaoteProtocol = 11;
constexpr unsigned kFirstProtocolWithRates = 13;
constexpr int kMillisecondsPerMinute = 60'000;
// Kinds of statements in section 11.
constexpr std::uint8_t kStatementText = 2;
constexpr std::uint8_t kStatementLogic = 3;  // how the other statements relate

void note_cut(std::string_view code, std::string_view what, int section,
              std::vector<Finding>& findings) {
  findings.push_back(
      {std::string(code), Severity::warning,
       fmt::format("The {} of the device (section {}) are cut short.", what, section)});
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

std::optional<QtcFormula> formula_of(std::uint8_t stored) {
  if (stored == 0) return std::nullopt;
  if (stored == kFormulaBazett) return QtcFormula::bazett;
  if (stored == kFormulaHodges) return QtcFormula::hodges;
  return QtcFormula::unknown;
}

// What versions from 1.3 on add after the spikes; false when it is cut in the middle. A tagged
// field of further measurements may follow; nothing in it has a place in a recording.
bool read_global_values(ByteReader& reader, Measurements& out) {
  if (reader.remaining() < 2) return true;  // a writer of an older layout ends here
  const std::uint16_t beats = reader.u16le().value_or(0);
  if (beats == kNotComputed) return true;  // nothing follows
  if (!reader.skip(beats)) return false;   // a type a beat
  const auto ventricular = reader.u16le();
  const auto atrial = reader.u16le();
  const auto qtc = reader.u16le();
  if (ventricular) out.ventricular_rate_bpm = stated_value(*ventricular);
  if (atrial) out.atrial_rate_bpm = stated_value(*atrial);
  if (qtc) out.qtc_ms = stated_value(*qtc);
  if (const auto formula = reader.u8()) out.qtc_formula = formula_of(*formula);
  return qtc.has_value();
}

// Esaote's version 1.1 has a byte too many after the number of spikes (one decoder's experience,
// unverified): taken as such only when the length of the section fits no other reading.
bool has_esaote_byte(ByteView data, unsigned protocol) {
  if (protocol != kEsaoteProtocol || data.size() < 7) return false;
  const auto size_with = [&](std::size_t head, std::size_t spikes) {
    const std::size_t bytes =
        head + data[0] * kReferenceBeatBytes + spikes * (kSpikeTimeBytes + kSpikeInfoBytes);
    return bytes + bytes % 2;
  };
  return size_with(6, data[1]) != data.size() && size_with(7, data[2]) == data.size();
}

std::string text_until_zero(ByteView value) {
  return text_from_device(
      value.first(static_cast<std::size_t>(std::ranges::find(value, 0) - value.begin())));
}

// The fields of a coded statement: code and modifiers, each ended by a zero.
std::string coded_text(ByteView fields) {
  std::string text;
  while (!fields.empty()) {
    const auto length = static_cast<std::size_t>(std::ranges::find(fields, 0) - fields.begin());
    const std::string field = text_from_device(fields.first(length));
    if (!field.empty()) text += (text.empty() ? "" : " ") + field;
    fields = fields.subspan(std::min(length + 1, fields.size()));
  }
  return text;
}

std::string universal_text(ByteView value, bool& logic) {
  if (value.empty()) return {};
  if (value[0] == kStatementLogic) {
    logic = true;
    return {};
  }
  return value[0] == kStatementText ? text_until_zero(value.subspan(1))
                                    : coded_text(value.subspan(1));
}

struct StatementSection {
  std::vector<std::string> texts;
  bool confirmed = false;
};

StatementSection read_statement_section(const Section& section, std::vector<Finding>& findings) {
  StatementSection out;
  ByteReader reader(section.data);
  const auto cut = [&] { note_cut("statements_truncated", "statements", section.id, findings); };
  const auto confirmed = reader.u8();
  reader.skip(kStatementsHeadBytes - 1);
  const auto count = section.data.size() > kStatementsHeadBytes ? reader.u8() : std::nullopt;
  if (!count) {
    if (!section.data.empty()) cut();
    return out;
  }
  out.confirmed = confirmed == kConfirmed;
  bool logic = false;
  for (unsigned i = 0; i < *count; ++i) {
    reader.skip(1);  // number of the statement
    const auto length = reader.u16le();
    const auto value = reader.take(std::min<std::size_t>(length.value_or(0), reader.remaining()));
    std::string text = section.id == 8 ? text_until_zero(*value) : universal_text(*value, logic);
    if (!text.empty()) out.texts.push_back(std::move(text));
    if (!length || value->size() < *length) {
      cut();
      break;
    }
  }
  if (logic) {
    findings.push_back({"statement_logic_unread", Severity::info,
                        "The file states how its coded statements relate to each other (section "
                        "11); only the statements themselves are read."});
  }
  return out;
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

std::optional<int> stated_lead_value(std::int16_t stored, std::size_t number) {
  if (stored == kNotComputed || stored == kRejected || stored == kWaveAbsent ||
      (number < kFirstAmplitude && stored < 0)) {
    return std::nullopt;
  }
  return stored;
}

Measurements read_measurements(ByteView data, unsigned protocol, std::vector<Finding>& findings) {
  Measurements out;
  ByteReader reader(data);
  const auto cut = [&] { note_cut("measurements_truncated", "measurements", 7, findings); };
  const auto beats = reader.u8();
  if (has_esaote_byte(data, protocol)) reader.skip(1);
  const auto spikes = reader.u8();
  const auto rr = reader.u16le();
  const auto pp = reader.u16le();
  if (!pp) {
    if (!data.empty()) cut();
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
  complete = complete && reader.skip(*spikes * (kSpikeTimeBytes + kSpikeInfoBytes));
  if (protocol != 0 && protocol < kFirstProtocolWithRates) {
    if (out.rr_ms) {
      out.ventricular_rate_bpm = (kMillisecondsPerMinute + *out.rr_ms / 2) / *out.rr_ms;
    }
  } else {
    complete = complete && read_global_values(reader, out);
  }
  if (!complete) cut();
  return out;
}

std::vector<LeadMeasurements> read_lead_measurements(ByteView data,
                                                     std::vector<Finding>& findings) {
  std::vector<LeadMeasurements> out;
  if (data.empty()) return out;
  ByteReader reader(data);
  const auto count = reader.u16le();
  reader.skip(2);  // the manufacturer's own; the length of an entry with some
  bool complete = count.has_value() && *count <= kMaxLeads;
  for (std::size_t i = 0; count && i < std::min<std::size_t>(*count, kMaxLeads); ++i) {
    const auto id = reader.u16le();
    const auto length = reader.u16le();
    if (!length) {
      complete = false;
      break;
    }
    const auto value = *reader.take(std::min<std::size_t>(*length, reader.remaining()));
    complete = complete && value.size() == *length;
    LeadMeasurements lead;
    lead.code = LeadCode{*id};
    for (const LeadValuePlace& place : kLeadValues) {
      ByteReader entry(value);
      if (!entry.seek(2 * place.number)) break;
      if (const auto stored = entry.i16le()) {
        lead.*place.value = stated_lead_value(*stored, place.number);
      }
    }
    out.push_back(lead);
  }
  if (!complete) {
    note_cut("lead_measurements_truncated", "measurements of each lead", 10, findings);
  }
  return out;
}

Statements read_statements(const Section* full_text, const Section* coded,
                           std::vector<Finding>& findings) {
  Statements out;
  bool all_confirmed = true;
  for (const Section* section : {full_text, coded}) {
    if (section == nullptr) continue;
    StatementSection read = read_statement_section(*section, findings);
    if (!read.texts.empty()) all_confirmed = all_confirmed && read.confirmed;
    const std::size_t before = section == coded ? out.texts.size() : 0;
    for (std::string& text : read.texts) {
      const auto known = out.texts.begin() + static_cast<std::ptrdiff_t>(before);
      if (std::find(out.texts.begin(), known, text) == known) out.texts.push_back(std::move(text));
    }
  }
  out.confirmed = all_confirmed && !out.texts.empty();
  return out;
}

}  // namespace telavis::scp
