// SPDX-License-Identifier: Apache-2.0
#include "formats/tar.h"

#include <algorithm>
#include <optional>

namespace telavis {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameBytes = 100;
constexpr std::size_t kModeOffset = 100;
constexpr std::size_t kOwnerOffset = 108;
constexpr std::size_t kGroupOffset = 116;
constexpr std::size_t kSizeOffset = 124;
constexpr std::size_t kTimeOffset = 136;
constexpr std::size_t kChecksumOffset = 148;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kTypeOffset = 156;
constexpr std::size_t kMagicOffset = 257;
constexpr std::string_view kMagic = "ustar";  // then NUL "00" (POSIX) or two blanks (old GNU)

// Octal digits, blanks before and a blank or NUL behind.
std::optional<std::uint64_t> octal(ByteView field) {
  std::uint64_t value = 0;
  bool any = false;
  for (const std::uint8_t byte : field) {
    if (byte == ' ' && !any) continue;
    if (byte == ' ' || byte == 0) break;
    if (byte < '0' || byte > '7') return std::nullopt;
    value = value * 8 + (byte - '0');
    any = true;
  }
  return any ? std::optional(value) : std::nullopt;
}

void put_octal(Bytes& header, std::size_t offset, std::size_t digits, std::uint64_t value) {
  for (std::size_t i = digits; i-- > 0; value /= 8) {
    header[offset + i] = static_cast<std::uint8_t>('0' + value % 8);
  }
}

// The sum of a header's bytes, its own field counted as blanks.
std::uint64_t checksum(ByteView header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kChecksumOffset && i < kChecksumOffset + kChecksumBytes;
    sum += own ? std::uint8_t{' '} : header[i];
  }
  return sum;
}

std::string base_name(ByteView field) {
  std::string_view name = as_text(field);
  name = name.substr(0, name.find('\0'));
  return std::string(name.substr(name.rfind('/') + 1));  // npos + 1 is 0: no folder
}

bool is_end(ByteView header) {
  return std::ranges::all_of(header, [](std::uint8_t byte) { return byte == 0; });
}

Bytes header_of(const NamedFile& file) {
  Bytes header(kBlock, 0);
  const std::string_view name = std::string_view(file.name).substr(0, kNameBytes);
  std::ranges::copy(name, header.begin());
  put_octal(header, kModeOffset, 7, 0644);
  put_octal(header, kOwnerOffset, 7, 0);
  put_octal(header, kGroupOffset, 7, 0);
  put_octal(header, kSizeOffset, 11, file.bytes.size());
  put_octal(header, kTimeOffset, 11, 0);
  header[kTypeOffset] = '0';
  std::ranges::copy(kMagic, header.begin() + kMagicOffset);
  header[kMagicOffset + 6] = '0';
  header[kMagicOffset + 7] = '0';
  put_octal(header, kChecksumOffset, 6, checksum(header));
  header[kChecksumOffset + 7] = ' ';
  return header;
}

}  // namespace

bool looks_like_tar(ByteView file) {
  return file.size() >= kBlock && as_text(file.subspan(kMagicOffset, kMagic.size())) == kMagic;
}

Result<std::vector<NamedFile>> read_tar(ByteView archive) {
  std::vector<NamedFile> files;
  std::size_t position = 0;
  while (archive.size() - position >= kBlock) {
    const ByteView header = archive.subspan(position, kBlock);
    if (is_end(header)) return files;
    position += kBlock;
    const auto size = octal(header.subspan(kSizeOffset, 12));
    if (octal(header.subspan(kChecksumOffset, kChecksumBytes)) != checksum(header) || !size) {
      return fail(ErrorCode::malformed_file,
                  "The archive (tar) is damaged. Make it again and send the new file.");
    }
    if (*size > archive.size() - position) {
      return fail(ErrorCode::truncated_file,
                  "The archive (tar) ends before its last file does. Make it again and send the "
                  "new file.");
    }
    const std::uint8_t type = header[kTypeOffset];
    if (type == '0' || type == 0) {
      if (files.size() == kMaxArchivedFiles) {
        return fail(ErrorCode::limit_exceeded,
                    "The archive (tar) holds too many files. Put only the files of one recording "
                    "into it.");
      }
      files.push_back({base_name(header.first(kNameBytes)), archive.subspan(position, *size)});
    }
    const std::size_t padded = (*size + kBlock - 1) / kBlock * kBlock;
    position += std::min(padded, archive.size() - position);
  }
  return files;
}

Bytes write_tar(std::span<const NamedFile> files) {
  Bytes out;
  for (const NamedFile& file : files) {
    const Bytes header = header_of(file);
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), file.bytes.begin(), file.bytes.end());
    out.resize((out.size() + kBlock - 1) / kBlock * kBlock);
  }
  out.resize(out.size() + 2 * kBlock);
  return out;
}

}  // namespace telavis
