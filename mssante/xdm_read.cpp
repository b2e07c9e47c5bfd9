// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "formats/text.h"
#include "formats/zip.h"
#include "mssante/sha1.h"
#include "mssante/xdm.h"

namespace telavis {
namespace {

// A style sheet, pictures of the index and the files that operating systems add: never more.
constexpr std::size_t kMaxFiles = 300;
constexpr std::string_view kRoot = "ihe_xdm/";
constexpr std::string_view kMetadata = "/metadata.xml";

/// Names as some programs write them under Windows.
std::string with_slashes(std::string name) {
  std::ranges::replace(name, '\\', '/');
  return name;
}

/// A name below the archive's own folder, whatever system unpacks it.
bool is_safe(std::string_view name) {
  if (name.ends_with('/')) name.remove_suffix(1);
  if (name.empty()) return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ':') return false;
  }
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool is_archive(ByteView file) {
  const std::string_view text = as_text(file);
  return looks_like_zip(file) || text.starts_with("\x1F\x8B") || text.starts_with("7z\xBC\xAF") ||
         text.starts_with("Rar!");
}

/// "ihe_xdm/subset01" of "ihe_xdm/subset01/metadata.xml"; empty for any other file.
std::string_view subset_of(std::string_view folded) {
  if (!folded.starts_with(kRoot) || !folded.ends_with(kMetadata)) return {};
  const std::string_view folder = folded.substr(0, folded.size() - kMetadata.size());
  if (folder.size() <= kRoot.size()) return {};
  return folder.find('/', kRoot.size()) == std::string_view::npos ? folder : std::string_view();
}

class ArchiveReader {
 public:
  explicit ArchiveReader(std::vector<CdaFinding>& findings) : findings_(findings) {}

  Result<XdmReading> read(ByteView archive);

 private:
  void reject(std::string_view code, std::string_view text) {
    findings_.push_back({std::string(code), CdaSeverity::reject, std::string(text)});
    if (refusal_.empty()) refusal_ = text;
  }
  void flag(std::string_view code, std::string_view text) {
    findings_.push_back({std::string(code), CdaSeverity::flag, std::string(text)});
  }
  bool rejected() const { return !refusal_.empty(); }
  void check_member(const ZipMember& member, std::size_t index);
  void check_members(const ZipReader& archive);
  std::string find_subset();
  void check_others(const std::string& subset, const XdmMetadata& metadata);
  std::optional<Bytes> unpack(const ZipReader& archive, std::size_t index);
  void check_nested(const ZipReader& archive);
  void read_documents(const ZipReader& archive, const std::string& subset, XdmReading& reading);

  std::vector<CdaFinding>& findings_;
  std::string refusal_;                       // of the first finding that rejects
  std::map<std::string, std::size_t> files_;  // by folded name
  bool backslashes_ = false;
};

void ArchiveReader::check_member(const ZipMember& member, std::size_t index) {
  const std::string name = with_slashes(member.name);
  backslashes_ = backslashes_ || name != member.name;
  if (!is_safe(name)) {
    reject("unsafe_path",
           "A file of this archive has a path that leads out of it: open nothing, and tell the "
           "sender's operator.");
  }
  if (member.encrypted) {
    reject("encrypted_file",
           "A file of this archive is encrypted: ask for it to be sent without a password; "
           "MSSanté protects it.");
  }
  if (member.special) {
    reject("special_file",
           "This archive holds a link or a device instead of a file: open nothing, and ask the "
           "sender for a new one.");
  }
  if (member.folder || name.ends_with('/')) return;
  if (files_.emplace(lowered(name), index).second) return;
  reject("duplicate_file",
         "This archive holds two files of one name: ask the sender to make it anew.");
}

void ArchiveReader::check_members(const ZipReader& archive) {
  std::uint64_t unpacked = 0;
  for (std::size_t i = 0; i < archive.members().size(); ++i) {
    const ZipMember& member = archive.members()[i];
    check_member(member, i);
    // Stops before the sum of sizes that lie can wrap round.
    unpacked = std::min<std::uint64_t>(member.size, kMaxXdmUnpackedBytes + 1) + unpacked;
    if (unpacked <= kMaxXdmUnpackedBytes) continue;
    reject("archive_bomb",
           fmt::format("This archive unpacks to more than {} MB: open nothing, and ask the sender "
                       "for a smaller one.",
                       kMaxXdmUnpackedBytes >> 20));
    break;
  }
  if (backslashes_) {
    flag("backslash_names", "The names in this archive have backslashes: tell the sender.");
  }
}

std::string ArchiveReader::find_subset() {
  std::vector<std::string> subsets;
  for (const auto& [name, index] : files_) {
    if (const std::string_view subset = subset_of(name); !subset.empty()) {
      subsets.emplace_back(subset);
    }
  }
  if (subsets.size() == 1) return subsets.front();
  if (subsets.empty()) {
    reject("metadata_absent",
           "This archive has no METADATA.XML below IHE_XDM: ask the sender for an IHE XDM archive, "
           "or for the documents as attachments of their own.");
  } else {
    reject("several_subsets",
           "This archive has several METADATA.XML: ask the sender for one message each.");
  }
  return {};
}

std::optional<Bytes> ArchiveReader::unpack(const ZipReader& archive, std::size_t index) {
  auto bytes = archive.read(index);
  if (bytes) return std::move(*bytes);
  reject("archive_unreadable", bytes.error().text);
  return std::nullopt;
}

// By content, of every file: what is not listed may be opened by hand as well.
void ArchiveReader::check_nested(const ZipReader& archive) {
  for (const auto& [name, index] : files_) {
    const auto bytes = unpack(archive, index);
    if (!bytes) return;
    if (!is_archive(*bytes)) continue;
    reject("nested_archive",
           "This archive holds another archive, which is not opened: ask the sender for the "
           "documents themselves.");
    return;
  }
}

void ArchiveReader::read_documents(const ZipReader& archive, const std::string& subset,
                                   XdmReading& reading) {
  for (const XdmEntry& entry : reading.metadata.entries) {
    const auto file = files_.find(subset + "/" + lowered(entry.uri));
    if (file == files_.end()) {
      reject("document_absent",
             "METADATA.XML names a document that the archive does not hold: ask the sender for a "
             "complete one.");
      continue;
    }
    auto bytes = unpack(archive, file->second);
    if (!bytes) continue;
    if (bytes->size() != entry.size) {
      reject("size_mismatch",
             "A document has not the size that METADATA.XML says: it was changed or cut; ask for "
             "it to be sent again.");
    } else if (sha1_hex(*bytes) != entry.hash) {
      reject("hash_mismatch",
             "A document has not the hash that METADATA.XML says: it was changed; ask for it to be "
             "sent again.");
    }
    reading.documents.push_back(std::move(*bytes));
  }
}

void ArchiveReader::check_others(const std::string& subset, const XdmMetadata& metadata) {
  std::set<std::string> listed = {subset + std::string(kMetadata)};
  for (const XdmEntry& entry : metadata.entries) listed.insert(subset + "/" + lowered(entry.uri));
  const bool unlisted = std::ranges::any_of(files_, [&](const auto& file) {
    return file.first.starts_with(kRoot) && !listed.contains(file.first);
  });
  if (unlisted) {
    flag("unlisted_file",
         "This archive holds files that METADATA.XML does not name: they are left alone.");
  }
  if (!files_.contains("index.htm")) {
    flag("index_missing", "This archive has no INDEX.HTM: tell the sender.");
  }
  if (!files_.contains("readme.txt")) {
    flag("readme_missing", "This archive has no README.TXT: tell the sender.");
  }
}

Result<XdmReading> ArchiveReader::read(ByteView bytes) {
  const auto refused = [&] { return fail(ErrorCode::malformed_file, refusal_); };
  if (bytes.size() > kMaxXdmArchiveBytes) {
    reject("archive_too_large",
           fmt::format("This archive is larger than {} MB: ask the sender for smaller messages.",
                       kMaxXdmArchiveBytes >> 20));
    return refused();
  }
  const auto archive = ZipReader::open(bytes, kMaxFiles);
  if (!archive) {
    const bool many = archive.error().code == ErrorCode::limit_exceeded;
    reject(many ? "too_many_files" : "archive_unreadable", archive.error().text);
    return refused();
  }
  check_members(*archive);
  if (rejected()) return refused();
  const std::string subset = find_subset();
  check_nested(*archive);
  if (rejected()) return refused();
  const auto described = unpack(*archive, files_.at(subset + std::string(kMetadata)));
  if (!described) return refused();
  XdmReading reading;
  auto metadata = read_xdm_metadata(*described, findings_);
  if (!metadata) return tl::unexpected(metadata.error());
  reading.metadata = std::move(*metadata);
  read_documents(*archive, subset, reading);
  check_others(subset, reading.metadata);
  if (rejected()) return refused();
  return reading;
}

}  // namespace

bool looks_like_xdm(ByteView file) {
  if (!looks_like_zip(file)) return false;
  constexpr std::string_view kFolder = "ihe_xdm";
  const std::string_view text = as_text(file);
  return std::search(text.begin(), text.end(), kFolder.begin(), kFolder.end(),
                     [](char c, char d) { return to_lower(c) == d; }) != text.end();
}

Result<XdmReading> read_xdm(ByteView archive, std::vector<CdaFinding>& findings) {
  return ArchiveReader(findings).read(archive);
}

}  // namespace telavis
