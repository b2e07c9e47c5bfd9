// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

enum class OfferPolicy { direct, rotation, open };
std::string_view offer_policy_name(OfferPolicy policy);

/// The promise of a programme. Instants count from completeness (submission of a complete case).
struct Sla {
  Duration offer_window = std::chrono::hours(4);
  Duration breach = std::chrono::hours(48);
  /// Between signing and leaving: time for the expert to take the opinion back.
  Duration release_delay = std::chrono::seconds(60);
  /// How long to wait before routing again when nobody was eligible.
  Duration route_retry = std::chrono::hours(1);
};

/// One line of expertise. Programmes are data: loaded from JSON, versioned, never changed in place.
struct Programme {
  ProgrammeId id;
  std::int64_t version = 1;
  std::string name_fr;
  std::string name_en;
  std::string association;
  std::string speciality;                // "cardiology" or "dermatology"
  std::vector<std::string> territories;  // département codes served
  std::string time_zone;                 // IANA, e.g. "America/Guadeloupe"
  std::string tariff_zone;               // "METRO" or "DROM", see tariffs.json
  std::string mailbox;                   // From of the messages, an MSSanté address
  OfferPolicy policy = OfferPolicy::rotation;
  Sla sla;
  std::vector<PhotoRole> wanted_photos;  // a set of photos without one of these says so

  std::string name(bool french) const { return french ? name_fr : name_en; }
};

/// Strict: unknown members, a breach before the offer window, an unknown zone are refused.
/// Errors: configuration_invalid with the path of the member.
Result<Programme> parse_programme(std::string_view json);
std::string programme_json(const Programme& programme);

}  // namespace telavis
