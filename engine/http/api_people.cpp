// SPDX-License-Identifier: Apache-2.0
// Enrolment, one's own record, and the people on file.
#include "engine/core/person_json.h"
#include "engine/http/admin_body.h"
#include "engine/http/registry_views.h"
#include "engine/http/route.h"
#include "engine/http/target.h"

namespace telavis {
namespace {

/// Routes open to anyone are slowed down like the login: `what` in the place of its name.
Result<void> slow_down(Call& call, const std::string& what) {
  auto counted = call.access.throttle().begin(what, call.request.peer);
  if (!counted) call.service.audit_refusal("anybody", what, counted.error());
  return counted;
}

UserId person_of(const Call& call) {
  return UserId(call.record);
}

Result<HttpResponse> change_answer(const Result<User>& changed) {
  return registry_answer(changed, person_view);
}

using DateRecorder = Result<User> (Registry::*)(const RegistryActor&, const UserId&,
                                                const std::string&, Replaces);
Result<HttpResponse> record_date(Call& call, DateRecorder record, std::string_view name) {
  AdminBody body(call);
  const std::string date = body.date(name);
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(
      (call.registry.*record)(actor_of(call), person_of(call), date, body.version()));
}

using PersonStep = Result<User> (Registry::*)(const RegistryActor&, const UserId&, Replaces);
Result<HttpResponse> take_step(Call& call, PersonStep step) {
  AdminBody body(call);
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer((call.registry.*step)(actor_of(call), person_of(call), body.version()));
}

Result<HttpResponse> change_contact(Call& call, const UserId& id) {
  AdminBody body(call);
  const ContactChange contact{body.json.optional_text("mobile_phone", AdminBody::kMaxName),
                              body.json.optional_text("office_phone", AdminBody::kMaxName),
                              body.json.optional_text("place", AdminBody::kMaxName)};
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(call.registry.set_contact(actor_of(call), id, contact, body.version()));
}

Result<HttpResponse> change_terms(Call& call, const UserId& id) {
  AdminBody body(call);
  TermsChange change;
  if (body.json.has("available")) change.available = body.json.boolean("available", true);
  if (auto terms = body.json.object("terms", false)) {
    change.terms = read_terms(*terms);
    static_cast<void>(terms->finish());  // what is wrong stays noted in the body
  }
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(call.registry.set_terms(actor_of(call), id, change, body.version()));
}

Result<HttpResponse> announce_absence(Call& call, const UserId& id) {
  AdminBody body(call);
  Absence absence{{body.date("from"), body.date("to")}, std::nullopt};
  const std::string delegate = body.json.optional_text("delegate", AdminBody::kMaxName);
  if (!delegate.empty()) absence.delegate = UserId(delegate);
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(call.registry.set_absence(actor_of(call), id, absence, body.version()));
}

Result<HttpResponse> show_record(Call& call, const UserId& id) {
  return registry_answer(call.registry.person(actor_of(call), id), [&](const PersonRecord& record) {
    return person_record_view(record, call.language);
  });
}

}  // namespace

// ---- open to anyone -----------------------------------------------------------------------------

Result<HttpResponse> request_enrolment(Call& call) {
  if (auto slowed = slow_down(call, "request_enrolment"); !slowed) {
    return tl::unexpected(slowed.error());
  }
  return registry_answer(
      call.registry.request_enrolment(as_text(call.request.body)),
      [&](const PersonRecord& record) { return enrolment_view(record, call.language); }, 201);
}

Result<HttpResponse> activate_account(Call& call) {
  JsonReader body(as_text(call.request.body));
  const std::string login = body.text("login", AdminBody::kMaxName);
  const std::string code = body.text("code", AdminBody::kMaxName);
  const std::string password = body.text("password", kMaxPasswordBytes);
  if (auto read = body.finish(); !read) return tl::unexpected(read.error());
  const std::string counted_as = "activate/" + login;
  if (auto counted = call.access.throttle().begin(counted_as, call.request.peer); !counted) {
    return tl::unexpected(counted.error());
  }
  if (auto activated = call.registry.activate(login, code, password); !activated) {
    return tl::unexpected(activated.error());
  }
  if (auto forgiven = call.access.throttle().succeeded(counted_as, call.request.peer); !forgiven) {
    return tl::unexpected(forgiven.error());
  }
  HttpResponse response;
  response.status = 204;
  return response;
}

// ---- one's own ----------------------------------------------------------------------------------

Result<HttpResponse> show_directory(Call& call) {
  const auto programme = query_value(call.request.query, "programme");
  return registry_answer(call.registry.directory(call.actor, ProgrammeId(programme.value_or(""))),
                         directory_view);
}

Result<HttpResponse> show_own_record(Call& call) {
  return show_record(call, call.actor.id);
}

Result<HttpResponse> change_own_contact(Call& call) {
  return change_contact(call, call.actor.id);
}

Result<HttpResponse> change_own_terms(Call& call) {
  return change_terms(call, call.actor.id);
}

Result<HttpResponse> announce_own_absence(Call& call) {
  return announce_absence(call, call.actor.id);
}

// ---- people on file -----------------------------------------------------------------------------

Result<HttpResponse> list_people(Call& call) {
  return registry_answer(call.registry.people(actor_of(call)), people_view);
}

Result<HttpResponse> list_due_order_checks(Call& call) {
  return registry_answer(call.registry.due_order_checks(actor_of(call)), people_view);
}

Result<HttpResponse> show_person(Call& call) {
  return show_record(call, person_of(call));
}

Result<HttpResponse> show_person_history(Call& call) {
  return registry_answer(call.registry.history(actor_of(call), "person", call.record),
                         revisions_view);
}

Result<HttpResponse> replace_person(Call& call) {
  AdminBody body(call);
  User person;
  if (auto record = body.json.object("person", true)) {
    person = read_person(*record);
    static_cast<void>(record->finish());
  }
  if (person.id != person_of(call)) body.json.wrong("person", "must have the id of the path");
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(call.registry.put_person(actor_of(call), person, body.version()));
}

Result<HttpResponse> check_person_identity(Call& call) {
  return take_step(call, &Registry::check_identity);
}

Result<HttpResponse> suspend_person(Call& call) {
  return take_step(call, &Registry::suspend);
}

Result<HttpResponse> end_person(Call& call) {
  return take_step(call, &Registry::leave);
}

Result<HttpResponse> resume_person(Call& call) {
  return take_step(call, &Registry::resume);
}

Result<HttpResponse> decide_on_person(Call& call) {
  AdminBody body(call);
  const bool accepted = body.json.choice("decision", {"accepted", "refused"}) == "accepted";
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(
      call.registry.decide(actor_of(call), person_of(call), accepted, body.version()));
}

Result<HttpResponse> record_person_training(Call& call) {
  return record_date(call, &Registry::record_training, "date");
}

Result<HttpResponse> record_person_insurance(Call& call) {
  return record_date(call, &Registry::record_insurance, "until");
}

Result<HttpResponse> record_person_order_check(Call& call) {
  return record_date(call, &Registry::record_order_check, "date");
}

Result<HttpResponse> record_person_charter(Call& call) {
  AdminBody body(call);
  const std::string charter = body.name("charter");
  const std::string date = body.date("date");
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(
      call.registry.record_charter(actor_of(call), person_of(call), charter, date, body.version()));
}

Result<HttpResponse> record_person_replacement(Call& call) {
  AdminBody body(call);
  const std::string name = body.name("name");
  const DateRange dates{body.date("from"), body.date("to")};
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(call.registry.record_replacement(actor_of(call), person_of(call), name,
                                                        dates, body.version()));
}

Result<HttpResponse> send_person_kit(Call& call) {
  if (auto sent = call.registry.send_activation_kit(actor_of(call), person_of(call)); !sent) {
    return tl::unexpected(sent.error());
  }
  HttpResponse response;
  response.status = 204;
  return response;
}

Result<HttpResponse> change_person_memberships(Call& call) {
  AdminBody body(call);
  const auto memberships = read_memberships(body.json, "memberships");
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return change_answer(
      call.registry.set_memberships(actor_of(call), person_of(call), memberships, body.version()));
}

Result<HttpResponse> change_person_contact(Call& call) {
  return change_contact(call, person_of(call));
}

Result<HttpResponse> change_person_terms(Call& call) {
  return change_terms(call, person_of(call));
}

Result<HttpResponse> announce_person_absence(Call& call) {
  return announce_absence(call, person_of(call));
}

}  // namespace telavis
