// SPDX-License-Identifier: Apache-2.0
// How long a text may be that somebody types or a file says, in bytes of UTF-8.
#pragma once

#include <cstddef>

namespace telavis {

inline constexpr std::size_t kMaxName = 200;  // of a name, an address, an id, a serial
inline constexpr std::size_t kMaxCode = 64;   // of a code or an id: a column, a URL
inline constexpr std::size_t kMaxDate = 10;   // ISO 8601
inline constexpr std::size_t kMaxPhone = 40;
inline constexpr std::size_t kMaxSlotText = 500;        // where an appointment is, how it is booked
inline constexpr std::size_t kMaxPasswordBytes = 1024;  // bounds the work of one attempt

}  // namespace telavis
