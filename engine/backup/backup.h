// SPDX-License-Identifier: Apache-2.0
// A backup of a node in use: `OUT/<instant>/` with the sealed database without the keys of its
// cases, the sealed files that they name and a signed manifest; beside it `OUT/keys-<instant>.tlv`,
// without which no case opens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/core/crypto.h"
#include "engine/core/ports.h"
#include "formats/result.h"

namespace telavis {

struct BackupJob {
  std::filesystem::path database;  // telavis.db, in use or not
  std::filesystem::path blobs;     // the folder of a FileBlobStore
  std::filesystem::path scratch;   // an unsealed copy stands in a folder of this one meanwhile
  std::filesystem::path out;       // made when it is not there
  Key backup_key;
  Key seal_seed;
  Instant at;
};

struct BackupReport {
  std::string name;  // of the folder in `out`
  std::int64_t cases = 0;
  std::int64_t erased_cases = 0;
  std::int64_t blobs = 0;
  std::int64_t linked = 0;  // of these, which an earlier backup beside this one had
  std::int64_t bytes = 0;   // written
};

/// The state of one instant. A file that a case of that state names and that is gone is no error if
/// the case was erased meanwhile. Also writes OUT/erasures.jsonl, the list of all cases that are
/// erased by now. Returns after everything is on the disk; a backup that was broken off has no
/// folder of its name. Errors: state_conflict (there is one of this second), not_found,
/// storage_full, storage_failed.
Result<BackupReport> make_backup(const BackupJob& job);

}  // namespace telavis
