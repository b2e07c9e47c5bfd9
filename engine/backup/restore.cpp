// SPDX-License-Identifier: Apache-2.0
#include "engine/backup/restore.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "engine/backup/erasure_log.h"
#include "engine/backup/manifest.h"
#include "engine/core/durable_file.h"
#include "storage/blobs_file.h"
#include "storage/sqlite.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 1'000;
constexpr std::size_t kMaxKeyFileBytes = 1 << 16;                           // a master key a line
constexpr std::size_t kMaxPartBytes = kPartBytes + (std::size_t{1} << 20);  // with its seal

tl::unexpected<Error> not_what_was_written(const std::string& what) {
  return fail(ErrorCode::crypto_failed,
              what + " is not what was written: it was damaged or changed. Use another backup.");
}

tl::unexpected<Error> missing(const std::string& what, const Error& why) {
  if (why.code != ErrorCode::not_found) return tl::unexpected(why);
  return fail(ErrorCode::not_found, what + " is missing: use another backup.");
}

/// The instant in "keys-<instant>.tlv", empty for another name.
std::string instant_in(const fs::path& keys_file) {
  const std::string name = keys_file.filename().string();
  const std::string instant = name.substr(0, name.size() - std::min<std::size_t>(name.size(), 4));
  const std::string_view start = "keys-";
  if (!name.starts_with(start) || !name.ends_with(".tlv")) return "";
  return instant.substr(start.size());
}

class RestoreRun {
 public:
  RestoreRun(const RestoreJob& job, fs::path unfinished)
      : job_(job), unfinished_(std::move(unfinished)), database_(unfinished_ / "telavis.db") {}

  Result<RestoreReport> run() {
    using Step = Result<void> (RestoreRun::*)();
    for (const Step step :
         {&RestoreRun::read_backup, &RestoreRun::open_database, &RestoreRun::take_keys,
          &RestoreRun::read_erasure_lists, &RestoreRun::open_repository,
          &RestoreRun::verify_node_chain, &RestoreRun::go_through_cases,
          &RestoreRun::copy_key_files, &RestoreRun::finish}) {
      if (auto done = (this->*step)(); !done) return tl::unexpected(done.error());
    }
    return std::move(report_);
  }

 private:
  Result<void> read_backup() {
    auto manifest = read_manifest(job_.backup, SealKey(job_.seal_seed).public_key());
    if (!manifest) return missing("The manifest of the backup", manifest.error());
    manifest_ = std::move(*manifest);
    auto list = read_blob_list(job_.backup, manifest_);
    if (!list) return missing("The list of files of the backup", list.error());
    list_ = std::move(*list);
    report_.name = manifest_.name;
    report_.schema = manifest_.database.schema;
    report_.last_root = manifest_.last_root;
    return {};
  }

  /// Errors: also those of a part that is missing or changed.
  Result<Bytes> unsealed(const fs::path& file, const BackupPart& part, std::size_t limit,
                         const Key& key, const std::string& bound_to) {
    const auto sealed = read_whole(file, limit);
    if (!sealed) return missing(part.name, sealed.error());
    if (hash_hex(*sealed) != part.hash) return not_what_was_written(part.name);
    return unseal_stream(key, bound_to, *sealed);
  }

  Result<void> open_database() {
    const Key key = database_key(job_.backup_key);
    if (auto made = write_unsynced(database_, {}); !made) return made;
    for (const BackupPart& part : manifest_.parts) {
      const auto piece = unsealed(job_.backup / part.name, part, kMaxPartBytes, key,
                                  part_binding(manifest_.name, part.name));
      if (!piece) return tl::unexpected(piece.error());
      if (auto added = append_unsynced(database_, *piece); !added) return added;
    }
    const auto count = examine_database(database_);
    if (!count) return tl::unexpected(count.error());
    if (*count != manifest_.database) return not_what_was_written("The database");
    return {};
  }

  Result<void> take_keys() {
    const std::string of = instant_in(job_.wrapped_keys);
    if (of < manifest_.name) {
      return fail(ErrorCode::configuration_invalid,
                  "The file of keys is older than the backup: give that of the same instant (" +
                      keys_file_name(manifest_.name) + ") or of a later one.");
    }
    const auto sealed = read_whole(job_.wrapped_keys, kMaxListBytes);
    if (!sealed) return missing("The file of keys", sealed.error());
    if (of == manifest_.name && hash_hex(*sealed) != manifest_.keys.hash)
      return not_what_was_written("The file of keys");
    const auto text = unseal_stream(wrapped_keys_key(job_.backup_key),
                                    part_binding(of, keys_file_name(of)), *sealed);
    if (!text) return not_what_was_written("The file of keys, or the backup key,");
    const auto keys = read_wrapped_keys(as_text(*text));
    if (!keys) return tl::unexpected(keys.error());
    const auto without = put_keys(database_, *keys);
    if (!without) return tl::unexpected(without.error());
    // A later file has the keys of all cases that were not erased by then.
    for (const CaseId& id : *without) erasures_.emplace(id, job_.at);
    if (of == manifest_.name && !without->empty()) return not_what_was_written("The file of keys");
    return {};
  }

  Result<void> read_erasure_lists() {
    std::vector<Erasure> all;
    for (const fs::path& file : job_.erasures) {
      const auto erasures = read_erasures(file);
      if (!erasures) return tl::unexpected(erasures.error());
      all.insert(all.end(), erasures->begin(), erasures->end());
    }
    // Copies of one list of several days: the newest line about a case holds, whatever file it is
    // in.
    std::ranges::stable_sort(all, {},
                             [](const Erasure& one) { return std::pair(one.at, one.kept); });
    for (const Erasure& one : all) {
      if (one.kept)
        erasures_.erase(one.id);
      else
        erasures_[one.id] = one.at;
    }
    for (const CaseId& id : manifest_.erased_meanwhile) erasures_.emplace(id, job_.at);
    return {};
  }

  Result<void> open_repository() {
    auto repository = open_sqlite_repository({database_, {}});
    if (!repository) return tl::unexpected(repository.error());
    repository_ = std::move(*repository);
    auto blobs = FileBlobStore::open(unfinished_ / kBlobFolder);
    if (!blobs) return tl::unexpected(blobs.error());
    target_.emplace(std::move(*blobs));
    auto source = FileBlobStore::open(job_.backup / kBlobFolder);
    if (!source) return tl::unexpected(source.error());
    source_.emplace(std::move(*source));
    return {};
  }

  Result<void> verify(const std::string& chain, const AuditHead& head) {
    const auto entries = repository_->audit_chain(chain);
    if (!entries) return tl::unexpected(entries.error());
    if (const auto at = verify_chain(*entries, head); at != 0) {
      return fail(ErrorCode::crypto_failed, "The audit chain of " + chain +
                                                " does not fit from entry " + std::to_string(at) +
                                                " on: it was changed before the backup was made.");
    }
    ++report_.chains;
    report_.entries += head.length;
    return {};
  }

  Result<void> verify_node_chain() {
    const auto head = repository_->node_audit_head();
    if (!head) return tl::unexpected(head.error());
    if (head->length != manifest_.node_audit.length || head->hash != manifest_.node_audit.hash)
      return not_what_was_written("The node's audit chain");
    return verify("node", *head);
  }

  Result<void> go_through_cases() {
    CaseId last;
    while (true) {
      const auto ids = repository_->case_ids(last, kPage);
      if (!ids) return tl::unexpected(ids.error());
      if (ids->empty()) return {};
      for (const CaseId& id : *ids) {
        if (auto done = restore_case(id); !done) return done;
      }
      last = ids->back();
    }
  }

  Result<void> restore_case(const CaseId& id) {
    const auto subject = repository_->load_case(id);
    if (!subject) return tl::unexpected(subject.error());
    ++report_.cases;
    if (auto verified = verify(id.value, (*subject)->audit); !verified) return verified;
    const auto erasure = erasures_.find(id);
    const bool has_content = !(*subject)->wrapped_key.empty() || !(*subject)->erased_at;
    if (erasure != erasures_.end() && has_content) return erase_again(**subject, erasure->second);
    return restore_blobs(**subject);
  }

  Result<void> erase_again(const Case& subject, Instant at) {
    Commit commit;
    commit.event_id = "restore/" + subject.id.value + "/" + std::to_string(subject.version);
    commit.event_kind = "erase_again";
    commit.at = job_.at;
    commit.answer = "{}";
    commit.expected_version = subject.version;
    commit.next = subject;
    erase_content(commit.next, at);
    // It ended before it was erased, by what is not in this backup any more.
    if (!has_ended(subject.state))
      commit.next.state = subject.opinion ? CaseState::closed : CaseState::cancelled;
    commit.next.pending_opinion.reset();
    commit.next.legal_hold.reset();
    commit.next.version += 1;
    commit.audit.push_back(
        append_audit(subject.id.value, commit.next.audit,
                     {job_.at, "operator", "erase_again",
                      "erased " + format_utc(at) + "; backup " + manifest_.name}));
    const auto committed = repository_->commit(commit);
    if (!committed) return tl::unexpected(committed.error());
    if (committed->outcome != CommitOutcome::committed)
      return fail(ErrorCode::internal, "the database is written to by another process");
    ++report_.erased_again;
    return {};
  }

  Result<void> restore_blobs(const Case& subject) {
    const std::vector<BlobRef> refs = blobs_of(subject);
    if (refs.empty() || subject.wrapped_key.empty()) return {};
    const auto key = job_.ring.unwrap("data-key/" + subject.id.value, subject.wrapped_key);
    if (!key) {
      return fail(ErrorCode::crypto_failed,
                  "The key of case " + subject.id.value +
                      " does not open with this master key: give the master key of the time, or "
                      "the file that holds it beside the newer one.");
    }
    const std::set<BlobRef> exams(subject.exam_blobs.begin(), subject.exam_blobs.end());
    for (const BlobRef& ref : refs) {
      const auto known = list_.find(ref.value);
      if (known == list_.end()) return not_what_was_written("The list of files");
      const auto bytes = source_->get(ref);
      if (!bytes) return missing("The sealed file " + ref.value, bytes.error());
      const std::string bound_to = (exams.contains(ref) ? "exams/" : "report/") + ref.value;
      if (hash_hex(*bytes) != known->second.hash || !unseal_stream(*key, bound_to, *bytes))
        return not_what_was_written("The sealed file " + ref.value);
      if (auto written = write_blob(ref, *bytes); !written) return written;
    }
    return {};
  }

  Result<void> write_blob(const BlobRef& ref, ByteView bytes) {
    const fs::path file = target_->path_of(ref);
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) return tl::unexpected(disk_error("making a folder", error.value()));
    ++report_.blobs;
    report_.bytes += static_cast<std::int64_t>(bytes.size());
    return write_unsynced(file, bytes);
  }

  Result<void> copy_key_files() {
    const fs::path folder = unfinished_ / "keys";
    if (auto made = make_folder_durably(folder); !made) return made;
    for (const fs::path& file : job_.key_files) {
      const auto bytes = read_whole(file, kMaxKeyFileBytes);
      if (!bytes) return missing(file.filename().string(), bytes.error());
      if (auto copied = write_unsynced(folder / file.filename(), *bytes); !copied) return copied;
    }
    return {};
  }

  Result<void> finish() {
    // Whoever was logged in then is not now.
    if (auto ended = repository_->erase_expired_sessions(Instant::max()); !ended) return ended;
    if (auto noted = repository_->append_node_audit(
            {job_.at, "operator", "restore", "backup " + manifest_.name});
        !noted)
      return noted;
    const auto counts = repository_->outbox_counts();
    if (!counts) return tl::unexpected(counts.error());
    const auto pending = counts->find("pending");
    report_.pending_messages = pending == counts->end() ? 0 : pending->second;
    repository_.reset();
    if (auto synced = sync_file_system(unfinished_); !synced) return synced;
    std::error_code error;
    fs::rename(unfinished_, job_.target, error);
    if (error) return tl::unexpected(disk_error("naming a folder", error.value()));
    return sync_file_system(job_.target);
  }

  const RestoreJob& job_;
  fs::path unfinished_;
  fs::path database_;
  Manifest manifest_;
  BlobList list_;
  std::map<CaseId, Instant> erasures_;
  std::unique_ptr<Repository> repository_;
  std::optional<FileBlobStore> source_, target_;
  RestoreReport report_;
};

}  // namespace

Result<RestoreReport> restore_backup(const RestoreJob& job) {
  std::error_code error;
  if (fs::exists(job.target, error) && !fs::is_empty(job.target, error)) {
    return fail(ErrorCode::configuration_invalid,
                job.target.string() + " is not empty: a restore makes a new folder.");
  }
  fs::path target = fs::absolute(job.target, error).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  const fs::path unfinished =
      target.parent_path() / ("." + target.filename().string() + ".unfinished");
  fs::remove_all(unfinished, error);
  if (auto made = make_folder_durably(unfinished); !made) return tl::unexpected(made.error());
  auto report = RestoreRun(job, unfinished).run();
  if (!report) fs::remove_all(unfinished, error);
  return report;
}

Result<fs::path> newest_wrapped_keys(const fs::path& out) {
  fs::path newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(out, error)) {
    const std::string instant = instant_in(entry.path());
    if (!instant.empty() && (newest.empty() || instant > instant_in(newest))) newest = entry.path();
  }
  if (newest.empty()) {
    return fail(ErrorCode::not_found,
                "There is no file of keys (keys-*.tlv) in " + out.string() +
                    ": name the one of this backup, or of a later one, with --wrapped-keys.");
  }
  return newest;
}

}  // namespace telavis
