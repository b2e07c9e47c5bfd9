// SPDX-License-Identifier: Apache-2.0
// People and group practices as JSON: on file, in imports and exports, in the admin API. Never the
// password's hash.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/json_reader.h"
#include "engine/core/people.h"

namespace telavis {

// The readers note what is wrong in the JsonReader, like its own getters; shapes alone are looked
// at: check_person and check_group see to the rest.

/// Mandatory are "id", "login", "status" and "memberships"; what is left out is empty.
User read_person(JsonReader& reader);
/// {"territories":[],"exam_kinds":[],"max_open_cases":0,"max_weekly_cases":0,"conflicts":[],
/// "availability":null,"digest_hours":[]}
ExpertTerms read_terms(JsonReader& reader);
std::vector<Membership> read_memberships(JsonReader& reader, std::string_view name);
GroupPractice read_group(JsonReader& reader);

/// Strict. Errors: malformed_request, missing_field, invalid_field.
Result<User> parse_person(std::string_view json);
Result<GroupPractice> parse_group(std::string_view json);

/// What the readers above read, without the version.
std::string person_json(const User& user);
std::string terms_json(const ExpertTerms& terms);
std::string group_json(const GroupPractice& group);

}  // namespace telavis
