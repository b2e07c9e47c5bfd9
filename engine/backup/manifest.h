// SPDX-License-Identifier: Apache-2.0
// What a backup says of itself: enough to find any byte of it that changed. Names and hashes only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/audit.h"
#include "engine/core/crypto.h"
#include "storage/backup.h"

namespace telavis {

struct BackupPart {
  std::string name;
  std::int64_t bytes = 0;
  std::string hash;  // BLAKE2b-256, hex, of the bytes as they stand in the file
};

struct Manifest {
  std::string name;  // of the backup: its instant, "20261122T034500Z"
  DatabaseCount database;
  AuditHead node_audit;
  std::int64_t last_root = 0;  // number of the newest audit root, 0: none
  std::vector<BackupPart> parts;
  BackupPart blob_list;
  std::int64_t blobs = 0;
  BackupPart keys;  // beside the backup
  std::vector<CaseId> erased_meanwhile;
};

inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kSignatureFile = "manifest.sig";
inline constexpr std::string_view kBlobListFile = "blobs.list";
inline constexpr std::string_view kBlobFolder = "blobs";
inline constexpr std::string_view kErasureFile = "erasures.jsonl";
inline constexpr std::size_t kPartBytes = std::size_t{64}
                                          << 20;  // of the database; in memory whole
inline constexpr std::size_t kMaxListBytes = std::size_t{1} << 30;  // of names, hashes or keys

/// "20261122T034500Z": sorts by time.
std::string backup_name(Instant at);
std::string keys_file_name(std::string_view backup);
/// What a part is sealed for: one moved to another place does not open.
std::string part_binding(std::string_view backup, std::string_view part);
Key database_key(const Key& backup_key);
Key wrapped_keys_key(const Key& backup_key);

BackupPart part_of(std::string name, ByteView bytes);

std::string manifest_json(const Manifest& manifest);
std::string manifest_signature(const SealKey& seal, std::string_view json);
/// Of the backup in this folder, its signature checked. Errors: not_found, crypto_failed (changed,
/// or of another installation), configuration_invalid (of a newer program).
Result<Manifest> read_manifest(const std::filesystem::path& folder,
                               const std::string& seal_public_key);

/// The blobs by name.
using BlobList = std::map<std::string, BackupPart>;
std::string blob_list_text(const BlobList& blobs);
/// Checked against the manifest. Errors: not_found, crypto_failed.
Result<BlobList> read_blob_list(const std::filesystem::path& folder, const Manifest& manifest);

std::string wrapped_keys_text(const std::vector<WrappedKey>& keys);
/// Errors: crypto_failed.
Result<std::vector<WrappedKey>> read_wrapped_keys(std::string_view text);

}  // namespace telavis
