// SPDX-License-Identifier: Apache-2.0
// The clinical items of the request forms: which there are, what a value of each looks like.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/json_reader.h"

namespace telavis {

enum class ClinicalType {
  yes_no,
  whole_number,
  decimal,
  date_or_month,  // "2026-01-03" or "2026-01"
  choice,
  text,   // short
  texts,  // a list of short texts; an empty list says that there is none
};
std::string_view clinical_type_name(ClinicalType type);

/// One item that a form may ask for. Ranges bound slips of the keyboard; they are no clinical
/// thresholds.
struct ClinicalItemKind {
  std::string_view name;  // dotted path in the request's `clinical` object
  ClinicalType type = ClinicalType::yes_no;
  std::string_view unit{};  // as written after a number
  double least = 0, most = 0;
  std::span<const std::string_view> choices{};
};

/// One value. Canonical text: "yes" or "no"; a number in digits with a point ("4.1"); a date or
/// month in ISO form; a code; a text; the texts of a list, each on a line.
struct ClinicalItem {
  std::string name;
  std::string value;

  bool operator==(const ClinicalItem&) const = default;
};

/// Items of "cardiology" or "dermatology", in the order of the form; none for anything else. An
/// item of the same name has the same type in both.
std::span<const ClinicalItemKind> clinical_items(std::string_view speciality);
/// The item of any speciality, or nullptr.
const ClinicalItemKind* clinical_item(std::string_view name);

/// The items of a `clinical` object, in the order of the tables. What is absent, null or an empty
/// text was not answered. What is wrong or unknown is noted in the reader.
std::vector<ClinicalItem> read_clinical(JsonReader& clinical);

}  // namespace telavis
