// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/bank_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "formats/text.h"

namespace telavis {
namespace {

constexpr int kMod97 = 97;

struct IbanLength {
  std::string_view country;
  std::size_t length;
};
// Countries of the SEPA scheme. New Caledonia, Polynesia, Wallis-et-Futuna (XPF) are not in it.
constexpr std::array<IbanLength, 36> kIbanLengths = {
    {{"AD", 24}, {"AT", 20}, {"BE", 16}, {"BG", 22}, {"CH", 21}, {"CY", 28}, {"CZ", 24}, {"DE", 22},
     {"DK", 18}, {"EE", 20}, {"ES", 24}, {"FI", 18}, {"FR", 27}, {"GB", 22}, {"GI", 23}, {"GR", 27},
     {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IS", 26}, {"IT", 27}, {"LI", 21}, {"LT", 20}, {"LU", 20},
     {"LV", 21}, {"MC", 27}, {"MT", 31}, {"NL", 18}, {"NO", 15}, {"PL", 28}, {"PT", 25}, {"RO", 24},
     {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}}};

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_capital_or_digit(char c) {
  return is_capital(c) || is_digit(c);
}

/// Letters count as 10..35, as two digits. The text holds capitals and digits alone.
int mod97(std::string_view text) {
  int rest = 0;
  for (const char c : text) {
    rest = is_digit(c) ? rest * 10 + (c - '0') : rest * 100 + (c - 'A' + 10);
    rest %= kMod97;
  }
  return rest;
}

/// The letters of an account's number count as 1..9, 1..9, 2..9 (Banque de France).
int rib_number(std::string_view digits) {
  std::int64_t rest = 0;
  for (const char c : digits) {
    int value = 0;
    if (is_digit(c)) {
      value = c - '0';
    } else if (c < 'S') {
      value = (c - 'A') % 9 + 1;
    } else {
      value = c - 'S' + 2;
    }
    rest = (rest * 10 + value) % kMod97;
  }
  return static_cast<int>(rest);
}

bool has_right_rib_key(std::string_view bban) {
  const int bank = rib_number(bban.substr(0, 5));
  const int branch = rib_number(bban.substr(5, 5));
  const int account = rib_number(bban.substr(10, 11));
  const int key = (bban[21] - '0') * 10 + (bban[22] - '0');
  return is_digit(bban[21]) && is_digit(bban[22]) &&
         key == kMod97 - (89 * bank + 15 * branch + 3 * account) % kMod97;
}

// U+00C0..U+017F without accents, a letter each; '*' is one of kTwoLetters, ' ' no letter.
constexpr std::string_view kLatin1 =
    "AAAAAA*CEEEEIIIIDNOOOOO OUUUUY**aaaaaa*ceeeeiiiidnooooo ouuuuy*y";
constexpr std::string_view kLatinA =
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi**JjKkkLlLlLlL"
    "lLlNnNnNnnNnOoOoOo**RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
constexpr std::array<std::pair<char32_t, std::string_view>, 9> kTwoLetters = {{{0xC6, "AE"},
                                                                               {0xDE, "TH"},
                                                                               {0xDF, "ss"},
                                                                               {0xE6, "ae"},
                                                                               {0xFE, "th"},
                                                                               {0x132, "IJ"},
                                                                               {0x133, "ij"},
                                                                               {0x152, "OE"},
                                                                               {0x153, "oe"}}};

/// The code point at the start of `text`, which is taken off it.
char32_t next_character(std::string_view& text) {
  const std::size_t length = utf8_character_length(text);
  if (length == 0) {
    text.remove_prefix(1);
    return 0xFFFD;
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  constexpr std::array<char32_t, 5> kLead = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t point = byte(0) & kLead.at(length);
  for (std::size_t i = 1; i < length; ++i) point = (point << 6U) | (byte(i) & 0x3FU);
  text.remove_prefix(length);
  return point;
}

/// In ASCII letters; empty: it has none.
std::string without_accent(char32_t point) {
  for (const auto& [letter, two] : kTwoLetters) {
    if (letter == point) return std::string(two);
  }
  if (point < 0x80) return std::string(1, static_cast<char>(point));
  char plain = ' ';
  if (point >= 0xC0 && point < 0x100) plain = kLatin1[point - 0xC0];
  if (point >= 0x100 && point - 0x100 < kLatinA.size()) plain = kLatinA[point - 0x100];
  if (point == 0x2019 || point == 0x2018) plain = '\'';
  if (point == 0x2013 || point == 0x2014) plain = '-';
  return plain == ' ' ? "" : std::string(1, plain);
}

bool is_sepa_character(char c) {
  return is_capital_or_digit(c) || (c >= 'a' && c <= 'z') ||
         std::string_view("/-?:().,'+ ").find(c) != std::string_view::npos;
}

Result<void> refused(std::string_view what) {
  return fail(ErrorCode::invalid_field, std::string(what));
}

}  // namespace

Result<void> check_iban(std::string_view iban) {
  const bool shaped = iban.size() > 4 && std::all_of(iban.begin(), iban.end(), is_capital_or_digit);
  const auto* const country =
      std::find_if(kIbanLengths.begin(), kIbanLengths.end(),
                   [&](const IbanLength& one) { return iban.starts_with(one.country); });
  if (!shaped || country == kIbanLengths.end()) {
    return refused("An IBAN has capitals and digits without blanks and is of a SEPA country.");
  }
  const std::string turned = std::string(iban.substr(4)) + std::string(iban.substr(0, 4));
  if (iban.size() != country->length || mod97(turned) != 1) {
    return refused(
        "This IBAN has the wrong length or key: type it again from the bank's document.");
  }
  const bool french = country->country == "FR" || country->country == "MC";
  if (french && !has_right_rib_key(iban.substr(4))) {
    return refused("This IBAN holds a wrong RIB key: type it again from the bank's document.");
  }
  return {};
}

Result<void> check_bic(std::string_view bic) {
  const bool shaped = (bic.size() == 8 || bic.size() == 11) &&
                      std::all_of(bic.begin(), bic.begin() + 6, is_capital) &&
                      std::all_of(bic.begin() + 6, bic.end(), is_capital_or_digit);
  return shaped ? Result<void>() : refused("A BIC has 8 or 11 capitals and digits.");
}

Result<void> check_creditor_id(std::string_view id) {
  constexpr std::size_t kLongest = 35;
  const bool shaped = id.size() > 7 && id.size() <= kLongest && is_capital(id[0]) &&
                      is_capital(id[1]) && is_digit(id[2]) && is_digit(id[3]) &&
                      std::all_of(id.begin(), id.end(), is_capital_or_digit);
  if (!shaped) return refused("A SEPA creditor identifier is like FR72ZZZ123456.");
  const std::string keyed = std::string(id.substr(7)) + std::string(id.substr(0, 4));
  return mod97(keyed) == 1 ? Result<void>()
                           : refused("This SEPA creditor identifier has a wrong key.");
}

Result<void> check_siren(std::string_view siren) {
  int sum = 0;
  const bool digits = siren.size() == 9 &&
                      std::all_of(siren.begin(), siren.end(), [](char c) { return is_digit(c); });
  for (std::size_t i = 0; digits && i < siren.size(); ++i) {
    const int twice = (siren[i] - '0') * (i % 2 == 1 ? 2 : 1);
    sum += twice > 9 ? twice - 9 : twice;
  }
  return digits && sum % 10 == 0 ? Result<void>()
                                 : refused("A SIREN has nine digits and their key.");
}

std::string sepa_text(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    std::string letters = without_accent(next_character(text));
    if (letters.empty()) letters = " ";
    for (const char letter : letters) {
      char c = letter == '&' ? '+' : letter;
      if (!is_sepa_character(c)) c = ' ';
      const bool doubled = !out.empty() && out.back() == c && (c == ' ' || c == '/');
      if (!doubled && !(out.empty() && (c == ' ' || c == '/'))) out += c;
    }
  }
  if (out.size() > most) out.resize(most);
  while (!out.empty() && (out.back() == ' ' || out.back() == '/')) out.pop_back();
  return out;
}

bool is_sepa_text(std::string_view text) {
  return !text.empty() && sepa_text(text, text.size()) == text;
}

std::string latin9(std::string_view text) {
  // The eight places at which ISO-8859-15 differs from ISO-8859-1.
  constexpr std::array<std::pair<char32_t, unsigned char>, 8> kNew = {{{0x20AC, 0xA4},
                                                                       {0x160, 0xA6},
                                                                       {0x161, 0xA8},
                                                                       {0x17D, 0xB4},
                                                                       {0x17E, 0xB8},
                                                                       {0x152, 0xBC},
                                                                       {0x153, 0xBD},
                                                                       {0x178, 0xBE}}};
  std::string out;
  while (!text.empty()) {
    const char32_t point = next_character(text);
    const auto* const added =
        std::find_if(kNew.begin(), kNew.end(), [&](const auto& one) { return one.first == point; });
    const bool gone =
        std::any_of(kNew.begin(), kNew.end(), [&](const auto& one) { return one.second == point; });
    if (added != kNew.end()) {
      out += static_cast<char>(added->second);
    } else if (point < 0x100 && !gone) {
      out += static_cast<char>(point);
    } else {
      const std::string plain = without_accent(point);
      out += plain.empty() ? "?" : plain;
    }
  }
  return out;
}

std::string amount_text(std::int64_t cents, char point) {
  const auto size = static_cast<std::uint64_t>(cents);
  const std::uint64_t absolute = cents < 0 ? 0 - size : size;
  return fmt::format("{}{}{}{:02}", cents < 0 ? "-" : "", absolute / 100, point, absolute % 100);
}

std::optional<std::int64_t> parse_amount(std::string_view text) {
  std::string digits;
  std::optional<std::size_t> point;
  bool negative = false;
  while (!text.empty()) {
    const char32_t c = next_character(text);
    if (c == ' ' || c == 0xA0 || c == 0x202F) continue;  // of thousands
    const bool first = digits.empty() && !point && !negative;
    if ((c == '-' || c == '+') && first) {
      negative = c == '-';
    } else if ((c == ',' || c == '.') && !point) {
      point = digits.size();
    } else if (c < 0x80 && is_digit(static_cast<char>(c))) {
      digits += static_cast<char>(c);
    } else {
      return std::nullopt;
    }
  }
  const std::size_t decimals = point ? digits.size() - *point : 0;
  if (digits.empty() || decimals > 2) return std::nullopt;
  digits.append(2 - decimals, '0');
  std::int64_t cents = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), cents);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return negative ? -cents : cents;
}

std::chrono::sys_days iso_day(std::string_view date) {
  int year = 0;
  unsigned int month = 0;
  unsigned int day = 0;
  std::from_chars(date.data(), date.data() + 4, year);
  std::from_chars(date.data() + 5, date.data() + 7, month);
  std::from_chars(date.data() + 8, date.data() + 10, day);
  return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
}

std::string iso_date(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned int>(date.month()),
                     static_cast<unsigned int>(date.day()));
}

std::string compact_date(std::string_view iso) {
  return std::string(iso.substr(0, 4)) + std::string(iso.substr(5, 2)) +
         std::string(iso.substr(8, 2));
}

}  // namespace telavis
