// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace telavis {

/// A string that cannot be mistaken for another kind of identifier.
template <typename Tag>
struct Id {
  std::string value;

  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}
  bool empty() const { return value.empty(); }
  auto operator<=>(const Id&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14
};

using CaseId = Id<struct CaseTag>;  // 26 characters, base32 of 128 random bits
using UserId = Id<struct UserTag>;
using ProgrammeId = Id<struct ProgrammeTag>;  // a slug: "meligua-rythmologie"
using BlobRef = Id<struct BlobTag>;           // names a sealed file in the blob store
using OutboxId = Id<struct OutboxTag>;        // also the left part of the Message-ID

}  // namespace telavis
