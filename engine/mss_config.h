// SPDX-License-Identifier: Apache-2.0
// The sections of telavis.conf.json that say how this node stands in MSSanté.
#pragma once

#include <optional>

#include "engine/core/json_reader.h"
#include "formats/result.h"
#include "mssante/mss_profile.h"
#include "mssante/trust_domain.h"

namespace telavis {

/// "mss_profile"; what is absent stays. Errors: those of JsonReader, configuration_invalid.
Result<void> read_mss_profile(JsonReader& reader, MssProfile& profile);

/// "trust_list"; absent or null: none, and mail is sent whatever the address (to a Maildir, where
/// there is no operator). Errors: those of JsonReader.
Result<void> read_trust_list(JsonReader& reader, std::optional<TrustListOptions>& options);

}  // namespace telavis
