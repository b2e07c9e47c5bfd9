// SPDX-License-Identifier: Apache-2.0
#include "engine/backup/manifest.h"

#include <boost/json.hpp>
#include <charconv>
#include <limits>
#include <utility>

#include "engine/core/durable_file.h"
#include "engine/core/json_reader.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::string_view kFormat = "telavis-backup-1";
constexpr std::string_view kSignedAs = "telavis-backup-manifest\n";  // no other thing is signed so
constexpr std::size_t kMaxManifestBytes = 16 << 20;
constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxSignatureBytes = 256;
// Whose key stands in a line of the file of keys.
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

json::object to_json(const BackupPart& part) {
  return {{"name", part.name}, {"bytes", part.bytes}, {"blake2b", part.hash}};
}

BackupPart read_part(JsonReader& reader) {
  BackupPart part;
  part.name = reader.text("name", kMaxName);
  part.bytes = reader.number("bytes", 0, kMost);
  part.hash = reader.text("blake2b", kMaxName);
  // A name leads to no other folder.
  if (part.name.find('/') != std::string::npos || part.name.starts_with('.'))
    reader.wrong("name", "a file of the backup");
  return part;
}

BackupPart read_part(JsonReader& reader, std::string_view name) {
  auto member = reader.object(name, true);
  return member ? read_part(*member) : BackupPart();
}

tl::unexpected<Error> changed(std::string_view what) {
  return fail(ErrorCode::crypto_failed,
              "The backup's " + std::string(what) +
                  " is not what was written: it was damaged or changed. Use another backup.");
}

Result<Manifest> parse(std::string_view text) {
  JsonReader reader(text);
  if (reader.text("format", kMaxName) != kFormat) {
    return fail(ErrorCode::configuration_invalid,
                "This backup was made by another release: restore it with the release that made "
                "it, then let the newer one start on it.");
  }
  Manifest manifest;
  manifest.name = reader.text("name", kMaxName);
  manifest.database.schema = reader.number("schema", 0, kMost);
  if (auto rows = reader.object("rows", true)) {
    for (const std::string& table : rows->names())
      manifest.database.rows[table] = rows->number(table, 0, kMost);
  }
  if (auto head = reader.object("node_audit", true)) {
    manifest.node_audit.length = head->number("length", 0, kMost);
    manifest.node_audit.hash = head->optional_text("hash", kMaxName);
  }
  manifest.last_root = reader.number("last_root", 0, kMost);
  for (JsonReader& part : reader.objects("database")) manifest.parts.push_back(read_part(part));
  manifest.blob_list = read_part(reader, "blob_list");
  manifest.blobs = reader.number("blobs", 0, kMost);
  manifest.keys = read_part(reader, "keys");
  for (const std::string& id : reader.texts("erased_meanwhile", kMaxName))
    manifest.erased_meanwhile.emplace_back(id);
  if (auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return manifest;
}

/// The next word of a line, up to a blank or its end.
std::string_view take_word(std::string_view& line) {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

/// Calls `visit` with each line; false ends it.
template <typename Visit>
bool each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || !visit(text.substr(0, end))) return false;
    text.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace

std::string backup_name(Instant at) {
  std::string name;
  for (const char c : format_utc(at)) {
    if ((c >= '0' && c <= '9') || c == 'T' || c == 'Z') name += c;
  }
  return name;
}

std::string keys_file_name(std::string_view backup) {
  return "keys-" + std::string(backup) + ".tlv";
}

std::string part_binding(std::string_view backup, std::string_view part) {
  return "backup/" + std::string(backup) + "/" + std::string(part);
}

Key database_key(const Key& backup_key) {
  return derive_key(backup_key, "backup database");
}

Key wrapped_keys_key(const Key& backup_key) {
  return derive_key(backup_key, "backup wrapped keys");
}

BackupPart part_of(std::string name, ByteView bytes) {
  return {std::move(name), static_cast<std::int64_t>(bytes.size()), hash_hex(bytes)};
}

std::string manifest_json(const Manifest& manifest) {
  json::object rows;
  for (const auto& [table, count] : manifest.database.rows) rows[table] = count;
  json::array parts, erased;
  for (const BackupPart& part : manifest.parts) parts.push_back(to_json(part));
  for (const CaseId& id : manifest.erased_meanwhile) erased.emplace_back(id.value);
  return json::serialize(
             json::object{{"format", kFormat},
                          {"name", manifest.name},
                          {"schema", manifest.database.schema},
                          {"rows", std::move(rows)},
                          {"node_audit", json::object{{"length", manifest.node_audit.length},
                                                      {"hash", manifest.node_audit.hash}}},
                          {"last_root", manifest.last_root},
                          {"database", std::move(parts)},
                          {"blob_list", to_json(manifest.blob_list)},
                          {"blobs", manifest.blobs},
                          {"keys", to_json(manifest.keys)},
                          {"erased_meanwhile", std::move(erased)}}) +
         "\n";
}

std::string manifest_signature(const SealKey& seal, std::string_view json) {
  return seal.sign(std::string(kSignedAs) + std::string(json));
}

Result<Manifest> read_manifest(const std::filesystem::path& folder,
                               const std::string& seal_public_key) {
  const auto text = read_whole(folder / kManifestFile, kMaxManifestBytes);
  if (!text) return tl::unexpected(text.error());
  const auto signature = read_whole(folder / kSignatureFile, kMaxSignatureBytes);
  if (!signature) return tl::unexpected(signature.error());
  if (!verify_seal(seal_public_key, std::string(kSignedAs) + std::string(as_text(*text)),
                   as_text(*signature))) {
    return fail(ErrorCode::crypto_failed,
                "The manifest is not signed by this seal key: the backup was changed, or it is of "
                "another installation.");
  }
  return parse(as_text(*text));
}

std::string blob_list_text(const BlobList& blobs) {
  std::string text;
  for (const auto& [ref, part] : blobs)
    text += ref + " " + std::to_string(part.bytes) + " " + part.hash + "\n";
  return text;
}

Result<BlobList> read_blob_list(const std::filesystem::path& folder, const Manifest& manifest) {
  const auto bytes = read_whole(folder / kBlobListFile, kMaxListBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  if (hash_hex(*bytes) != manifest.blob_list.hash) return changed("list of files");
  BlobList blobs;
  const bool sound = each_line(as_text(*bytes), [&](std::string_view line) {
    BackupPart part;
    part.name = take_word(line);
    const auto size = take_word(line);
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), part.bytes);
    part.hash = take_word(line);
    const bool read = error == std::errc() && end == size.data() + size.size() && line.empty();
    blobs.emplace(part.name, part);
    return read;
  });
  if (!sound || static_cast<std::int64_t>(blobs.size()) != manifest.blobs)
    return changed("list of files");
  return blobs;
}

std::string wrapped_keys_text(const std::vector<WrappedKey>& keys) {
  std::string text;
  for (const WrappedKey& key : keys) {
    text +=
        std::string(key_owner_name(key.owner)) + " " + key.id + " " + to_hex(key.wrapped) + "\n";
  }
  return text;
}

Result<std::vector<WrappedKey>> read_wrapped_keys(std::string_view text) {
  std::vector<WrappedKey> keys;
  const bool sound = each_line(text, [&](std::string_view line) {
    const auto owner = key_owner_from_name(take_word(line));
    std::string id(take_word(line));
    auto wrapped = from_hex(take_word(line));
    if (!wrapped || id.empty() || !line.empty() || !owner) return false;
    keys.push_back({*owner, std::move(id), std::move(*wrapped)});
    return true;
  });
  if (!sound) return changed("file of keys");
  return keys;
}

}  // namespace telavis
