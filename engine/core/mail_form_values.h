// SPDX-License-Identifier: Apache-2.0
// Values of a form as people type them. nullopt: none that is certain.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/clinical_form.h"
#include "formats/recording.h"

namespace telavis {

/// A value, and whether it says more than its code ("oui, à l'effort").
struct TypedValue {
  std::string value;
  bool says_more = false;
};

/// "oui", "non", "absente", "pas de fièvre"; "oui/non" and "non connu" are no answer.
std::optional<TypedValue> typed_yes_no(std::string_view text);
/// A canonical value of the item (clinical_form.h).
std::optional<TypedValue> typed_item(const ClinicalItemKind& kind, std::string_view text);
/// "132/78", "13/8" and "12,5/7" (cmHg, as French doctors say it) as mmHg.
std::optional<std::pair<int, int>> typed_pressure(std::string_view text);
/// "02/03/1961", "2 mars 1961", "1961-03-02" as ISO; with `month_is_enough` also "03/2026", "mars
/// 2026". The year has four digits.
std::optional<std::string> typed_date(std::string_view text, bool month_is_enough);
std::optional<Sex> typed_sex(std::string_view text);
/// "14h05", "14:05", "à 9 h" as "14:05".
std::optional<std::string> typed_time(std::string_view text);
/// Lines, or parts between semicolons or commas; "aucun" gives an empty list.
std::vector<std::string> typed_list(std::string_view text);
/// "aucun", "néant", "RAS", "non", ...
bool says_none(std::string_view text);

}  // namespace telavis
