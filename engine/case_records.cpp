// SPDX-License-Identifier: Apache-2.0
#include "engine/case_records.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxListed = 1'000;  // more is for /metrics and the export

std::string time_left(const Case& subject, Instant now) {
  if (!subject.promise || !is_open(subject.state)) return "";
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(subject.promise->breach_at - now).count();
  return minutes < 0 ? fmt::format("late by {} h", -minutes / 60)
                     : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

}  // namespace

Result<Case> case_named(Repository& repository, const std::string& id_or_number) {
  auto subject = id_or_number.starts_with("TE-") ? repository.case_by_number(id_or_number)
                                                 : repository.load_case(CaseId(id_or_number));
  if (!subject) return tl::unexpected(subject.error());
  if (*subject) return std::move(**subject);
  return fail(ErrorCode::not_found,
              "There is no such case: look for its number or id in `telavis case list`.");
}

Result<std::vector<std::vector<std::string>>> case_listing(Repository& repository,
                                                           const std::string& programme,
                                                           bool open_only, Instant now) {
  CaseQuery query;
  if (!programme.empty()) query.programmes = {ProgrammeId(programme)};
  query.open_only = open_only;
  query.limit = kMaxListed;
  const auto cases = repository.cases(query);
  if (!cases) return tl::unexpected(cases.error());
  std::vector<std::vector<std::string>> rows = {
      {"NUMBER", "STATE", "PROGRAMME", "SUBMITTED", "TIME LEFT", "OFFERS", "EXPERT", "ID"}};
  for (const Case& subject : *cases) {
    rows.push_back({subject.number, std::string(case_state_name(subject.state)),
                    subject.programme.value, format_utc(subject.submitted_at),
                    time_left(subject, now), std::to_string(subject.offers.size()),
                    subject.expert ? subject.expert->value : "", subject.id.value});
  }
  return rows;
}

std::string case_figures_line(const Case& subject) {
  json::object out{{"id", subject.id.value},
                   {"number", subject.number},
                   {"version", subject.version},
                   {"state", case_state_name(subject.state)},
                   {"programme", subject.programme.value},
                   {"programme_version", subject.programme_version},
                   {"requester", subject.requester.value},
                   {"submitted_at", format_utc(subject.submitted_at)}};
  if (subject.expert) out["expert"] = subject.expert->value;
  if (subject.promise) out["breach_at"] = format_utc(subject.promise->breach_at);
  if (subject.breached_at) out["breached_at"] = format_utc(*subject.breached_at);
  if (const auto timer = next_timer(subject)) {
    out["next_timer"] =
        json::object{{"kind", timer_kind_name(timer->kind)}, {"at", format_utc(timer->at)}};
  }
  json::array offers;
  for (const Offer& offer : subject.offers) {
    offers.push_back(json::object{{"expert", offer.expert.value},
                                  {"offered_at", format_utc(offer.offered_at)},
                                  {"outcome", offer_outcome_name(offer.outcome)},
                                  {"reason", offer.reason}});
  }
  out["offers"] = std::move(offers);
  return json::serialize(out);
}

Result<std::vector<std::string>> case_chain_lines(Repository& repository, const CaseId& id) {
  const auto chain = repository.audit_chain(id.value);
  if (!chain) return tl::unexpected(chain.error());
  std::vector<std::string> lines;
  for (const AuditEntry& entry : *chain) {
    lines.push_back(json::serialize(json::object{{"sequence", entry.sequence},
                                                 {"at", format_utc(entry.what.at)},
                                                 {"actor", entry.what.actor},
                                                 {"action", entry.what.action},
                                                 {"detail", entry.what.detail},
                                                 {"hash", entry.hash}}));
  }
  return lines;
}

}  // namespace telavis
