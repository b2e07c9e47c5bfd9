// SPDX-License-Identifier: Apache-2.0
#include "engine/core/people.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "engine/core/mail_address.h"
#include "engine/core/programme.h"
#include "engine/core/time.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxRecordId = 64;  // as in a path of the API
constexpr std::size_t kRppsDigits = 11;
constexpr std::size_t kMinPhoneDigits = 6;   // short national numbers of the overseas territories
constexpr std::size_t kMaxPhoneDigits = 15;  // E.164

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

/// Digits with the marks that people write between them, and a leading +.
bool is_phone(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto digits = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit));
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || std::string_view(" .-()").find(c) != std::string_view::npos;
  });
  return clean && digits >= kMinPhoneDigits && digits <= kMaxPhoneDigits;
}

tl::unexpected<Error> invalid_person(std::string_view name, std::string_view what) {
  return fail(ErrorCode::invalid_field, "'" + std::string(name) + "' " + std::string(what) + ".");
}

tl::unexpected<Error> missing(std::string_view name) {
  return fail(ErrorCode::missing_field, "'" + std::string(name) + "' is missing: fill it in.");
}

Result<void> check_contact(const User& user) {
  if (user.login.empty()) return missing("login");
  if (user.family_name.empty()) return missing("family_name");
  if (!is_address(user.mail_address)) {
    return invalid_person("mail_address",
                          "must be an MSSanté address such as nom@exemple.mssante.fr");
  }
  if (!user.rpps.empty() && (user.rpps.size() != kRppsDigits || !all_digits(user.rpps))) {
    return invalid_person("rpps", "must have 11 digits");
  }
  for (const auto& [name, phone] : {std::pair("mobile_phone", &user.mobile_phone),
                                    std::pair("office_phone", &user.office_phone)}) {
    if (!phone->empty() && !is_phone(*phone)) {
      return invalid_person(name, "must be a telephone number such as +590 690 00 00 00");
    }
  }
  if (!user.territory.empty() && !is_departement(user.territory)) {
    return invalid_person("territory", "must be the code of a département such as 971, 22 or 2A");
  }
  return {};
}

Result<void> check_enrolment(const Enrolment& enrolment) {
  const std::array dates = {std::pair("requested_on", &enrolment.requested_on),
                            std::pair("identity_checked_on", &enrolment.identity_checked_on),
                            std::pair("decided_on", &enrolment.decided_on),
                            std::pair("trained_on", &enrolment.trained_on),
                            std::pair("charter_signed_on", &enrolment.charter_signed_on),
                            std::pair("insured_until", &enrolment.insured_until),
                            std::pair("order_checked_on", &enrolment.order_checked_on),
                            std::pair("replaces_during.from", &enrolment.replaces_during.from),
                            std::pair("replaces_during.to", &enrolment.replaces_during.to)};
  for (const auto& [name, date] : dates) {
    if (!date->empty() && !is_iso_date(*date)) {
      return invalid_person("enrolment." + std::string(name), "must be a date such as 2026-02-14");
    }
  }
  if (enrolment.decided_on.empty() != enrolment.decided_by.empty()) {
    return invalid_person("enrolment.decided_by",
                          "and decided_on belong together: who decided, and when");
  }
  const DateRange& during = enrolment.replaces_during;
  if (during.from.empty() != during.to.empty() || during.to < during.from) {
    return invalid_person("enrolment.replaces_during",
                          "must have its first and its last day, in order");
  }
  return {};
}

Result<void> check_memberships(const User& user) {
  for (std::size_t i = 0; i < user.memberships.size(); ++i) {
    const Membership& membership = user.memberships[i];
    if ((membership.role == Role::admin) != membership.programme.empty()) {
      return invalid_person("memberships",
                            "must name the programme of every role but admin, which has none");
    }
    for (std::size_t j = 0; j < i; ++j) {
      const Membership& other = user.memberships[j];
      if (other.role == membership.role && other.programme == membership.programme) {
        return invalid_person("memberships", "name the same role twice");
      }
    }
  }
  return {};
}

Result<void> check_terms(const User& user) {
  const ExpertTerms& terms = user.terms;
  for (const std::string& territory : terms.territories) {
    if (!is_departement(territory)) {
      return invalid_person("terms.territories",
                            "must be codes of départements such as 971, 22 or 2A");
    }
  }
  for (const std::string& kind : terms.exam_kinds) {
    if (kind != "ecg" && kind != "photo" && kind != "document") {
      return invalid_person("terms.exam_kinds", "must be ecg, photo or document");
    }
  }
  if (terms.max_open_cases < 0)
    return invalid_person("terms.max_open_cases", "must not be negative");
  if (terms.max_weekly_cases < 0)
    return invalid_person("terms.max_weekly_cases", "must not be negative");
  for (std::size_t i = 0; i < terms.digest_hours.size(); ++i) {
    const std::int64_t hour = terms.digest_hours[i];
    if (hour < 0 || hour > 23 || (i > 0 && hour <= terms.digest_hours[i - 1])) {
      return invalid_person("terms.digest_hours",
                            "must be full hours of the day from 0 to 23, in order, each once");
    }
  }
  if (std::find(terms.conflicts.begin(), terms.conflicts.end(), user.id) != terms.conflicts.end()) {
    return invalid_person("terms.conflicts", "must name others");
  }
  if (user.delegate == user.id) return invalid_person("delegate", "must be somebody else");
  return {};
}

/// The same day a year later; 29 February gives a day that is not there, which compares as wanted.
std::string a_year_after(std::string_view date) {
  constexpr std::size_t kYearDigits = 4;
  int year = 0;
  std::from_chars(date.data(), date.data() + kYearDigits, year);
  return std::to_string(year + 1) + std::string(date.substr(kYearDigits));
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::requester:
      return "requester";
    case Role::expert:
      return "expert";
    case Role::coordinator:
      return "coordinator";
    case Role::treasurer:
      return "treasurer";
    case Role::medical_referent:
      return "medical_referent";
    case Role::admin:
      return "admin";
  }
  return "admin";
}

std::optional<Role> role_from_name(std::string_view name) {
  for (const Role role : {Role::requester, Role::expert, Role::coordinator, Role::treasurer,
                          Role::medical_referent, Role::admin}) {
    if (role_name(role) == name) return role;
  }
  return std::nullopt;
}

std::string_view person_status_name(PersonStatus status) {
  switch (status) {
    case PersonStatus::requested:
      return "requested";
    case PersonStatus::active:
      return "active";
    case PersonStatus::suspended:
      return "suspended";
    case PersonStatus::left:
      return "left";
  }
  return "left";
}

std::optional<PersonStatus> person_status_from_name(std::string_view name) {
  for (const PersonStatus status : {PersonStatus::requested, PersonStatus::active,
                                    PersonStatus::suspended, PersonStatus::left}) {
    if (person_status_name(status) == name) return status;
  }
  return std::nullopt;
}

bool User::has(Role role, const ProgrammeId& programme) const {
  return std::any_of(memberships.begin(), memberships.end(), [&](const Membership& membership) {
    return membership.role == role && membership.programme == programme;
  });
}

bool User::is_absent_on(std::string_view date) const {
  return std::any_of(terms.availability.shut.begin(), terms.availability.shut.end(),
                     [&](const DateRange& absence) { return absence.covers(date); });
}

bool User::has_anywhere(Role role) const {
  return std::any_of(memberships.begin(), memberships.end(),
                     [&](const Membership& membership) { return membership.role == role; });
}

bool User::is_carer() const {
  return has_anywhere(Role::requester) || has_anywhere(Role::expert) ||
         has_anywhere(Role::medical_referent);
}

std::vector<ProgrammeId> User::programmes_as(Role role) const {
  std::vector<ProgrammeId> programmes;
  for (const Membership& membership : memberships) {
    if (membership.role == role) programmes.push_back(membership.programme);
  }
  return programmes;
}

std::string User::display_name() const {
  std::string name = title;
  for (const std::string& part : {given_name, family_name}) {
    if (!name.empty() && !part.empty()) name += ' ';
    name += part;
  }
  return name;
}

bool is_record_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRecordId &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_rpps(std::string_view text) {
  if (text.size() != kRppsDigits || !all_digits(text)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int digit = text[text.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
  }
  return sum % 10 == 0;
}

Result<void> check_person(const User& user) {
  if (!is_record_id(user.id.value)) {
    return invalid_person("id", "must have 1 to 64 of a-z, 0-9, '-', '_' and '.'");
  }
  if (auto sound = check_contact(user); !sound) return sound;
  if (auto sound = check_enrolment(user.enrolment); !sound) return sound;
  if (auto sound = check_memberships(user); !sound) return sound;
  return check_terms(user);
}

Result<void> check_group(const GroupPractice& group) {
  if (!is_record_id(group.id)) {
    return invalid_person("id", "must have 1 to 64 of a-z, 0-9, '-', '_' and '.'");
  }
  if (group.name.empty()) return missing("name");
  if (!is_address(group.mail_address)) {
    return invalid_person("mail_address",
                          "must be an MSSanté address such as cabinet@exemple.mssante.fr");
  }
  if (!group.phone.empty() && !is_phone(group.phone)) {
    return invalid_person("phone", "must be a telephone number such as +33 2 00 00 00 00");
  }
  if (group.members.empty()) return missing("members");
  std::vector<UserId> members = group.members;
  std::sort(members.begin(), members.end());
  if (std::adjacent_find(members.begin(), members.end()) != members.end()) {
    return invalid_person("members", "name the same person twice");
  }
  return {};
}

bool order_check_is_due(const User& user, std::string_view today) {
  const std::string& checked = user.enrolment.order_checked_on;
  return checked.empty() || a_year_after(checked) <= today;
}

std::vector<std::string> person_warnings(const User& user, std::string_view today) {
  std::vector<std::string> codes;
  if (!user.is_carer()) return codes;
  if (user.rpps.empty()) {
    codes.emplace_back("rpps_missing");
  } else if (!is_rpps(user.rpps)) {
    codes.emplace_back("rpps_key");
  }
  if (user.enrolment.insured_until.empty()) {
    codes.emplace_back("insurance_missing");
  } else if (user.enrolment.insured_until < today) {
    codes.emplace_back("insurance_ended");
  }
  if (order_check_is_due(user, today)) codes.emplace_back("order_check_due");
  return codes;
}

std::vector<std::string> obstacles_to_activity(const User& user,
                                               const std::vector<Programme>& programmes,
                                               std::string_view today) {
  std::vector<std::string> codes;
  const Enrolment& enrolment = user.enrolment;
  if (user.memberships.empty()) codes.emplace_back("no_membership");
  if (enrolment.identity_checked_on.empty()) codes.emplace_back("no_identity_check");
  if (enrolment.decided_on.empty()) codes.emplace_back("no_decision");
  if (!user.is_carer()) return codes;
  if (enrolment.charter_signed_on.empty()) codes.emplace_back("no_charter");
  const bool wants_training =
      std::any_of(programmes.begin(), programmes.end(), [&](const Programme& programme) {
        return programme.training_required &&
               (user.has(Role::requester, programme.id) || user.has(Role::expert, programme.id));
      });
  if (wants_training && enrolment.trained_on.empty()) codes.emplace_back("no_training");
  const DateRange& during = enrolment.replaces_during;
  if (!enrolment.replaces.empty() && during.to.empty()) {
    codes.emplace_back("locum_dates_missing");
  } else if (!during.to.empty() && during.to < today) {
    codes.emplace_back("locum_ended");
  } else if (during.from > today) {
    codes.emplace_back("locum_not_begun");
  }
  return codes;
}

}  // namespace telavis
