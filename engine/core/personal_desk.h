// SPDX-License-Identifier: Apache-2.0
// What a doctor has of his own in the engine: texts to write opinions with, appointments to offer
// in them, his count of the year, his notebook. A part of Service.
#pragma once

#include <string>
#include <vector>

#include "engine/core/personal_texts.h"
#include "engine/core/service_apply.h"

namespace telavis {

inline constexpr std::size_t kMaxSlotsAhead =
    500;  // of one expert: a year of two afternoons a week

struct OwnTexts {
  std::int64_t version = 0;  // 0: nothing was kept yet
  PersonalTexts texts;
};

/// What somebody did in a civil year, by the acts' days.
struct YearCount {
  std::int64_t asked = 0;     // answered questions of his
  std::int64_t answered = 0;  // opinions of his
};

class PersonalDesk {
 public:
  PersonalDesk(ServicePorts& ports, const Key& lookup) : ports_(ports), lookup_(lookup) {}

  /// Errors: crypto_failed.
  Result<OwnTexts> texts(const User& actor);
  /// In place of the version that `texts` names. Errors: version_conflict (another window was
  /// quicker), invalid_field.
  Result<OwnTexts> put_texts(const User& actor, const OwnTexts& texts);

  /// Those that are still to come, in order.
  Result<std::vector<Slot>> slots(const User& actor);
  /// Errors: invalid_field (past, or further ahead than a year), state_conflict (he has one at this
  /// instant), limit_exceeded.
  Result<Slot> add_slot(const User& actor, Slot slot);
  /// Errors: not_found (none of his), state_conflict (an opinion offers it: its patient may have
  /// booked it).
  Result<void> erase_slot(const User& actor, const std::string& id);

  Result<YearCount> year(const User& actor, int year);

 private:
  Key key() const;

  ServicePorts& ports_;
  const Key& lookup_;
};

}  // namespace telavis
