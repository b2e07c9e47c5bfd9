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
#include "formats/scp_ecg_bits.h"

namespace telavis::scp {

/// Decodes until `out` is full or no whole code is left.
HuffmanRead decode_default_huffman(ByteView data, std::span<std::int32_t> out);

/// What fills the last byte. No code is made of seven ones or fewer, so that ones end the data.
enum class Padding { zeros, ones };
/// Appends the codes of `values` (each in -32768..32767) and padding up to a whole byte.
void encode_default_huffman(std::span<const std::int32_t> values, Bytes& out,
                            Padding padding = Padding::zeros);

}  // namespace telavis::scp
