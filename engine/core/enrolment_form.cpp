// SPDX-License-Identifier: Apache-2.0
#include "engine/core/enrolment_form.h"

#include <utility>

#include "engine/core/json_reader.h"
#include "engine/core/text_bounds.h"
#include "formats/text.h"

namespace telavis {
namespace {

void read_replaced_doctor(JsonReader& reader, Enrolment& enrolment) {
  auto replaces = reader.object("replaces", false);
  if (!replaces) return;
  enrolment.replaces = replaces->text("name", kMaxName);
  enrolment.replaces_during.from = replaces->text("from", kMaxDate);
  enrolment.replaces_during.to = replaces->text("to", kMaxDate);
  static_cast<void>(replaces->finish());  // what is wrong stays noted in `reader`
}

}  // namespace

Result<User> parse_enrolment_form(std::string_view json) {
  JsonReader reader(json);
  User user;
  user.status = PersonStatus::requested;
  const ProgrammeId programme(reader.text("programme", kMaxName));
  const std::string role =
      reader.choice("role", {role_name(Role::requester), role_name(Role::expert)});
  user.memberships = {{programme, role_from_name(role).value_or(Role::requester)}};
  user.title = reader.optional_text("title", kMaxName);
  user.given_name = reader.text("given_name", kMaxName);
  user.family_name = reader.text("family_name", kMaxName);
  user.rpps = reader.text("rpps", kMaxName);
  user.profession = reader.text("profession", kMaxName);
  user.speciality = reader.text("speciality", kMaxName);
  user.mail_address = lowered(reader.text("mail_address", kMaxName));
  user.login = user.mail_address;
  user.mobile_phone = reader.text("mobile_phone", kMaxName);
  user.office_phone = reader.text("office_phone", kMaxName);
  user.place = reader.text("place", kMaxName);
  user.territory = reader.text("territory", kMaxName);
  read_replaced_doctor(reader, user.enrolment);
  if (auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return user;
}

}  // namespace telavis
