// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/calendar.h"
#include "engine/core/ids.h"
#include "formats/result.h"

namespace telavis {

struct Programme;

enum class Role { requester, expert, coordinator, treasurer, medical_referent, admin };
std::string_view role_name(Role role);
std::optional<Role> role_from_name(std::string_view name);

/// Of a person's place in the scheme. Only `active` people log in and are offered cases.
enum class PersonStatus { requested, active, suspended, left };
std::string_view person_status_name(PersonStatus status);
std::optional<PersonStatus> person_status_from_name(std::string_view name);

/// A role is held in one programme; `admin` is held in none (empty programme).
struct Membership {
  ProgrammeId programme;
  Role role = Role::requester;
  bool operator==(const Membership&) const = default;
};

/// What the association has on file about a doctor: ISO dates, empty while it has not happened.
struct Enrolment {
  std::string requested_on;
  std::string identity_checked_on;
  std::string decided_on;
  std::string decided_by;  // user id of the board member
  std::string trained_on;  // when the programme asks for a training
  std::string charter_signed_on;
  std::string charter_version;
  std::string insured_until;     // professional insurance covering teleexpertise
  std::string order_checked_on;  // status at the Order, checked again every year
  std::string replaces;          // name of the doctor a locum stands for
  DateRange replaces_during;
};

/// How an expert takes part. Empty lists restrict nothing.
struct ExpertTerms {
  std::vector<std::string> territories;  // département codes whose cases he takes
  std::vector<std::string> exam_kinds;   // "ecg", "photo", "document" he takes
  std::int64_t max_open_cases = 0;       // 0: no limit
  std::int64_t max_weekly_cases = 0;     // that he took in the last seven days; 0: no limit
  std::vector<UserId> conflicts;         // requesters whose cases he never gets
  Timetable availability;                // no time zone: daytime in the programme's zone
  /// Full hours of his day, 0..23, at which one mail tells of the cases he was offered since; none:
  /// one mail a case (engine/core/expert_digest.h).
  std::vector<std::int64_t> digest_hours;
};

/// A professional or a member of the association's staff. No patient is ever a user.
struct User {
  UserId id;
  std::int64_t version = 0;  // given by the repository; 0: not stored yet
  std::string login;
  std::string password_hash;  // Argon2id, libsodium's string form
  std::string title;          // "Dr"
  std::string given_name;
  std::string family_name;
  std::string rpps;          // 11 digits, empty for staff
  std::string profession;    // tariff vocabulary: "medecin", "sage-femme", ...
  std::string speciality;    // free words of the directory
  std::string mail_address;  // MSSanté address
  std::string mobile_phone;
  std::string office_phone;
  std::string place;      // town
  std::string territory;  // "971", "22", ...: a French département code
  PersonStatus status = PersonStatus::active;
  bool available = true;           // an expert who takes offers at present
  std::optional<UserId> delegate;  // reads for him during an absence
  Enrolment enrolment;
  ExpertTerms terms;
  std::vector<Membership> memberships;

  /// On a local date.
  bool is_absent_on(std::string_view date) const;
  bool may_log_in() const { return status == PersonStatus::active; }
  bool has(Role role, const ProgrammeId& programme) const;
  bool has_anywhere(Role role) const;
  /// Requester, expert or medical referent of some programme: comes near to patients.
  bool is_carer() const;
  std::vector<ProgrammeId> programmes_as(Role role) const;
  /// "Dr Élise D'Été".
  std::string display_name() const;
};

/// Doctors who answer under one mailbox; any member may take what is sent to the group.
struct GroupPractice {
  std::string id;            // a slug
  std::int64_t version = 0;  // given by the repository; 0: not stored yet
  ProgrammeId programme;
  std::string name;
  std::string mail_address;  // shared
  std::string phone;
  std::vector<UserId> members;
};

/// What may name a person, a group, a device or a programme: 1..64 of a-z, 0-9, '-', '_', '.'.
bool is_record_id(std::string_view text);

/// True for 11 digits whose last one is the Luhn key of the others (RPPS, annuaire santé; the
/// formula of ISO/IEC 7812-1, annex B).
bool is_rpps(std::string_view text);

/// Shapes and contradictions of what is on file: address, RPPS digits, telephone numbers, dates,
/// memberships. Errors: missing_field, invalid_field, with the member's name.
Result<void> check_person(const User& user);
/// Errors: missing_field, invalid_field.
Result<void> check_group(const GroupPractice& group);

/// What the association should look at; nothing is refused for it. Codes of sentences
/// ("person.<code>"): rpps_missing, rpps_key, insurance_missing, insurance_ended, order_check_due.
/// `today` is an ISO date.
std::vector<std::string> person_warnings(const User& user, std::string_view today);
/// A year has passed since the status at the Order was looked at, or it never was.
bool order_check_is_due(const User& user, std::string_view today);

/// What stands between this person and an active membership, as codes of sentences
/// ("person.<code>"): no_membership, no_identity_check, no_decision; of a doctor also no_charter,
/// no_training (when one of `programmes` asks for it), locum_dates_missing, locum_ended,
/// locum_not_begun. Empty: may be active.
std::vector<std::string> obstacles_to_activity(const User& user,
                                               const std::vector<Programme>& programmes,
                                               std::string_view today);

}  // namespace telavis
