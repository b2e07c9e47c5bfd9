// SPDX-License-Identifier: Apache-2.0
#include "engine/mail_archive.h"

#include <set>
#include <string>
#include <utility>

#include "formats/zip.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

/// What stands behind the last separator of either kind, without what only a terminal obeys.
std::string bare_name(const std::string& path) {
  std::string name;
  for (const char c : path.substr(path.find_last_of("/\\") + 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) name += c;
  }
  if (name.size() > kMaxNameBytes) name.erase(0, name.size() - kMaxNameBytes);
  // Half a character at the cut.
  while (!name.empty() && (static_cast<unsigned char>(name.front()) & 0xC0U) == 0x80U)
    name.erase(0, 1);
  return name.empty() || name == "." || name == ".." ? "file" : name;
}

std::string unique_name(const std::string& name, std::set<std::string>& taken) {
  std::string chosen = name;
  for (int n = 2; !taken.insert(chosen).second; ++n) chosen = std::to_string(n) + "-" + name;
  return chosen;
}

}  // namespace

Result<std::vector<MailAttachment>> unpack_mail_archive(ByteView archive) {
  const auto reader = ZipReader::open(archive, kMaxArchiveFiles);
  if (!reader) return tl::unexpected(reader.error());
  std::uint64_t bytes = 0;
  for (const ZipMember& member : reader->members()) {
    if (member.special)
      return fail(ErrorCode::malformed_file,
                  "The archive holds a link: send the files themselves.");
    // Before anything is unpacked; the sum cannot wrap, as it ends with the first that is too much.
    if (member.size > kMaxArchiveBytes || bytes + member.size > kMaxArchiveBytes)
      return fail(ErrorCode::limit_exceeded, "The archive is too large unpacked: send its files.");
    bytes += member.size;
  }
  std::vector<MailAttachment> files;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < reader->members().size(); ++i) {
    const ZipMember& member = reader->members()[i];
    if (member.folder) continue;
    auto unpacked = reader->read(i);
    if (!unpacked) return tl::unexpected(unpacked.error());
    files.push_back({unique_name(bare_name(member.name), taken), "application/octet-stream",
                     std::move(*unpacked)});
  }
  return files;
}

}  // namespace telavis
