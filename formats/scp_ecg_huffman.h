// SPDX-License-Identifier: Apache-2.0
// The default Huffman table of SCP-ECG (EN 1064 section 2, table number 19999). Private to
// scp_ecg*.
//
// A value is 0..8 as a count of ones closed by a zero and, unless 0, a sign bit (1 = negative);
// nine ones announce a literal, of 8 bits when a zero follows and of 16 bits when a one follows.
// Bits are read from the most significant one down. Checked on real files.
#pragma once

#include <cstdint>
#include <span>

#include "formats/bytes.h"

namespace telavis::scp {

struct HuffmanRead {
  std::size_t values = 0;     // written to the start of `out`
  std::size_t bits_left = 0;  // not used, padding included
};
/// Decodes until `out` is full or no whole code is left.
HuffmanRead decode_default_huffman(ByteView data, std::span<std::int32_t> out);

/// Appends the codes of `values` (each in -32768..32767) and zero bits up to a whole byte.
void encode_default_huffman(std::span<const std::int32_t> values, Bytes& out);

}  // namespace telavis::scp
