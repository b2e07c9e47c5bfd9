// SPDX-License-Identifier: Apache-2.0
#include "engine/blob_sweep.h"

#include <algorithm>
#include <string>
#include <utility>

namespace telavis {

BlobSweep::BlobSweep(FileBlobStore& blobs, Repository& repository, Clock& clock,
                     std::function<Duration()> uptime)
    : blobs_(blobs),
      repository_(repository),
      clock_(clock),
      uptime_(std::move(uptime)),
      suspects_(FileBlobStore::kParts) {}

Result<bool> BlobSweep::is_named(const BlobRef& ref) {
  const auto owner = repository_.load_case(CaseId(ref.value.substr(0, ref.value.find('-'))));
  if (!owner) return tl::unexpected(owner.error());
  if (!*owner) return false;
  const auto named = blobs_of(**owner);
  return std::find(named.begin(), named.end(), ref) != named.end();
}

Result<void> BlobSweep::sweep(const std::vector<BlobRef>& old, Instant before) {
  Suspects still;
  for (const BlobRef& ref : old) {
    const auto named = is_named(ref);
    if (!named) return tl::unexpected(named.error());
    if (*named) continue;
    const Duration now = uptime_();
    const auto known = suspects_[part_].find(ref);
    const Duration since = known == suspects_[part_].end() ? now : known->second;
    if (now - since < kOrphanAge) {
      still.emplace(ref, since);
      continue;
    }
    const auto erased = blobs_.erase_written_before(ref, before);
    if (!erased) return tl::unexpected(erased.error());
    unwritten_ += *erased ? 1 : 0;
  }
  suspects_[part_] = std::move(still);
  return {};
}

Result<int> BlobSweep::round() {
  const Instant before = clock_.now() - kOrphanAge;
  const auto old = blobs_.written_before(before, part_);
  if (!old) return tl::unexpected(old.error());
  if (auto swept = sweep(*old, before); !swept) return tl::unexpected(swept.error());
  const auto scratch = blobs_.sweep_scratch(before, part_);
  if (!scratch) return tl::unexpected(scratch.error());
  unwritten_ += static_cast<int>(*scratch);
  if (unwritten_ > 0) {
    if (auto noted = repository_.append_node_audit(
            {clock_.now(), "engine", "blobs-swept", std::to_string(unwritten_)});
        !noted)
      return tl::unexpected(noted.error());
  }
  part_ = (part_ + 1) % FileBlobStore::kParts;
  return std::exchange(unwritten_, 0);
}

}  // namespace telavis
