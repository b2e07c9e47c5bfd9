// SPDX-License-Identifier: Apache-2.0
// What a mail that arrived means for a case, as far as it can be said without looking anything up.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/incoming_mail.h"
#include "engine/core/time.h"

namespace telavis {

/// What became of a mail. `kept` and `asked_again` wait for a person: the first for the medical
/// referent, the second for its sender, then for the referent.
enum class MailVerdict {
  submitted,   // a new case, complete or not
  completed,   // the missing items of one
  informed,    // information for the expert
  resumed,     // after a red flag
  cancelled,   // withdrawn by its requester
  waited,      // the requester waits on
  read,        // the requester has read the opinion
  questioned,  // a question about the opinion
  accepted,
  declined,
  asked_info,  // the expert asks the requester
  opinion,
  answered,  // the expert answers a question about his opinion
  reported,  // a delivery or read report of a message of ours
  recorded,  // by a machine, or nothing to do: never answered
  duplicate,
  refused,      // its sender may not ask anything here
  not_done,     // understood and not possible: its sender was told why
  asked_again,  // not understood: its sender was told why
  kept,         // a person must look
  filed,        // the medical referent has filed it
  dismissed,    // the medical referent has seen that nothing is to be done
};
inline constexpr MailVerdict kLastMailVerdict = MailVerdict::dismissed;
std::string_view mail_verdict_name(MailVerdict verdict);
std::optional<MailVerdict> mail_verdict_from_name(std::string_view name);

/// What a requester wants of his own case, by the word that his mail begins with.
struct RequesterWords {
  enum class Kind {
    none,        // no such word
    regulation,  // "REGULATION 14:05": maintained after the emergency service was asked
    cancel,      // "ANNULE"
    read,        // "LU", "VU", "RECU"
    question,    // "QUESTION: ..."
    info,        // "COMPLEMENT: ..."
    wait,        // "ATTENDRE"
    informed,    // "PATIENT INFORME": of the opinion
  };
  Kind kind = Kind::none;
  std::string text;   // behind the word
  std::string time;   // of a regulation: "14:05", or empty
  std::string whole;  // all of his own words
};
RequesterWords read_requester_words(const IncomingMail& mail);

/// Ids of messages of ours that these Message-IDs may be: 32 hexadecimal digits before the "@".
std::vector<OutboxId> outbox_ids_in(const std::vector<std::string>& message_ids);

/// True for a Message-ID that a mail of ours can answer to.
bool is_answerable_id(std::string_view message_id);

/// How many answers a sender has had within an hour: it stops a loop of two machines. In memory; a
/// restart counts the mails of the last hour (MailDesk::recall_answers). Thread-safe.
class AnswerLimit {
 public:
  /// One more answer, unless there were `most` within the hour before `now`.
  bool take(const std::string& sender, Instant now, std::size_t most);

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<Instant>> given_;
};

}  // namespace telavis
