// SPDX-License-Identifier: Apache-2.0
// Which of several representations a client takes (RFC 9110, 12.5.1; PS3.18 8.7.5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "devices/multipart.h"
#include "formats/bytes.h"

namespace telavis {

/// A media range of `Accept`, e.g. `multipart/related; type="application/dicom"`.
struct MediaRange {
  Parameterised type;  // value in lower case

  /// The range itself, one of all subtypes, or one of everything.
  bool includes(std::string_view media_type) const;
  /// Whether it is for parts of this type: `type` says so, or nothing.
  bool includes_parts(std::string_view part_type) const;
};
/// The best liked first; those with q=0 and unreadable ones are left out. Nothing said: one range
/// of everything.
std::vector<MediaRange> accepted_types(std::string_view accept);

/// A body of several parts (RFC 2387) of one type.
class MultipartBody {
 public:
  /// `part_type` with its parameters, as it stands in each part.
  void add(std::string_view part_type, ByteView content);
  Bytes take();  // closes it
  /// `multipart/related; type="..."; boundary=...`
  static std::string content_type(std::string_view part_type);

 private:
  Bytes bytes_;
};

}  // namespace telavis
