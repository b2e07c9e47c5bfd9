// SPDX-License-Identifier: Apache-2.0
// The way back from a backup: into a new data folder, everything verified, erasures applied again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/crypto.h"
#include "engine/core/key_ring.h"
#include "engine/core/ports.h"
#include "formats/result.h"

namespace telavis {

struct RestoreJob {
  std::filesystem::path backup;        // the folder OUT/<instant>
  std::filesystem::path wrapped_keys;  // keys-<instant>.tlv of this backup, or of a later one
  std::vector<std::filesystem::path> erasures;   // lists as ErasureLog and backups write them
  std::vector<std::filesystem::path> key_files;  // copied to target/keys/
  std::filesystem::path target;                  // made; may be an empty folder
  Key backup_key;
  Key seal_seed;
  KeyRing ring;
  Instant at;
};

struct RestoreReport {
  std::string name;
  std::int64_t schema = 0;
  std::int64_t cases = 0;
  std::int64_t erased_again = 0;
  std::int64_t chains = 0;            // audit chains that fit from the first entry to the head
  std::int64_t entries = 0;           // in them
  std::int64_t blobs = 0;             // each with its hash, and opened under its case's key
  std::int64_t bytes = 0;             // of them
  std::int64_t pending_messages = 0;  // will be sent when the engine starts, perhaps a second time
  std::int64_t last_root = 0;
};

/// Makes `target` with telavis.db and blobs/, whole or not at all. Sessions are not restored.
/// Errors: configuration_invalid (the target is not empty; the file of keys is older than the
/// backup; schema of a newer program), not_found, crypto_failed (a byte of the backup, or a key, is
/// not what it was), storage_full, storage_failed.
Result<RestoreReport> restore_backup(const RestoreJob& job);

/// The newest keys-<instant>.tlv beside a backup. Errors: not_found.
Result<std::filesystem::path> newest_wrapped_keys(const std::filesystem::path& out);

}  // namespace telavis
