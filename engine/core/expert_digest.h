// SPDX-License-Identifier: Apache-2.0
// One mail at the hours that an expert chose, in place of one a case. Used by service_apply.cpp and
// service_digest.cpp.
#pragma once

#include <string>

#include "engine/core/case.h"
#include "engine/core/people.h"
#include "engine/core/ports.h"

namespace telavis {

/// The hours of his digest, in his own time zone.
struct DigestHours {
  std::vector<std::int64_t> hours;  // 0..23, ascending
  std::string time_zone;

  /// The first full hour of the list after this instant, and the last one that is not after it;
  /// `hours` must not be empty. A zone that the system has lost counts as UTC. Where the clocks are
  /// changed an hour may come twice, or not on that day.
  Instant next_after(Instant instant) const;
  Instant last_until(Instant instant) const;
};

/// Of his availability, otherwise that of the programme that writes to him. Errors: those of
/// programme_writing_to.
Result<DigestHours> digest_hours_of(Repository& repository, const User& expert);

/// An invitation of this kind can wait for the digest, and is then not sent by itself. It never
/// costs a promise anything: a fast line, a programme where the mail carries the question, and a
/// digest that comes after half of the window (of a pool that is asked openly: after the instant of
/// the reminder) are told at once.
bool waits_for_digest(MessageKind kind, const Case& subject, const Programme& programme,
                      const UserId& expert, const DigestHours& hours, Instant leaves_at);

}  // namespace telavis
