// SPDX-License-Identifier: Apache-2.0
// What a search over the web asks (PS3.18 8.3.4, 10.6) and what it is answered. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/dicom_studies.h"
#include "formats/dicom_builder.h"
#include "formats/result.h"

namespace telavis {

/// Of one answer: what a viewer's list shows on a few pages. Each is an audit entry.
inline constexpr std::size_t kMaxSearchResults = 100;
/// Of one search. A form has a dozen fields.
inline constexpr std::size_t kMaxSearchKeys = 64;

enum class DicomLevel { study, series, instance };

struct SearchKey {
  std::uint32_t tag = 0;
  std::string value;  // UTF-8
};
struct DicomSearch {
  DicomLevel level = DicomLevel::study;
  std::vector<SearchKey> keys;
  std::vector<std::uint32_t> include;
  bool include_all = false;
  std::size_t limit = kMaxSearchResults, offset = 0;
  std::vector<std::string> warnings;  // what of the query was not followed, for `Warning`
};

/// A raw query. Keys that are not matched on are passed over with a warning. Errors:
/// malformed_request (limit or offset that is no number, too many keys).
Result<DicomSearch> parse_dicom_search(DicomLevel level, std::string_view query);

struct DicomFound {
  std::vector<DicomInstance> shown;  // one of each result that the answer tells of
  std::vector<DicomBuilder> results;
  std::size_t more = 0;  // results behind the last of these
};
/// `instances` are all that may be found. `root`: URL of the service, before "/studies".
DicomFound find_dicom(const DicomSearch& search, const std::vector<DicomInstance>& instances,
                      const std::string& root);

/// "<root>/studies/1/series/2/instances/3", as far as the level goes.
std::string dicom_url(const std::string& root, const DicomHeading& heading, DicomLevel level);

}  // namespace telavis
