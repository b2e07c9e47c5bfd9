// SPDX-License-Identifier: Apache-2.0
#include "formats/signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "formats/text.h"

namespace telavis {
namespace {

bool measured(std::int32_t sample) {
  return sample != kNotMeasured;
}

// Leaves what was not measured out at both ends, holds the last value between them. Returns the
// number of samples held.
std::size_t close_gaps(Lead& lead) {
  auto& samples = lead.samples;
  const auto last = std::ranges::find_if(samples.rbegin(), samples.rend(), measured);
  samples.erase(last.base(), samples.end());
  const auto first = std::ranges::find_if(samples, measured);
  lead.first_sample += static_cast<std::uint32_t>(first - samples.begin());
  samples.erase(samples.begin(), first);
  std::size_t held = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    if (measured(samples[i])) continue;
    samples[i] = samples[i - 1];
    ++held;
  }
  return held;
}

bool has_label(const EcgRecording& recording, const std::string& label) {
  return std::ranges::any_of(recording.leads,
                             [&](const Lead& lead) { return lead.label == label; });
}

// "ECG", "ECG (2)", "ECG (3)", ...
std::string unused_label(const EcgRecording& recording, std::string label) {
  if (label.empty()) label = "Signal";
  std::string numbered = label;
  for (int n = 2; has_label(recording, numbered); ++n) numbered = fmt::format("{} ({})", label, n);
  return numbered;
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlank(" \t\r\n\0", 5);
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<double> nanovolts_of_unit(std::string_view unit) {
  unit = without_blanks(unit);
  if (unit.empty() || (unit.back() != 'V' && unit.back() != 'v')) return std::nullopt;
  const std::string_view prefix = unit.substr(0, unit.size() - 1);
  if (prefix.empty()) return 1e9;
  if (prefix == "m" || prefix == "M") return 1e6;
  if (prefix == "n" || prefix == "N") return 1.0;
  // U+00B5 and U+03BC in UTF-8, 0xB5 in Latin-1.
  for (const std::string_view micro : {"u", "U", "\xC2\xB5", "\xCE\xBC", "\xB5"}) {
    if (prefix == micro) return 1e3;
  }
  return std::nullopt;
}

std::optional<double> number_of(std::string_view text) {
  text = without_blanks(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  constexpr std::size_t kMaxDigits = 40;  // of a number in a header
  if (text.empty() || text.size() > kMaxDigits) return std::nullopt;
  std::string digits(text);
  std::ranges::replace(digits, ',', '.');  // written where the comma is the decimal mark
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [parsed, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || parsed != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole_number_of(std::string_view text) {
  text = without_blanks(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || parsed != end) return std::nullopt;
  return value;
}

void add_lead(EcgRecording& recording, Lead lead, std::string_view label) {
  const std::size_t held = close_gaps(lead);
  if (lead.samples.empty()) {
    recording.findings.push_back({"lead_empty", Severity::warning,
                                  "A lead holds no measured sample and is left out. Check its "
                                  "electrode and record again."});
    return;
  }
  if (lead.code == LeadCode::unspecified) {
    lead.code = lead_from_label(label).value_or(LeadCode::unspecified);
  }
  if (lead.code != LeadCode::unspecified && recording.lead(lead.code) != nullptr) {
    recording.findings.push_back(
        {"duplicate_lead", Severity::warning,
         fmt::format("Lead {} stands twice in the file; the first is kept.",
                     lead_name(lead.code))});
    return;
  }
  if (lead.code == LeadCode::unspecified) {
    lead.label = unused_label(recording, text_from_device(as_bytes(label)));
  }
  if (held > 0) {
    recording.findings.push_back(
        {"samples_not_measured", Severity::warning,
         fmt::format("{} samples of a lead were not measured and are drawn as a flat line. Check "
                     "its electrode and record again.",
                     held)});
  }
  recording.leads.push_back(std::move(lead));
}

bool add_statement(EcgRecording& recording, std::string text) {
  auto& list = recording.statements;
  if (text.empty() || std::ranges::find(list, text) != list.end()) return true;
  if (list.size() < kMaxStatements) {
    list.push_back(std::move(text));
    return true;
  }
  recording.findings.push_back({"statements_truncated", Severity::info,
                                "The file holds more texts than are kept. The first are shown."});
  return false;
}

}  // namespace telavis
