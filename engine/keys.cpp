// SPDX-License-Identifier: Apache-2.0
#include "engine/keys.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/files.h"

namespace telavis {
namespace {

constexpr std::size_t kDigits = 2 * Key::kBytes;
constexpr std::size_t kMostMasterKeys = 100;  // one a month for eight years

std::optional<Key> key_of(std::string_view line) {
  const auto bytes = line.size() == kDigits ? from_hex(line) : std::nullopt;
  if (!bytes) return std::nullopt;
  std::array<std::uint8_t, Key::kBytes> key{};
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return Key(key);
}

tl::unexpected<Error> no_key(const std::filesystem::path& file) {
  return fail(
      ErrorCode::configuration_invalid,
      file.string() + " is no key: 64 hexadecimal digits are expected on each of its lines.");
}

}  // namespace

Result<void> create_key_file(const std::filesystem::path& file, Random& random) {
  if (std::filesystem::exists(file)) return {};
  const std::string text = to_hex(random_key(random).view()) + "\n";
  return write_file(file, as_bytes(text), FileMode::secret);
}

Result<Key> read_key_file(const std::filesystem::path& file) {
  const auto keys = read_master_keys(file);
  if (!keys) return tl::unexpected(keys.error());
  if (keys->size() != 1) {
    return fail(ErrorCode::configuration_invalid, file.string() + " holds more than one key.");
  }
  return keys->front();
}

Result<std::vector<Key>> read_master_keys(const std::filesystem::path& file) {
  const auto bytes = read_secret_file(file, kMostMasterKeys * (kDigits + 2));
  if (!bytes) return tl::unexpected(bytes.error());
  std::vector<Key> keys;
  std::string_view text = as_text(*bytes);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto key = key_of(line);
    if (!key) return no_key(file);
    keys.push_back(*key);
  }
  if (keys.empty()) return no_key(file);
  return keys;
}

}  // namespace telavis
