// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/memory_blobs.h"

namespace telavis {

Result<void> MemoryBlobs::put(const BlobRef& ref, ByteView sealed) {
  blobs_.insert_or_assign(ref.value, Bytes(sealed.begin(), sealed.end()));
  return {};
}

Result<Bytes> MemoryBlobs::get(const BlobRef& ref) {
  const auto found = blobs_.find(ref.value);
  if (found == blobs_.end()) return fail(ErrorCode::not_found, "There is no sealed file of it.");
  return found->second;
}

Result<void> MemoryBlobs::erase(const BlobRef& ref) {
  blobs_.erase(ref.value);
  return {};
}

}  // namespace telavis
