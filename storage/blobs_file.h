// SPDX-License-Identifier: Apache-2.0
// Blobs as files under one folder: root/4/b/<ref>.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <vector>

#include "engine/core/ports.h"
#include "engine/core/time.h"

namespace telavis {

/// A case's exams are one blob. Photos are at most 64 MiB a file (formats/exam.h) and each is kept
/// as received and upright; this leaves room for two of the largest and bounds what a damaged
/// folder can make us read.
inline constexpr std::size_t kMaxBlobBytes = std::size_t{256} << 20;

class FileBlobStore : public BlobStore {
 public:
  /// Makes the folder when it is not there. Errors: storage_full, storage_failed.
  static Result<FileBlobStore> open(const std::filesystem::path& root);

  FileBlobStore(FileBlobStore&& other) noexcept : root_(std::move(other.root_)) {}

  /// A blob that is there is replaced, whole.
  Result<void> put(const BlobRef& ref, ByteView sealed) override;
  Result<Bytes> get(const BlobRef& ref) override;
  Result<void> erase(const BlobRef& ref) override;

  /// Where a blob is or would be: for backups, which copy files.
  std::filesystem::path path_of(const BlobRef& ref) const { return folder_of(ref) / ref.value; }

  /// What follows looks at the whole store, or at one of so many parts of it (0 ... kParts - 1).
  static constexpr std::size_t kParts = 256;
  using Part = std::optional<std::size_t>;
  /// Blobs last written before `instant` of the file system's clock, sorted: among them are those
  /// whose commit never came.
  Result<std::vector<BlobRef>> written_before(Instant instant, Part part = {}) const;
  /// Removes what writers that died have left half-written before `instant`; gives how many.
  Result<std::size_t> sweep_scratch(Instant instant, Part part = {});
  /// Erases the blob unless somebody has put it anew since, or is about to; true: it did.
  Result<bool> erase_written_before(const BlobRef& ref, Instant instant);

 private:
  explicit FileBlobStore(std::filesystem::path root) : root_(std::move(root)) {}
  std::filesystem::path folder_of_part(std::size_t part) const;
  std::filesystem::path folder_of(const BlobRef& ref) const;
  Result<void> make_folder_once(const std::filesystem::path& folder);

  std::filesystem::path root_;
  std::shared_mutex putting_;  // shared while a blob is put; alone: nobody puts one
  std::mutex mutex_;
  std::set<std::filesystem::path> durable_folders_;  // synced by this process, so by nobody before
};

}  // namespace telavis
