// SPDX-License-Identifier: Apache-2.0
// What the chain's entry of a released opinion fixes: the opinion, the engine's seal on it, and
// every figure of the acts. What the tables say is compared with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/case.h"

namespace telavis {

/// Hex BLAKE2b-256 over every member of the acts (in the order of their roles) and the instant of
/// the signature.
std::string acts_digest(std::vector<BillableAct> acts, Instant signed_at);

struct ReleaseRecord {
  std::string opinion;  // hash of the opinion
  std::string seal;
  std::string acts;  // acts_digest(), empty for a correction, which makes no acts
};

/// The part of the entry's detail that release_record() reads back: "opinion ...; seal ...".
std::string release_words(const Opinion& opinion, const std::vector<BillableAct>& acts);
/// Of the detail of a "release" entry; nullopt: it is none that release_words() wrote.
std::optional<ReleaseRecord> release_record(std::string_view detail);

}  // namespace telavis
