// SPDX-License-Identifier: Apache-2.0
// Numbers and words as banks and tax offices take them. Nothing here depends on a locale.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/result.h"

namespace telavis {

/// Without blanks, in capitals, of its country's length, with the right key (ISO 13616, mod 97-10),
/// and for FR and MC the right RIB key too (97 - (89 b + 15 g + 3 c) mod 97). SEPA countries alone.
/// The lengths are those of the IBAN registry, from memory: unverified. Errors: invalid_field.
Result<void> check_iban(std::string_view iban);
/// Eight or eleven characters (ISO 9362); its country need not be the account's: accounts overseas
/// are FR, their banks' codes may be GP, MQ, RE. Errors: invalid_field.
Result<void> check_bic(std::string_view bic);
/// SEPA creditor identifier, "FR72ZZZ123456": the key (ISO 7064 mod 97-10) leaves the three
/// characters of business code out. Errors: invalid_field.
Result<void> check_creditor_id(std::string_view id);
/// Nine digits with the Luhn key of the ninth (INSEE). Errors: invalid_field.
Result<void> check_siren(std::string_view siren);

/// `text` in the SEPA character set (EPC217-08, from memory: unverified): letters without accents,
/// digits, / - ? : ( ) . , ' + and blanks; anything else is a blank, blanks are single, no slash at
/// the ends and no two together. At most `most` characters.
std::string sepa_text(std::string_view text, std::size_t most);
bool is_sepa_text(std::string_view text);
/// UTF-8 as ISO-8859-15, letters that it lacks without their accents, the rest as "?".
std::string latin9(std::string_view text);

/// 123456 is "1234.56"; with ',' the French way.
std::string amount_text(std::int64_t cents, char point = '.');
/// "1 234,56", "-12.5", "12": cents; nullopt: no amount, or more than two decimals.
std::optional<std::int64_t> parse_amount(std::string_view text);

/// The day of an ISO date that exists.
std::chrono::sys_days iso_day(std::string_view date);
std::string iso_date(std::chrono::sys_days day);
/// "20260401".
std::string compact_date(std::string_view iso);

}  // namespace telavis
