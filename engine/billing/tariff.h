// SPDX-License-Identifier: Apache-2.0
// Dated tariffs: data, never constants of the code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "formats/result.h"

namespace telavis {

struct Tariff {
  std::string code;  // NGAP: "TE2", "RQD"
  ActRole role = ActRole::expert;
  std::vector<std::string> professions;  // "medecin", "sage-femme", ...
  std::string zone;                      // "METRO", "DROM"
  std::int64_t cents = 0;                // euro cents
  std::string from, to;                  // ISO dates, inclusive; `to` empty: still in force
  std::string certainty;                 // "high", "medium", "low": of the source
  std::string source;
};

class TariffTable {
 public:
  /// Strict: dates, amounts and roles are checked, and two lines for the same role, profession,
  /// zone and day are refused. Errors: configuration_invalid.
  static Result<TariffTable> parse(std::string_view json);
  /// The table that is compiled in (engine/billing/tariffs.json).
  static Result<TariffTable> embedded();

  /// The line in force on `date` (ISO, local date of the opinion). Errors: no_tariff.
  Result<Tariff> find(ActRole role, std::string_view profession, std::string_view zone,
                      std::string_view date) const;

 private:
  std::vector<Tariff> tariffs_;
};

}  // namespace telavis
