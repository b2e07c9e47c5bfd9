// SPDX-License-Identifier: Apache-2.0
// Durations as doctors write them.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "engine/core/mail_lines.h"
#include "engine/core/mail_reply.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr double kHoursPerDay = 24;

struct Number {
  std::string_view word;
  double value;
};
constexpr auto kNumbers = std::to_array<Number>({{"UN", 1},
                                                 {"UNE", 1},
                                                 {"DEUX", 2},
                                                 {"TROIS", 3},
                                                 {"QUATRE", 4},
                                                 {"CINQ", 5},
                                                 {"SIX", 6},
                                                 {"SEPT", 7},
                                                 {"HUIT", 8},
                                                 {"DIX", 10},
                                                 {"DOUZE", 12},
                                                 {"QUINZE", 15}});

struct Unit {
  std::string_view word;
  double days;
};
constexpr auto kUnits = std::to_array<Unit>({{"H", 1 / kHoursPerDay},
                                             {"HEURE", 1 / kHoursPerDay},
                                             {"HEURES", 1 / kHoursPerDay},
                                             {"J", 1},
                                             {"JR", 1},
                                             {"JRS", 1},
                                             {"JOUR", 1},
                                             {"JOURS", 1},
                                             {"SEM", 7},
                                             {"SEMAINE", 7},
                                             {"SEMAINES", 7},
                                             {"S", 7},
                                             {"MOIS", 30},
                                             {"M", 30},
                                             {"AN", 365},
                                             {"ANS", 365},
                                             {"ANNEE", 365}});

constexpr auto kAround = std::to_array<std::string_view>(
    {"SOUS",         "DANS",    "LES", "DELAI",   "DE",     "D",    "ICI",
     "MOINS",        "MAXIMUM", "MAX", "ENVIRON", "AU",     "PLUS", "TARD",
     "CONSULTATION", "CS",      "RDV", "UN",      "ENTRE",  "A",    "OU",
     "ET",           "LE",      "LA",  "EN",      "RENDEZ", "VOUS", "PATIENT",
     "VOIR",         "REVOIR",  "DES", "AVANT",   "CA",     "SOIT"});

struct DelayPhrase {
  std::string_view words;
  int days;
};
constexpr auto kPhrases = std::to_array<DelayPhrase>({{"IMMEDIAT", 0},
                                                      {"IMMEDIATEMENT", 0},
                                                      {"IMMEDIATE", 0},
                                                      {"AUJOURD HUI", 0},
                                                      {"CE JOUR", 0},
                                                      {"LE JOUR MEME", 0},
                                                      {"DANS LA JOURNEE", 0},
                                                      {"DEMAIN", 1},
                                                      {"SOUS HUITAINE", 7},
                                                      {"HUITAINE", 7},
                                                      {"DANS LA SEMAINE", 7},
                                                      {"SOUS QUINZAINE", 15},
                                                      {"QUINZAINE", 15},
                                                      {"DANS LE MOIS", 30}});

struct Amount {
  std::optional<double> number;
  std::optional<double> unit;
};

/// "15", "15J", "3MOIS", "UN", "JOURS"; nothing: another word.
Amount amount_of(std::string_view word) {
  constexpr std::size_t kMostDigits = 3;
  Amount amount;
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  if (digits > 0 && digits <= kMostDigits) {
    int value = 0;
    std::from_chars(word.data(), word.data() + digits, value);
    amount.number = value;
    word.remove_prefix(digits);
    if (word.empty()) return amount;
  } else {
    for (const Number& number : kNumbers) {
      if (number.word == word) return {number.value, std::nullopt};
    }
  }
  for (const Unit& unit : kUnits) {
    if (unit.word == word) amount.unit = unit.days;
  }
  if (!amount.unit) amount.number.reset();
  return amount;
}

/// No "2,5 mois", no "15/03".
bool is_plain_number(std::string_view text) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const bool mark = text[i] == ',' || text[i] == '.' || text[i] == '/';
    if (mark && is_digit(text[i - 1]) && is_digit(text[i + 1])) return false;
  }
  return true;
}

}  // namespace

std::optional<int> duration_in_days(std::string_view text) {
  const std::string folded = folded_text(text);
  for (const DelayPhrase& phrase : kPhrases) {
    if (phrase.words == folded) return phrase.days;
  }
  if (!is_plain_number(text) || (" " + folded + " ").find(" PLUS DE ") != std::string::npos) {
    return std::nullopt;
  }
  std::optional<double> number;
  std::optional<double> days;
  for (const MailWord& word : mail_words(text)) {
    const Amount amount = amount_of(word.folded);
    if (amount.number) number = number ? std::max(*number, *amount.number) : amount.number;
    if (amount.unit) {
      // "24 h" and then "3 mois" are two times; "6 semaines à 8 semaines" one.
      if (!number || (days && *days != *amount.unit)) return std::nullopt;
      days = amount.unit;
    }
    if (!amount.number && !amount.unit &&
        std::ranges::find(kAround, word.folded) == kAround.end()) {
      return std::nullopt;
    }
  }
  if (!number || !days) return std::nullopt;
  const double total = std::ceil(*number * *days);
  if (total > kMaxInPersonDays) return std::nullopt;
  return static_cast<int>(total);
}

}  // namespace telavis
