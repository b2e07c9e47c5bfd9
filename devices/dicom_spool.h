// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>

#include "formats/bytes.h"
#include "formats/result.h"

namespace telavis {

/// Where an object waits on the disk until it may be whole in memory: a file without a name, gone
/// with the process. One of an association, used again for each of its objects.
class DicomSpool {
 public:
  DicomSpool() = default;
  DicomSpool(const DicomSpool&) = delete;
  DicomSpool& operator=(const DicomSpool&) = delete;
  ~DicomSpool();

  /// Empty, and made when it is the first. Errors: storage_failed, storage_full.
  Result<void> begin(const std::filesystem::path& folder);
  Result<void> append(ByteView bytes);
  std::size_t size() const { return size_; }
  Result<Bytes> load() const;

 private:
  int file_ = -1;
  std::size_t size_ = 0;
};

}  // namespace telavis
