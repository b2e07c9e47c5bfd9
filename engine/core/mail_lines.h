// SPDX-License-Identifier: Apache-2.0
// The lines of a mail's text: which of them its sender wrote, and which he only sends back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace telavis {

/// A word without accents, in capitals: "dépistage" is DEPISTAGE, "SpO₂" is SPO2. `begin` and `end`
/// are its place in the text, in bytes.
struct MailWord {
  std::string folded;
  std::size_t begin = 0;
  std::size_t end = 0;
};
std::vector<MailWord> mail_words(std::string_view text);
/// The same words with one space between them.
std::string folded_text(std::string_view text);

/// Without spaces (also those that do not break), tabs and line feeds at both ends.
std::string_view trim_blank(std::string_view text);

/// A line without its marks of quotation; `depth` is how many there were.
struct MailLine {
  std::string text;
  int depth = 0;
};
std::vector<MailLine> mail_lines(std::string_view text);

/// A line that the sender wrote himself. Blank ones are kept: they part paragraphs.
struct OwnLine {
  std::string text;
  bool after_quote = false;  // the first below a quotation that stands below others
};

/// A mail's text, taken apart. Each non-blank line is in one of the three lists, but for marks of
/// the mail program ("Le ... a écrit :", "Envoyé de mon iPhone", rules of dashes).
struct OwnText {
  std::vector<OwnLine> own;
  std::vector<std::string> quoted;
  std::vector<std::string> signature;
  /// "words_between_quotes": he wrote above and below a quotation, or one begins in the middle of a
  /// paragraph of his. "words_after_signature": below the closing words stands something that is no
  /// signature. "signature_unclear": it ends with somebody's name who is not the sender.
  std::vector<std::string> doubts;
};

/// Takes off what Outlook, Apple Mail, Gmail, Thunderbird, the common webmails and telephones put
/// around an answer, in French and English; a signature is known by its delimiter, by the closing
/// words above it, or by the name of the sender (`sender`: label and address of From). What cannot
/// be told with certainty stays with the sender's own words, or is a doubt: nothing that he wrote
/// goes away unseen.
OwnText own_text(std::string_view text, std::string_view sender);

/// The case numbers that stand in a text ("TE-2026-7K3M9Q2A"), each once, in the form in which the
/// engine makes them: whatever the case, with "o" for 0, "i" and "l" for 1 (Crockford's base32),
/// with spaces or typographic dashes.
std::vector<std::string> case_numbers_in(std::string_view text);

}  // namespace telavis
