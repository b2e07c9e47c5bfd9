// SPDX-License-Identifier: Apache-2.0
#include "formats/render_ecg_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "formats/render_text.h"

namespace telavis {
namespace {

/// Of one statement or finding: two thirds of what its lines hold.
constexpr std::size_t kMaxItemCharacters = 240;
constexpr std::string_view kBetweenItems = " · ";

std::string clean(std::string_view text, std::size_t max_characters) {
  return shortened(printable_text(text, LineBreaks::to_space), max_characters);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty() && !part.empty()) out += between;
    out += part;
  }
  return out;
}

/// A value never parts from its name and unit at the end of a line.
std::string unbreakable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ') {
      out += "\u00A0";
    } else {
      out += c;
    }
  }
  return out;
}

/// "FC 72/min", "PR 160 ms"
void add_measure(std::vector<std::string>& out, const std::string& label,
                 const std::optional<int>& value, std::string_view unit) {
  if (value) out.push_back(fmt::format("{} {}{}", label, *value, unit));
}

std::string qtc_formula_text(const std::optional<QtcFormula>& formula, const RenderLabels& labels) {
  switch (formula.value_or(QtcFormula::unknown)) {
    case QtcFormula::unknown:
      return labels.unknown_formula;
    case QtcFormula::bazett:
      return "Bazett";
    case QtcFormula::hodges:
      return "Hodges";
    case QtcFormula::fridericia:
      return "Fridericia";
    case QtcFormula::framingham:
      return "Framingham";
  }
  return labels.unknown_formula;
}

std::vector<std::string> measures(const Measurements& stated, const RenderLabels& labels) {
  std::vector<std::string> out;
  add_measure(out, labels.ventricular_rate, stated.ventricular_rate_bpm, "/min");
  add_measure(out, labels.atrial_rate, stated.atrial_rate_bpm, "/min");
  add_measure(out, "RR", stated.rr_ms, " ms");
  add_measure(out, "PP", stated.pp_ms, " ms");
  add_measure(out, "P", stated.p_duration_ms, " ms");
  add_measure(out, "PR", stated.pr_ms, " ms");
  add_measure(out, "QRS", stated.qrs_ms, " ms");
  add_measure(out, "QT", stated.qt_ms, " ms");
  if (stated.qtc_ms) {
    out.push_back(fmt::format("QTc {} ms ({})", *stated.qtc_ms,
                              qtc_formula_text(stated.qtc_formula, labels)));
  }
  std::vector<std::string> axes;
  add_measure(axes, "P", stated.p_axis_deg, "°");
  add_measure(axes, "QRS", stated.qrs_axis_deg, "°");
  add_measure(axes, "T", stated.t_axis_deg, "°");
  if (!axes.empty()) out.push_back(labels.axes + " " + joined(axes, ", "));
  add_measure(out, labels.pacemaker_spikes, stated.pacemaker_spikes, "");
  for (std::string& measure : out) measure = unbreakable(measure);
  return out;
}

/// The first lines of a text; the last one says that there were more.
std::vector<std::string> first_lines(std::vector<std::string> lines, std::size_t max_lines,
                                     double width_em) {
  if (lines.size() <= max_lines) return lines;
  const std::string rest = lines[max_lines - 1] + " " + lines[max_lines];
  lines.resize(max_lines);
  lines.back() = fitted(rest, width_em);
  return lines;
}

/// The label, as many items as the lines hold, and how many more there are ("+ 12").
std::vector<std::string> listed(const std::string& label, const std::vector<std::string>& items,
                                std::size_t max_lines, double width_em) {
  const double room_em = width_em * static_cast<double>(max_lines);
  std::vector<std::string> shown;
  double used_em = 0;
  for (const std::string& item : items) {
    if (used_em > room_em) break;
    shown.push_back(clean(item, kMaxItemCharacters));
    used_em += text_width_em(shown.back()) + text_width_em(kBetweenItems);
  }
  while (true) {
    std::string text = label + " " + joined(shown, kBetweenItems);
    const std::size_t left_out = items.size() - shown.size();
    if (left_out > 0) text += fmt::format("{}+ {}", kBetweenItems, left_out);
    std::vector<std::string> lines = wrapped(text, width_em);
    if (lines.size() <= max_lines || shown.size() <= 1) {
      return first_lines(std::move(lines), max_lines, width_em);
    }
    shown.pop_back();
  }
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

std::string decimal_text(double value, int digits, const RenderLabels& labels) {
  // A file may state any number; nothing real needs more than nine digits.
  std::string text = fmt::format("{:.{}f}", std::clamp(value, -1e9, 1e9), digits);
  std::replace(text.begin(), text.end(), '.', labels.decimal_mark);
  return text;
}

std::string filters_text(const Filters& filters, const RenderLabels& labels) {
  const auto hertz = [&](double value) {
    std::string text = decimal_text(value, 2, labels);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with(labels.decimal_mark)) text.pop_back();
    return text;
  };
  std::string text;
  if (filters.high_pass_hz && filters.low_pass_hz) {
    text = hertz(*filters.high_pass_hz) + "–" + hertz(*filters.low_pass_hz) + " Hz";
  } else if (filters.high_pass_hz) {
    text = "> " + hertz(*filters.high_pass_hz) + " Hz";
  } else if (filters.low_pass_hz) {
    text = "< " + hertz(*filters.low_pass_hz) + " Hz";
  }
  if (filters.notch_hz) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {} Hz", labels.mains, *filters.notch_hz);
  }
  return text.empty() ? text : labels.filters + " " + text;
}

std::vector<TextMm> identity_texts(const EcgRecording& recording, const RenderLabels& labels,
                                   double left, double right) {
  constexpr double kFirstLine = 10.5;
  constexpr double kSecondLine = 16;
  const auto labelled = [](const std::string& label, const std::string& value) {
    return value.empty() ? value : label + " " + value;
  };
  const PatientIdentity& patient = recording.patient;
  const std::string name =
      joined({clean(patient.family_name, 30), clean(patient.given_name, 24)}, " ");
  const std::string birth = labelled(labels.born, clean(day_first(patient.birth_date), 12));
  const std::string id = labelled(labels.identifier, clean(patient.id, 24));
  const std::string when =
      labelled(labels.recorded, clean(day_first(recording.acquired_at.local), 24));
  const std::string device =
      joined({clean(recording.device.manufacturer, 28), clean(recording.device.model, 20),
              clean(recording.device.serial, 18)},
             " ");
  // The character counts above keep each text within its share of the line, in the SVG too.
  return {{{left, kFirstLine}, 4.3, 155, Anchor::start, true, kBlack, name},
          {{right, kFirstLine}, 3.5, 108, Anchor::end, false, kBlack, joined({birth, id}, "   ")},
          {{left, kSecondLine}, 3.2, 130, Anchor::start, false, kGrey, when},
          {{right, kSecondLine}, 3.2, 133, Anchor::end, false, kGrey, device}};
}

std::vector<std::string> device_lines(const EcgRecording& recording, const RenderLabels& labels,
                                      double width_em) {
  std::vector<std::string> lines;
  if (const auto stated = measures(recording.measurements, labels); !stated.empty()) {
    const std::string text = printable_text(
        labels.device_measurements + " " + joined(stated, "   "), LineBreaks::to_space);
    lines = first_lines(wrapped(text, width_em), kMaxMeasurementLines, width_em);
  }
  std::vector<std::string> statements = recording.statements;
  std::erase_if(statements, is_blank);
  if (statements.empty()) return lines;
  const std::string& label =
      recording.statements_confirmed ? labels.confirmed_statements : labels.unconfirmed_statements;
  for (std::string& line : listed(printable_text(label, LineBreaks::to_space), statements,
                                  kMaxStatementLines, width_em)) {
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> finding_lines(const EcgRecording& recording, const RenderLabels& labels,
                                       double width_em) {
  std::vector<std::string> texts;
  std::size_t count = 0;
  for (const Finding& finding : recording.findings) {
    if (finding.severity == Severity::info) continue;
    ++count;
    if (labels.finding_text) texts.push_back(labels.finding_text(finding));
  }
  if (count == 0) return {};
  std::erase_if(texts, is_blank);
  const std::string label =
      printable_text(fmt::format("{} ({})", labels.findings, count), LineBreaks::to_space);
  if (texts.empty()) return {fitted(label, width_em)};
  return listed(label + " –", texts, kMaxFindingLines, width_em);
}

}  // namespace telavis
