// SPDX-License-Identifier: Apache-2.0
// ZIP archives as no honest program writes them (PKWARE APPNOTE 6.3), byte by byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/crc32.h"

namespace telavis::test {

struct RawZipFile {
  std::string name;
  Bytes packed;                           // as it stands in the archive
  std::optional<Bytes> unpacked;          // when it is not `packed` itself
  std::optional<std::uint32_t> size;      // said, when it is not the true one
  std::optional<std::string> local_name;  // before the bytes, when the directory says another
  std::uint16_t flags = 0;                // 1: encrypted
  std::uint16_t method = 0;               // 0 stored, 8 deflate
  std::uint32_t attributes = 0;           // external; the upper half is the Unix mode
};

/// A deflate stream of one stored block, of at most 65,535 bytes.
inline Bytes stored_deflate(const Bytes& bytes) {
  Bytes out;
  ByteWriter writer(out);
  writer.u8(1);
  writer.u16le(static_cast<std::uint16_t>(bytes.size()));
  writer.u16le(static_cast<std::uint16_t>(~bytes.size()));
  writer.bytes(bytes);
  return out;
}

inline void write_common(ByteWriter& writer, const RawZipFile& file, const std::string& name) {
  const Bytes& unpacked = file.unpacked ? *file.unpacked : file.packed;
  writer.u16le(20);  // version needed
  writer.u16le(file.flags);
  writer.u16le(file.method);
  writer.u16le(0);       // time
  writer.u16le(0x5821);  // 2024-01-01
  writer.u32le(crc32(unpacked));
  writer.u32le(static_cast<std::uint32_t>(file.packed.size()));
  writer.u32le(file.size.value_or(static_cast<std::uint32_t>(unpacked.size())));
  writer.u16le(static_cast<std::uint16_t>(name.size()));
  writer.u16le(0);  // extra field
}

inline Bytes raw_zip(const std::vector<RawZipFile>& files) {
  Bytes out, directory;
  ByteWriter local(out), central(directory);
  for (const RawZipFile& file : files) {
    const auto offset = static_cast<std::uint32_t>(out.size());
    const std::string local_name = file.local_name.value_or(file.name);
    local.u32le(0x04034B50);
    write_common(local, file, local_name);
    local.text(local_name);
    local.bytes(file.packed);
    central.u32le(0x02014B50);
    central.u16le(0x0314);  // made by Unix
    write_common(central, file, file.name);
    central.u16le(0);  // comment
    central.u16le(0);  // disk
    central.u16le(0);  // internal attributes
    central.u32le(file.attributes);
    central.u32le(offset);
    central.text(file.name);
  }
  const auto start = static_cast<std::uint32_t>(out.size());
  out.insert(out.end(), directory.begin(), directory.end());
  local.u32le(0x06054B50);
  local.u32le(0);  // disks
  local.u16le(static_cast<std::uint16_t>(files.size()));
  local.u16le(static_cast<std::uint16_t>(files.size()));
  local.u32le(static_cast<std::uint32_t>(directory.size()));
  local.u32le(start);
  local.u16le(0);  // comment
  return out;
}

}  // namespace telavis::test
