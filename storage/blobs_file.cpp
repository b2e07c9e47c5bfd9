// SPDX-License-Identifier: Apache-2.0
#include "storage/blobs_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/core/durable_file.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

// Longest name: well under NAME_MAX (255), well over "report-<26 characters>-<n>".
constexpr std::size_t kMaxRefLength = 128;

bool is_ref(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRefLength &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

/// FNV-1a: spreads names over folders whatever their common prefix; nothing secret hangs on it.
std::uint32_t spread(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 16777619U;
  }
  return hash ^ (hash >> 16U);
}

tl::unexpected<Error> not_a_ref() {
  return fail(ErrorCode::storage_failed,
              "this cannot name a blob: lower-case letters, digits and '-' only");
}

tl::unexpected<Error> unreadable(const std::error_code& error) {
  return fail(ErrorCode::storage_failed,
              "listing the blob folder failed: " + error.message() + "; check its rights");
}

Instant modified_at(const struct stat& status) {
  return from_epoch_ms(std::int64_t{status.st_mtim.tv_sec} * 1000 +
                       status.st_mtim.tv_nsec / 1'000'000);
}

/// Calls `visit` with every plain file below `top` last written before `instant`.
template <typename Visit>
Result<void> each_file_before(const fs::path& top, Instant instant, Visit visit) {
  std::error_code error;
  fs::recursive_directory_iterator entry(top, error);
  if (error == std::errc::no_such_file_or_directory) return {};  // a part without blobs so far
  if (error) return unreadable(error);
  for (; entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    struct stat status {};
    // Another process may erase a file between the listing and this line.
    if (::lstat(entry->path().c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        modified_at(status) < instant)
      visit(entry->path());
  }
  if (error) return unreadable(error);
  return {};
}

}  // namespace

Result<FileBlobStore> FileBlobStore::open(const fs::path& root) {
  if (auto made = make_folder_durably(root); !made) return tl::unexpected(made.error());
  return FileBlobStore(root);
}

fs::path FileBlobStore::folder_of_part(std::size_t part) const {
  // 16 x 16 folders: a million blobs are 4,000 a folder, and a new store is soon done making them.
  constexpr std::string_view kDigits = "0123456789abcdef";
  return root_ / std::string(1, kDigits[part / 16]) / std::string(1, kDigits[part % 16]);
}

fs::path FileBlobStore::folder_of(const BlobRef& ref) const {
  return folder_of_part(spread(ref.value) % kParts);
}

Result<void> FileBlobStore::make_folder_once(const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  if (durable_folders_.contains(folder)) return {};
  if (auto made = make_folder_durably(folder.parent_path()); !made) return made;
  if (auto made = make_folder_durably(folder); !made) return made;
  durable_folders_.insert(folder);
  return {};
}

Result<void> FileBlobStore::put(const BlobRef& ref, ByteView sealed) {
  if (!is_ref(ref.value)) return not_a_ref();
  if (sealed.size() > kMaxBlobBytes)
    return fail(ErrorCode::storage_failed, "a blob of this size could not be read back");
  const auto folder = folder_of(ref);
  const std::shared_lock lock(putting_);
  if (auto made = make_folder_once(folder); !made) return made;
  const auto written = write_durably(folder, folder / ref.value, sealed, IfPresent::replace);
  if (!written) return tl::unexpected(written.error());
  return {};
}

Result<Bytes> FileBlobStore::get(const BlobRef& ref) {
  if (!is_ref(ref.value)) return not_a_ref();
  return read_whole(folder_of(ref) / ref.value, kMaxBlobBytes);
}

Result<void> FileBlobStore::erase(const BlobRef& ref) {
  if (!is_ref(ref.value)) return not_a_ref();
  return remove_durably(folder_of(ref) / ref.value);
}

Result<std::vector<BlobRef>> FileBlobStore::written_before(Instant instant, Part part) const {
  std::vector<BlobRef> found;
  auto listed =
      each_file_before(part ? folder_of_part(*part) : root_, instant, [&](const fs::path& file) {
        if (is_ref(file.filename().native())) found.emplace_back(file.filename().native());
      });
  if (!listed) return tl::unexpected(listed.error());
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::size_t> FileBlobStore::sweep_scratch(Instant instant, Part part) {
  std::vector<fs::path> abandoned;
  auto listed =
      each_file_before(part ? folder_of_part(*part) : root_, instant, [&](const fs::path& file) {
        if (is_scratch_name(file)) abandoned.push_back(file);
      });
  if (!listed) return tl::unexpected(listed.error());
  for (const auto& file : abandoned) {
    if (auto removed = remove_durably(file); !removed) return tl::unexpected(removed.error());
  }
  return abandoned.size();
}

Result<bool> FileBlobStore::erase_written_before(const BlobRef& ref, Instant instant) {
  if (!is_ref(ref.value)) return not_a_ref();
  const auto file = folder_of(ref) / ref.value;
  const std::unique_lock lock(putting_);
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0 || modified_at(status) >= instant) return false;
  if (auto removed = remove_durably(file); !removed) return tl::unexpected(removed.error());
  return true;
}

}  // namespace telavis
