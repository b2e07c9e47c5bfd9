// SPDX-License-Identifier: Apache-2.0
#include "engine/core/mail_address.h"

#include <algorithm>

#include <cstddef>

namespace telavis {
namespace {

constexpr std::size_t kMaxAddressLength = 254;  // RFC 3696 erratum 1690: a path of 256 with its <>
constexpr std::size_t kMaxLocalPartLength = 64;
constexpr std::size_t kMaxLabelLength = 63;  // RFC 1035, 2.3.4

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_atom_character(char c) {
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelLength) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  for (const char c : label) {
    if (!is_alphanumeric(c) && c != '-') return false;
  }
  return true;
}

/// True when every piece between dots passes.
template <typename Check>
bool each_piece(std::string_view text, Check check) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!check(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

bool is_dot_atom(std::string_view text) {
  return each_piece(text, [](std::string_view atom) {
    if (atom.empty()) return false;
    for (const char c : atom) {
      if (!is_atom_character(c)) return false;
    }
    return true;
  });
}

bool is_address(std::string_view address) {
  if (address.size() > kMaxAddressLength) return false;
  const std::size_t at = address.find('@');
  if (at > kMaxLocalPartLength) return false;  // also when there is none: npos
  const auto local = address.substr(0, at);
  return local.find('/') == std::string_view::npos && is_dot_atom(local) &&
         each_piece(address.substr(at + 1), is_label);
}

bool same_address(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

}  // namespace telavis
