// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"

namespace telavis {

enum class Role { requester, expert, coordinator, treasurer, medical_referent, admin };
std::string_view role_name(Role role);
std::optional<Role> role_from_name(std::string_view name);

/// A role is held in one programme; `admin` is held in none (empty programme).
struct Membership {
  ProgrammeId programme;
  Role role = Role::requester;
};

/// A professional or a member of the association's staff. No patient is ever a user.
struct User {
  UserId id;
  std::string login;
  std::string password_hash;  // Argon2id, libsodium's string form
  std::string title;          // "Dr"
  std::string given_name;
  std::string family_name;
  std::string rpps;          // 11 digits, empty for staff
  std::string profession;    // tariff vocabulary: "medecin", "sage-femme", ...
  std::string mail_address;  // MSSanté address
  std::string mobile_phone;
  std::string territory;  // "971", "22", ...: a French département code
  bool active = true;     // may log in
  bool available = true;  // an expert who takes offers at present
  std::vector<Membership> memberships;

  bool has(Role role, const ProgrammeId& programme) const;
  bool has_anywhere(Role role) const;
  std::vector<ProgrammeId> programmes_as(Role role) const;
  /// "Dr Élise D'Été".
  std::string display_name() const;
};

}  // namespace telavis
