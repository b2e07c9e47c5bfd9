// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_form_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "engine/core/catalogue.h"
#include "engine/core/mail_lines.h"
#include "engine/core/time.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxFormText = 500;  // clinical_form.cpp: what is longer belongs to `context`
constexpr std::size_t kMaxListLine = 200;
constexpr std::size_t kMaxListLines = 50;

bool is_one_of(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

std::optional<int> whole(std::string_view word, std::size_t most_digits) {
  if (word.empty() || word.size() > most_digits || !std::ranges::all_of(word, is_digit)) {
    return std::nullopt;
  }
  int value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return value;
}

/// Every number of a text, "4,1" and "4.1" alike; digits inside a word ("SpO2") are none.
std::vector<double> numbers_in(std::string_view text) {
  constexpr std::size_t kMost = 8;
  std::vector<double> numbers;
  for (std::size_t i = 0; i < text.size() && numbers.size() < kMost;) {
    const bool letter_before = i > 0 && ((text[i - 1] >= 'a' && text[i - 1] <= 'z') ||
                                         (text[i - 1] >= 'A' && text[i - 1] <= 'Z'));
    if (!is_digit(text[i]) || letter_before) {
      ++i;
      continue;
    }
    std::string digits;
    bool point = false;
    for (; i < text.size(); ++i) {
      const bool mark = (text[i] == ',' || text[i] == '.') && !point && i + 1 < text.size() &&
                        is_digit(text[i + 1]);
      if (!is_digit(text[i]) && !mark) break;
      point = point || mark;
      digits += mark ? '.' : text[i];
    }
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    numbers.push_back(value);
    while (i < text.size() && is_digit(text[i])) ++i;
  }
  return numbers;
}

int month_of(std::string_view word) {
  static constexpr auto kMonths = std::to_array<std::string_view>(
      {"JANVIER", "FEVRIER", "MARS", "AVRIL", "MAI", "JUIN", "JUILLET", "AOUT", "SEPTEMBRE",
       "OCTOBRE", "NOVEMBRE", "DECEMBRE"});
  static constexpr auto kShort = std::to_array<std::string_view>(
      {"JANV", "FEVR", "MAR", "AVR", "MAI", "JUI", "JUIL", "AOU", "SEPT", "OCT", "NOV", "DEC"});
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (word == kMonths[i] || (word == kShort[i] && word != "JUI")) return static_cast<int>(i) + 1;
  }
  return 0;
}

std::optional<std::string> iso_date(int year, int month, int day) {
  std::string date = fmt::format("{:04}-{:02}-{:02}", year, month, day);
  return is_iso_date(date) ? std::optional(std::move(date)) : std::nullopt;
}

std::optional<std::string> iso_month(int year, int month) {
  return month >= 1 && month <= 12 ? std::optional(fmt::format("{:04}-{:02}", year, month))
                                   : std::nullopt;
}

std::string number_text(double value, bool is_whole) {
  return is_whole ? fmt::format("{}", std::llround(value)) : fmt::format("{}", value);
}

std::optional<TypedValue> typed_number(const ClinicalItemKind& kind, std::string_view text) {
  const bool is_whole = kind.type == ClinicalType::whole_number;
  std::vector<double> numbers = numbers_in(text);
  const std::string folded = " " + folded_text(text) + " ";
  if (kind.unit == "mm" && !numbers.empty()) {
    // "9 x 7 mm": the greatest; "1,2 cm".
    const bool product =
        folded.find(" X ") != std::string::npos || text.find("\u00D7") != std::string_view::npos;
    if (numbers.size() == 2 && product) numbers = {std::max(numbers[0], numbers[1])};
    if (folded.ends_with("CM ")) numbers[0] *= 10;
  }
  if (kind.name == "phototype" && numbers.empty()) {
    static constexpr auto kRoman =
        std::to_array<std::string_view>({"I", "II", "III", "IV", "V", "VI"});
    const auto words = mail_words(text);
    const auto* const found =
        words.empty() ? kRoman.end() : std::ranges::find(kRoman, words.back().folded);
    if (found != kRoman.end()) numbers = {static_cast<double>(found - kRoman.begin() + 1)};
  }
  // "entre 60 et 90", "< 60": no number. The 1 of "1,73 m2" is not met in these items.
  if (numbers.size() != 1 || text.find_first_of("<>") != std::string_view::npos)
    return std::nullopt;
  const double value = numbers[0];
  if (value < kind.least || value > kind.most) return std::nullopt;
  if (is_whole && value != std::floor(value)) return std::nullopt;
  constexpr std::size_t kUnitWords = 4;  // "environ 72 /min au repos" says more
  return TypedValue{number_text(value, is_whole), mail_words(text).size() > kUnitWords};
}

std::optional<TypedValue> typed_choice(const ClinicalItemKind& kind, std::string_view text) {
  const std::string folded = folded_text(text);
  std::optional<TypedValue> found;
  for (const std::string_view code : kind.choices) {
    const std::string id = "form_value." + std::string(kind.name) + "." + std::string(code);
    for (const Language language : {Language::french, Language::english}) {
      const std::string words =
          has_message(id) ? folded_text(message(language, id)) : std::string();
      if (words.empty() || (folded != words && !folded.starts_with(words + " "))) continue;
      if (found && found->value != code) return std::nullopt;
      found = TypedValue{std::string(code), folded != words};
    }
  }
  return found;
}

}  // namespace

bool says_none(std::string_view text) {
  static constexpr auto kNone = std::to_array<std::string_view>({"AUCUN",
                                                                 "AUCUNE",
                                                                 "NEANT",
                                                                 "RAS",
                                                                 "NON",
                                                                 "NO",
                                                                 "0",
                                                                 "NONE",
                                                                 "PAS DE TRAITEMENT",
                                                                 "RIEN",
                                                                 "AUCUN TRAITEMENT",
                                                                 "AUCUN ANTECEDENT",
                                                                 "PAS D ANTECEDENT",
                                                                 "SANS",
                                                                 "AUCUN SIGNE",
                                                                 "PAS D ANTECEDENTS",
                                                                 "AUCUN DE CES SIGNES",
                                                                 "AUCUN DES SIGNES",
                                                                 "N",
                                                                 "AUCUNE OPPOSITION"});
  return is_one_of(folded_text(text), kNone);
}

std::optional<TypedValue> typed_yes_no(std::string_view text) {
  static constexpr auto kYes = std::to_array<std::string_view>(
      {"OUI", "O", "YES", "Y", "PRESENT", "PRESENTE", "PRESENTS", "PRESENTES"});
  static constexpr auto kNo = std::to_array<std::string_view>(
      {"NON", "N", "NO", "AUCUN", "AUCUNE", "ABSENT", "ABSENTE", "ABSENTS", "ABSENTES"});
  // "non connu", "non recherché": not known.
  static constexpr auto kUnknown = std::to_array<std::string_view>(
      {"CONNU", "CONNUE", "CONNUS", "EVALUE", "EVALUEE", "RECHERCHE", "RECHERCHEE", "FAIT", "FAITE",
       "RENSEIGNE", "RENSEIGNEE", "PRECISE", "PRECISEE", "DISPONIBLE", "DETERMINE", "SU", "MESURE",
       "MESUREE"});
  const auto words = mail_words(text);
  if (words.empty() || text.find('?') != std::string_view::npos) return std::nullopt;
  const std::string& first = words[0].folded;
  const bool negated =
      first == "PAS" && words.size() > 1 && (words[1].folded == "DE" || words[1].folded == "D");
  const bool yes = is_one_of(first, kYes);
  const bool no = is_one_of(first, kNo) || negated;
  if (!yes && !no) return std::nullopt;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i].folded;
    if (i == 1 && is_one_of(word, kUnknown)) return std::nullopt;
    if ((yes && (word == "NON" || word == "NO")) || (no && (word == "OUI" || word == "YES"))) {
      return std::nullopt;
    }
  }
  return TypedValue{yes ? "yes" : "no", words.size() > 1 && !negated};
}

std::optional<TypedValue> typed_item(const ClinicalItemKind& kind, std::string_view text) {
  text = trim_blank(text);
  if (text.empty()) return std::nullopt;
  switch (kind.type) {
    case ClinicalType::yes_no:
      return typed_yes_no(text);
    case ClinicalType::whole_number:
    case ClinicalType::decimal:
      return typed_number(kind, text);
    case ClinicalType::date_or_month:
      if (auto date = typed_date(text, true)) return TypedValue{std::move(*date), false};
      return std::nullopt;
    case ClinicalType::choice:
      return typed_choice(kind, text);
    case ClinicalType::text:
      if (text.size() > kMaxFormText) return std::nullopt;
      return TypedValue{std::string(text), false};
    case ClinicalType::texts: {
      std::string joined;
      const std::vector<std::string> lines = typed_list(text);
      for (const std::string& line : lines) {
        if (line.size() > kMaxListLine) return std::nullopt;
        joined += (joined.empty() ? "" : "\n") + line;
      }
      if (lines.size() > kMaxListLines) return std::nullopt;
      return TypedValue{std::move(joined), false};
    }
  }
  return std::nullopt;
}

std::optional<std::pair<int, int>> typed_pressure(std::string_view text) {
  constexpr double kHighestCentimetres = 30;
  const auto numbers = numbers_in(text);
  if (numbers.size() != 2 || text.find_first_of("/-") == std::string_view::npos)
    return std::nullopt;
  double high = numbers[0];
  double low = numbers[1];
  if (high <= kHighestCentimetres && low <= kHighestCentimetres) {
    high *= 10;
    low *= 10;
  }
  const ClinicalItemKind* systolic = clinical_item("vitals.systolic_mmhg");
  const ClinicalItemKind* diastolic = clinical_item("vitals.diastolic_mmhg");
  if (high <= low || high < systolic->least || high > systolic->most || low < diastolic->least ||
      low > diastolic->most || high != std::floor(high) || low != std::floor(low)) {
    return std::nullopt;
  }
  return std::pair(static_cast<int>(high), static_cast<int>(low));
}

std::optional<std::string> typed_date(std::string_view text, bool month_is_enough) {
  constexpr std::size_t kYearDigits = 4;
  std::vector<int> small;
  std::optional<int> year;
  int month = 0;
  bool year_first = false;
  for (const MailWord& word : mail_words(text)) {
    const bool first_of_month = word.folded == "1ER";
    if (const auto number = whole(word.folded, 2); number || first_of_month) {
      small.push_back(first_of_month ? 1 : *number);
    } else if (const auto four = whole(word.folded, kYearDigits);
               four && word.folded.size() == kYearDigits && !year) {
      year = four;
      year_first = small.empty() && month == 0;
    } else if (const int named = month_of(word.folded); named > 0 && month == 0) {
      month = named;
    } else if (word.folded != "LE" && word.folded != "EN" && word.folded != "DEPUIS" &&
               word.folded != "NE" && word.folded != "NEE") {
      return std::nullopt;
    }
  }
  if (!year) return std::nullopt;
  if (month > 0) {
    if (small.size() == 1) return iso_date(*year, month, small[0]);
    return small.empty() && month_is_enough ? iso_month(*year, month) : std::nullopt;
  }
  if (small.size() == 2) {
    return year_first ? iso_date(*year, small[0], small[1]) : iso_date(*year, small[1], small[0]);
  }
  return small.size() == 1 && month_is_enough ? iso_month(*year, small[0]) : std::nullopt;
}

std::optional<Sex> typed_sex(std::string_view text) {
  const std::string folded = folded_text(text);
  static constexpr auto kFemale =
      std::to_array<std::string_view>({"F", "FEMININ", "FEMME", "FILLE", "FEMALE"});
  static constexpr auto kMale =
      std::to_array<std::string_view>({"M", "H", "MASCULIN", "HOMME", "GARCON", "MALE"});
  if (is_one_of(folded, kFemale)) return Sex::female;
  if (is_one_of(folded, kMale)) return Sex::male;
  if (folded == "AUTRE" || folded == "INDETERMINE") return Sex::other;
  return std::nullopt;
}

std::optional<std::string> typed_time(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i])) continue;
    const std::size_t hours_end = std::min(text.find_first_not_of("0123456789", i), text.size());
    const auto hour = whole(text.substr(i, hours_end - i), 2);
    std::size_t at = hours_end;
    while (at < text.size() && text[at] == ' ') ++at;
    if (!hour || at >= text.size() || (text[at] != 'h' && text[at] != 'H' && text[at] != ':')) {
      return std::nullopt;
    }
    do ++at;
    while (at < text.size() && text[at] == ' ');
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    const auto minute = end > at ? whole(text.substr(at, end - at), 2) : std::optional(0);
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    return fmt::format("{:02}:{:02}", *hour, *minute);
  }
  return std::nullopt;
}

std::vector<std::string> typed_list(std::string_view text) {
  std::vector<std::string> list;
  if (says_none(text)) return list;
  std::string item;
  const auto flush = [&] {
    std::string_view clean = trim_blank(item);
    while (clean.starts_with('-') || clean.starts_with('*') || clean.starts_with("\u2022")) {
      clean.remove_prefix(clean.starts_with("\u2022") ? 3 : 1);
      clean = trim_blank(clean);
    }
    if (clean.ends_with('.')) clean.remove_suffix(1);
    if (!clean.empty()) list.emplace_back(clean);
    item.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    // "2,5 mg" is one dose, "bisoprolol, apixaban" are two treatments.
    const bool comma = text[i] == ',' && i + 1 < text.size() && text[i + 1] == ' ';
    if (text[i] == '\n' || text[i] == ';' || comma) {
      flush();
    } else {
      item += text[i];
    }
  }
  flush();
  return list;
}

}  // namespace telavis
