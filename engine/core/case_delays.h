// SPDX-License-Identifier: Apache-2.0
// The delays of a case that are the same in every programme; a programme's own stand in its Sla.
// Used by case.cpp and the decide*.cpp files.
#pragma once

#include "engine/core/time.h"

namespace telavis::delay {

inline constexpr Duration kDay = std::chrono::hours(24);
inline constexpr Duration kWeek = 7 * kDay;

/// Whoever takes a case over, or gets what he asked for, has at least half a day, whatever the
/// promise leaves.
inline constexpr Duration kLeastHold = std::chrono::hours(12);
/// Who changed his text this lately is not silent: nothing is taken from him, nor is he reminded.
inline constexpr Duration kDraftIsFresh = std::chrono::hours(2);
inline constexpr Duration kFirstInfoReminder = std::chrono::hours(4);

inline constexpr Duration kIncompleteKept = kWeek;
/// First the requester, who may think that his question has left; a day after, the coordinator.
inline constexpr Duration kIncompleteReminder = std::chrono::hours(4);
inline constexpr Duration kIncompleteAlert = kDay;
inline constexpr Duration kRedirectReminder = kDay;

inline constexpr Duration kUrgentAlert = std::chrono::minutes(30);
inline constexpr Duration kUndeliveredAlert = kDay;
inline constexpr Duration kUnopenedReminder = kDay;
inline constexpr Duration kDelegateAsked = 2 * kDay;
inline constexpr Duration kAppointmentReminder = kWeek;
inline constexpr Duration kFirstCloseOutReminder = kWeek;
inline constexpr Duration kSecondCloseOutReminder = 2 * kWeek;
/// After the answer: by then a histology is back, and an operation is over.
inline constexpr Duration kFirstOutcome = 30 * kDay;
inline constexpr Duration kSecondOutcome = 90 * kDay;
/// After delivery: until then questions about the opinion are answered, then the case closes.
inline constexpr Duration kFollowUp = 30 * kDay;

/// A month for a second person to look at it; afterwards whoever wants the erasure asks again.
inline constexpr Duration kErasureRequestLapses = 30 * kDay;

}  // namespace telavis::delay
