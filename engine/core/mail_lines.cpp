// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_lines.h"

#include <algorithm>
#include <array>

#include "engine/core/mail_signature.h"
#include "formats/identity.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr int kMaxDepth = 50;                 // of marks of quotation
constexpr std::size_t kAttributionLines = 4;  // "Le ... a écrit :" is broken into so many at most
constexpr std::size_t kHeaderLines = 12;      // from "De :" to "Objet :", with long lists of names

bool is_blank(std::string_view line) {
  return trim_blank(line).empty();
}

/// Characters without a width, which mail programs leave between others.
std::string without_invisible(std::string_view line) {
  static constexpr std::array<std::string_view, 6> kInvisible = {"\u200B", "\u200C", "\u200D",
                                                                 "\u2060", "\uFEFF", "\u00AD"};
  std::string out;
  while (!line.empty()) {
    const auto* const found = std::ranges::find_if(
        kInvisible, [&](std::string_view character) { return line.starts_with(character); });
    if (found != kInvisible.end()) {
      line.remove_prefix(found->size());
      continue;
    }
    if (line.front() != '\r') out += line.front();
    line.remove_prefix(1);
  }
  return out;
}

MailLine read_line(std::string_view raw) {
  MailLine line{without_invisible(raw), 0};
  std::size_t at = 0;
  for (;;) {
    std::size_t next = at;
    while (next < line.text.size() && (line.text[next] == ' ' || line.text[next] == '\t' ||
                                       line.text.compare(next, 2, "\u00A0") == 0)) {
      next += line.text[next] == ' ' || line.text[next] == '\t' ? 1 : 2;
    }
    if (next >= line.text.size() || line.text[next] != '>' || line.depth >= kMaxDepth) break;
    ++line.depth;
    at = next + 1;
  }
  if (line.depth > 0) {
    if (at < line.text.size() && line.text[at] == ' ') ++at;
    line.text.erase(0, at);
  }
  while (!line.text.empty() && (line.text.back() == ' ' || line.text.back() == '\t')) {
    line.text.pop_back();
  }
  return line;
}

/// An address, a year of four digits or a time of day.
bool has_address_or_date(std::string_view text) {
  if (text.find('@') != std::string_view::npos) return true;
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = is_digit(text[i]);
    const bool time = (text[i] == ':' || text[i] == 'h') && run > 0 && run <= 2 &&
                      i + 2 < text.size() && is_digit(text[i + 1]) && is_digit(text[i + 2]);
    run = digit ? run + 1 : 0;
    if (time || run == 4) return true;
  }
  return false;
}

bool ends_with_colon(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\u00A0*_");
  return last != std::string_view::npos && line[last] == ':';
}

/// Of dashes and the like; two dashes alone are no rule but delimit a signature (RFC 3676, 4.3).
bool is_rule(std::string_view line) {
  return line.size() >= 3 && line.find_first_not_of("_-=*~ ") == std::string_view::npos;
}

/// "-----Message d'origine-----", "Début du message réexpédié :" and their kin.
bool is_separator(std::string_view line) {
  static constexpr std::array<std::string_view, 15> kWords = {"MESSAGE D ORIGINE",
                                                              "MESSAGE ORIGINAL",
                                                              "MESSAGE INITIAL",
                                                              "MAIL ORIGINAL",
                                                              "MAIL D ORIGINE",
                                                              "COURRIEL ORIGINAL",
                                                              "COURRIEL D ORIGINE",
                                                              "ORIGINAL MESSAGE",
                                                              "MESSAGE TRANSFERE",
                                                              "MAIL TRANSFERE",
                                                              "FORWARDED MESSAGE",
                                                              "DEBUT DU MESSAGE TRANSFERE",
                                                              "DEBUT DU MESSAGE REEXPEDIE",
                                                              "BEGIN FORWARDED MESSAGE",
                                                              "MESSAGE REEXPEDIE"};
  const std::string folded = folded_text(line);
  if (std::ranges::find(kWords, folded) == kWords.end()) return false;
  const std::size_t first = line.find_first_not_of(" \t*");
  return line[first] == '-' || line[first] == '_' || ends_with_colon(line);
}

enum class HeaderName { none, from, when, to, subject };

/// Of a line like "Envoyé le : lundi 5 janvier 2026 10:02" or "*From:* Filière".
HeaderName header_name(std::string_view line) {
  struct HeaderWord {
    std::string_view words;
    HeaderName name;
  };
  static constexpr std::array<HeaderWord, 18> kHeaderWords = {{{"DE", HeaderName::from},
                                                               {"FROM", HeaderName::from},
                                                               {"EXPEDITEUR", HeaderName::from},
                                                               {"ENVOYE", HeaderName::when},
                                                               {"ENVOYE LE", HeaderName::when},
                                                               {"ENVOYEE", HeaderName::when},
                                                               {"SENT", HeaderName::when},
                                                               {"DATE", HeaderName::when},
                                                               {"DATE D ENVOI", HeaderName::when},
                                                               {"A", HeaderName::to},
                                                               {"TO", HeaderName::to},
                                                               {"POUR", HeaderName::to},
                                                               {"DESTINATAIRE", HeaderName::to},
                                                               {"CC", HeaderName::to},
                                                               {"OBJET", HeaderName::subject},
                                                               {"SUBJECT", HeaderName::subject},
                                                               {"SUJET", HeaderName::subject},
                                                               {"COPIE A", HeaderName::to}}};
  constexpr std::size_t kLongestName = 24;  // "Date d'envoi" with marks of bold type
  const std::size_t colon = line.find(':');
  if (colon > kLongestName) return HeaderName::none;  // also npos
  const std::string words = folded_text(line.substr(0, colon));
  for (const HeaderWord& known : kHeaderWords) {
    if (known.words == words) return known.name;
  }
  return HeaderName::none;
}

bool at_depth_zero(const std::vector<MailLine>& lines, std::size_t at) {
  return at < lines.size() && lines[at].depth == 0;
}

/// The header that Outlook and others put above what they do not mark as quoted: sender, instant
/// and one more within a few lines of each other.
bool starts_header(const std::vector<MailLine>& lines, std::size_t at) {
  const HeaderName first = header_name(lines[at].text);
  if (first == HeaderName::none || first == HeaderName::to) return false;
  std::array<bool, 5> seen{};
  std::size_t gap = 0;
  for (std::size_t i = at; i < std::min(lines.size(), at + kHeaderLines); ++i) {
    if (!at_depth_zero(lines, i)) break;
    const HeaderName name = header_name(lines[i].text);
    gap = name == HeaderName::none ? gap + 1 : 0;
    if (gap > 3) break;  // a long list of names, a blank line
    seen[static_cast<std::size_t>(name)] = true;
  }
  const bool from = seen[static_cast<std::size_t>(HeaderName::from)];
  const bool when = seen[static_cast<std::size_t>(HeaderName::when)];
  const bool rest = seen[static_cast<std::size_t>(HeaderName::to)] ||
                    seen[static_cast<std::size_t>(HeaderName::subject)];
  return from && when && rest;
}

/// "Le lun. 5 janv. 2026 à 10:02, Filière <f@x.test> a écrit :", also broken into several lines;
/// how many they are, 0: it is none. A sentence like "Le patient a écrit :" has neither a date nor
/// an address.
std::size_t attribution_lines(const std::vector<MailLine>& lines, std::size_t at) {
  std::string joined;
  for (std::size_t count = 1; count <= kAttributionLines; ++count) {
    if (!at_depth_zero(lines, at + count - 1) || is_blank(lines[at + count - 1].text)) return 0;
    joined += " " + lines[at + count - 1].text;
    if (!ends_with_colon(joined)) continue;
    const std::string folded = folded_text(joined);
    const bool wrote = folded.ends_with(" A ECRIT") || folded.ends_with(" WROTE") ||
                       folded.find(" A ECRIT LE ") != std::string::npos ||
                       folded.starts_with("QUOTING ") || folded.starts_with("CITATION DE ");
    // Its first line is its own: nothing that the sender wrote may go away with it.
    const bool addressed = joined.find('@') != std::string::npos ||
                           joined.find('<') != std::string::npos ||
                           folded.find(" A ECRIT LE ") != std::string::npos;
    const bool starts =
        folded.starts_with("LE ") || folded.starts_with("ON ") || (addressed && count == 1);
    return wrote && starts && has_address_or_date(joined) ? count : 0;
  }
  return 0;
}

bool quote_follows(const std::vector<MailLine>& lines, std::size_t at) {
  while (at < lines.size() && lines[at].depth == 0 && is_blank(lines[at].text)) ++at;
  return at < lines.size() && lines[at].depth > 0;
}

/// What a telephone or a mail program signs with, on one line of its own.
bool is_program_mark(std::string_view line) {
  static constexpr std::array<std::string_view, 16> kStarts = {"ENVOYE DE MON ",
                                                               "ENVOYE DEPUIS MON ",
                                                               "ENVOYE DEPUIS ",
                                                               "ENVOYE A PARTIR DE ",
                                                               "ENVOYE AVEC ",
                                                               "ENVOYE PAR ",
                                                               "ENVOYE VIA ",
                                                               "SENT FROM MY ",
                                                               "SENT FROM ",
                                                               "SENT WITH ",
                                                               "SENT VIA ",
                                                               "GET OUTLOOK FOR ",
                                                               "OBTENEZ OUTLOOK POUR ",
                                                               "OBTENIR OUTLOOK POUR ",
                                                               "TELECHARGER OUTLOOK POUR ",
                                                               "PROVENANCE COURRIER POUR "};
  static constexpr std::array<std::string_view, 24> kPrograms = {
      "IPHONE",  "IPAD",     "SMARTPHONE", "TELEPHONE", "MOBILE",      "PORTABLE",
      "ANDROID", "OUTLOOK",  "MAIL",       "MAILIZ",    "WINDOWS",     "GALAXY",
      "HUAWEI",  "YAHOO",    "APPAREIL",   "GMAIL",     "THUNDERBIRD", "WEBMAIL",
      "PROTON",  "APICRYPT", "MEDIMAIL",   "COURRIER",  "MESSAGERIE",  "IOS"};
  constexpr std::size_t kLongest = 14;  // words, with the address of a page
  const std::string folded = folded_text(line);
  const auto words = mail_words(line);
  return words.size() <= kLongest &&
         std::ranges::any_of(kStarts, [&](auto start) { return folded.starts_with(start); }) &&
         std::ranges::any_of(words, [&](const MailWord& word) {
           return std::ranges::find(kPrograms, word.folded) != kPrograms.end();
         });
}

/// Sorts lines into own and quoted ones.
class Split {
 public:
  Split(const std::vector<MailLine>& lines, OwnText& out) : lines_(lines), out_(out) {}

  void run() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].depth > 0) {
        // "dermocorticoïdes" / "> 2 semaines": nothing says that this is a quotation.
        if (!introduced_ && touches_own_) note("words_between_quotes");
        quote(lines_[i]);
        continue;
      }
      const std::string& text = lines_[i].text;
      const std::size_t attribution = attribution_lines(lines_, i);
      if (attribution > 0 && quote_follows(lines_, i + attribution)) {
        introduced_ = true;
        i += attribution - 1;
        continue;
      }
      if (attribution > 0 || is_separator(text) || starts_header(lines_, i)) {
        // Nothing marks the lines below as quoted or not: they all are.
        for (; i < lines_.size(); ++i) quote(lines_[i]);
        return;
      }
      keep(text);
    }
  }

 private:
  void quote(const MailLine& line) {
    if (!is_blank(line.text)) out_.quoted.push_back(line.text);
    below_quote_ = true;
    touches_own_ = false;
  }
  void keep(const std::string& text) {
    const bool blank = is_blank(text) || is_program_mark(text) || is_rule(text);
    out_.own.push_back({blank ? std::string() : text, below_quote_ && written_ && !blank});
    touches_own_ = !blank;
    if (blank) return;
    introduced_ = false;
    below_quote_ = false;
    written_ = true;
  }
  void note(std::string_view doubt) {
    if (std::ranges::find(out_.doubts, doubt) == out_.doubts.end()) out_.doubts.emplace_back(doubt);
  }

  const std::vector<MailLine>& lines_;
  OwnText& out_;
  bool introduced_ = false;   // by "Le ... a écrit :"
  bool touches_own_ = false;  // the line above is the sender's own
  bool below_quote_ = false;
  bool written_ = false;  // he wrote something above
};

}  // namespace

std::vector<MailWord> mail_words(std::string_view text) {
  constexpr std::string_view kSubscriptTwo = "\u2082";
  std::vector<MailWord> words;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = std::max<std::size_t>(utf8_character_length(text.substr(at)), 1);
    const std::string_view character = text.substr(at, length);
    const auto first = static_cast<unsigned char>(character.front());
    const bool accent = first == 0xCC || first == 0xCD;  // U+0300..U+036F, on the letter before
    std::string folded;
    if (character == kSubscriptTwo) folded = "2";
    if (length <= 2 && first < 0xCC) {
      for (const std::string& word : name_words(character)) folded += word;
    }
    if (!folded.empty() || (accent && inside)) {
      if (!inside) words.push_back({{}, at, at});
      words.back().folded += folded;
      words.back().end = at + length;
      inside = true;
    } else {
      inside = false;
    }
    at += length;
  }
  return words;
}

std::string_view trim_blank(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kBlanks = {" ",  "\t",     "\n",
                                                              "\r", "\u00A0", "\u202F"};
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view blank : kBlanks) {
      while (text.starts_with(blank)) text.remove_prefix(blank.size()), again = true;
      while (text.ends_with(blank)) text.remove_suffix(blank.size()), again = true;
    }
  }
  return text;
}

std::string folded_text(std::string_view text) {
  std::string out;
  for (const MailWord& word : mail_words(text)) {
    if (!out.empty()) out += ' ';
    out += word.folded;
  }
  return out;
}

std::vector<MailLine> mail_lines(std::string_view text) {
  std::vector<MailLine> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(read_line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

OwnText own_text(std::string_view text, std::string_view sender) {
  OwnText out;
  const std::vector<MailLine> lines = mail_lines(text);
  Split(lines, out).run();
  cut_signatures(out, sender);
  // Words above and below a quotation: whether they are one text is not certain.
  const bool around = std::ranges::any_of(out.own, &OwnLine::after_quote);
  constexpr std::string_view kAround = "words_between_quotes";
  if (around && std::ranges::find(out.doubts, kAround) == out.doubts.end()) {
    out.doubts.emplace_back(kAround);
  }
  while (!out.own.empty() && out.own.back().text.empty()) out.own.pop_back();
  const auto first =
      std::ranges::find_if(out.own, [](const OwnLine& l) { return !l.text.empty(); });
  out.own.erase(out.own.begin(), first);
  return out;
}

std::vector<std::string> case_numbers_in(std::string_view text) {
  constexpr std::size_t kYear = 4;
  constexpr std::size_t kCode = 8;  // 40 random bits
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  // Crockford's base 32: what is read alike is the same digit.
  const auto digit = [](char c) { return c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c; };
  std::vector<std::string> numbers;
  const std::vector<MailWord> words = mail_words(text);
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    constexpr std::size_t kLongestGap = 5;  // " – "
    const std::string& year = words[i + 1].folded;
    if (words[i].folded != "TE" || year.size() != kYear ||
        year.find_first_not_of("0123456789") != std::string::npos ||
        words[i + 2].folded.size() != kCode || words[i + 1].begin - words[i].end > kLongestGap ||
        words[i + 2].begin - words[i + 1].end > kLongestGap) {
      continue;
    }
    std::string number = "TE-" + year + "-";
    for (const char c : words[i + 2].folded) number += digit(c);
    if (number.find_first_not_of(kAlphabet, number.size() - kCode) != std::string::npos) continue;
    if (std::ranges::find(numbers, number) == numbers.end()) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace telavis
