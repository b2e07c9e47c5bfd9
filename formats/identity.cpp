// SPDX-License-Identifier: Apache-2.0
#include "formats/identity.h"

#include <algorithm>

#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kInsDigits = 15;  // 13 of the number, 2 of its key

// U+00C0..U+017F without their accents; '*' stands for the two-letter ones below, ' ' for signs.
constexpr char32_t kFirstFolded = 0xC0;
constexpr std::string_view kFolded =
    "AAAAAA*CEEEEIIIIDNOOOOO OUUUUY**AAAAAA*CEEEEIIIIDNOOOOO OUUUUY*Y"
    "AAAAAACCCCCCCCDDDDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIII**JJKKKLLLLLLL"
    "LLLNNNNNNNNNOOOOOO**RRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";

std::string_view two_letters(char32_t character) {
  switch (character) {
    case 0xC6:
    case 0xE6:
      return "AE";
    case 0xDE:
    case 0xFE:
      return "TH";
    case 0xDF:
      return "SS";
    case 0x132:
    case 0x133:
      return "IJ";
    default:
      return "OE";  // U+0152, U+0153
  }
}

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// One UTF-8 character in capitals without accents; a space for what separates words.
std::string folded(std::string_view character) {
  if (character.size() == 1) {
    const char c = character[0];
    const char capital = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return {is_letter_or_digit(capital) ? capital : ' '};
  }
  if (character.size() == 2) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    const char32_t code = ((byte(0) & 0x1FU) << 6) | (byte(1) & 0x3FU);
    if (code >= 0x300 && code <= 0x36F) return {};  // an accent on the letter before
    if (code >= kFirstFolded && code - kFirstFolded < kFolded.size()) {
      const char letter = kFolded[code - kFirstFolded];
      return letter == '*' ? std::string(two_letters(code)) : std::string{letter};
    }
    if (code < kFirstFolded) return " ";  // no-break space, guillemets
  }
  if (character.starts_with("\xE2\x80")) return " ";  // typographic apostrophes, dashes, spaces
  return std::string(character);
}

bool all_words_in(const std::vector<std::string>& fewer, const std::vector<std::string>& more) {
  return std::ranges::all_of(
      fewer, [&](const std::string& word) { return std::ranges::find(more, word) != more.end(); });
}

std::string run_together(std::string_view name) {
  std::string all;
  for (const std::string& word : name_words(name)) all += word;
  return all;
}

bool agree_either_way(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return all_words_in(left, right) || all_words_in(right, left);
}

bool names_agree(const PatientIdentity& file, const PatientIdentity& request) {
  // Many devices drop the apostrophe or the hyphen of a name.
  if (run_together(file.family_name) == run_together(request.family_name)) {
    return agree_either_way(name_words(file.given_name), name_words(request.given_name));
  }
  const auto own = name_words(file.family_name + " " + file.given_name);
  const auto asked = name_words(request.family_name + " " + request.given_name);
  return agree_either_way(own, asked);
}

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

bool ids_agree(std::string_view file, std::string_view request) {
  const std::string own = digits_of(file);
  const std::string asked = digits_of(request);
  return own.size() != kInsDigits || asked.size() != kInsDigits || own == asked;
}

bool sexes_agree(Sex file, Sex request) {
  const auto stated = [](Sex sex) { return sex == Sex::male || sex == Sex::female; };
  return !stated(file) || !stated(request) || file == request;
}

}  // namespace

std::vector<std::string> name_words(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  while (!name.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_character_length(name), 1);
    const std::string letters = folded(name.substr(0, length));
    if (letters == " ") {
      end_word();
    } else {
      word += letters;
    }
    name.remove_prefix(length);
  }
  end_word();
  return words;
}

std::vector<Finding> check_identity(const PatientIdentity& file, const PatientIdentity& request) {
  std::string members;
  const auto differs = [&](bool agree, std::string_view member) {
    if (!agree) members.append(members.empty() ? "" : ", ").append(member);
  };
  differs(names_agree(file, request), "name");
  differs(file.birth_date.empty() || request.birth_date.empty() ||
              file.birth_date == request.birth_date,
          "birth_date");
  differs(sexes_agree(file.sex, request.sex), "sex");
  differs(ids_agree(file.id, request.id), "id");
  if (members.empty()) return {};
  return {{"identity_differs", Severity::warning,
           "The file speaks of another patient than the request (" + members +
               "). Check that the right file was sent."}};
}

}  // namespace telavis
