// SPDX-License-Identifier: Apache-2.0
// What people can ask of a case, by name: the service carries these out, the API offers them under
// /api/v1/cases/{id}/<name>, the views show those that are possible.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/case.h"
#include "engine/core/people.h"
#include "engine/core/rights.h"

namespace telavis {

struct CaseCommand {
  std::string_view name;
  std::vector<Role> roles;  // one of them, in any programme, to come as far as the case
  CaseAccess least;         // to this case
  std::string_view schema;  // of the JSON body, in the OpenAPI document; empty: none
  bool takes_files = false;
  std::string_view summary;
  /// An event of this command as far as the decision looks at it.
  EventBody (*probe)(const Case& subject) = nullptr;
};

std::span<const CaseCommand> case_commands();
const CaseCommand* find_case_command(std::string_view name);

/// An expert who was offered the case and did not leave it himself: his acceptance comes as far as
/// the decision even when he sees nothing of the case any more, so that he learns what became of
/// it; and so does his opinion once another answered or the case was withdrawn, so that his text is
/// kept.
bool reaches_decision(const User& actor, const Case& subject, const CaseCommand& command);

/// In which role a person gives this command; nullopt: in none.
std::optional<Role> acting_role(const User& actor, const Case& subject, const CaseCommand& command);

/// Names of the commands that decide() would take from `actor` now. "open" is there for a medical
/// referent who does not see the content yet.
std::vector<std::string_view> permitted_commands(const User& actor, const Case& subject,
                                                 Instant now);

}  // namespace telavis
