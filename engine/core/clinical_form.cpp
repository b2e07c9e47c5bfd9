// SPDX-License-Identifier: Apache-2.0
#include "engine/core/clinical_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "engine/core/time.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxShortText = 500;  // bytes; what is longer belongs to `context`
constexpr std::size_t kMaxLine = 200;       // a treatment with its dose
constexpr std::size_t kMaxLines = 50;       // long prescriptions have some twenty

using enum ClinicalType;

constexpr std::array<std::string_view, 6> kEvolution = {"stable",     "growing",   "changing",
                                                        "regressing", "recurring", "unknown"};
constexpr std::array<std::string_view, 3> kSunExposure = {"low", "moderate", "high"};

constexpr auto kCardiology = std::to_array<ClinicalItemKind>({
    {"symptoms.chest_pain", yes_no},
    {"symptoms.syncope", yes_no},
    {"symptoms.dyspnoea", yes_no},
    {"symptoms.palpitations", yes_no},
    {"symptoms.onset", date_or_month},
    {"vitals.systolic_mmhg", whole_number, "mmHg", 40, 300},
    {"vitals.diastolic_mmhg", whole_number, "mmHg", 20, 200},
    {"vitals.heart_rate_bpm", whole_number, "/min", 10, 350},
    {"vitals.spo2_percent", whole_number, "%", 30, 100},
    {"treatments", texts},
    {"history", texts},
    {"device.pacemaker", yes_no},
    {"device.icd", yes_no},
    {"labs.potassium_mmol_l", decimal, "mmol/l", 1, 12},
    {"own_reading.rhythm", text},
    {"own_reading.conclusion", text},
    {"previous_ecg_available", yes_no},
});

constexpr auto kDermatology = std::to_array<ClinicalItemKind>({
    {"lesion.site", text},
    {"lesion.count", whole_number, "", 1, 999},
    {"lesion.size_mm", whole_number, "mm", 1, 999},
    {"lesion.since", date_or_month},
    {"lesion.evolution", choice, "", 0, 0, kEvolution},
    {"lesion.asymmetry", yes_no},
    {"lesion.border", yes_no},
    {"lesion.colour", yes_no},
    {"lesion.diameter", yes_no},
    {"lesion.change", yes_no},
    {"lesion.ugly_duckling", yes_no},
    {"lesion.bleeding", yes_no},
    {"lesion.itch", yes_no},
    {"lesion.pain", yes_no},
    {"phototype", whole_number, "", 1, 6},  // Fitzpatrick
    {"history.personal_melanoma", yes_no},
    {"history.family_melanoma", yes_no},
    {"history.immunosuppression", yes_no},
    {"history.sun_exposure", choice, "", 0, 0, kSunExposure},
    {"history.naevi_over_50", yes_no},
    {"treatments", texts},
    {"treatments_tried", texts},
    {"fever", yes_no},
    {"mucosa", yes_no},
    {"recent_drug", yes_no},  // begun less than eight weeks ago; its name stands in `treatments`
    {"own_reading.hypothesis", text},
});

bool is_month(std::string_view value) {
  return value.size() == 7 && is_iso_date(std::string(value) + "-01");
}

bool is_one_line(std::string_view value) {
  return value.find_first_of("\r\n") == std::string_view::npos;
}

std::string read_texts(JsonReader& reader, std::string_view name) {
  const std::vector<std::string> lines = reader.texts(name, kMaxLine);
  std::string joined;
  for (const std::string& line : lines) {
    const bool blank = line.find_first_not_of(" \t") == std::string::npos;
    if (blank || !is_one_line(line)) reader.wrong(name, "must hold one line a text, none empty");
    joined += (joined.empty() ? "" : "\n") + line;
  }
  if (lines.size() > kMaxLines) reader.wrong(name, fmt::format("holds over {} texts", kMaxLines));
  return joined;
}

/// nullopt when it was not answered.
std::optional<std::string> read_value(JsonReader& reader, std::string_view name,
                                      const ClinicalItemKind& kind) {
  switch (kind.type) {
    case yes_no:
      return reader.boolean(name, false) ? "yes" : "no";
    case whole_number:
      return fmt::format("{}", reader.number(name, static_cast<std::int64_t>(kind.least),
                                             static_cast<std::int64_t>(kind.most)));
    case decimal:
      return fmt::format("{}", reader.decimal(name, kind.least, kind.least, kind.most));
    case date_or_month: {
      std::string value = reader.optional_text(name, kMaxLine);
      if (value.empty()) return std::nullopt;
      if (!is_iso_date(value) && !is_month(value)) {
        reader.wrong(name, "must be a date like 2026-01-03 or a month like 2026-01");
      }
      return value;
    }
    case choice:
      return reader.choice(name, {kind.choices.begin(), kind.choices.end()});
    case text: {
      std::string value = reader.optional_text(name, kMaxShortText);
      if (value.find_first_not_of(" \t\r\n") == std::string::npos) return std::nullopt;
      return value;
    }
    case texts:
      return read_texts(reader, name);
  }
  return std::nullopt;
}

/// Every item once, in the order of the tables.
const std::vector<const ClinicalItemKind*>& every_item() {
  static const auto all = [] {
    std::vector<const ClinicalItemKind*> items;
    for (const std::string_view speciality : {"cardiology", "dermatology"}) {
      for (const ClinicalItemKind& kind : clinical_items(speciality)) {
        const bool known =
            std::ranges::any_of(items, [&](const auto* other) { return other->name == kind.name; });
        if (!known) items.push_back(&kind);
      }
    }
    return items;
  }();
  return all;
}

/// "vitals.spo2_percent" -> "vitals", "spo2_percent"; no group: "", "fever".
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return {{}, name};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

bool is_group(std::string_view name) {
  return std::ranges::any_of(every_item(),
                             [&](const auto* kind) { return split(kind->name).first == name; });
}

}  // namespace

std::string_view clinical_type_name(ClinicalType type) {
  switch (type) {
    case yes_no:
      return "yes_no";
    case whole_number:
      return "whole_number";
    case decimal:
      return "decimal";
    case date_or_month:
      return "date_or_month";
    case choice:
      return "choice";
    case text:
      return "text";
    case texts:
      return "texts";
  }
  return "text";
}

std::span<const ClinicalItemKind> clinical_items(std::string_view speciality) {
  if (speciality == "cardiology") return kCardiology;
  if (speciality == "dermatology") return kDermatology;
  return {};
}

const ClinicalItemKind* clinical_item(std::string_view name) {
  for (const std::string_view speciality : {"cardiology", "dermatology"}) {
    for (const ClinicalItemKind& kind : clinical_items(speciality)) {
      if (kind.name == name) return &kind;
    }
  }
  return nullptr;
}

std::vector<ClinicalItem> read_clinical(JsonReader& clinical) {
  std::map<std::string_view, std::optional<JsonReader>> groups;
  std::vector<ClinicalItem> items;
  for (const ClinicalItemKind* kind : every_item()) {
    const auto [group, leaf] = split(kind->name);
    JsonReader* reader = &clinical;
    if (!group.empty()) {
      // "history" is a list in one form and a group of items in the other.
      const bool is_list = clinical_item(group) != nullptr && !clinical.is_object(group);
      if (!is_list && !groups.contains(group)) {
        groups.emplace(group, clinical.object(group, false));
      }
      reader = groups.contains(group) && groups.at(group) ? &*groups.at(group) : nullptr;
    } else if (is_group(leaf) && clinical.is_object(leaf)) {
      reader = nullptr;
    }
    if (reader == nullptr || !reader->has(leaf)) continue;
    if (auto value = read_value(*reader, leaf, *kind)) {
      items.push_back({std::string(kind->name), std::move(*value)});
    }
  }
  for (auto& [name, group] : groups) {
    if (!group) continue;
    if (const auto read = group->finish(); !read) clinical.refuse(read.error());
  }
  return items;
}

}  // namespace telavis
