// SPDX-License-Identifier: Apache-2.0
#include "engine/core/ins.h"
#include "formats/text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace telavis {
namespace {

constexpr std::size_t kNumber = 13;
constexpr std::size_t kMatricule = 15;
constexpr std::size_t kDepartment = 5;  // where 2A or 2B stands: sex 1, year 2, month 2 before it
constexpr std::int64_t kModulus = 97;

}  // namespace

std::string_view ins_status_name(InsStatus status) {
  switch (status) {
    case InsStatus::provisional:
      return "provisional";
    case InsStatus::retrieved:
      return "retrieved";
    case InsStatus::validated:
      return "validated";
    case InsStatus::qualified:
      return "qualified";
  }
  return "provisional";
}

bool has_right_ins_key(std::string_view matricule) {
  if (matricule.size() != kMatricule) return false;
  std::string digits(matricule);
  if (digits.substr(kDepartment, 2) == "2A") digits.replace(kDepartment, 2, "19");
  if (digits.substr(kDepartment, 2) == "2B") digits.replace(kDepartment, 2, "18");
  if (!std::ranges::all_of(digits, is_digit)) return false;
  std::int64_t number = 0;
  std::int64_t key = 0;
  std::from_chars(digits.data(), digits.data() + kNumber, number);
  std::from_chars(digits.data() + kNumber, digits.data() + kMatricule, key);
  return key == kModulus - number % kModulus;
}

std::string_view ins_authority(std::string_view oid) {
  if (oid == "1.2.250.1.213.1.4.8") return "nir";
  if (oid == "1.2.250.1.213.1.4.9") return "nia";
  if (oid == "1.2.250.1.213.1.4.10") return "test";
  if (oid == "1.2.250.1.213.1.4.11") return "demo";
  return {};
}

Result<void> check_ins(const InsIdentity& ins) {
  if (ins == InsIdentity{}) return {};
  if (!has_right_ins_key(ins.matricule)) {
    return fail(ErrorCode::invalid_field,
                "'ins.matricule' is wrong: 13 characters and a key of two digits that does not fit "
                "them. Compare it with the card or read it from the INSi service again.");
  }
  if (ins_authority(ins.oid).empty()) {
    return fail(ErrorCode::invalid_field,
                "'ins.oid' is no authority of the INS: 1.2.250.1.213.1.4.8 (NIR), .9 (NIA), or .10 "
                "and .11 for tests.");
  }
  const bool needs_service =
      ins.status == InsStatus::qualified || ins.status == InsStatus::retrieved;
  if (needs_service && !ins.from_insi) {
    return fail(ErrorCode::invalid_field,
                "'ins.status' can be retrieved or qualified only when the identity was read from "
                "the INSi service: say so ('from_insi': true), or send validated or provisional.");
  }
  return {};
}

bool is_qualified(const InsIdentity& ins) {
  return ins.status == InsStatus::qualified && check_ins(ins).has_value();
}

}  // namespace telavis
