// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "engine/core/ports.h"

namespace telavis {

/// Sealed files in memory, for one thread.
class MemoryBlobs : public BlobStore {
 public:
  Result<void> put(const BlobRef& ref, ByteView sealed) override;
  Result<Bytes> get(const BlobRef& ref) override;
  Result<void> erase(const BlobRef& ref) override;

  bool has(const BlobRef& ref) const { return blobs_.contains(ref.value); }
  void each(const std::function<void(const BlobRef&)>& visit) const {
    for (const auto& [name, bytes] : blobs_) visit(BlobRef(name));
  }

 private:
  std::unordered_map<std::string, Bytes> blobs_;
};

}  // namespace telavis
