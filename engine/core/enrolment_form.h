// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "engine/core/people.h"

namespace telavis {

/// The request of somebody who wants to take part, as the form or a mail gives it:
///   {"programme", "role": "requester" | "expert", "title", "given_name", "family_name", "rpps",
///    "profession", "speciality", "mail_address", "mobile_phone", "office_phone", "place",
///    "territory", "replaces": {"name", "from", "to"}}
/// `replaces` names the doctor a locum stands for, and his first and last day. All but `title` and
/// `replaces` are mandatory. Gives a person without id in status `requested`, whose login is the
/// address. Errors: malformed_request, missing_field, invalid_field.
Result<User> parse_enrolment_form(std::string_view json);

}  // namespace telavis
