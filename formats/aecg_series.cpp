// SPDX-License-Identifier: Apache-2.0
#include "formats/aecg_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "formats/aecg_codes.h"
#include "formats/xml_digits.h"
#include "formats/xml_values.h"

namespace telavis::aecg {
namespace {

constexpr std::string_view kLeadMark = "_ECG_LEAD_";  // after "MDC", or a vendor's own name

struct Unit {
  std::string_view name;
  int power;
};
constexpr auto kVolts = std::to_array<Unit>(  // to nanovolts
    {{"uV", 3}, {"mV", 6}, {"nV", 0}, {"V", 9}, {"\xC2\xB5V", 3}, {"\xCE\xBCV", 3}});
constexpr auto kSeconds = std::to_array<Unit>(  // to microseconds
    {{"s", 6}, {"ms", 3}, {"us", 0}, {"\xC2\xB5s", 0}, {"\xCE\xBCs", 0}, {"ns", -3}});

template <std::size_t N>
std::optional<int> unit_power(std::string_view name, const std::array<Unit, N>& units) {
  name = xml::trimmed(name);
  for (const Unit& unit : units) {
    if (xml::equal_ignoring_case(unit.name, name)) return unit.power;
  }
  return std::nullopt;
}

struct TimeBase {
  double interval_us = 0;
  std::int64_t start_us = 0;  // of the calendar, or of the series
  bool absolute = false;
  std::string head;  // as written, when absolute
};

// One lead of one sequence set, before the sets are put together.
struct Piece {
  Lead lead;
  std::int64_t start_us = 0;
};

std::string_view code_of(const xml::Element& element) {
  return xml::trimmed(element.child("code").attribute("code"));
}

bool is_time(std::string_view code) {
  return code.size() >= 5 && xml::equal_ignoring_case(code.substr(0, 5), "TIME_");
}

// GLIST_TS or GLIST_PQ; nullopt without a usable increment.
std::optional<TimeBase> read_time(const xml::Element& value) {
  const xml::Element increment = value.child("increment");
  const auto power = unit_power(increment.attribute("unit"), kSeconds);
  if (!power) return std::nullopt;
  const auto interval = xml::scaled_number(increment.attribute("value"), *power);
  if (!interval || !(*interval > 0) || *interval > kMaxIntervalUs) return std::nullopt;
  TimeBase base;
  base.interval_us = *interval;
  const xml::Element head = value.child("head");
  const std::string_view text = head.attribute("value");
  if (const auto head_power = unit_power(head.attribute("unit"), kSeconds)) {
    const double start = xml::scaled_number(text, *head_power).value_or(0);
    // Beyond a year it is no start but a mistake; 0 then.
    if (std::abs(start) < 3.2e13) base.start_us = std::llround(start);
  } else if (const auto instant = xml::timestamp(text)) {
    base.start_us = instant->microseconds;
    base.absolute = true;
    base.head = text;
  }
  return base;
}

std::optional<TimeBase> time_of(const xml::Element& set) {
  for (const xml::Element component : set.children("component")) {
    const xml::Element sequence = component.child("sequence");
    if (!is_time(code_of(sequence))) continue;
    if (auto base = read_time(sequence.child("value"))) return base;
  }
  return std::nullopt;
}

void name_of_code(const xml::Element& code_element, Lead& lead) {
  const std::string_view code = xml::trimmed(code_element.attribute("code"));
  std::string upper(code);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  const std::size_t mark = upper.find(kLeadMark);
  const std::string_view name =
      mark == std::string::npos ? code : code.substr(mark + kLeadMark.size());
  if (xml::equal_ignoring_case(name, kNegativeAvr)) {
    lead.code = LeadCode::minus_aVR;
    return;
  }
  xml::name_lead(name, lead);
  const std::string display = xml::shown_text(code_element.attribute("displayName"));
  if (lead.code == LeadCode::unspecified && !display.empty()) lead.label = display;
}

// False when the lead is left out, with a finding.
bool read_samples(const xml::Element& value, Lead& lead, std::vector<Finding>& findings) {
  const xml::Element scale = value.child("scale");
  const auto power = unit_power(scale.attribute("unit"), kVolts);
  auto digits = xml::read_digits(value.child("digits").text());
  if (!digits) {
    xml::note_unreadable(lead, "holds something else than numbers", findings);
    return false;
  }
  // The step of the samples: that of the file, by its decimals finer.
  const auto gain = power ? xml::scaled_number(scale.attribute("value"), *power - digits->decimals)
                          : std::nullopt;
  if (!gain || *gain == 0) {
    xml::note_unreadable(lead, "does not say how much a step of it is", findings);
    return false;
  }
  lead.samples = std::move(digits->samples);
  lead.gain_nv_per_lsb = *gain;
  const xml::Element origin = value.child("origin");
  const int origin_power = unit_power(origin.attribute("unit"), kVolts).value_or(*power);
  bool rounded = digits->rounded;
  const double zero = xml::scaled_number(origin.attribute("value"), origin_power).value_or(0);
  if (!xml::fold_origin(zero, lead.samples, lead.gain_nv_per_lsb, rounded)) {
    xml::note_unreadable(lead, "holds impossible values", findings);
    return false;
  }
  if (rounded) {
    findings.push_back({"samples_rounded", Severity::info,
                        fmt::format("The values of lead {} have more decimals than are kept; they "
                                    "were rounded by less than a step.",
                                    lead_name(lead.code))});
  }
  return true;
}

void read_set(const xml::Element& set, const TimeBase& base, std::vector<Piece>& pieces,
              std::vector<Finding>& findings) {
  for (const xml::Element component : set.children("component")) {
    const xml::Element sequence = component.child("sequence");
    const std::string_view code = code_of(sequence);
    if (!sequence || is_time(code)) continue;
    Piece piece;
    piece.start_us = base.start_us;
    name_of_code(sequence.child("code"), piece.lead);
    piece.lead.sampling_interval_us = base.interval_us;
    if (read_samples(sequence.child("value"), piece.lead, findings)) {
      pieces.push_back(std::move(piece));
    }
  }
}

// The place of a piece on its own raster, counted from the earliest one.
std::uint32_t first_sample_of(const Piece& piece, std::int64_t earliest_us,
                              std::vector<Finding>& findings) {
  const double first = std::round(static_cast<double>(piece.start_us - earliest_us) /
                                  piece.lead.sampling_interval_us);
  if (first <= kMaxFirstSample) return static_cast<std::uint32_t>(first);
  findings.push_back({"lead_start_invalid", Severity::warning,
                      fmt::format("Lead {} starts impossibly late; it is shown from the beginning.",
                                  lead_name(piece.lead.code))});
  return 0;
}

// A later piece of the same lead that goes on where the lead ends is appended to it.
bool continues(const Lead& lead, const Lead& later) {
  return later.code == lead.code && later.label == lead.label &&
         later.sampling_interval_us == lead.sampling_interval_us &&
         later.gain_nv_per_lsb == lead.gain_nv_per_lsb &&
         later.first_sample == lead.first_sample + lead.samples.size();
}

std::vector<Lead> put_together(std::vector<Piece> pieces, std::vector<Finding>& findings) {
  std::vector<Lead> leads;
  if (pieces.empty()) return leads;
  const std::int64_t earliest = std::ranges::min_element(pieces, {}, &Piece::start_us)->start_us;
  for (Piece& piece : pieces) {
    piece.lead.first_sample = first_sample_of(piece, earliest, findings);
    const auto before =
        std::ranges::find_if(leads, [&](const Lead& lead) { return continues(lead, piece.lead); });
    if (before != leads.end()) {
      before->samples.insert(before->samples.end(), piece.lead.samples.begin(),
                             piece.lead.samples.end());
    } else {
      xml::add_lead(std::move(piece.lead), leads, findings);
    }
  }
  return leads;
}

}  // namespace

SeriesLeads read_series(const xml::Element& series, std::vector<Finding>& findings) {
  std::vector<Piece> pieces;
  SeriesLeads out;
  std::optional<std::int64_t> earliest_absolute;
  for (const xml::Element component : series.children("component")) {
    const xml::Element set = component.child("sequenceSet");
    if (!set) continue;
    auto base = time_of(set);
    if (!base) {
      findings.push_back({"lead_unreadable", Severity::error,
                          "A set of leads does not say how often it was sampled and is left out. "
                          "Export the recording again from the device."});
      continue;
    }
    if (base->absolute && (!earliest_absolute || base->start_us < *earliest_absolute)) {
      earliest_absolute = base->start_us;
      out.start = base->head;
    }
    read_set(set, *base, pieces, findings);
  }
  out.leads = put_together(std::move(pieces), findings);
  return out;
}

}  // namespace telavis::aecg
