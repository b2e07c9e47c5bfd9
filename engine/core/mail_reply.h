// SPDX-License-Identifier: Apache-2.0
// An expert's answer by mail, read by its words in front of a colon. Nothing is guessed: what could
// be meant in two ways is `unclear`, and he is asked again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/incoming_mail.h"
#include "engine/core/opinion.h"

namespace telavis {

/// How an expert answers, each at the start of a line, whatever its case and accents:
///   AVIS: conclusion      CONDUITE: what to do      DELAI: within what time the patient is to be
///   URGENT: (words)       seen, "sans" when he need not be
///   ACCEPTE               REFUSE: reason            PRECISION: question
/// A text goes on over the following lines, up to the next of these words or to his signature.
struct ReplyReading {
  enum class Kind { opinion, accept, decline, need_info, unclear };
  Kind kind = Kind::unclear;
  /// Unclear and urgent: one of the words stands somewhere in his text; ask him without delay.
  bool urgent = false;
  // His words as he wrote them, without the blanks around them. `conclusion` is never empty in an
  // opinion, nor is `question` in need_info.
  std::string conclusion, conduct, delay;
  std::string question;
  std::string reason;
  /// Everything that he wrote, without quotation and signature.
  std::string own_words;
  /// "TE-2026-7K3M9Q2A", from the subject, his words or what he quotes; empty when none is named.
  std::string case_number;
  /// DELAI in days, when it is a time; none: "sans", or no DELAI at all.
  std::optional<int> delay_days;
  /// Codes; empty unless unclear:
  /// - not_a_message: written by a machine or a mailing list
  /// - no_token: none of the words above in front of his own text
  /// - token_in_quote: an answer stands in what he quotes, or in his signature
  /// - several_answers: an opinion and a refusal, two opinions, ...
  /// - token_inside: another of the words, with its colon, in the middle of a line
  /// - repeated_token, unknown_token ("CONDUTE:"), colon_missing
  /// - empty_token, conclusion_unclear ("à venir", "OK", a question), question_empty
  /// - words_beside: words around it that may change it
  /// - words_between_quotes, words_after_signature, signature_unclear
  /// - urgent_unclear, delay_unclear
  /// - two_cases: more than one case is named, or the subject and the quotation disagree
  /// - forwarded: it passes on a mail instead of answering one
  /// - unreadable: a part of the mail could not be read, or it is encrypted
  /// - too_long: longer than any opinion (kMaxTextBytes)
  std::vector<std::string> doubts;
};
std::string_view reply_kind_name(ReplyReading::Kind kind);

ReplyReading read_reply(const IncomingMail& mail);

/// What an opinion by mail is in the answer form: its words, the delay behind the conduct. Its
/// orientation is "emergency_15" when it is urgent, else "in_person" with a delay in days, else
/// "gp_management". Only for Kind::opinion.
OpinionText opinion_of(const ReplyReading& reading);

/// A duration in days as a doctor writes it: "15 jours", "3 sem.", "48 h", "un mois", "6 à 8
/// semaines" (the longer one), "ce jour"; nullopt: none that is certain.
std::optional<int> duration_in_days(std::string_view text);

}  // namespace telavis
