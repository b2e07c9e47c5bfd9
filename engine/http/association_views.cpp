// SPDX-License-Identifier: Apache-2.0
#include "engine/http/association_views.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>

#include "engine/http/names.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr double kTenthsOfPercent = 1'000.0;

json::value number_or_null(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::value told(std::int64_t count, bool masked) {
  return masked ? json::value(nullptr) : json::value(count);
}

json::array list_of(const std::vector<Figure>& figures) {
  json::array out;
  for (const Figure& figure : figures) {
    json::value percent = nullptr;
    if (const auto fraction = figure.fraction())
      percent = std::round(*fraction * kTenthsOfPercent) / 10.0;
    const bool share = figure.kind == FigureKind::share;
    out.push_back(json::object{{"id", figure.id},
                               {"kind", figure_kind_name(figure.kind)},
                               {"count", told(figure.count, figure.masked)},
                               {"of", told(figure.of, figure.masked || !share)},
                               {"percent", std::move(percent)},
                               {"median", number_or_null(figure.median)},
                               {"p90", number_or_null(figure.p90)},
                               {"masked", figure.masked}});
  }
  return out;
}

json::array list_of(const std::vector<Distribution>& distributions) {
  json::array out;
  for (const Distribution& shown : distributions) {
    json::array entries;
    for (const Distribution::Entry& entry : shown.entries) {
      entries.push_back(json::object{{"code", entry.code},
                                     {"count", told(entry.count, entry.masked)},
                                     {"masked", entry.masked}});
    }
    out.push_back(json::object{{"id", shown.id},
                               {"words", shown.words},
                               {"of", told(shown.of, shown.masked)},
                               {"entries", std::move(entries)}});
  }
  return out;
}

json::array list_of(const std::vector<FigureGroup>& groups) {
  json::array out;
  for (const FigureGroup& group : groups) {
    out.push_back(json::object{
        {"key", group.key}, {"label", group.label}, {"figures", list_of(group.figures)}});
  }
  return out;
}

json::value instant_or_none(const std::optional<Instant>& instant) {
  return instant ? json::value(format_utc(*instant)) : json::value(nullptr);
}

Result<json::object> preview_view(const ProgrammePreview& preview, Names& names) {
  json::array considered;
  const auto& chosen = preview.assignment.chosen;
  for (const Considered& one : preview.assignment.considered) {
    const auto expert = names.person(one.expert);
    if (!expert) return tl::unexpected(expert.error());
    const auto asked = std::find_if(chosen.begin(), chosen.end(), [&](const Chosen& candidate) {
      return candidate.expert == one.expert;
    });
    const bool is_asked = asked != chosen.end();
    considered.push_back(json::object{
        {"expert", (*expert)->display_name()},
        {"excluded_because", one.excluded_because},
        {"invite_at", is_asked ? json::value(format_utc(asked->invite_at)) : json::value(nullptr)},
        {"expires_at", is_asked ? instant_or_none(asked->expires_at) : json::value(nullptr)}});
  }
  const Promise& promise = preview.promise;
  const auto window =
      std::chrono::duration_cast<std::chrono::minutes>(preview.plan.sla.offer_window).count();
  return json::object{{"policy", offer_policy_name(preview.plan.policy)},
                      {"line", preview.plan.line},
                      {"working_hours", preview.plan.sla.working_hours},
                      {"time_zone", preview.plan.time_zone},
                      {"offer_window_minutes", window},
                      {"promise", json::object{{"completed_at", format_utc(promise.completed_at)},
                                               {"remind_at", format_utc(promise.remind_at)},
                                               {"warn_at", format_utc(promise.warn_at)},
                                               {"take_back_at", format_utc(promise.take_back_at)},
                                               {"breach_at", format_utc(promise.breach_at)}}},
                      {"experts", std::move(considered)}};
}

}  // namespace

std::string figures_view(const FigureReport& report) {
  json::array programmes;
  for (const std::string& name : report.programme_names) programmes.emplace_back(name);
  return json::serialize(json::object{{"from", report.question.from},
                                      {"to", report.question.to},
                                      {"outside", report.outside},
                                      {"programme_names", std::move(programmes)},
                                      {"figures", list_of(report.figures)},
                                      {"distributions", list_of(report.distributions)},
                                      {"months", list_of(report.months)},
                                      {"territories", list_of(report.territories)},
                                      {"programmes", list_of(report.programmes)}});
}

std::string expert_loads_view(const std::vector<ExpertLoad>& loads) {
  json::array out;
  for (const ExpertLoad& one : loads) {
    const User& expert = one.expert;
    out.push_back(json::object{{"id", expert.id.value},
                               {"programme", one.programme.value},
                               {"name", expert.display_name()},
                               {"status", person_status_name(expert.status)},
                               {"available", expert.available},
                               {"place", expert.place},
                               {"territory", expert.territory},
                               {"office_phone", expert.office_phone},
                               {"mobile_phone", expert.mobile_phone},
                               {"mail_address", expert.mail_address},
                               {"next_open_at", instant_or_none(one.next_open_at)},
                               {"open_cases", one.load.open_cases},
                               {"max_open_cases", expert.terms.max_open_cases},
                               {"recent_offers", one.load.recent_offers}});
  }
  return json::serialize(json::object{{"experts", std::move(out)}});
}

Result<std::string> previews_json(const Reader& reader,
                                  const std::optional<ProgrammePreview>& before,
                                  const ProgrammePreview& after,
                                  const std::vector<std::string>& changed) {
  Names names(reader);
  json::value was = nullptr;
  if (before) {
    auto view = preview_view(*before, names);
    if (!view) return tl::unexpected(view.error());
    was = std::move(*view);
  }
  auto will = preview_view(after, names);
  if (!will) return tl::unexpected(will.error());
  json::array members;
  for (const std::string& name : changed) members.emplace_back(name);
  return json::serialize(json::object{
      {"before", std::move(was)}, {"after", std::move(*will)}, {"changed", std::move(members)}});
}

}  // namespace telavis
