// SPDX-License-Identifier: Apache-2.0
// What an association's staff looks at: figures, experts' load, what a change of settings would do.
#include <algorithm>
#include <boost/json.hpp>

#include "engine/billing/figures_export.h"
#include "engine/core/pool_load.h"
#include "engine/core/programme_preview.h"
#include "engine/http/admin_body.h"
#include "engine/http/association_views.h"
#include "engine/http/route.h"
#include "engine/http/table_response.h"
#include "engine/http/target.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostCodeBytes = 64;

/// Programmes whose figures the user may see; `named` alone when it is one of them.
Result<std::vector<ProgrammeId>> figured_programmes(Call& call, const std::string& named) {
  std::vector<ProgrammeId> mine;
  if (call.actor.has_anywhere(Role::admin)) {
    const auto all = call.service.repository().programmes();
    if (!all) return tl::unexpected(all.error());
    for (const Programme& programme : *all) mine.push_back(programme.id);
  } else {
    for (const Role role : {Role::coordinator, Role::treasurer}) {
      for (ProgrammeId& programme : call.actor.programmes_as(role))
        mine.push_back(std::move(programme));
    }
  }
  if (named.empty()) return mine;
  if (std::find(mine.begin(), mine.end(), ProgrammeId(named)) != mine.end())
    return std::vector<ProgrammeId>{ProgrammeId(named)};
  const Error refused{ErrorCode::forbidden,
                      "Figures of a programme are for its coordinators and treasurers, and for "
                      "administrators."};
  call.service.audit_refusal(call.actor.id.value, "figures", refused);
  return tl::unexpected(refused);
}

/// Without dates: from the first of January to today, UTC.
Result<FigureReport> asked_figures(Call& call) {
  const Instant now = call.service.clock().now();
  const std::string today = format_utc(now).substr(0, 10);
  const auto asked = [&](std::string_view name) { return query_value(call.request.query, name); };
  const auto programmes = figured_programmes(call, asked("programme").value_or(""));
  if (!programmes) return tl::unexpected(programmes.error());
  const FigureQuestion question{*programmes, asked("from").value_or(today.substr(0, 4) + "-01-01"),
                                asked("to").value_or(today), call.language};
  return figures_of(call.service.repository(), question, now);
}

std::string file_name(const FigureReport& report) {
  return "chiffres_" + report.question.from + "_" + report.question.to;
}

struct PreviewBody {
  Programme programme;
  PreviewedCase asked;
};

/// The definition is read by its own reader, the rest by JsonReader.
Result<PreviewBody> preview_body(const Call& call) {
  boost::system::error_code error;
  json::value whole = json::parse(as_text(call.request.body), error);
  if (error || !whole.is_object())
    return fail(ErrorCode::malformed_request, "The body must be one JSON object.");
  const json::value definition = whole.as_object()["programme"];
  whole.as_object().erase("programme");
  if (!definition.is_object())
    return fail(ErrorCode::missing_field, "'programme' is missing: the definition to look at.");
  auto programme = parse_programme(json::serialize(definition));
  if (!programme) return fail(ErrorCode::invalid_field, programme.error().text);
  if (programme->id.value != call.record)
    return fail(ErrorCode::invalid_field, "'programme.id' must be the id of the path.");
  JsonReader reader(json::serialize(whole));
  PreviewedCase asked{reader.text("reason", kMostCodeBytes),
                      reader.choice("exam_kind", {"ecg", "photo", "document"}),
                      reader.optional_text("territory", kMostCodeBytes),
                      call.service.clock().now()};
  if (auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return PreviewBody{std::move(*programme), std::move(asked)};
}

}  // namespace

Result<HttpResponse> show_figures(Call& call) {
  auto report = asked_figures(call);
  if (!report) return tl::unexpected(report.error());
  const bool outside = query_value(call.request.query, "outside") == "yes";
  return json_response(figures_view(outside ? for_outside(std::move(*report)) : *report));
}

Result<HttpResponse> export_figures(Call& call) {
  const std::string name =
      query_value(call.request.query, "format").value_or(std::string(table_format_name({})));
  auto whole = asked_figures(call);
  if (!whole) return tl::unexpected(whole.error());
  const FigureReport report = for_outside(std::move(*whole));
  if (name == "pdf") {
    auto pdf = figures_pdf(report);
    if (!pdf) return tl::unexpected(pdf.error());
    return file_response(std::move(*pdf), "application/pdf",
                         "attachment; filename=\"" + file_name(report) + ".pdf\"");
  }
  const auto format = table_format(name);
  if (!format) return tl::unexpected(format.error());
  const auto table = figures_table(report, *format);
  if (!table) return tl::unexpected(table.error());
  return table_response(*table, *format, file_name(report));
}

Result<HttpResponse> list_expert_loads(Call& call) {
  Repository& repository = call.service.repository();
  const Instant now = call.service.clock().now();
  std::vector<ExpertLoad> loads;
  for (const ProgrammeId& id : call.actor.programmes_as(Role::coordinator)) {
    const auto directory = call.registry.directory(call.actor, id);
    if (!directory) return tl::unexpected(directory.error());
    const auto experts = repository.members(id, Role::expert);
    if (!experts) return tl::unexpected(experts.error());
    const auto load = load_of(repository, id, *experts, now);
    if (!load) return tl::unexpected(load.error());
    for (const User& expert : *experts) {
      const auto listed =
          std::find_if(directory->begin(), directory->end(),
                       [&](const DirectoryEntry& entry) { return entry.id == expert.id.value; });
      const auto found = load->find(expert.id);
      loads.push_back({id, expert, found == load->end() ? PoolLoad() : found->second,
                       listed == directory->end() ? std::nullopt : listed->next_open_at});
    }
  }
  return json_response(expert_loads_view(loads));
}

Result<HttpResponse> preview_programme(Call& call) {
  const auto body = preview_body(call);
  if (!body) return tl::unexpected(body.error());
  const auto stored = call.registry.programme(actor_of(call), ProgrammeId(call.record));
  if (!stored) return tl::unexpected(stored.error());
  Repository& repository = call.service.repository();
  const auto after = preview_of(repository, body->programme, body->asked);
  if (!after) return tl::unexpected(after.error());
  // A reason that is new has no effect before.
  std::optional<ProgrammePreview> before;
  if (std::find(stored->reasons.begin(), stored->reasons.end(), body->asked.reason) !=
      stored->reasons.end()) {
    auto made = preview_of(repository, *stored, body->asked);
    if (!made) return tl::unexpected(made.error());
    before = std::move(*made);
  }
  const auto text =
      previews_json(call.reader(), before, *after, changed_members(*stored, body->programme));
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

}  // namespace telavis
