// SPDX-License-Identifier: Apache-2.0
// Repository::received_not_wrapped_by and its sisters, in memory.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/crypto.h"
#include "engine/core/ports.h"

namespace telavis {

/// Of rows with a `wrapped_key`, by their ids.
template <typename Row>
std::vector<ReceivedKey> keys_beside(const std::map<std::string, Row>& rows,
                                     const std::string& key_id, std::size_t limit) {
  constexpr std::size_t kKeyNameBytes = 8;
  std::map<std::pair<std::string, std::string>, Bytes> others;
  for (const auto& [id, row] : rows) {
    const std::size_t length = std::min(row.wrapped_key.size(), kKeyNameBytes);
    std::string key = to_hex(ByteView(row.wrapped_key).first(length));
    if (!key.empty() && key != key_id)
      others.emplace(std::pair(std::move(key), id), row.wrapped_key);
  }
  std::vector<ReceivedKey> keys;
  for (const auto& [of, wrapped] : others) {
    if (keys.size() < limit) keys.push_back({of.second, wrapped});
  }
  return keys;
}

}  // namespace telavis
