// SPDX-License-Identifier: Apache-2.0
// Dated tables of billing: data, never constants of the code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "formats/result.h"

namespace telavis {

/// Local dates (ISO), both included; `to` empty: still in force.
struct InForce {
  std::string from, to;
  bool on(std::string_view date) const { return from <= date && (to.empty() || date <= to); }
};

/// How sure a line is, and where it comes from.
struct Evidence {
  std::string certainty;  // "high", "medium", "low"
  std::string source;
};

struct Tariff {
  std::string id;  // stays, whatever becomes of the line: "TE2-2026-METRO"
  std::string
      code;  // NGAP: "TE1", "TE2", "RQD"; REQUERANT_TE1, REQUERANT_TE2: the share before 2022
  ActRole role = ActRole::expert;
  std::vector<std::string> professions;  // "medecin", "sage-femme", ...
  std::string zone;                      // "METRO", "DROM"
  std::int64_t cents = 0;                // euro cents
  InForce period;
  /// Before 2022-04-01 an opinion was of level 1, or 2 (patient known to the expert); 0: no levels.
  std::int64_t level = 0;
  /// No act of its own: the insurance paid it in one sum the year after.
  bool yearly_forfait = false;
  Evidence evidence;
};

/// How much one professional may bill in a civil year.
struct Cap {
  enum class Per { expert_patient, requester_patient, requester };
  std::string id;
  std::vector<std::string> codes;  // counted together
  std::vector<std::string> professions;
  Per per = Per::expert_patient;
  std::int64_t most = 0;        // acts; 0: the cap is a sum
  std::int64_t most_cents = 0;  // euro cents; 0: the cap is a number of acts
  InForce period;
  Evidence evidence;
};

/// What the place of a practice says of prices and days.
struct TariffZone {
  std::string territory;  // French département code
  std::string zone;       // of the tariffs
  std::string time_zone;  // IANA: in its hours a day of care begins and ends
};
inline constexpr std::string_view kMetropolitanZone = "METRO";
inline constexpr std::string_view kMetropolitanTime = "Europe/Paris";

/// What an agreement counts in: "C", "G".
struct LetterKey {
  std::string key;
  std::int64_t cents = 0;
  InForce period;
  Evidence evidence;
};

/// Who pays the acts of a programme in place of the national health insurance.
struct Funding {
  enum class Pays {
    elsewhere,   // by accounts that are not kept here
    flat,        // `cents` an act
    letter_key,  // `quarters` quarters of the value of `key`: 8 is 2C
  };
  std::string programme;
  std::string funder;  // "FIR", "URPS", "ART51", ...
  Pays pays = Pays::elsewhere;
  std::int64_t cents = 0;
  std::string key;
  std::int64_t quarters = 0;
  InForce period;
  Evidence evidence;
};

/// Whether an act is billable in a situation on which the texts are silent.
struct Policy {
  std::string rule;  // "insufficient_data", "hospitalised"
  bool billable = false;
  InForce period;
  Evidence evidence;
};

class TariffTable {
 public:
  /// Strict: dates, amounts and roles are checked, and two lines that say something different of
  /// the same day are refused. Errors: configuration_invalid.
  static Result<TariffTable> parse(std::string_view json);
  /// The table that is compiled in (engine/billing/tariffs.json).
  static Result<TariffTable> embedded();

  /// The line in force on `date` (ISO, local date of the opinion); `level` matters before
  /// 2022-04-01 alone. Errors: no_tariff.
  Result<Tariff> find(ActRole role, std::string_view profession, std::string_view zone,
                      std::string_view date, std::int64_t level = 1) const;
  /// Whether any zone has a line for it on that day.
  bool is_entitled(ActRole role, std::string_view profession, std::string_view date) const;
  /// The cap on this code; nullptr: none is known.
  const Cap* cap(std::string_view code, std::string_view profession, std::string_view date) const;
  /// Of a practice's territory; nullopt: metropolitan, or empty.
  std::optional<TariffZone> zone_of(std::string_view territory) const;
  /// Euro cents. Errors: no_tariff.
  Result<std::int64_t> letter_key(std::string_view key, std::string_view date) const;
  /// nullptr: the national health insurance pays.
  const Funding* funding(const ProgrammeId& programme, std::string_view date) const;
  /// What a fund pays for one act. Errors: no_tariff (the key has no value on that day).
  Result<std::int64_t> funded_cents(const Funding& funding, std::string_view date) const;

  /// The line about a rule; nullptr: none, the act is not billable.
  const Policy* policy(std::string_view rule, std::string_view date) const;

 private:
  Result<void> check() const;

  std::vector<Tariff> tariffs_;
  std::vector<Cap> caps_;
  std::vector<TariffZone> zones_;
  std::vector<LetterKey> keys_;
  std::vector<Funding> funding_;
  std::vector<Policy> policies_;
};

}  // namespace telavis
