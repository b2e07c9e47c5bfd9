// SPDX-License-Identifier: Apache-2.0
#include "engine/core/programme_preview.h"

#include <algorithm>
#include <boost/json.hpp>

#include "engine/core/pool_load.h"

namespace telavis {

Result<ProgrammePreview> preview_of(Repository& repository, const Programme& programme,
                                    const PreviewedCase& asked) {
  if (std::find(programme.reasons.begin(), programme.reasons.end(), asked.reason) ==
      programme.reasons.end())
    return fail(ErrorCode::invalid_field,
                "'reason' must be one of the programme: choose it from its list of reasons.");
  const auto pool = repository.members(programme.id, Role::expert);
  if (!pool) return tl::unexpected(pool.error());
  const auto load = load_of(repository, programme.id, *pool, asked.at);
  if (!load) return tl::unexpected(load.error());
  Case subject;
  subject.id = CaseId("preview");
  subject.programme = programme.id;
  subject.submitted_at = asked.at;
  subject.plan = plan_of(programme, asked.reason);
  subject.promise = promise_of(subject.plan, asked.at);
  subject.exams = {{asked.exam_kind, "", "", {}}};
  return ProgrammePreview{subject.plan, *subject.promise,
                          route({subject, programme, *pool, *load, {}, asked.territory, asked.at})};
}

std::vector<std::string> changed_members(const Programme& before, const Programme& after) {
  namespace json = boost::json;
  const json::object old = json::parse(programme_json(before)).as_object();
  const json::object now = json::parse(programme_json(after)).as_object();
  std::vector<std::string> changed;
  for (const auto& [name, value] : now) {
    const json::value* const was = old.if_contains(name);
    if (name != "version" && (was == nullptr || *was != value)) changed.emplace_back(name);
  }
  for (const auto& [name, value] : old) {
    if (!now.contains(name)) changed.emplace_back(name);
  }
  return changed;
}

}  // namespace telavis
