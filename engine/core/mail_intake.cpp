// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "engine/core/mail_address.h"
#include "engine/core/mail_lines.h"

namespace telavis {
namespace {

constexpr std::size_t kOutboxIdDigits = 32;    // service_apply.cpp makes them
constexpr std::size_t kMaxAnswerableId = 250;  // with its brackets on one header line
constexpr Duration kAnswerWindow = std::chrono::hours(1);
// Senders remembered at a time; beyond, those of the past are forgotten first.
constexpr std::size_t kMaxSenders = 10'000;

using WordKind = RequesterWords::Kind;

struct Word {
  std::string_view folded;
  WordKind kind;
};
constexpr auto kRequesterWords = std::to_array<Word>({{"REGULATION", WordKind::regulation},
                                                      {"ANNULE", WordKind::cancel},
                                                      {"ANNULER", WordKind::cancel},
                                                      {"ANNULATION", WordKind::cancel},
                                                      {"LU", WordKind::read},
                                                      {"VU", WordKind::read},
                                                      {"RECU", WordKind::read},
                                                      {"QUESTION", WordKind::question},
                                                      {"COMPLEMENT", WordKind::info},
                                                      {"COMPLEMENTS", WordKind::info},
                                                      {"ATTENDRE", WordKind::wait}});

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

/// "14:05", "14h05", "14 H": the first time of day.
std::string time_of_day_in(std::string_view text) {
  std::vector<int> numbers;
  for (std::size_t i = 0; i < text.size() && numbers.size() < 2;) {
    if (text[i] < '0' || text[i] > '9') {
      ++i;
      continue;
    }
    int number = 0;
    const auto read = std::from_chars(text.data() + i, text.data() + text.size(), number);
    if (read.ec != std::errc()) return {};
    numbers.push_back(number);
    i = static_cast<std::size_t>(read.ptr - text.data());
  }
  if (numbers.empty() || numbers[0] > 23 || (numbers.size() > 1 && numbers[1] > 59)) return {};
  return fmt::format("{:02}:{:02}", numbers[0], numbers.size() > 1 ? numbers[1] : 0);
}

std::string own_words(const IncomingMail& mail) {
  std::string all;
  for (const OwnLine& line : own_text(mail.text, mail.from_label + " " + mail.from).own) {
    all += line.text + "\n";
  }
  return std::string(trimmed(all));
}

}  // namespace

std::string_view mail_verdict_name(MailVerdict verdict) {
  // In the order of the enumerators.
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"submitted",   "completed",  "informed", "resumed",   "cancelled",  "waited",
       "read",        "questioned", "accepted", "declined",  "asked_info", "opinion",
       "answered",    "reported",   "recorded", "duplicate", "refused",    "not_done",
       "asked_again", "kept",       "filed",    "dismissed"});
  static_assert(kNames.size() == static_cast<std::size_t>(kLastMailVerdict) + 1);
  return kNames[static_cast<std::size_t>(verdict)];
}

std::optional<MailVerdict> mail_verdict_from_name(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(kLastMailVerdict); ++i) {
    const auto verdict = static_cast<MailVerdict>(i);
    if (mail_verdict_name(verdict) == name) return verdict;
  }
  return std::nullopt;
}

RequesterWords read_requester_words(const IncomingMail& mail) {
  RequesterWords read;
  read.whole = own_words(mail);
  const auto words = mail_words(read.whole);
  if (words.empty()) return read;
  if (folded_text(read.whole) == "PATIENT INFORME" ||
      folded_text(read.whole) == "PATIENTE INFORMEE") {
    read.kind = WordKind::informed;
    return read;
  }
  const auto known =
      std::ranges::find(kRequesterWords, std::string_view(words[0].folded), &Word::folded);
  if (known == kRequesterWords.end()) return read;
  const std::string_view behind = trimmed(std::string_view(read.whole).substr(words[0].end));
  const bool colon = behind.starts_with(':');
  read.text = std::string(trimmed(colon ? behind.substr(1) : behind));
  // A sentence that happens to begin with such a word is none: "Lu avec intérêt mais ...".
  const bool alone = mail_words(read.text).empty();
  switch (known->kind) {
    case WordKind::regulation:
      read.time = time_of_day_in(read.text);
      if (!read.time.empty()) read.kind = WordKind::regulation;
      break;
    case WordKind::question:
    case WordKind::info:
      if (colon && !alone) read.kind = known->kind;
      break;
    case WordKind::cancel:
      if (colon || alone) read.kind = known->kind;
      break;
    case WordKind::read:
    case WordKind::wait:
      if (alone) read.kind = known->kind;
      break;
    case WordKind::none:
    case WordKind::informed:  // two words
      break;
  }
  return read;
}

std::vector<OutboxId> outbox_ids_in(const std::vector<std::string>& message_ids) {
  std::vector<OutboxId> ids;
  for (const std::string& message_id : message_ids) {
    const std::string local = message_id.substr(0, message_id.find('@'));
    const bool hexadecimal = std::ranges::all_of(
        local, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (local.size() == kOutboxIdDigits && hexadecimal) ids.emplace_back(local);
  }
  return ids;
}

bool is_answerable_id(std::string_view id) {
  const std::size_t at = id.find('@');
  return id.size() <= kMaxAnswerableId && at != std::string_view::npos &&
         is_dot_atom(id.substr(0, at)) && is_dot_atom(id.substr(at + 1));
}

bool AnswerLimit::take(const std::string& sender, Instant now, std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto is_past = [&](Instant at) { return at + kAnswerWindow <= now || at > now; };
  if (given_.size() >= kMaxSenders) {
    std::erase_if(given_,
                  [&](const auto& entry) { return std::ranges::all_of(entry.second, is_past); });
  }
  std::vector<Instant>& instants = given_[sender];
  std::erase_if(instants, is_past);
  if (instants.size() >= most) return false;
  instants.push_back(now);
  return true;
}

}  // namespace telavis
