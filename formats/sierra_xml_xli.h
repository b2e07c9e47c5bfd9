// SPDX-License-Identifier: Apache-2.0
// XLI, the compression of Philips' cardiographs. Private to sierra_xml*.
//
// A compressed waveform is a row of chunks, one a lead. A chunk is
//   u32  bytes of code that follow the head        (little-endian, as all of the head)
//   u16  1 in every file seen
//   i16  the first correction, see below
//   codes of 10 bits, the highest bit first, made by LZW: 0..255 stand for themselves, from 256 on
//   a code stands for the text of the code before it and the first byte of its own; no code is
//   added after 1022; 1023 ends the chunk.
// The bytes are the high halves of all 16-bit words, then their low halves. The first two words are
// samples, the others corrections of a straight line through the two samples before, one late:
//   sample[i] = 2 * sample[i-1] - sample[i-2] - c[i], c[2] from the head, c[i+1] = word[i] - 64,
// in 16 bits, wrapping.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/bytes.h"

namespace telavis::sierra {

/// The samples of each chunk, of at most `max_chunks` (further ones hold the unused channels).
/// nullopt when a chunk is cut, holds a code that was not made yet, or unpacks to more than
/// `max_samples` (what the file announces, with room): the work is bounded by these two.
std::optional<std::vector<std::vector<std::int32_t>>> unpack_xli(ByteView data,
                                                                 std::size_t max_chunks,
                                                                 std::size_t max_samples);

/// III, aVR, aVL and aVF of XLI hold what their prediction from I and II was too large by:
/// III = (II - I) - stored, aVR = -(I + II) / 2 - stored, aVL = (I - III) / 2 - stored,
/// aVF = (II + III) / 2 - stored, with III as restored and division towards zero. (In a real file
/// whose leads a device had computed, this rounding alone gives back aVL = I - II / 2 and
/// aVF = II - I / 2 exactly.) Any of the last four may be null.
struct LimbLeads {
  const std::vector<std::int32_t>* I = nullptr;
  const std::vector<std::int32_t>* II = nullptr;
  std::vector<std::int32_t>* III = nullptr;
  std::vector<std::int32_t>* aVR = nullptr;
  std::vector<std::int32_t>* aVL = nullptr;
  std::vector<std::int32_t>* aVF = nullptr;
};
void restore_limb_leads(const LimbLeads& leads);

}  // namespace telavis::sierra
