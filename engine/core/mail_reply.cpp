// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_reply.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include "engine/core/mail_lines.h"
#include "engine/core/mail_signature.h"
#include "engine/core/request.h"

namespace telavis {
namespace {

using ReplyKind = ReplyReading::Kind;

enum class Token { opinion, conduct, delay, urgent, accept, decline, need_info };
constexpr std::size_t kTokens = 7;

struct Spelling {
  std::string_view words;
  Token token;
  bool urgent = false;  // said by the same words
};
// Folded. Longer ones first: "AVIS URGENT" is not AVIS with the text "URGENT".
constexpr auto kSpellings = std::to_array<Spelling>({
    {"AVIS URGENT", Token::opinion, true},
    {"URGENT AVIS", Token::opinion, true},
    {"CONDUITE A TENIR", Token::conduct},
    {"DEMANDE DE PRECISION", Token::need_info},
    {"DEMANDE DE PRECISIONS", Token::need_info},
    {"AVIS", Token::opinion},
    {"CONDUITE", Token::conduct},
    {"CONDUITES", Token::conduct},
    {"CAT", Token::conduct},
    {"DELAI", Token::delay},
    {"DELAIS", Token::delay},
    {"URGENT", Token::urgent},
    {"URGENTE", Token::urgent},
    {"URGENCE", Token::urgent},
    {"J ACCEPTE LE DOSSIER", Token::accept},
    {"ACCEPTE LE DOSSIER", Token::accept},
    {"DOSSIER ACCEPTE", Token::accept},
    {"J ACCEPTE", Token::accept},
    {"OK J ACCEPTE", Token::accept},
    {"OUI J ACCEPTE", Token::accept},
    {"ACCEPTE", Token::accept},
    {"ACCEPTER", Token::accept},
    {"ACCEPTEE", Token::accept},
    {"REFUSE", Token::decline},
    {"REFUS", Token::decline},
    {"JE REFUSE", Token::decline},
    {"PRECISION", Token::need_info},
    {"PRECISIONS", Token::need_info},
});

bool is_any_of(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

void add_doubt(std::vector<std::string>& doubts, std::string_view doubt) {
  if (std::ranges::find(doubts, doubt) == doubts.end()) doubts.emplace_back(doubt);
}

/// What separates a word from its text: how many bytes of `rest` it takes, 0: nothing does. Marks
/// of bold type ("*AVIS :* ...") belong to it.
std::size_t separator_bytes(std::string_view rest, bool capitals) {
  std::size_t at = 0;
  const auto skip = [&] {
    while (at < rest.size()) {
      if (rest[at] == ' ' || rest[at] == '\t' || rest[at] == '*' || rest[at] == '_') {
        ++at;
      } else if (rest.substr(at).starts_with("\u00A0") || rest.substr(at).starts_with("\u202F")) {
        at += rest.substr(at).starts_with("\u00A0") ? 2 : 3;
      } else {
        break;
      }
    }
  };
  skip();
  const bool spaced = at > 0;
  const std::string_view mark = rest.substr(at);
  if (mark.starts_with(":") || mark.starts_with("=")) {
    at += 1;
  } else if (mark.starts_with("\uFF1A")) {
    at += 3;
  } else if (capitals && spaced &&
             (mark.starts_with("- ") || mark.starts_with("\u2013 ") ||
              mark.starts_with("\u2014 "))) {
    at += mark.starts_with("-") ? 1 : 3;
  } else {
    return 0;
  }
  skip();
  return at;
}

bool is_capitals(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// Swapped, missing, doubled or wrong letters between two words, at most `limit` + 1.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

/// A line that begins with one of the words, or with what looks like one.
struct TokenLine {
  std::optional<Token> token;
  bool urgent = false;
  bool bare = false;      // the word alone on its line, without a colon
  bool no_colon = false;  // in capitals, and text behind it
  bool unknown = false;   // a slip of the keyboard
  std::string_view rest;
};

constexpr std::size_t kLongestReplyPrefix = 6;  // bytes before the word: "- ", "* ", "1) ", "**"

TokenLine bare_or_text(std::string_view line, std::size_t end, const Spelling& spelling) {
  TokenLine found;
  const std::string_view behind = line.substr(end);
  const bool capitals = is_capitals(line.substr(0, end));
  const std::size_t separator = separator_bytes(behind, capitals);
  if (separator > 0) {
    found.token = spelling.token;
    found.urgent = spelling.urgent;
    found.rest = behind.substr(separator);
  } else if (mail_words(behind).empty()) {
    // "URGENT !", "ACCEPTE."; a question mark asks.
    if (behind.find('?') == std::string_view::npos) found.bare = true;
    found.token = spelling.token;
    found.urgent = spelling.urgent;
    found.no_colon = !found.bare;
  } else if (capitals) {
    found.token = spelling.token;
    found.no_colon = true;
  }
  return found;
}

TokenLine read_token(std::string_view line) {
  const auto words = mail_words(line.substr(0, std::min<std::size_t>(line.size(), 120)));
  if (words.empty()) return {};
  std::size_t first = 0;
  // "1. AVIS : ..." in a numbered list.
  const bool numbered = words[0].folded.size() == 1 && words[0].folded[0] >= '1' &&
                        words[0].folded[0] <= '9' && words.size() > 1 &&
                        line.substr(words[0].end, 1).find_first_of(".)") == 0;
  if (numbered) first = 1;
  if (words[first].begin > kLongestReplyPrefix) return {};
  for (const Spelling& spelling : kSpellings) {
    const auto wanted = mail_words(spelling.words);
    if (first + wanted.size() > words.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      same = same && words[first + i].folded == wanted[i].folded;
    }
    if (!same) continue;
    const TokenLine found = bare_or_text(line, words[first + wanted.size() - 1].end, spelling);
    if (found.token) return found;
  }
  // "CONDUTE : ...", "DELIA: 15 j": a single word, near one of ours, and a colon.
  TokenLine found;
  const std::string& word = words[first].folded;
  constexpr std::size_t kLongestWord = 12;
  if (word.size() < 4 || word.size() > kLongestWord) return found;
  if (separator_bytes(line.substr(words[first].end), false) == 0) return found;
  for (const std::string_view known :
       {"AVIS", "CONDUITE", "DELAI", "URGENT", "ACCEPTE", "REFUSE", "PRECISION"}) {
    const std::size_t allowed = known.size() > 5 ? 2 : 1;
    if (distance(word, known) <= allowed) found.unknown = true;
  }
  return found;
}

/// What the lines say, sorted by the words in front of them.
struct Answer {
  std::array<std::optional<std::string>, kTokens> texts;
  bool urgent = false;
  bool urgent_named = false;        // in whatever form
  std::vector<std::string> beside;  // lines that belong to no word
  std::vector<std::string> doubts;

  std::optional<std::string>& operator[](Token token) {
    return texts[static_cast<std::size_t>(token)];
  }
  bool has(Token token) const { return texts[static_cast<std::size_t>(token)].has_value(); }
};

/// A line of one of the words. Gives the text that the lines below go on with: ACCEPTE and a bare
/// URGENT have none.
std::optional<std::string>* take_token(const TokenLine& found, Token token, Answer& answer) {
  auto& text = answer[token];
  if (text) add_doubt(answer.doubts, "repeated_token");
  text = std::string(found.rest);
  answer.urgent = answer.urgent || found.urgent;
  if (token == Token::accept) {
    if (!trim_blank(found.rest).empty()) answer.beside.emplace_back(found.rest);
    return nullptr;
  }
  return token == Token::urgent && found.bare ? nullptr : &text;
}

/// "AVIS : flutter. CONDUITE : anticoaguler": one of the words and a colon inside another's text.
bool holds_token(std::string_view text) {
  const auto words = mail_words(text);
  return std::ranges::any_of(words, [&](const MailWord& word) {
    if (separator_bytes(text.substr(word.end), false) == 0) return false;
    return std::ranges::any_of(kSpellings,
                               [&](const Spelling& one) { return one.words == word.folded; });
  });
}

Answer read_answer(const std::vector<OwnLine>& lines) {
  Answer answer;
  std::optional<std::string>* open = nullptr;
  for (const OwnLine& line : lines) {
    if (line.after_quote) open = nullptr;
    const TokenLine found = read_token(line.text);
    if (found.unknown) add_doubt(answer.doubts, "unknown_token");
    if (found.no_colon) add_doubt(answer.doubts, "colon_missing");
    if (found.token == Token::urgent) answer.urgent_named = true;
    if (found.token && !found.no_colon) {
      open = take_token(found, *found.token, answer);
    } else if (open != nullptr) {
      **open += "\n" + line.text;
    } else if (!line.text.empty() && !is_greeting(line.text)) {
      // Below an answer that is complete, words belong to nothing.
      const bool answered =
          std::ranges::any_of(answer.texts, [](const auto& text) { return text.has_value(); });
      if (answered && !answer.has(Token::accept)) add_doubt(answer.doubts, "words_beside");
      answer.beside.push_back(line.text);
    }
  }
  for (auto& text : answer.texts) {
    if (!text) continue;
    text = std::string(trim_blank(*text));
    if (holds_token(*text)) add_doubt(answer.doubts, "token_inside");
  }
  return answer;
}

/// Whether words in front of an answer, or around ACCEPTE, may change it.
bool may_change(const std::vector<std::string>& lines, bool acceptance) {
  static constexpr auto kTurns =
      std::to_array<std::string_view>({"ANNULE", "ANNULER", "ANNULEZ", "BROUILLON", "EXEMPLE",
                                       "TEST", "ESSAI", "MODELE", "ERREUR"});
  static constexpr auto kConditions = std::to_array<std::string_view>(
      {"PAS",       "NE",     "N",     "NON",  "MAIS",       "SAUF",   "SI",        "RESERVE",
       "CONDITION", "REFUSE", "REFUS", "PEUX", "IMPOSSIBLE", "PLUTOT", "CEPENDANT", "TOUTEFOIS",
       "ATTENTE",   "NOT",    "BUT",   "IF",   "JAMAIS",     "AUTRE",  "SEULEMENT", "UNIQUEMENT"});
  for (const std::string& line : lines) {
    if (line.find('?') != std::string::npos) return true;
    for (const MailWord& word : mail_words(line)) {
      if (is_any_of(word.folded, kTurns)) return true;
      if (acceptance && is_any_of(word.folded, kConditions)) return true;
    }
  }
  return false;
}

/// "Voici mon avis", "Merci pour ce dossier" change nothing; "ce n'est pas mon avis définitif"
/// does.
bool denies_opinion(const std::vector<std::string>& lines) {
  static constexpr auto kDenials =
      std::to_array<std::string_view>({"DEFINITIF", "PROVISOIRE", "CONFIRMER", "INTERNE", "SUIT"});
  return std::ranges::any_of(lines, [](const std::string& line) {
    const auto words = mail_words(line);
    const auto has = [&](std::string_view wanted) {
      return std::ranges::any_of(words, [&](const MailWord& w) { return w.folded == wanted; });
    };
    const bool about = has("AVIS") || has("OPINION");
    const bool negated = has("PAS") || has("NON") || has("JAMAIS");
    const bool denied =
        std::ranges::any_of(kDenials, [&](std::string_view word) { return has(word); });
    return about && (negated || denied);
  });
}

bool is_no_conclusion(std::string_view text) {
  static constexpr auto kPlaceholders = std::to_array<std::string_view>({"OK",
                                                                         "OUI",
                                                                         "NON",
                                                                         "VU",
                                                                         "D ACCORD",
                                                                         "IDEM",
                                                                         "A VENIR",
                                                                         "EN COURS",
                                                                         "EN ATTENTE",
                                                                         "A SUIVRE",
                                                                         "PLUS TARD",
                                                                         "DEMAIN",
                                                                         "CI JOINT",
                                                                         "CI JOINTE",
                                                                         "CI DESSOUS",
                                                                         "CI DESSUS",
                                                                         "X",
                                                                         "XX",
                                                                         "XXX",
                                                                         "A COMPLETER",
                                                                         "A RENDRE",
                                                                         "CONCLUSION",
                                                                         "VOTRE AVIS",
                                                                         "VOTRE CONCLUSION",
                                                                         "NON RENDU",
                                                                         "JE REVIENS VERS VOUS",
                                                                         "EN PIECE JOINTE",
                                                                         "PIECE JOINTE",
                                                                         "FAVORABLE",
                                                                         "DEFAVORABLE",
                                                                         "JE NE SAIS PAS",
                                                                         "NE SAIS PAS",
                                                                         "SANS",
                                                                         "AUCUN",
                                                                         "PAS D AVIS",
                                                                         "SANS AVIS",
                                                                         "NEANT",
                                                                         "NSP"});
  static constexpr auto kStarts = std::to_array<std::string_view>({"VOIR PIECE JOINTE",
                                                                   "CF PIECE JOINTE",
                                                                   "VOIR PJ",
                                                                   "CF PJ",
                                                                   "VOIR LE FICHIER",
                                                                   "VOIR DOCUMENT",
                                                                   "VOIR CI ",
                                                                   "CF CI ",
                                                                   "VOIR MON ",
                                                                   "CF MON ",
                                                                   "JE VOUS REPONDS",
                                                                   "JE REPONDS",
                                                                   "JE REGARDE",
                                                                   "VOIR COURRIER",
                                                                   "CF COURRIER",
                                                                   "A VENIR",
                                                                   "EN ATTENTE",
                                                                   "JE REVIENS",
                                                                   "VOIR MAIL",
                                                                   "CF MAIL",
                                                                   "IMPOSSIBLE DE DONNER",
                                                                   "JE NE PEUX PAS DONNER",
                                                                   "JE NE DONNE PAS",
                                                                   "REFUSE",
                                                                   "REFUS",
                                                                   "ACCEPTE",
                                                                   "PRECISION"});
  const std::string folded = folded_text(text);
  constexpr std::size_t kLeastLetters = 2;  // "FA"
  return folded.size() < kLeastLetters || text.ends_with('?') || is_any_of(folded, kPlaceholders) ||
         text.starts_with('<') || text.starts_with('[') ||
         std::ranges::any_of(kStarts, [&](auto start) { return folded.starts_with(start); });
}

/// "URGENT: oui", "URGENT: non", "URGENT: appelez le 15".
void read_urgent(Answer& answer, ReplyReading& reading) {
  if (!answer.has(Token::urgent)) return;
  std::string& text = *answer[Token::urgent];
  const std::string folded = folded_text(text);
  const bool no = folded == "NON" || folded == "NO" || folded == "N";
  if (text.find('?') != std::string::npos ||
      (!no && (folded.starts_with("NON") || folded.starts_with("PAS") ||
               folded.starts_with("AUCUN") || folded.starts_with("SANS")))) {
    add_doubt(reading.doubts, "urgent_unclear");
  }
  if (no) {
    if (answer.urgent) add_doubt(reading.doubts, "urgent_unclear");
  } else {
    answer.urgent = true;
  }
  if (no || folded == "OUI" || folded == "O" || folded == "YES") text.clear();
}

void read_delay(Answer& answer, ReplyReading& reading) {
  if (!answer.has(Token::delay)) return;
  reading.delay = *answer[Token::delay];
  static constexpr auto kNone = std::to_array<std::string_view>(
      {"SANS", "AUCUN", "NON", "NEANT", "SANS OBJET", "SO", "PAS DE DELAI",
       "SANS DELAI PARTICULIER", "NON NECESSAIRE", "NA", "0", "PAS NECESSAIRE", "AUCUNE"});
  if (is_any_of(folded_text(reading.delay), kNone)) return;
  reading.delay_days = duration_in_days(reading.delay);
  if (!reading.delay_days) add_doubt(reading.doubts, "delay_unclear");
}

void read_opinion(Answer& answer, ReplyReading& reading) {
  read_urgent(answer, reading);
  read_delay(answer, reading);
  reading.urgent = answer.urgent;
  const std::string urgency = answer.has(Token::urgent) ? *answer[Token::urgent] : std::string();
  if (answer.has(Token::conduct)) reading.conduct = *answer[Token::conduct];
  if (answer.has(Token::opinion)) {
    reading.conclusion = *answer[Token::opinion];
    if (!urgency.empty()) {
      reading.conduct = urgency + (reading.conduct.empty() ? "" : "\n" + reading.conduct);
    }
  } else {
    reading.conclusion = urgency;
  }
  if (reading.conclusion.empty()) {
    add_doubt(reading.doubts, "empty_token");
  } else if (is_no_conclusion(reading.conclusion)) {
    add_doubt(reading.doubts, "conclusion_unclear");
  }
  if (answer.has(Token::conduct) && answer[Token::conduct]->empty()) {
    add_doubt(reading.doubts, "empty_token");
  }
  if (answer.has(Token::delay) && answer[Token::delay]->empty())
    add_doubt(reading.doubts, "empty_token");
  if (may_change(answer.beside, false) || denies_opinion(answer.beside)) {
    add_doubt(reading.doubts, "words_beside");
  }
}

void read_kind(Answer& answer, ReplyReading& reading) {
  const bool opinion = answer.has(Token::opinion) || answer.has(Token::conduct) ||
                       answer.has(Token::delay) || answer.has(Token::urgent);
  const int others = (answer.has(Token::decline) ? 1 : 0) + (answer.has(Token::need_info) ? 1 : 0);
  if (!opinion && others == 0 && !answer.has(Token::accept)) {
    add_doubt(reading.doubts, "no_token");
    return;
  }
  // To accept and to give the opinion at once is one answer.
  if (others > 1 || (others == 1 && (opinion || answer.has(Token::accept)))) {
    add_doubt(reading.doubts, "several_answers");
    return;
  }
  if (opinion) {
    reading.kind = ReplyKind::opinion;
    read_opinion(answer, reading);
    return;
  }
  if (answer.has(Token::accept)) {
    reading.kind = ReplyKind::accept;
    if (may_change(answer.beside, true)) add_doubt(reading.doubts, "words_beside");
    return;
  }
  if (may_change(answer.beside, false)) add_doubt(reading.doubts, "words_beside");
  if (answer.has(Token::decline)) {
    reading.kind = ReplyKind::decline;
    reading.reason = *answer[Token::decline];
    if (folded_text(reading.reason) == "NON") add_doubt(reading.doubts, "words_beside");
    return;
  }
  reading.kind = ReplyKind::need_info;
  reading.question = *answer[Token::need_info];
  if (folded_text(reading.question).empty()) add_doubt(reading.doubts, "question_empty");
}

bool answers_in(const std::vector<std::string>& lines) {
  return std::ranges::any_of(lines, [](const std::string& line) {
    const TokenLine found = read_token(line);
    if (!found.token) return false;
    // What our own mails and the signatures of others hold are the words without an answer.
    return !found.bare && !found.no_colon && !mail_words(found.rest).empty();
  });
}

/// The case that the mail names.
void read_case(const IncomingMail& mail, const OwnText& text, ReplyReading& reading) {
  std::string quoted;
  for (const std::string& line : text.quoted) quoted += line + "\n";
  const auto in_subject = case_numbers_in(mail.subject);
  const auto in_words = case_numbers_in(reading.own_words);
  const auto in_quote = case_numbers_in(quoted);
  std::vector<std::string> all = in_subject;
  for (const auto* list : {&in_words, &in_quote}) {
    for (const std::string& number : *list) {
      if (std::ranges::find(all, number) == all.end()) all.push_back(number);
    }
  }
  if (all.size() > 1) add_doubt(reading.doubts, "two_cases");
  if (!all.empty()) reading.case_number = all.front();
}

bool is_forward(std::string_view subject) {
  const std::size_t colon = subject.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string first = folded_text(subject.substr(0, colon));
  return first == "TR" || first == "FW" || first == "FWD" || first == "TRANSFERT";
}

void check_words(const IncomingMail& mail, const OwnText& text, ReplyReading& reading) {
  for (const std::string& doubt : text.doubts) add_doubt(reading.doubts, doubt);
  if (!mail.doubts.empty()) add_doubt(reading.doubts, "unreadable");
  if (is_forward(mail.subject)) add_doubt(reading.doubts, "forwarded");
  if (answers_in(text.signature)) add_doubt(reading.doubts, "token_in_quote");
  if (reading.own_words.size() > kMaxTextBytes) add_doubt(reading.doubts, "too_long");
}

}  // namespace

std::string_view reply_kind_name(ReplyKind kind) {
  switch (kind) {
    case ReplyKind::opinion:
      return "opinion";
    case ReplyKind::accept:
      return "accept";
    case ReplyKind::decline:
      return "decline";
    case ReplyKind::need_info:
      return "need_info";
    case ReplyKind::unclear:
      return "unclear";
  }
  return "unclear";
}

ReplyReading read_reply(const IncomingMail& mail) {
  ReplyReading reading;
  const OwnText text = own_text(mail.text, mail.from_label + " " + mail.from);
  for (const OwnLine& line : text.own) reading.own_words += line.text + "\n";
  reading.own_words = std::string(trim_blank(reading.own_words));
  if (mail.nature != MailNature::message) add_doubt(reading.doubts, "not_a_message");
  check_words(mail, text, reading);
  read_case(mail, text, reading);
  Answer answer = read_answer(text.own);
  for (const std::string& doubt : answer.doubts) add_doubt(reading.doubts, doubt);
  read_kind(answer, reading);
  // What he quotes is often an earlier answer of his: it counts only when he gives no other one.
  if (reading.kind == ReplyKind::unclear && answers_in(text.quoted))
    add_doubt(reading.doubts, "token_in_quote");
  if (!reading.doubts.empty()) {
    reading.kind = ReplyKind::unclear;
    reading.urgent = answer.urgent || answer.urgent_named;
    reading.conclusion.clear();
    reading.conduct.clear();
    reading.delay.clear();
    reading.delay_days.reset();
    reading.question.clear();
    reading.reason.clear();
  }
  return reading;
}

OpinionText opinion_of(const ReplyReading& reading) {
  OpinionText opinion;
  opinion.conclusion = reading.conclusion;
  opinion.conduct = reading.conduct;
  if (!reading.delay.empty()) {
    opinion.conduct += (opinion.conduct.empty() ? "" : "\n") + reading.delay;
  }
  if (reading.delay_days) {
    opinion.in_person.needed = true;
    opinion.in_person.delay_days = reading.delay_days;
  }
  opinion.orientation = reading.urgent       ? "emergency_15"
                        : reading.delay_days ? "in_person"
                                             : "gp_management";
  return opinion;
}

}  // namespace telavis
