// SPDX-License-Identifier: Apache-2.0
// Hostile photos: whatever the bytes, inspect, normalise and preview end with a picture or a
// refusal, and what normalise lets pass is clean and stays the same when normalised again.
#include <cstdint>
#include <cstdlib>

#include "formats/jpeg.h"

namespace {

// Larger pictures take long and find nothing that smaller ones do not.
constexpr int kMaxFuzzPixels = 1 << 18;

void require(bool truth) {
  if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  const ByteView file(data, size);
  const auto photo = inspect_jpeg(file);
  if (photo && std::int64_t{photo->width} * photo->height > kMaxFuzzPixels) return 0;
  const auto normalised = normalise_jpeg(file);
  const auto preview = preview_jpeg(file, 64);
  require(photo || (!normalised && !preview));
  if (!normalised) return 0;
  require(preview.has_value());
  const auto after = inspect_jpeg(*normalised);
  require(after && after->width == photo->width && after->height == photo->height);
  require(after->findings.empty());
  for (const PrivateMetadata kind : after->private_metadata) {
    require(kind == PrivateMetadata::exif && after->orientation != 1);
  }
  const auto again = normalise_jpeg(*normalised);
  require(again && *again == *normalised);
  const auto small = inspect_jpeg(*preview);
  require(small && small->width <= 64 && small->height <= 64 && small->private_metadata.empty());
  return 0;
}
