// SPDX-License-Identifier: Apache-2.0
#include "formats/dicom_match.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "formats/identity.h"

namespace telavis {
namespace {

// Wildcards are no letters, and name_words would divide at them: characters of private use, which
// it keeps, carry them through.
constexpr std::string_view kAnyMark = "\xEE\x80\x80", kOneMark = "\xEE\x80\x81";

/// The words of a name with wildcards.
std::vector<std::string> pattern_words(std::string_view key) {
  std::string carried;
  for (const char c : key) {
    if (c == '*') {
      carried += kAnyMark;
    } else if (c == '?') {
      carried += kOneMark;
    } else {
      carried += c == '^' ? ' ' : c;
    }
  }
  std::vector<std::string> words = name_words(carried);
  for (std::string& word : words) {
    for (const auto& [mark, wildcard] : {std::pair(kAnyMark, '*'), std::pair(kOneMark, '?')}) {
      for (std::size_t at = 0; (at = word.find(mark, at)) != std::string::npos;)
        word.replace(at, mark.size(), 1, wildcard);
    }
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all.append(all.empty() ? "" : " ").append(word);
  return all;
}

/// -1, 0, 1; as far as the shorter of the two goes.
int compared(std::string_view left, std::string_view right) {
  const std::size_t common = std::min(left.size(), right.size());
  return left.substr(0, common).compare(right.substr(0, common));
}

}  // namespace

bool matches_dicom_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resumed = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resumed = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resumed;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool is_universal_key(std::string_view key) {
  return key.find_first_not_of('*') == std::string_view::npos;
}

bool matches_dicom_text(std::string_view key, std::string_view value) {
  return is_universal_key(key) || matches_dicom_pattern(key, value);
}

bool matches_dicom_name(std::string_view key, std::string_view name) {
  if (is_universal_key(key)) return true;
  const std::vector<std::string> wanted = pattern_words(key);
  std::string spaced(name);
  std::ranges::replace(spaced, '^', ' ');
  const std::vector<std::string> words = name_words(spaced);
  return matches_dicom_pattern(joined(wanted), joined(words)) ||
         std::ranges::all_of(wanted, [&](const std::string& pattern) {
           return std::ranges::any_of(words, [&](const std::string& word) {
             return matches_dicom_pattern(pattern, word);
           });
         });
}

bool matches_dicom_range(std::string_view key, std::string_view value) {
  if (is_universal_key(key)) return true;
  if (value.empty()) return false;
  const std::size_t dash = key.find('-');
  if (dash == std::string_view::npos) return value.starts_with(key);
  const std::string_view from = key.substr(0, dash), until = key.substr(dash + 1);
  return (from.empty() || compared(from, value) <= 0) &&
         (until.empty() || compared(value, until) <= 0);
}

}  // namespace telavis
