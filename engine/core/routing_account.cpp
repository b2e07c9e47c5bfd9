// SPDX-License-Identifier: Apache-2.0
#include "engine/core/routing_account.h"

#include <charconv>
#include <optional>
#include <utility>

namespace telavis {
namespace {

constexpr std::string_view kNoExpert = "no eligible expert";
constexpr std::string_view kOffered = "offered to";
constexpr std::string_view kSeparator = "; ";
constexpr std::string_view kScore = "score ";

std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::size_t found = text.find(end);
  const std::string_view taken = text.substr(0, found);
  text.remove_prefix(found == std::string_view::npos ? text.size() : found + end.size());
  return taken;
}

/// "u-1: score 12, asked 0, open 3" or "u-1: absent".
std::optional<Considered> read_considered(std::string_view text) {
  Considered one;
  one.expert = UserId(std::string(take_until(text, ": ")));
  if (one.expert.empty() || text.empty()) return std::nullopt;
  if (!text.starts_with(kScore)) {
    one.excluded_because = text;
    return one;
  }
  text.remove_prefix(kScore.size());
  const std::string_view number = take_until(text, ", ");
  const char* const end = number.data() + number.size();
  const auto [read, error] = std::from_chars(number.data(), end, one.score);
  if (error != std::errc() || read != end) return std::nullopt;
  one.why = text;
  return one;
}

std::optional<RoutingRound> read_round(Instant at, std::string_view detail) {
  RoutingRound round;
  round.at = at;
  std::string_view head = take_until(detail, kSeparator);
  if (head.starts_with(kOffered)) {
    head.remove_prefix(kOffered.size());
    while (!head.empty()) {
      head.remove_prefix(1);  // the space before each
      round.chosen.emplace_back(std::string(head.substr(0, head.find(' '))));
      head.remove_prefix(round.chosen.back().value.size());
    }
  } else if (head != kNoExpert) {
    return std::nullopt;
  }
  while (!detail.empty()) {
    auto one = read_considered(take_until(detail, kSeparator));
    if (!one) return std::nullopt;
    round.considered.push_back(std::move(*one));
  }
  return round;
}

}  // namespace

std::string routing_detail(const Assignment& assignment) {
  std::string detail(assignment.chosen.empty() ? kNoExpert : kOffered);
  for (const Chosen& chosen : assignment.chosen) detail += " " + chosen.expert.value;
  for (const Considered& one : assignment.considered) {
    detail += kSeparator;
    detail += one.expert.value + ": ";
    detail += one.excluded_because.empty()
                  ? std::string(kScore) + std::to_string(one.score) + ", " + one.why
                  : one.excluded_because;
  }
  return detail;
}

Result<std::vector<RoutingRound>> routing_rounds(const std::vector<AuditEntry>& chain) {
  std::vector<RoutingRound> rounds;
  for (const AuditEntry& entry : chain) {
    if (entry.what.action != event_name(event::Route{})) continue;
    auto round = read_round(entry.what.at, entry.what.detail);
    if (!round) return fail(ErrorCode::internal, "The audit of a routing cannot be read.");
    rounds.push_back(std::move(*round));
  }
  return rounds;
}

}  // namespace telavis
