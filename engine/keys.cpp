// SPDX-License-Identifier: Apache-2.0
#include "engine/keys.h"

#include <array>
#include <optional>

#include "engine/files.h"

namespace telavis {
namespace {

std::optional<std::uint8_t> nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

Result<void> create_key_file(const std::filesystem::path& file, Random& random) {
  if (std::filesystem::exists(file)) return {};
  const std::string text = to_hex(random_key(random).view()) + "\n";
  return write_file(file, as_bytes(text), FileMode::secret);
}

Result<Key> read_key_file(const std::filesystem::path& file) {
  constexpr std::size_t kDigits = 2 * Key::kBytes;
  auto bytes = read_secret_file(file, kDigits + 2);
  if (!bytes) return tl::unexpected(bytes.error());
  while (!bytes->empty() && (bytes->back() == '\n' || bytes->back() == '\r')) bytes->pop_back();
  std::array<std::uint8_t, Key::kBytes> key{};
  bool sound = bytes->size() == kDigits;
  for (std::size_t i = 0; sound && i < key.size(); ++i) {
    const auto high = nibble(static_cast<char>((*bytes)[2 * i]));
    const auto low = nibble(static_cast<char>((*bytes)[2 * i + 1]));
    sound = high && low;
    if (sound) key[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  if (!sound) {
    return fail(ErrorCode::configuration_invalid,
                file.string() + " is no key: 64 hexadecimal digits are expected.");
  }
  return Key(key);
}

}  // namespace telavis
