// SPDX-License-Identifier: Apache-2.0
#include "engine/http/media_types.h"
#include "formats/text.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace telavis {
namespace {

// 122 bits of chance: no exam holds it.
constexpr std::string_view kBoundary = "telavis-3f0e6b52-8a41-4c1d-9d7e-52c4b1a6e9f0";
constexpr std::size_t kMaxRanges = 32;  // a viewer names a handful

/// The value of `q`, 1 when there is none that can be read.
double quality_of(const Parameterised& range) {
  const std::string_view text = range.parameter("q").value_or("1");
  double quality = 1;
  std::from_chars(text.data(), text.data() + text.size(), quality);
  return quality;
}

/// Up to the next comma that is in no quotes.
std::string_view take_range(std::string_view& list) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list.size() && (quoted || list[end] != ','); ++end) {
    if (list[end] == '"') quoted = !quoted;
  }
  const std::string_view range = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return range;
}

void put(Bytes& to, std::string_view text) {
  to.insert(to.end(), text.begin(), text.end());
}

}  // namespace

bool MediaRange::includes(std::string_view media_type) const {
  if (type.value == "*/*" || type.value == media_type) return true;
  return type.value.ends_with("/*") &&
         media_type.starts_with(std::string_view(type.value).substr(0, type.value.size() - 1));
}

bool MediaRange::includes_parts(std::string_view part_type) const {
  if (!includes("multipart/related")) return false;
  const auto parts = type.parameter("type");
  return !parts || MediaRange{{lowered(*parts), {}}}.includes(part_type);
}

std::vector<MediaRange> accepted_types(std::string_view accept) {
  if (trimmed_blanks(accept).empty()) return {{{"*/*", {}}}};
  std::vector<std::pair<double, MediaRange>> ranges;
  while (!accept.empty() && ranges.size() < kMaxRanges) {
    auto range = parse_parameterised(take_range(accept));
    if (!range || range->value.empty()) continue;
    const double quality = quality_of(*range);
    if (quality > 0) ranges.push_back({quality, {std::move(*range)}});
  }
  std::ranges::stable_sort(
      ranges, [](const auto& left, const auto& right) { return left.first > right.first; });
  std::vector<MediaRange> sorted;
  sorted.reserve(ranges.size());
  for (auto& [quality, range] : ranges) sorted.push_back(std::move(range));
  return sorted;
}

void MultipartBody::add(std::string_view part_type, ByteView content) {
  put(bytes_, bytes_.empty() ? "--" : "\r\n--");
  put(bytes_, kBoundary);
  put(bytes_, "\r\nContent-Type: ");
  put(bytes_, part_type);
  put(bytes_, "\r\n\r\n");
  bytes_.insert(bytes_.end(), content.begin(), content.end());
}

Bytes MultipartBody::take() {
  put(bytes_, bytes_.empty() ? "--" : "\r\n--");
  put(bytes_, kBoundary);
  put(bytes_, "--\r\n");
  return std::move(bytes_);
}

std::string MultipartBody::content_type(std::string_view part_type) {
  return "multipart/related; type=\"" + std::string(part_type) +
         "\"; boundary=" + std::string(kBoundary);
}

}  // namespace telavis
