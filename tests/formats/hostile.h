// SPDX-License-Identifier: Apache-2.0
// What a reader must bear: every truncation of a small valid file and every change of one byte.
#pragma once

#include <gtest/gtest.h>

#include "formats/bytes.h"

namespace telavis::test {

/// `decode` must return; the sanitizers watch the rest. The unchanged file must give leads.
template <typename Decode>
void hostile(const Bytes& file, const Decode& decode) {
  EXPECT_GT(decode(file), 0);
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));  // exact heap
    decode(cut);
  }
  Bytes changed = file;
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      changed[i] = static_cast<std::uint8_t>(file[i] ^ flip);
      decode(changed);
    }
    changed[i] = file[i];
  }
}

}  // namespace telavis::test
