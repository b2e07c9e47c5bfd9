// SPDX-License-Identifier: Apache-2.0
#include "engine/audit_sinks.h"

#include <algorithm>

#include "engine/core/catalogue.h"
#include "engine/core/durable_file.h"
#include "engine/files.h"
#include "storage/s3_put.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxRootBytes = 16 << 20;  // kMaxRootHeads long lines have 8 MB
constexpr std::size_t kMaxSinkKeyBytes = 4096;
const std::string kMediaType = "application/x-ndjson";  // JSON lines

/// Two lines: access key and secret key.
Result<void> read_keys(const std::filesystem::path& file, S3Bucket& bucket) {
  const auto bytes = read_secret_file(file, kMaxSinkKeyBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  std::string text(as_text(*bytes));
  std::erase(text, '\r');
  const std::size_t end = text.find('\n');
  if (end != text.npos) {
    bucket.access_key = text.substr(0, end);
    bucket.secret_key = text.substr(end + 1, text.find('\n', end + 1) - end - 1);
  }
  if (!bucket.access_key.empty() && !bucket.secret_key.empty()) return {};
  return fail(ErrorCode::configuration_invalid,
              file.string() + " must hold two lines: the access key and the secret key.");
}

Result<void> put_root_in_bucket(const RootSinkConfig& sink, const AuditRoot& root) {
  S3Bucket bucket;
  bucket.endpoint = sink.s3_endpoint;
  bucket.bucket = sink.s3_bucket;
  bucket.region = sink.s3_region;
  bucket.ca_file = sink.s3_ca_file.string();
  if (auto read = read_keys(sink.s3_access_key_file, bucket); !read) return read;
  const auto put = s3_put_new(bucket, sink.s3_prefix + root_file_name(root.number),
                              as_bytes(root.document), kMediaType);
  if (!put) return tl::unexpected(put.error());
  return {};
}

}  // namespace

Result<void> put_root_in_folder(const std::filesystem::path& folder, const AuditRoot& root) {
  // Made by us, the folder of a share that is not mounted would keep the roots on this machine.
  std::error_code failed;
  if (!std::filesystem::is_directory(folder, failed))
    return fail(ErrorCode::not_found,
                "There is no folder " + folder.string() + ": mount the share, or make it.");
  const std::filesystem::path file = folder / root_file_name(root.number);
  const auto written = write_durably(folder, file, as_bytes(root.document), IfPresent::keep);
  if (!written) return tl::unexpected(written.error());
  if (*written == WriteOutcome::written) return {};
  const auto there = read_whole(file, kMaxRootBytes);
  if (!there) return tl::unexpected(there.error());
  if (as_text(*there) == root.document) return {};
  return fail(ErrorCode::state_conflict,
              "The folder holds another root under this number; nothing was overwritten: see "
              "docs/operations.md, \"After a restore\".");
}

Result<void> mail_root(Service& service, const std::string& from, const std::string& to,
                       const AuditRoot& root) {
  MailDraft draft;
  draft.from_label = "Telavis";
  draft.from = from;
  draft.to = to;
  draft.subject = message(kMailLanguage, "mail.audit_root.subject");
  draft.text = message(kMailLanguage, "mail.audit_root.text",
                       {{"root", std::to_string(root.number)},
                        {"at", format_utc(root.at)},
                        {"no_link", message(kMailLanguage, "mail.no_link")}});
  draft.date = root.at;
  const ByteView bytes = as_bytes(root.document);
  draft.attachments.push_back(
      {root_file_name(root.number), kMediaType, Bytes(bytes.begin(), bytes.end())});
  // The same root to the same address is the same message.
  const OutboxId id(hash_of_fields({"audit_root", root.hash, to}).substr(0, 32));
  return service.post(MessageKind::audit_root, id, std::move(draft));
}

std::vector<RootSink> root_sinks(const Config& config, Service& service) {
  std::vector<RootSink> sinks;
  for (const RootSinkConfig& one : config.root_sinks) {
    if (!one.folder.empty()) {
      sinks.push_back({"folder", [folder = one.folder](const AuditRoot& root) {
                         return put_root_in_folder(folder, root);
                       }});
    } else if (!one.mail_to.empty()) {
      sinks.push_back({"mail", [&service, one](const AuditRoot& root) {
                         return mail_root(service, one.mail_from, one.mail_to, root);
                       }});
    } else {
      sinks.push_back(
          {"s3", [one](const AuditRoot& root) { return put_root_in_bucket(one, root); }});
    }
  }
  return sinks;
}

Result<std::vector<RootFile>> roots_of_folder(const std::filesystem::path& folder) {
  std::vector<RootFile> files;
  std::error_code failed;
  for (auto entry = std::filesystem::directory_iterator(folder, failed);
       !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with("audit-root-") || !name.ends_with(".jsonl")) continue;
    const auto bytes = read_file(entry->path(), kMaxRootBytes);
    if (!bytes) return tl::unexpected(bytes.error());
    files.push_back({name, std::string(as_text(*bytes))});
  }
  if (failed)
    return fail(ErrorCode::not_found,
                "Cannot read the folder " + folder.string() + ": " + failed.message() + ".");
  std::sort(files.begin(), files.end(),
            [](const RootFile& left, const RootFile& right) { return left.name < right.name; });
  return files;
}

}  // namespace telavis
