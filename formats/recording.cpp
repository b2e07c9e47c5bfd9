// SPDX-License-Identifier: Apache-2.0
#include "formats/recording.h"

#include <cstdlib>

namespace telavis {

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

std::string_view sex_name(Sex sex) {
  switch (sex) {
    case Sex::unknown:
      return "unknown";
    case Sex::male:
      return "male";
    case Sex::female:
      return "female";
    case Sex::other:
      return "other";
  }
  return "unknown";
}

std::string_view private_metadata_name(PrivateMetadata kind) {
  switch (kind) {
    case PrivateMetadata::exif:
      return "exif";
    case PrivateMetadata::gps:
      return "gps";
    case PrivateMetadata::maker_note:
      return "maker_note";
    case PrivateMetadata::xmp:
      return "xmp";
    case PrivateMetadata::iptc:
      return "iptc";
    case PrivateMetadata::comment:
      return "comment";
    case PrivateMetadata::other_application_segment:
      return "other_application_segment";
  }
  return "other_application_segment";
}

std::string_view qtc_formula_name(QtcFormula formula) {
  switch (formula) {
    case QtcFormula::unknown:
      return "unknown";
    case QtcFormula::bazett:
      return "bazett";
    case QtcFormula::hodges:
      return "hodges";
    case QtcFormula::fridericia:
      return "fridericia";
    case QtcFormula::framingham:
      return "framingham";
  }
  return "unknown";
}

std::string_view photo_role_name(PhotoRole role) {
  switch (role) {
    case PhotoRole::unstated:
      return "unstated";
    case PhotoRole::overview:
      return "overview";
    case PhotoRole::close_up:
      return "close_up";
    case PhotoRole::dermoscopy:
      return "dermoscopy";
  }
  return "unstated";
}

std::optional<PhotoRole> photo_role_from_name(std::string_view name) {
  for (const PhotoRole role :
       {PhotoRole::unstated, PhotoRole::overview, PhotoRole::close_up, PhotoRole::dermoscopy}) {
    if (photo_role_name(role) == name) return role;
  }
  return std::nullopt;
}

std::string lead_title(const Lead& lead) {
  return lead.label.empty() ? lead_name(lead.code) : lead.label;
}

std::string AcquiredAt::iso8601() const {
  if (local.empty() || !utc_offset_minutes) return local;
  const int magnitude = std::abs(*utc_offset_minutes);
  const auto two = [](int value) {
    return std::string{static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
  };
  return local + (*utc_offset_minutes < 0 ? "-" : "+") + two(magnitude / 60) + ":" +
         two(magnitude % 60);
}

const Lead* EcgRecording::lead(LeadCode code) const {
  for (const Lead& candidate : leads) {
    if (candidate.code == code) return &candidate;
  }
  return nullptr;
}

}  // namespace telavis
