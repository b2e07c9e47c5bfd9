// SPDX-License-Identifier: Apache-2.0
#include "engine/backup/backup.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/backup/erasure_log.h"
#include "engine/backup/manifest.h"
#include "engine/core/durable_file.h"
#include "storage/blobs_file.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 1'000;  // cases looked through at a time

/// Gone when it goes, with what is in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(fs::path folder) : folder_(std::move(folder)) {}
  ~ScratchFolder() {
    std::error_code ignored;  // what stays is found and removed by the next backup
    fs::remove_all(folder_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return folder_; }

 private:
  fs::path folder_;
};

tl::unexpected<Error> file_trouble(std::string_view doing, const std::error_code& error) {
  return tl::unexpected(disk_error(doing, error.value()));
}

/// An empty folder, whatever a backup that was broken off has left there.
Result<void> make_anew(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) return file_trouble("removing a folder", error);
  return make_folder_durably(folder);
}

/// The newest backup that is there, with its files.
struct Previous {
  fs::path blobs;
  BlobList list;
};

std::optional<Previous> previous_in(const fs::path& out, const std::string& seal_public_key) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(out, error)) {
    if (entry.is_directory(error) && !entry.path().filename().native().starts_with('.'))
      folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  // One that cannot be read any more is no reason not to make another one.
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
    const auto manifest = read_manifest(*folder, seal_public_key);
    if (!manifest) continue;
    auto list = read_blob_list(*folder, *manifest);
    if (list) return Previous{*folder / kBlobFolder, std::move(*list)};
  }
  return std::nullopt;
}

class BackupRun {
 public:
  BackupRun(const BackupJob& job, fs::path unfinished, const fs::path& scratch, FileBlobStore blobs)
      : job_(job),
        unfinished_(std::move(unfinished)),
        copy_(scratch / "telavis.db"),
        source_(std::move(blobs)),
        seal_(job.seal_seed) {
    report_.name = backup_name(job.at);
    manifest_.name = report_.name;
  }

  Result<BackupReport> run() {
    auto copied = copy_without_keys(job_.database, copy_);
    if (!copied) return tl::unexpected(copied.error());
    manifest_.database = std::move(copied->count);
    if (auto sealed = seal_database(); !sealed) return tl::unexpected(sealed.error());
    if (auto done = copy_blobs(); !done) return tl::unexpected(done.error());
    if (auto done = write_keys(copied->keys); !done) return tl::unexpected(done.error());
    if (auto done = write_erasures(); !done) return tl::unexpected(done.error());
    if (auto done = finish(); !done) return tl::unexpected(done.error());
    return std::move(report_);
  }

 private:
  Result<void> seal_database() {
    std::ifstream in(copy_, std::ios::binary);
    Bytes piece(kPartBytes);
    const Key key = database_key(job_.backup_key);
    while (
        in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size())),
        in.gcount() > 0) {
      const std::string name = "database-" + std::to_string(manifest_.parts.size() + 1) + ".tlv";
      const Bytes sealed =
          seal_stream(key, part_binding(manifest_.name, name),
                      ByteView(piece).first(static_cast<std::size_t>(in.gcount())));
      if (auto written = write_unsynced(unfinished_ / name, sealed); !written) return written;
      manifest_.parts.push_back(part_of(name, sealed));
      report_.bytes += manifest_.parts.back().bytes;
    }
    if (!in.is_open() || in.bad())
      return fail(ErrorCode::storage_failed, "The copy of the database cannot be read back.");
    return {};
  }

  Result<void> copy_blobs() {
    previous_ = previous_in(job_.out, seal_.public_key());
    auto target = FileBlobStore::open(unfinished_ / kBlobFolder);
    if (!target) return tl::unexpected(target.error());
    auto repository = open_sqlite_repository({copy_, {}});
    if (!repository) return tl::unexpected(repository.error());
    const auto head = (*repository)->node_audit_head();
    if (!head) return tl::unexpected(head.error());
    manifest_.node_audit = *head;
    if (auto found = find_last_root(**repository); !found) return found;
    CaseId last;
    while (true) {
      const auto ids = (*repository)->case_ids(last, kPage);
      if (!ids) return tl::unexpected(ids.error());
      if (ids->empty()) break;
      for (const CaseId& id : *ids) {
        const auto subject = (*repository)->load_case(id);
        if (!subject) return tl::unexpected(subject.error());
        if (auto copied = copy_blobs_of(**subject, *target); !copied) return copied;
      }
      last = ids->back();
    }
    report_.blobs = static_cast<std::int64_t>(list_.size());
    return {};
  }

  Result<void> find_last_root(Repository& repository) {
    while (true) {
      const auto roots = repository.audit_roots(manifest_.last_root, kPage);
      if (!roots) return tl::unexpected(roots.error());
      if (roots->empty()) return {};
      manifest_.last_root = roots->back().number;
    }
  }

  Result<void> copy_blobs_of(const Case& subject, FileBlobStore& target) {
    ++report_.cases;
    for (const BlobRef& ref : blobs_of(subject)) {
      if (link_from_previous(ref, target)) continue;
      const auto bytes = source_.get(ref);
      if (!bytes && bytes.error().code == ErrorCode::not_found) {
        if (auto gone = check_erased_by_now(subject.id); !gone) return gone;
        continue;
      }
      if (!bytes) return tl::unexpected(bytes.error());
      if (auto written = write_blob(ref, *bytes, target); !written) return written;
      list_[ref.value] = part_of(ref.value, *bytes);
      report_.bytes += static_cast<std::int64_t>(bytes->size());
    }
    return {};
  }

  static Result<void> write_blob(const BlobRef& ref, ByteView bytes, const FileBlobStore& target) {
    const fs::path file = target.path_of(ref);
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) return file_trouble("making a folder", error);
    return write_unsynced(file, bytes);
  }

  /// A blob never changes: that of an earlier backup is this one's too. False: there is none.
  bool link_from_previous(const BlobRef& ref, const FileBlobStore& target) {
    if (!previous_) return false;
    const auto known = previous_->list.find(ref.value);
    if (known == previous_->list.end()) return false;
    const fs::path file = target.path_of(ref);
    const fs::path old = previous_->blobs / fs::relative(file, unfinished_ / kBlobFolder);
    std::error_code error, other;
    const auto size = static_cast<std::uintmax_t>(known->second.bytes);
    if (fs::file_size(old, error) != size || error) return false;
    if (fs::file_size(source_.path_of(ref), error) != size || error) return false;
    fs::create_directories(file.parent_path(), error);
    fs::create_hard_link(old, file, other);
    if (error || other) return false;  // a disk without links takes a copy
    list_.insert(*known);
    ++report_.linked;
    return true;
  }

  /// The case of this state names a file that is gone: right when it was erased since.
  Result<void> check_erased_by_now(const CaseId& id) {
    if (!live_) {
      auto opened = open_sqlite_repository({job_.database, {}});
      if (!opened) return tl::unexpected(opened.error());
      live_ = std::move(*opened);
    }
    const auto now = live_->load_case(id);
    if (!now) return tl::unexpected(now.error());
    if (*now && (*now)->wrapped_key.empty()) {
      auto& erased = manifest_.erased_meanwhile;
      if (erased.empty() || erased.back() != id) erased.push_back(id);
      return {};
    }
    return fail(ErrorCode::not_found,
                "A sealed file of case " + id.value +
                    " is gone from the blob store although the case was not erased: restore it "
                    "from an earlier backup before this one is made.");
  }

  Result<void> write_keys(const std::vector<WrappedKey>& keys) {
    const std::string name = keys_file_name(manifest_.name);
    const Bytes sealed =
        seal_stream(wrapped_keys_key(job_.backup_key), part_binding(manifest_.name, name),
                    as_bytes(wrapped_keys_text(keys)));
    manifest_.keys = part_of(name, sealed);
    const auto written = write_durably(job_.out, job_.out / name, sealed, IfPresent::replace);
    if (!written) return tl::unexpected(written.error());
    return {};
  }

  /// Of the database as it is now: what was erased while this ran is in it.
  Result<void> write_erasures() {
    const auto erased = erased_cases(job_.database);
    if (!erased) return tl::unexpected(erased.error());
    std::string lines;
    for (const CaseId& id : *erased) lines += erasure_line({id, job_.at});
    report_.erased_cases = static_cast<std::int64_t>(erased->size());
    const auto written =
        write_durably(job_.out, job_.out / kErasureFile, as_bytes(lines), IfPresent::replace);
    if (!written) return tl::unexpected(written.error());
    return {};
  }

  Result<void> finish() {
    const std::string list = blob_list_text(list_);
    manifest_.blob_list = part_of(std::string(kBlobListFile), as_bytes(list));
    manifest_.blobs = report_.blobs;
    const std::string json = manifest_json(manifest_);
    for (const auto& [name, text] : {std::pair<std::string_view, std::string>{kBlobListFile, list},
                                     {kManifestFile, json},
                                     {kSignatureFile, manifest_signature(seal_, json)}}) {
      if (auto written = write_unsynced(unfinished_ / name, as_bytes(text)); !written)
        return written;
    }
    if (auto synced = sync_file_system(unfinished_); !synced) return synced;
    std::error_code error;
    fs::rename(unfinished_, job_.out / manifest_.name, error);
    if (error) return file_trouble("naming a folder", error);
    return sync_file_system(job_.out);
  }

  const BackupJob& job_;
  fs::path unfinished_;
  fs::path copy_;
  FileBlobStore source_;
  SealKey seal_;
  std::optional<Previous> previous_;
  std::unique_ptr<Repository> live_;
  BlobList list_;
  Manifest manifest_;
  BackupReport report_;
};

}  // namespace

Result<BackupReport> make_backup(const BackupJob& job) {
  std::error_code error;
  if (!fs::exists(job.database, error)) {
    return fail(ErrorCode::not_found, "There is no database " + job.database.string() +
                                          ": name the folder with --data-dir or --config.");
  }
  if (auto made = make_folder_durably(job.out); !made) return tl::unexpected(made.error());
  if (fs::exists(job.out / backup_name(job.at), error))
    return fail(ErrorCode::state_conflict, "There is a backup of this second: try again.");
  auto blobs = FileBlobStore::open(job.blobs);
  if (!blobs) return tl::unexpected(blobs.error());
  const ScratchFolder scratch(job.scratch / ".backup");
  const ScratchFolder unfinished(job.out / ".unfinished");
  for (const fs::path& folder : {scratch.path(), unfinished.path()}) {
    if (auto made = make_anew(folder); !made) return tl::unexpected(made.error());
  }
  return BackupRun(job, unfinished.path(), scratch.path(), std::move(*blobs)).run();
}

}  // namespace telavis
