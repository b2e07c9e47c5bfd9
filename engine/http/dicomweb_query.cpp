// SPDX-License-Identifier: Apache-2.0
#include "engine/http/dicomweb_query.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/http/target.h"
#include "formats/dicom_library.h"
#include "formats/dicom_match.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_text.h"

namespace telavis {
namespace {

constexpr std::uint32_t kAvailability = 0x00080056;
constexpr std::uint32_t kModalitiesInStudy = 0x00080061;
constexpr std::uint32_t kSeriesText = 0x0008103E;  // Series Description
constexpr std::uint32_t kUrl = 0x00081190;         // Retrieve URL
constexpr std::uint32_t kAvailableSyntax = 0x00083002;
constexpr std::uint32_t kSeriesOfStudy = 0x00201206;
constexpr std::uint32_t kInstancesOfStudy = 0x00201208;
constexpr std::uint32_t kInstancesOfSeries = 0x00201209;
constexpr std::size_t kMaxNameCharacters = 64;

/// An attribute of what can be found: answered at its level and below, matched on at all of them.
struct Field {
  std::uint32_t tag;
  DicomLevel level;
  std::string_view vr;
};
/// PS3.18 tables 10.6.3-3 to 10.6.3-5, of which what a photo or a tracing has.
constexpr auto kFields = std::to_array<Field>({
    {dicom_tag::kStudyDate, DicomLevel::study, "DA"},
    {dicom_tag::kStudyTime, DicomLevel::study, "TM"},
    {dicom_tag::kAccessionNumber, DicomLevel::study, "SH"},
    {kAvailability, DicomLevel::study, "CS"},
    {kModalitiesInStudy, DicomLevel::study, "CS"},
    {dicom_tag::kReferringPhysician, DicomLevel::study, "PN"},
    {dicom_tag::kPatientName, DicomLevel::study, "PN"},
    {dicom_tag::kPatientId, DicomLevel::study, "LO"},
    {dicom_tag::kPatientBirthDate, DicomLevel::study, "DA"},
    {dicom_tag::kPatientSex, DicomLevel::study, "CS"},
    {dicom_tag::kStudyInstance, DicomLevel::study, "UI"},
    {dicom_tag::kStudyId, DicomLevel::study, "SH"},
    {kSeriesOfStudy, DicomLevel::study, "IS"},
    {kInstancesOfStudy, DicomLevel::study, "IS"},
    {dicom_tag::kModality, DicomLevel::series, "CS"},
    {kSeriesText, DicomLevel::series, "LO"},
    {dicom_tag::kSeriesInstance, DicomLevel::series, "UI"},
    {dicom_tag::kSeriesNumber, DicomLevel::series, "IS"},
    {kInstancesOfSeries, DicomLevel::series, "IS"},
    {dicom_tag::kSopClass, DicomLevel::instance, "UI"},
    {dicom_tag::kSopInstance, DicomLevel::instance, "UI"},
    {kAvailableSyntax, DicomLevel::instance, "UI"},
    {dicom_tag::kInstanceNumber, DicomLevel::instance, "IS"},
    {dicom_tag::kNumberOfFrames, DicomLevel::instance, "IS"},
    {dicom_tag::kRows, DicomLevel::instance, "US"},
    {dicom_tag::kColumns, DicomLevel::instance, "US"},
});

const Field* field_of(std::uint32_t tag) {
  const auto* found = std::ranges::find(kFields, tag, &Field::tag);
  return found == kFields.end() ? nullptr : found;
}

/// By tag, as texts in UTF-8; absent ones are not there.
using Values = std::map<std::uint32_t, std::string>;

/// What a study and a series have besides their own instance's attributes.
struct Totals {
  std::set<std::string> modalities, series, instances;
};

std::string_view sex_letter(Sex sex) {
  switch (sex) {
    case Sex::unknown:
      return "";
    case Sex::male:
      return "M";
    case Sex::female:
      return "F";
    case Sex::other:
      return "O";
  }
  return "";
}

std::string number(int value) {
  return value == 0 ? std::string() : std::to_string(value);
}

Values values_of(const DicomInstance& one, const Totals& study, const Totals& series) {
  const DicomHeading& heading = one.heading;
  std::string modalities;
  for (const std::string& modality : study.modalities)
    modalities += (modalities.empty() ? "" : "\\") + modality;
  return {{dicom_tag::kStudyDate, heading.study_date},
          {dicom_tag::kStudyTime, heading.study_time},
          {dicom_tag::kAccessionNumber, one.accession},
          {kAvailability, "ONLINE"},
          {kModalitiesInStudy, modalities},
          {dicom_tag::kReferringPhysician, dicom_text(one.requester, kMaxNameCharacters)},
          {dicom_tag::kPatientName, dicom_person_name(one.patient)},
          {dicom_tag::kPatientId, dicom_text(one.patient.id, kMaxNameCharacters)},
          {dicom_tag::kPatientBirthDate, dicom_instant(one.patient.birth_date).date},
          {dicom_tag::kPatientSex, std::string(sex_letter(one.patient.sex))},
          {dicom_tag::kStudyInstance, heading.study},
          {dicom_tag::kStudyId, {}},
          {kSeriesOfStudy, std::to_string(study.series.size())},
          {kInstancesOfStudy, std::to_string(study.instances.size())},
          {dicom_tag::kModality, heading.modality},
          {kSeriesText, heading.description},
          {dicom_tag::kSeriesInstance, heading.series},
          {dicom_tag::kSeriesNumber, number(heading.series_number)},
          {kInstancesOfSeries, std::to_string(series.instances.size())},
          {dicom_tag::kSopClass, heading.sop_class},
          {dicom_tag::kSopInstance, heading.instance},
          {kAvailableSyntax, heading.transfer_syntax},
          {dicom_tag::kInstanceNumber, number(heading.instance_number)},
          {dicom_tag::kNumberOfFrames, number(heading.frames)},
          {dicom_tag::kRows, number(heading.rows)},
          {dicom_tag::kColumns, number(heading.columns)}};
}

/// Of several, divided by `dividers`, one fits.
template <typename Fits>
bool any_of_list(std::string_view list, std::string_view dividers, const Fits& fits) {
  while (true) {
    const std::size_t end = std::min(list.find_first_of(dividers), list.size());
    if (fits(list.substr(0, end))) return true;
    if (end == list.size()) return false;
    list.remove_prefix(end + 1);
  }
}

bool matches_key(const SearchKey& key, const std::string& value) {
  if (is_universal_key(key.value)) return true;
  const Field* field = field_of(key.tag);
  if (field->vr == "UI")
    return any_of_list(key.value, ",\\", [&](std::string_view one) { return one == value; });
  if (field->vr == "DA" || field->vr == "TM") return matches_dicom_range(key.value, value);
  if (field->vr == "PN") return matches_dicom_name(key.value, value);
  return any_of_list(value, "\\",
                     [&](std::string_view one) { return matches_dicom_text(key.value, one); });
}

std::optional<std::uint32_t> tag_of(const std::string& name) {
  std::uint32_t tag = 0;
  const char* const end = name.data() + name.size();
  const auto [parsed, error] = std::from_chars(name.data(), end, tag, 16);
  if (name.size() == 8 && error == std::errc() && parsed == end) return tag;
  return dicom_tag_of(name);
}

Result<std::size_t> count_in(const std::string& value, const char* name) {
  std::size_t count = 0;
  const char* const end = value.data() + value.size();
  const auto [parsed, error] = std::from_chars(value.data(), end, count);
  if (value.empty() || error != std::errc() || parsed != end) {
    return fail(ErrorCode::malformed_request, std::string(name) + " is a whole number, 0 or more.");
  }
  return count;
}

void read_include(DicomSearch& search, const std::string& value) {
  any_of_list(value, ",", [&](std::string_view one) {
    if (one == "all") {
      search.include_all = true;
    } else if (const auto tag = tag_of(std::string(one))) {
      search.include.push_back(*tag);
    }
    return false;
  });
}

Result<void> read_parameter(DicomSearch& search, const std::string& name,
                            const std::string& value) {
  if (name == "includefield") {
    read_include(search, value);
    return {};
  }
  if (name == "limit" || name == "offset") {
    const auto count = count_in(value, name.c_str());
    if (!count) return tl::unexpected(count.error());
    (name == "limit" ? search.limit : search.offset) =
        name == "limit" ? std::min(*count, kMaxSearchResults) : *count;
    return {};
  }
  if (name == "fuzzymatching") {
    if (value == "true") {
      search.warnings.emplace_back(
          "The fuzzymatching parameter is not supported. Only literal matching has been "
          "performed.");
    }
    return {};
  }
  if (name == "accept") return {};
  const auto tag = tag_of(name);
  if (!tag || field_of(*tag) == nullptr) {
    // The name is the client's: it is not repeated.
    search.warnings.emplace_back("A key of this query is not matched on here.");
    return {};
  }
  if (search.keys.size() == kMaxSearchKeys)
    return fail(ErrorCode::malformed_request, "This search has too many keys.");
  search.keys.push_back({*tag, value});
  return {};
}

/// The key of what a result stands for.
const std::string& unit_of(const DicomHeading& heading, DicomLevel level) {
  switch (level) {
    case DicomLevel::study:
      return heading.study;
    case DicomLevel::series:
      return heading.series;
    case DicomLevel::instance:
      return heading.instance;
  }
  return heading.instance;
}

DicomBuilder result_of(const DicomSearch& search, const DicomInstance& one, const Values& values,
                       const std::string& root) {
  DicomBuilder result;
  result.text(dicom_tag::kSpecificCharacterSet, "CS", "ISO_IR 192");
  for (const Field& field : kFields) {
    const bool asked =
        search.include_all || std::ranges::find(search.include, field.tag) != search.include.end();
    if (field.level > search.level && !asked) continue;
    const std::string& value = values.at(field.tag);
    const bool needed = field.level == DicomLevel::study;
    if (value.empty() && !needed) continue;
    if (field.vr != "US") {
      result.text(field.tag, field.vr, value);
    } else if (std::size_t count = 0;
               std::from_chars(value.data(), value.data() + value.size(), count).ec ==
               std::errc()) {
      result.u16(field.tag, count);
    }
  }
  result.text(kUrl, "UR", dicom_url(root, one.heading, search.level));
  return result;
}

}  // namespace

Result<DicomSearch> parse_dicom_search(DicomLevel level, std::string_view query) {
  DicomSearch search;
  search.level = level;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(pair.substr(0, equals));
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return fail(ErrorCode::malformed_request, "The query is not readable.");
    if (auto read = read_parameter(search, *name, *value); !read)
      return tl::unexpected(read.error());
  }
  return search;
}

DicomFound find_dicom(const DicomSearch& search, const std::vector<DicomInstance>& instances,
                      const std::string& root) {
  std::map<std::string, Totals> studies, series;
  for (const DicomInstance& one : instances) {
    Totals& study = studies[one.heading.study];
    if (!one.heading.modality.empty()) study.modalities.insert(one.heading.modality);
    study.series.insert(one.heading.series);
    study.instances.insert(one.heading.instance);
    series[one.heading.series].instances.insert(one.heading.instance);
  }
  DicomFound found;
  std::set<std::string> units;
  for (const DicomInstance& one : instances) {
    const Values values = values_of(one, studies[one.heading.study], series[one.heading.series]);
    const bool fits = std::ranges::all_of(
        search.keys, [&](const SearchKey& key) { return matches_key(key, values.at(key.tag)); });
    if (!fits || !units.insert(unit_of(one.heading, search.level)).second) continue;
    if (units.size() <= search.offset) continue;
    if (found.results.size() == search.limit) {
      ++found.more;
      continue;
    }
    found.shown.push_back(one);
    found.results.push_back(result_of(search, one, values, root));
  }
  return found;
}

std::string dicom_url(const std::string& root, const DicomHeading& heading, DicomLevel level) {
  std::string url = root + "/studies/" + heading.study;
  if (level == DicomLevel::study) return url;
  url += "/series/" + heading.series;
  return level == DicomLevel::series ? url : url + "/instances/" + heading.instance;
}

}  // namespace telavis
