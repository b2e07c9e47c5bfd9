// SPDX-License-Identifier: Apache-2.0
// From the request of somebody who wants to take part to his leaving.
#include <algorithm>
#include <utility>

#include "engine/core/enrolment_form.h"
#include "engine/core/registry.h"

namespace telavis {
namespace {

// Two people seldom change one record; one that changes under eight attempts is a defect.
constexpr int kMaxIdAttempts = 8;
constexpr std::size_t kPersonIdBytes = 16;  // of random bits in a new person's id: 26 characters
const std::string kAnybody = "anybody";     // in the audit, of a request by somebody unknown

Result<void> check_past(std::string_view date, std::string_view today) {
  if (is_iso_date(date) && date <= today) return {};
  return fail(ErrorCode::invalid_field,
              "'date' must be a day such as 2026-02-14, and not a day to come.");
}

Result<void> check_dates(const DateRange& dates) {
  if (is_iso_date(dates.from) && is_iso_date(dates.to) && dates.from <= dates.to) return {};
  return fail(ErrorCode::invalid_field,
              "'from' and 'to' must be days such as 2026-02-14, the first before the last.");
}

bool in_some_role_together(const User& left, const User& right) {
  return std::any_of(left.memberships.begin(), left.memberships.end(),
                     [&](const Membership& membership) {
                       return right.has(membership.role, membership.programme);
                     });
}

tl::unexpected<Error> not_yours_to_change() {
  return fail(ErrorCode::forbidden,
              "You may not change this on file: ask an administrator, or a coordinator of all "
              "programmes of this person.");
}

}  // namespace

// ---- one change ---------------------------------------------------------------------------------

Result<User> Registry::change_person(const RegistryActor& by, std::string_view action,
                                     const UserId& id, PersonRight right, const Replaces& replaces,
                                     const Mutation& mutate) {
  Result<User> changed = change_once(by, id, right, replaces, mutate);
  for (int attempt = 1; attempt < kMaxIdAttempts; ++attempt) {
    const bool again = !changed && changed.error().code == ErrorCode::version_conflict && !replaces;
    if (!again) break;
    changed = change_once(by, id, right, replaces, mutate);
  }
  return audited(by.id(), action, std::move(changed));
}

Result<void> Registry::check_right(const RegistryActor& by, const User& person, PersonRight right) {
  if (may_change(by, person, right)) return {};
  if (!may_see(by, person)) {
    return fail(ErrorCode::not_found, "There is no such person, or it is not in your programmes.");
  }
  return not_yours_to_change();
}

Result<User> Registry::change_once(const RegistryActor& by, const UserId& id, PersonRight right,
                                   const Replaces& replaces, const Mutation& mutate) {
  const auto stored = stored_person(id);
  if (!stored) return tl::unexpected(stored.error());
  if (auto right_of_actor = check_right(by, *stored, right); !right_of_actor) {
    return tl::unexpected(right_of_actor.error());
  }
  const auto today = today_of(*stored);
  if (!today) return tl::unexpected(today.error());
  User next = *stored;
  if (auto mutated = mutate(next, *today); !mutated) return tl::unexpected(mutated.error());
  if (!may_change(by, next, right)) return not_yours_to_change();
  if (auto sound = check_person(next); !sound) return tl::unexpected(sound.error());
  if (auto sound = check_links(next); !sound) return tl::unexpected(sound.error());
  const bool joins =
      stored->status != PersonStatus::active || stored->memberships != next.memberships;
  if (next.status == PersonStatus::active && joins) {
    if (auto ready = check_active(next, *today); !ready) return tl::unexpected(ready.error());
  }
  const Change change{ports_.clock.now(), by.id(), replaces.value_or(stored->version)};
  if (auto put = ports_.repository.put_user(next, change); !put) {
    return tl::unexpected(put.error());
  }
  next.version = stored->version + 1;
  return next;
}

/// Programmes, delegate and conflicts of interest are there.
Result<void> Registry::check_links(const User& person) {
  const auto programmes = programmes_of(person);
  if (!programmes) return tl::unexpected(programmes.error());
  for (const UserId& id : person.terms.conflicts) {
    const auto other = ports_.repository.user(id);
    if (!other) return tl::unexpected(other.error());
    if (!*other) {
      return fail(ErrorCode::invalid_field, "'terms.conflicts' names somebody who is not on file.");
    }
  }
  if (!person.delegate) return {};
  const auto delegate = ports_.repository.user(*person.delegate);
  if (!delegate) return tl::unexpected(delegate.error());
  if (!*delegate || !in_some_role_together(person, **delegate)) {
    return fail(ErrorCode::invalid_field,
                "'delegate' must have the same role in the same programme.");
  }
  return {};
}

Result<void> Registry::check_active(const User& person, const std::string& today) {
  const auto programmes = programmes_of(person);
  if (!programmes) return tl::unexpected(programmes.error());
  const auto obstacles = obstacles_to_activity(person, *programmes, today);
  if (obstacles.empty()) return {};
  std::string list;
  for (const std::string& code : obstacles) list += (list.empty() ? "" : ", ") + code;
  return fail(ErrorCode::state_conflict,
              "This membership cannot be active yet: " + list + ". Record what is missing first.");
}

// ---- enrolment ----------------------------------------------------------------------------------

Result<PersonRecord> Registry::request_enrolment(std::string_view form_json) {
  return audited(kAnybody, "request_enrolment", request_checked(form_json));
}

Result<void> Registry::check_not_on_file(const User& person) {
  const auto everybody = ports_.repository.users();
  if (!everybody) return tl::unexpected(everybody.error());
  const bool known = std::any_of(everybody->begin(), everybody->end(), [&](const User& other) {
    return other.rpps == person.rpps || other.mail_address == person.mail_address ||
           other.login == person.login;
  });
  if (!known) return {};
  return fail(ErrorCode::state_conflict,
              "This RPPS number or this address is on file already. Ask the association: it adds "
              "the programme to the record that is there.");
}

Result<PersonRecord> Registry::request_checked(std::string_view form_json) {
  auto person = parse_enrolment_form(form_json);
  if (!person) return tl::unexpected(person.error());
  person->id = UserId(random_id(ports_.random, kPersonIdBytes));
  const auto today = today_of(*person);  // an unknown programme is refused here
  if (!today) return tl::unexpected(today.error());
  person->enrolment.requested_on = *today;
  if (auto sound = check_person(*person); !sound) return tl::unexpected(sound.error());
  if (auto fresh = check_not_on_file(*person); !fresh) return tl::unexpected(fresh.error());
  const auto put = ports_.repository.put_user(*person, {ports_.clock.now(), kAnybody, 0});
  if (!put) return tl::unexpected(put.error());
  person->version = 1;
  auto warnings = person_warnings(*person, *today);
  return PersonRecord{std::move(*person), std::move(warnings), {}};
}

Result<User> Registry::check_identity(const RegistryActor& by, const UserId& id,
                                      Replaces replaces) {
  return change_person(by, "check_identity", id, PersonRight::steward, replaces,
                       [](User& person, const std::string& today) {
                         person.enrolment.identity_checked_on = today;
                         return Result<void>();
                       });
}

Result<User> Registry::decide(const RegistryActor& by, const UserId& id, bool accepted,
                              Replaces replaces) {
  return change_person(
      by, "decide", id, PersonRight::steward, replaces,
      [&](User& person, const std::string& today) -> Result<void> {
        if (person.status != PersonStatus::requested || !person.enrolment.decided_on.empty()) {
          return fail(ErrorCode::state_conflict, "There is no open request to decide upon.");
        }
        if (accepted && person.enrolment.identity_checked_on.empty()) {
          return fail(ErrorCode::state_conflict, "Check and record the identity first.");
        }
        person.enrolment.decided_on = today;
        person.enrolment.decided_by = by.id();
        if (!accepted) person.status = PersonStatus::left;
        return {};
      });
}

Result<User> Registry::set_date(const RegistryActor& by, std::string_view action, const UserId& id,
                                const Replaces& replaces, std::string Enrolment::*member,
                                const std::string& date) {
  return change_person(by, action, id, PersonRight::steward, replaces,
                       [&](User& person, const std::string& today) {
                         person.enrolment.*member = date;
                         return check_past(date, today);
                       });
}

Result<User> Registry::record_training(const RegistryActor& by, const UserId& id,
                                       const std::string& date, Replaces replaces) {
  return set_date(by, "record_training", id, replaces, &Enrolment::trained_on, date);
}

Result<User> Registry::record_order_check(const RegistryActor& by, const UserId& id,
                                          const std::string& date, Replaces replaces) {
  return set_date(by, "record_order_check", id, replaces, &Enrolment::order_checked_on, date);
}

Result<User> Registry::record_charter(const RegistryActor& by, const UserId& id,
                                      const std::string& version, const std::string& date,
                                      Replaces replaces) {
  return change_person(by, "record_charter", id, PersonRight::steward, replaces,
                       [&](User& person, const std::string& today) -> Result<void> {
                         if (version.empty()) {
                           return fail(ErrorCode::missing_field,
                                       "'charter' is missing: which version was signed?");
                         }
                         person.enrolment.charter_version = version;
                         person.enrolment.charter_signed_on = date;
                         return check_past(date, today);
                       });
}

Result<User> Registry::record_insurance(const RegistryActor& by, const UserId& id,
                                        const std::string& until, Replaces replaces) {
  return change_person(by, "record_insurance", id, PersonRight::steward, replaces,
                       [&](User& person, const std::string& today) -> Result<void> {
                         if (!is_iso_date(until) || until < today) {
                           return fail(ErrorCode::invalid_field,
                                       "'until' must be the last insured day, not a past one.");
                         }
                         person.enrolment.insured_until = until;
                         return {};
                       });
}

Result<User> Registry::record_replacement(const RegistryActor& by, const UserId& id,
                                          const std::string& replaced_doctor,
                                          const DateRange& dates, Replaces replaces) {
  return change_person(by, "record_replacement", id, PersonRight::steward, replaces,
                       [&](User& person, const std::string&) -> Result<void> {
                         if (replaced_doctor.empty()) {
                           return fail(ErrorCode::missing_field,
                                       "'name' is missing: whom does he stand for?");
                         }
                         person.enrolment.replaces = replaced_doctor;
                         person.enrolment.replaces_during = dates;
                         return check_dates(dates);
                       });
}

Result<std::vector<User>> Registry::due_order_checks(const RegistryActor& by) {
  auto everybody = people(by);
  if (!everybody) return everybody;
  std::vector<User> due;
  for (User& user : *everybody) {
    const auto today = today_of(user);
    if (!today) return tl::unexpected(today.error());
    if (user.status == PersonStatus::active && user.is_carer() &&
        order_check_is_due(user, *today)) {
      due.push_back(std::move(user));
    }
  }
  return due;
}

// ---- membership ---------------------------------------------------------------------------------

Result<void> Registry::pass_on_cases(const User& person, bool holds_on) {
  if (!person.has_anywhere(Role::expert)) return {};
  auto passed_on = ports_.expert_gone(person.id, holds_on);
  if (passed_on) return {};
  return fail(
      passed_on.error().code,
      "The change is stored, but his open cases are not passed on yet; repeat the command: " +
          passed_on.error().text);
}

Result<User> Registry::take_out(const RegistryActor& by, std::string_view action, const UserId& id,
                                PersonStatus status, const Replaces& replaces) {
  auto changed = change_person(by, action, id, PersonRight::steward, replaces,
                               [&](User& person, const std::string&) -> Result<void> {
                                 const bool suspends = status == PersonStatus::suspended;
                                 if (suspends && person.status != PersonStatus::active &&
                                     person.status != PersonStatus::suspended) {
                                   return fail(ErrorCode::state_conflict,
                                               "Only an active membership is suspended.");
                                 }
                                 person.status = status;
                                 return {};
                               });
  if (!changed) return changed;
  if (auto passed_on = pass_on_cases(*changed, false); !passed_on) {
    return tl::unexpected(passed_on.error());
  }
  return changed;
}

Result<User> Registry::suspend(const RegistryActor& by, const UserId& id, Replaces replaces) {
  return take_out(by, "suspend", id, PersonStatus::suspended, replaces);
}

Result<User> Registry::leave(const RegistryActor& by, const UserId& id, Replaces replaces) {
  return take_out(by, "leave", id, PersonStatus::left, replaces);
}

Result<User> Registry::resume(const RegistryActor& by, const UserId& id, Replaces replaces) {
  return change_person(by, "resume", id, PersonRight::steward, replaces,
                       [](User& person, const std::string& today) -> Result<void> {
                         switch (person.status) {
                           case PersonStatus::suspended:
                             person.status = PersonStatus::active;
                             return {};
                           case PersonStatus::left:
                             person.status = PersonStatus::requested;
                             person.enrolment.requested_on = today;
                             person.enrolment.decided_on.clear();
                             person.enrolment.decided_by.clear();
                             return {};
                           case PersonStatus::requested:
                           case PersonStatus::active:
                             break;
                         }
                         return fail(ErrorCode::state_conflict,
                                     "Only who is suspended or has left can return.");
                       });
}

Result<User> Registry::set_memberships(const RegistryActor& by, const UserId& id,
                                       const std::vector<Membership>& memberships,
                                       Replaces replaces) {
  return change_person(by, "set_memberships", id, PersonRight::steward, replaces,
                       [&](User& person, const std::string&) {
                         person.memberships = memberships;
                         return Result<void>();
                       });
}

Result<User> Registry::set_contact(const RegistryActor& by, const UserId& id,
                                   const ContactChange& contact, Replaces replaces) {
  return change_person(by, "set_contact", id, PersonRight::own, replaces,
                       [&](User& person, const std::string&) {
                         const auto set = [](std::string& member, const std::string& value) {
                           if (!value.empty()) member = value;
                         };
                         set(person.mobile_phone, contact.mobile_phone);
                         set(person.office_phone, contact.office_phone);
                         set(person.place, contact.place);
                         return Result<void>();
                       });
}

Result<User> Registry::set_terms(const RegistryActor& by, const UserId& id,
                                 const TermsChange& change, Replaces replaces) {
  return change_person(
      by, "set_terms", id, PersonRight::own, replaces,
      [&](User& person, const std::string&) -> Result<void> {
        if (change.available) person.available = *change.available;
        if (!change.terms) return {};
        const bool widens = change.terms->territories != person.terms.territories ||
                            change.terms->exam_kinds != person.terms.exam_kinds;
        if (widens && !may_change(by, person, PersonRight::steward)) {
          return fail(ErrorCode::forbidden,
                      "Territories and kinds of exams are changed by your coordinator: send them "
                      "as they are.");
        }
        person.terms = *change.terms;
        const Timetable& hours = person.terms.availability;
        if (hours.time_zone.empty()) return {};
        const auto sound = check_timetable(hours);
        if (sound) return {};
        return fail(ErrorCode::invalid_field, "'terms.availability': " + sound.error().text);
      });
}

Result<User> Registry::set_absence(const RegistryActor& by, const UserId& id,
                                   const Absence& absence, Replaces replaces) {
  bool begun = false;
  auto changed = change_person(
      by, "set_absence", id, PersonRight::own, replaces,
      [&](User& person, const std::string& today) -> Result<void> {
        if (auto sound = check_dates(absence.dates); !sound) return sound;
        if (absence.dates.to < today) {
          return fail(ErrorCode::invalid_field, "'to' is past: this absence is over.");
        }
        Timetable& hours = person.terms.availability;
        if (hours.time_zone.empty()) {
          const auto programmes = programmes_of(person);
          if (!programmes) return tl::unexpected(programmes.error());
          if (programmes->empty()) {
            return fail(ErrorCode::state_conflict, "Who is in no programme cannot be absent.");
          }
          hours = daytime(programmes->front().time_zone);
        }
        std::erase_if(hours.shut, [&](const DateRange& range) { return range.to < today; });
        hours.shut.push_back(absence.dates);
        if (absence.delegate) person.delegate = absence.delegate;
        begun = absence.dates.covers(today);
        return {};
      });
  if (!changed || !begun) return changed;
  if (auto passed_on = pass_on_cases(*changed, true); !passed_on) {
    return tl::unexpected(passed_on.error());
  }
  return changed;
}

Result<User> Registry::put_person(const RegistryActor& by, const User& person, Replaces replaces) {
  return audited(by.id(), "put_person", put_person_checked(by, person, replaces));
}

Result<User> Registry::put_person_checked(const RegistryActor& by, const User& person,
                                          const Replaces& replaces) {
  if (!administers(by)) {
    return fail(ErrorCode::forbidden, "Only an administrator replaces a whole record.");
  }
  const auto stored = ports_.repository.user(person.id);
  if (!stored) return tl::unexpected(stored.error());
  User next = person;
  next.version = *stored ? (*stored)->version : 0;
  next.password_hash = *stored ? (*stored)->password_hash : "";
  if (auto sound = check_person(next); !sound) return tl::unexpected(sound.error());
  if (auto sound = check_links(next); !sound) return tl::unexpected(sound.error());
  const Timetable& hours = next.terms.availability;
  if (!hours.time_zone.empty()) {
    if (auto sound = check_timetable(hours); !sound) {
      return fail(ErrorCode::invalid_field, "'terms.availability': " + sound.error().text);
    }
  }
  const auto today = today_of(next);
  if (!today) return tl::unexpected(today.error());
  if (next.status == PersonStatus::active) {
    if (auto ready = check_active(next, *today); !ready) return tl::unexpected(ready.error());
  }
  const Change change{ports_.clock.now(), by.id(), replaces.value_or(next.version)};
  if (auto put = ports_.repository.put_user(next, change); !put) {
    return tl::unexpected(put.error());
  }
  ++next.version;
  if (*stored && next.status != PersonStatus::active) {
    if (auto passed_on = pass_on_cases(**stored, false); !passed_on) {
      return tl::unexpected(passed_on.error());
    }
  }
  return next;
}

// ---- what time brings ---------------------------------------------------------------------------

Result<int> Registry::tidy_up() {
  const auto everybody = ports_.repository.users();
  if (!everybody) return tl::unexpected(everybody.error());
  int handled = 0;
  for (const User& user : *everybody) {
    const auto today = today_of(user);
    if (!today) return tl::unexpected(today.error());
    const std::string& last_day = user.enrolment.replaces_during.to;
    if (user.status == PersonStatus::active && !last_day.empty() && last_day < *today) {
      User next = user;
      next.status = PersonStatus::left;
      const auto put =
          ports_.repository.put_user(next, {ports_.clock.now(), "engine", user.version});
      // Somebody changed him at this moment: the next round looks again.
      if (!put && put.error().code == ErrorCode::version_conflict) continue;
      if (!put) return tl::unexpected(put.error());
      if (auto passed_on = pass_on_cases(next, false); !passed_on) {
        return tl::unexpected(passed_on.error());
      }
      ++handled;
    } else if (user.status != PersonStatus::active && user.has_anywhere(Role::expert)) {
      const auto open = ports_.repository.open_cases_of(user.id);
      if (!open) return tl::unexpected(open.error());
      if (open->empty()) continue;
      if (auto passed_on = pass_on_cases(user, false); !passed_on) {
        return tl::unexpected(passed_on.error());
      }
      ++handled;
    } else if (user.is_absent_on(*today)) {
      // An absence that was announced begins: what he was offered before goes to others.
      if (auto passed_on = pass_on_cases(user, true); !passed_on) {
        return tl::unexpected(passed_on.error());
      }
    }
  }
  return handled;
}

}  // namespace telavis
