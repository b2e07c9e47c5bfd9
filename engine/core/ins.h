// SPDX-License-Identifier: Apache-2.0
// The French national health identity (identité nationale de santé).
#pragma once

#include <string>
#include <string_view>

#include "formats/result.h"

namespace telavis {

/// Status of an identity (RNIV, from memory: unverified). Provisional: typed. Retrieved: read from
/// the INSi service. Validated: an identity document was seen. Qualified: both.
enum class InsStatus { provisional, retrieved, validated, qualified };
std::string_view ins_status_name(InsStatus status);

struct InsIdentity {
  std::string matricule;  // 15 characters: 13 and a key of two digits; empty: none is known
  std::string oid;        // of the authority that gave it
  InsStatus status = InsStatus::provisional;
  bool from_insi = false;  // the sender says that it was read from the INSi service

  bool operator==(const InsIdentity&) const = default;
};

/// True when the key is 97 - (n mod 97) of the 13 characters before it, with Corsica's 2A and 2B
/// counted as 19 and 18. Anything that is not 13 such characters and two digits has a wrong key.
bool has_right_ins_key(std::string_view matricule);

/// "nir" (1.2.250.1.213.1.4.8), "nia" (.9), "test" (.10), "demo" (.11); empty for any other OID.
std::string_view ins_authority(std::string_view oid);

/// Errors: invalid_field (wrong key, unknown authority, or a status that only the INSi service
/// gives without the sender saying that it was asked). An empty identity is right.
Result<void> check_ins(const InsIdentity& ins);

/// The only identity that a document shows as an INS: qualified, from the service, of a right key.
bool is_qualified(const InsIdentity& ins);

}  // namespace telavis
