// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_signature.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

namespace telavis {
namespace {

using Words = std::span<const std::string_view>;
using SignatureLines = std::span<const OwnLine>;

constexpr std::size_t kLongestNotice = 40;  // lines of a notice of confidentiality
constexpr std::size_t kLongestLine = 16;    // words of a line of a signature
constexpr std::size_t kLongestName = 6;     // words of a line with a name: "Dr Jean-Paul LE GOFF"
constexpr std::size_t kLongestClosing =
    16;  // words of "Je vous prie de croire, cher confrère, ..."

constexpr auto kTitles =
    std::to_array<std::string_view>({"DR", "DOCTEUR", "PR", "PROF", "PROFESSEUR", "MME", "MADAME",
                                     "M", "MR", "MONSIEUR", "DOCTORESSE"});

constexpr auto kFunctionWords =
    std::to_array<std::string_view>({"A", "AU", "AUX", "D", "DE", "DES", "DU", "EN", "ET", "L",
                                     "LA", "LE", "LES", "OU", "SUR", "POUR"});

// What a line of a signature is made of, beside names and numbers.
constexpr auto kPlaces = std::to_array<std::string_view>(
    {"CABINET",   "CENTRE",    "CH",       "CHU",         "CHR",         "CHRU",         "CLINIQUE",
     "HOPITAL",   "HOPITAUX",  "INSTITUT", "MAISON",      "POLE",        "SERVICE",      "UNITE",
     "AVENUE",    "BOULEVARD", "BD",       "CEDEX",       "BP",          "CHEMIN",       "IMPASSE",
     "PLACE",     "QUAI",      "ROUTE",    "RUE",         "ALLEE",       "BATIMENT",     "ETAGE",
     "RESIDENCE", "SCM",       "SELARL",   "SECRETARIAT", "DEPARTEMENT", "POLYCLINIQUE", "GROUPE"});
constexpr auto kProfessions = std::to_array<std::string_view>({"ANCIEN",
                                                               "ANCIENNE",
                                                               "ASSISTANT",
                                                               "ASSISTANTE",
                                                               "ASSOCIATION",
                                                               "CARDIOLOGIE",
                                                               "CARDIOLOGUE",
                                                               "CARDIOLOGUES",
                                                               "CARDIOVASCULAIRE",
                                                               "CHEF",
                                                               "CLINICAT",
                                                               "CONVENTIONNE",
                                                               "DERMATOLOGIE",
                                                               "DERMATOLOGUE",
                                                               "DERMATOLOGUES",
                                                               "DERMATO",
                                                               "ONCOLOGIE",
                                                               "ONCOLOGUE",
                                                               "EXPERT",
                                                               "EXPERTE",
                                                               "GENERAL",
                                                               "GENERALE",
                                                               "GENERALISTE",
                                                               "HOSPITALIER",
                                                               "HOSPITALIERE",
                                                               "INTERNE",
                                                               "INTERVENTIONNEL",
                                                               "INTERVENTIONNELLE",
                                                               "LIBERAL",
                                                               "MALADIES",
                                                               "MEDECIN",
                                                               "MEDECINE",
                                                               "MEDICAL",
                                                               "MEDICALE",
                                                               "MALADIE",
                                                               "MEDICO",
                                                               "PARIS",
                                                               "PRATICIEN",
                                                               "PRATICIENNE",
                                                               "REMPLACANT",
                                                               "REMPLACANTE",
                                                               "RESPONSABLE",
                                                               "RYTHMOLOGIE",
                                                               "RYTHMOLOGUE",
                                                               "SANTE",
                                                               "SECTEUR",
                                                               "SPECIALISTE",
                                                               "UNIVERSITAIRE",
                                                               "VASCULAIRE",
                                                               "VENEREOLOGIE",
                                                               "VENEROLOGIE",
                                                               "VENEREOLOGUE",
                                                               "VENEROLOGUE",
                                                               "UNIVERSITE",
                                                               "REQUIS",
                                                               "CARDIAQUE",
                                                               "PRIVE",
                                                               "PUBLIC",
                                                               "REGIONAL",
                                                               "TERRITORIAL",
                                                               "HONORAIRES",
                                                               "COEUR",
                                                               "PEAU",
                                                               "CONSULTATIONS",
                                                               "ELECTROPHYSIOLOGIE",
                                                               "ADJOINT",
                                                               "CHIRURGIE"});
constexpr auto kContacts = std::to_array<std::string_view>(
    {"TEL",      "TELEPHONE", "FAX",   "TELECOPIE", "PORT",    "PORTABLE", "MOB",     "MOBILE",
     "RPPS",     "FINESS",    "ADELI", "MAIL",      "EMAIL",   "COURRIEL", "MSSANTE", "MSS",
     "SITE",     "WEB",       "WWW",   "LIGNE",     "DIRECTE", "STANDARD", "ADRESSE", "RDV",
     "DOCTOLIB", "DECT",      "BIP",   "N",         "NO"});

constexpr auto kDisclaimers = std::to_array<std::string_view>({"CE MESSAGE",
                                                               "CE COURRIEL",
                                                               "CE MAIL",
                                                               "CET E MAIL",
                                                               "CET EMAIL",
                                                               "CE COURRIER",
                                                               "LES INFORMATIONS CONTENUES",
                                                               "THIS MESSAGE",
                                                               "THIS EMAIL",
                                                               "THIS E MAIL",
                                                               "THE INFORMATION",
                                                               "CONFIDENTIALITE",
                                                               "CONFIDENTIALITY",
                                                               "CONFIDENTIEL",
                                                               "AVERTISSEMENT",
                                                               "DISCLAIMER",
                                                               "PENSEZ A L ENVIRONNEMENT",
                                                               "PENSEZ ENVIRONNEMENT",
                                                               "AVANT D IMPRIMER",
                                                               "AFIN DE CONTRIBUER AU RESPECT",
                                                               "PLEASE CONSIDER THE ENVIRONMENT",
                                                               "N IMPRIMEZ",
                                                               "SANS VIRUS",
                                                               "VIRUS FREE",
                                                               "GARANTI SANS VIRUS",
                                                               "L ABSENCE DE VIRUS",
                                                               "MESSAGE SECURISE",

                                                               "SECRET MEDICAL",
                                                               "MESSAGE CONFIDENTIEL"});
constexpr auto kDisclaimerProofs = std::to_array<std::string_view>(
    {"CONFIDENTIEL", "CONFIDENTIELS", "CONFIDENTIELLES", "CONFIDENTIALITE", "CONFIDENTIAL",
     "DESTINATAIRE", "DESTINATAIRES", "RECIPIENT", "INTENDED", "ENVIRONNEMENT", "ENVIRONMENT",
     "VIRUS", "AVAST", "IMPRIMER", "MSSANTE"});

constexpr auto kClosings = std::to_array<std::string_view>(
    {"CORDIALEMENT", "CONFRATERNELLEMENT", "CDLT", "CDT", "SALUTATIONS", "AMICALEMENT", "AMITIES",
     "SINCEREMENT", "REGARDS", "SINCERELY", "RESPECTUEUSEMENT", "DEVOUEMENT"});
// Beside the closing word itself: "Je vous prie d'agréer, cher confrère, mes salutations ...".
constexpr auto kAroundClosings = std::to_array<std::string_view>({"BIEN",       "TRES",
                                                                  "MES",        "MEILLEURES",
                                                                  "AVEC",       "VOUS",
                                                                  "JE",         "PRIE",
                                                                  "DE",         "D",
                                                                  "CROIRE",     "RECEVOIR",
                                                                  "AGREER",     "CHER",
                                                                  "CHERE",      "CONFRERE",
                                                                  "CONFRERES",  "CONSOEUR",
                                                                  "AMI",        "AMIE",
                                                                  "EN",         "L",
                                                                  "EXPRESSION", "MON",
                                                                  "MA",         "A",
                                                                  "TOI",        "TOUS",
                                                                  "TOUTES",     "CONFRATERNELLES",
                                                                  "CORDIALES",  "DISTINGUEES",
                                                                  "DISTINGUES", "SENTIMENTS",
                                                                  "LES",        "PLUS",
                                                                  "SINCERES",   "VEUILLEZ",
                                                                  "RECEVEZ",    "MERCI",
                                                                  "ET",         "BEST",
                                                                  "KIND",       "WARM",
                                                                  "YOURS",      "CONFRATERNELS",
                                                                  "LE",         "LA",
                                                                  "BONNE",      "JOURNEE",
                                                                  "SOIREE",     "NOS",
                                                                  "CHERS",      "MEILLEURS",
                                                                  "DEVOUES"});
// Whole lines.
constexpr auto kClosingLines = std::to_array<std::string_view>(
    {"BIEN A VOUS", "BIEN A TOI", "BONNE JOURNEE", "BONNE SOIREE", "BONNE FIN DE JOURNEE",
     "BONNE RECEPTION", "BONNE JOURNEE A VOUS", "BON WEEK END", "BON WEEKEND", "A BIENTOT",
     "BONNE SEMAINE", "BISES", "A VOTRE DISPOSITION", "JE RESTE A VOTRE DISPOSITION",
     "JE RESTE A DISPOSITION", "BAV", "CT", "CORDT"});
// So short that more words may follow: they close only where nothing but a signature does.
constexpr auto kThanks = std::to_array<std::string_view>(
    {"MERCI", "MERCI BIEN", "MERCI D AVANCE", "MERCI BEAUCOUP", "MERCI DE VOTRE CONFIANCE",
     "MERCI POUR VOTRE CONFIANCE", "AVEC MES REMERCIEMENTS", "THANKS", "THANK YOU", "MANY THANKS"});

constexpr auto kGreetings =
    std::to_array<std::string_view>({"BONJOUR", "BONSOIR", "BJR", "CHER", "CHERE", "CHERS",
                                     "CHERES", "HELLO", "DEAR", "SALUT", "MADAME", "MONSIEUR"});
constexpr auto kAroundGreetings = std::to_array<std::string_view>(
    {"CONFRERE", "CONFRERES", "CONSOEUR", "CONSOEURS", "COLLEGUE", "COLLEAGUE", "AMI", "AMIE",
     "MON", "MA", "TOUS", "TOUTES", "ET", "A", "VOUS", "DOCTOR"});

bool among(Words list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

bool has_digit(std::string_view word) {
  return word.find_first_of("0123456789") != std::string_view::npos;
}

/// The words of the sender's label and of the left part of his address that can name him.
std::vector<std::string> names_of(std::string_view sender) {
  std::vector<std::string> names;
  for (const MailWord& word : mail_words(sender.substr(0, sender.find('@')))) {
    const std::string& folded = word.folded;
    if (folded.size() < 2 || is_number(folded) || among(kTitles, folded) ||
        among(kFunctionWords, folded) || among(kPlaces, folded) || among(kProfessions, folded)) {
      continue;
    }
    names.push_back(folded);
  }
  return names;
}

/// A capital, or an accented capital: U+00C0..U+00DE begin with the bytes C3 80..9E.
bool is_capitalised(std::string_view line, const MailWord& word) {
  const auto first = static_cast<unsigned char>(line[word.begin]);
  if (first >= 'A' && first <= 'Z') return true;
  if (first == 0xC5) return line.substr(word.begin).starts_with("\u0152");
  if (first != 0xC3 || word.begin + 1 >= line.size()) return false;
  const auto second = static_cast<unsigned char>(line[word.begin + 1]);
  return second >= 0x80 && second <= 0x9E;
}

/// Whether the piece of the line between blanks in which a word stands is an address of mail or
/// web.
bool is_in_address(std::string_view line, const MailWord& word) {
  const std::size_t before = line.find_last_of(" \t", word.begin);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view piece = line.substr(begin, line.find_first_of(" \t", word.begin) - begin);
  return piece.find('@') != std::string_view::npos || piece.find("://") != std::string_view::npos ||
         piece.starts_with("www.");
}

class Signature {
 public:
  explicit Signature(std::string_view sender) : names_(names_of(sender)) {}

  bool names(std::string_view word) const {
    return std::ranges::find(names_, word) != names_.end();
  }
  bool knows_sender() const { return !names_.empty(); }

  /// A line with the sender's name and nothing but names, titles and professions.
  bool is_own_name(std::string_view line) const {
    const auto words = mail_words(line);
    bool own = false;
    for (const MailWord& word : words) {
      const bool named = names(word.folded);
      own = own || (named && word.folded.size() > 2);
      if (!named && !is_name_part(line, word) && !among(kProfessions, word.folded)) return false;
    }
    return own && words.size() <= kLongestName;
  }

  /// A line with a title and a name, whoever's.
  bool is_titled_name(std::string_view line) const {
    const auto words = mail_words(line);
    if (words.size() < 2 || words.size() > kLongestName || !among(kTitles, words[0].folded)) {
      return false;
    }
    return std::ranges::all_of(words, [&](const MailWord& word) {
      return is_name_part(line, word) || among(kProfessions, word.folded);
    });
  }

  /// A line that may stand in a signature: every word is known, or is a name in a line that is
  /// anchored by a place, a title, a number or the sender's name.
  bool is_line(std::string_view line) const {
    const auto words = mail_words(line);
    if (words.size() > kLongestLine) return false;
    // "Apixaban 5 mg" has a digit too: a number anchors where it is a telephone's or a postal code.
    constexpr std::size_t kPostalCode = 5;
    constexpr std::size_t kShortLine = 4;  // "Cardiologue, Nantes"
    std::size_t digits = 0;
    bool anchored = false;
    bool place = false;
    for (const MailWord& word : words) {
      for (const char c : word.folded) digits += c >= '0' && c <= '9' ? 1 : 0;
      place = place || among(kPlaces, word.folded);
      anchored = anchored || names(word.folded) || is_in_address(line, word);
    }
    anchored = anchored || digits >= kPostalCode || (place && digits > 0);
    if (!words.empty()) {
      const std::string& first = words.front().folded;
      anchored = anchored || among(kTitles, first) || among(kPlaces, first) ||
                 among(kContacts, first) ||
                 (among(kProfessions, first) && words.size() <= kShortLine);
    }
    if (words.size() == 1 && is_initials(words.front().folded)) return true;
    return std::ranges::all_of(words, [&](const MailWord& word) {
      const std::string& folded = word.folded;
      return among(kFunctionWords, folded) || among(kPlaces, folded) ||
             among(kProfessions, folded) || among(kContacts, folded) || among(kTitles, folded) ||
             names(folded) || is_number(folded) || is_in_address(line, word) ||
             (anchored && (is_capitalised(line, word) || has_digit(folded)));
    });
  }

 private:
  /// "PM" of Paul Martin
  bool is_initials(std::string_view word) const {
    constexpr std::size_t kMost = 3;
    return word.size() >= 2 && word.size() <= kMost && std::ranges::all_of(word, [&](char c) {
             return std::ranges::any_of(names_,
                                        [&](const std::string& name) { return name[0] == c; });
           });
  }
  bool is_name_part(std::string_view line, const MailWord& word) const {
    return among(kTitles, word.folded) || among(kFunctionWords, word.folded) ||
           is_capitalised(line, word);
  }

  std::vector<std::string> names_;
};

/// The last line of the notice that starts at `at`; `at` itself when there is none.
std::size_t end_of_disclaimer(SignatureLines lines, std::size_t at) {
  const std::string first = folded_text(lines[at].text);
  if (!std::ranges::any_of(kDisclaimers, [&](auto start) { return first.starts_with(start); })) {
    return at;
  }
  bool proven = false;
  std::size_t end = at;
  const std::size_t last = std::min(lines.size(), at + kLongestNotice);
  for (; end < last && !lines[end].text.empty(); ++end) {
    for (const MailWord& word : mail_words(lines[end].text)) {
      proven = proven || among(kDisclaimerProofs, word.folded);
    }
  }
  return proven ? end : at;
}

bool is_closing(std::string_view line, const Signature& signature) {
  const auto words = mail_words(line);
  if (words.empty() || words.size() > kLongestClosing) return false;
  // "Bien cordialement, Dr Martin": names behind the words.
  std::size_t count = words.size();
  while (count > 1 &&
         (among(kTitles, words[count - 1].folded) ||
          (is_capitalised(line, words[count - 1]) && signature.names(words[count - 1].folded)))) {
    --count;
  }
  const std::string folded = folded_text(line.substr(0, words[count - 1].end));
  if (among(kClosingLines, folded)) return true;
  bool closing = false;
  for (std::size_t i = 0; i < count; ++i) {
    const bool closes = among(kClosings, words[i].folded);
    closing = closing || closes || words[i].folded == "SENTIMENTS";
    if (!closes && !among(kAroundClosings, words[i].folded)) return false;
  }
  return closing;
}

bool is_thanks(std::string_view line) {
  return among(kThanks, folded_text(line));
}

/// The first line from which on there is nothing but signatures, notices and blank lines.
std::size_t tail_of(SignatureLines lines, const Signature& signature) {
  std::size_t tail = 0;
  for (std::size_t i = 0; i < lines.size();) {
    const std::size_t end = end_of_disclaimer(lines, i);
    if (end > i) {
      i = end;
      continue;
    }
    const std::string& line = lines[i].text;
    ++i;
    if (!line.empty() && !signature.is_line(line) && !is_closing(line, signature) &&
        !is_thanks(line)) {
      tail = i;
    }
  }
  return tail;
}

/// "... en consultation avec" / "Dr Martin": the sentence goes on.
bool goes_on(SignatureLines lines, std::size_t at) {
  if (at == 0 || lines[at - 1].text.empty()) return false;
  static constexpr auto kOpen = std::to_array<std::string_view>(
      {"PAR", "AVEC", "CHEZ", "DE", "DU", "A", "AU", "LE", "LA", "D", "PUIS", "ET", "OU", "VERS"});
  const auto words = mail_words(lines[at - 1].text);
  const std::string_view before = lines[at - 1].text;
  return before.ends_with(':') || before.ends_with(',') ||
         (!words.empty() && among(kOpen, words.back().folded));
}

/// Where the signature of these lines begins, and whether it is certain to the end.
struct Cut {
  std::size_t at = 0;
  bool certain = true;
};

Cut find_cut(SignatureLines lines, const Signature& signature) {
  const std::size_t tail = tail_of(lines, signature);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i].text;
    if (line.empty()) continue;
    if (line == "--") return {i, i + 1 >= tail};
    if (is_closing(line, signature)) return {i, i + 1 >= tail};
    const bool starts = is_thanks(line) || end_of_disclaimer(lines, i) > i ||
                        (i > 0 && signature.is_own_name(line) && !goes_on(lines, i));
    if (starts && i >= tail) return {i, true};
  }
  return {lines.size(), true};
}

/// The last paragraph starts with a doctor's name, and it is not the sender's.
bool ends_with_other_name(SignatureLines lines, const Signature& signature) {
  std::size_t start = lines.size();
  while (start > 0 && !lines[start - 1].text.empty()) --start;
  return start > 0 && start < lines.size() && signature.is_titled_name(lines[start].text) &&
         tail_of(lines.subspan(start), signature) == 0;
}

void add_once(std::vector<std::string>& doubts, std::string_view doubt) {
  if (std::ranges::find(doubts, doubt) == doubts.end()) doubts.emplace_back(doubt);
}

}  // namespace

void cut_signatures(OwnText& text, std::string_view sender) {
  const Signature signature(sender);
  std::vector<OwnLine> kept;
  for (std::size_t begin = 0; begin < text.own.size();) {
    std::size_t end = begin + 1;
    while (end < text.own.size() && !text.own[end].after_quote) ++end;
    std::size_t last = end;
    while (last > begin && text.own[last - 1].text.empty()) --last;
    const SignatureLines lines = SignatureLines(text.own).subspan(begin, last - begin);
    const Cut cut = find_cut(lines, signature);
    if (!cut.certain) add_once(text.doubts, "words_after_signature");
    if (cut.at == lines.size() && ends_with_other_name(lines, signature)) {
      add_once(text.doubts, "signature_unclear");
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i < cut.at) {
        kept.push_back(lines[i]);
      } else if (!lines[i].text.empty()) {
        text.signature.push_back(lines[i].text);
      }
    }
    if (cut.at > 0) kept.push_back({});  // segments are paragraphs
    begin = end;
  }
  text.own = std::move(kept);
}

bool is_sign_off(std::string_view line, std::string_view sender) {
  return is_closing(line, Signature(sender)) || is_thanks(line);
}

bool is_greeting(std::string_view line) {
  const auto words = mail_words(line);
  if (words.empty() || words.size() > kLongestName || !among(kGreetings, words[0].folded)) {
    return false;
  }
  return std::ranges::all_of(words, [&](const MailWord& word) {
    return among(kGreetings, word.folded) || among(kAroundGreetings, word.folded) ||
           among(kTitles, word.folded) || is_capitalised(line, word);
  });
}

}  // namespace telavis
