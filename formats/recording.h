// SPDX-License-Identifier: Apache-2.0
// The values that every codec reads into and every writer writes from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/bytes.h"
#include "formats/leads.h"

namespace telavis {

enum class Severity { info, warning, error };
std::string_view severity_name(Severity severity);

/// A technical remark about a file, never an interpretation of what it shows. `code` is stable
/// snake_case (e.g. "crc_mismatch"); `text` is English and says what was found and how to repair
/// it, without any identity.
struct Finding {
  std::string code;
  Severity severity = Severity::warning;
  std::string text;
};

enum class Sex { unknown, male, female, other };
std::string_view sex_name(Sex sex);  // "unknown", "male", "female", "other"

/// Identity as written in a file. UTF-8. Dates are ISO 8601 ("1953-05-08"), empty when absent or
/// out of range.
struct PatientIdentity {
  std::string id;
  std::string family_name;
  std::string given_name;
  std::string birth_date;
  Sex sex = Sex::unknown;
};

struct DeviceIdentity {
  std::string manufacturer;
  std::string model;
  std::string serial;
};

/// When the recording was made: local wall clock as the device wrote it, and the offset to UTC only
/// if the file gives one.
struct AcquiredAt {
  std::string local;                      // "2002-11-22T09:10:00", empty when absent
  std::optional<int> utc_offset_minutes;  // -840..+840
  /// "2002-11-22T09:10:00-04:00", or the local time alone when no offset is known.
  std::string iso8601() const;
};

/// One channel. Value in nanovolts = samples[i] * gain_nv_per_lsb; its instant =
/// (first_sample + i) * sampling_interval_us after the start of the recording.
struct Lead {
  LeadCode code = LeadCode::unspecified;
  std::vector<std::int32_t> samples;
  double gain_nv_per_lsb = 0;       // > 0
  double sampling_interval_us = 0;  // > 0
  std::uint32_t first_sample = 0;
  bool derived = false;  // computed from other leads, not recorded
  std::string label;     // UTF-8, as the file names a lead that no code names; empty otherwise
};

/// `label` when the lead has one, else the name of its code.
std::string lead_title(const Lead& lead);

enum class QtcFormula { unknown, bazett, hodges, fridericia, framingham };
std::string_view qtc_formula_name(QtcFormula formula);

/// As stated by the device. Absent values are nullopt, never a sentinel. Milliseconds, degrees,
/// beats per minute.
struct Measurements {
  std::optional<int> ventricular_rate_bpm, atrial_rate_bpm;
  std::optional<int> rr_ms, pp_ms, p_duration_ms, pr_ms, qrs_ms, qt_ms, qtc_ms;
  std::optional<int> p_axis_deg, qrs_axis_deg, t_axis_deg;
  std::optional<int> pacemaker_spikes;  // count declared by the device
  std::optional<QtcFormula> qtc_formula;
};

/// What the device measured in one lead. Durations in milliseconds, amplitudes in microvolts.
struct LeadMeasurements {
  LeadCode code = LeadCode::unspecified;
  std::optional<int> p_duration_ms, pr_ms, qrs_ms, qt_ms, q_duration_ms, r_duration_ms,
      s_duration_ms;
  std::optional<int> q_uv, r_uv, s_uv, j_uv, p_positive_uv, p_negative_uv, t_positive_uv,
      t_negative_uv;
};

struct Filters {
  std::optional<double> high_pass_hz;  // lower edge of the pass-band
  std::optional<double> low_pass_hz;   // upper edge
  std::optional<int> notch_hz;         // 50 or 60
};

struct EcgRecording {
  std::string format;   // "SCP-ECG"
  std::string version;  // "2.0"
  PatientIdentity patient;
  DeviceIdentity device;
  AcquiredAt acquired_at;
  Filters filters;
  std::vector<Lead> leads;        // no code twice; unspecified ones differ by their label
  std::vector<Lead> median_beat;  // the device's own averaged beat, a lead each; may be empty
  Measurements measurements;
  std::vector<LeadMeasurements> lead_measurements;
  std::vector<std::string> statements;  // the device's own text, UTF-8
  bool statements_confirmed = false;    // the file says that a physician confirmed them
  std::vector<Finding> findings;

  const Lead* lead(LeadCode code) const;
};

/// Private metadata found in a photo before it is taken off.
enum class PrivateMetadata { exif, gps, maker_note, xmp, iptc, comment, other_application_segment };
std::string_view private_metadata_name(PrivateMetadata kind);

/// What a photo of a set is for. Stated by the sender, or by a DICOM dermoscopic object.
enum class PhotoRole { unstated, overview, close_up, dermoscopy };
std::string_view photo_role_name(PhotoRole role);
std::optional<PhotoRole> photo_role_from_name(std::string_view name);

struct SkinPhoto {
  std::string format;   // "JPEG", "PNG", "WebP", "HEIC", "DICOM"
  std::string version;  // of a JPEG "baseline" or "progressive"; of a DICOM object its SOP class
  int width = 0;        // pixels, as shown (after orientation)
  int height = 0;
  int orientation = 1;  // EXIF 1..8, as found in the file
  PhotoRole role = PhotoRole::unstated;
  PatientIdentity patient;  // of DICOM objects; a camera's own metadata are never read into it
  AcquiredAt acquired_at;   // likewise
  DeviceIdentity device;    // likewise
  std::vector<PrivateMetadata> private_metadata;
  std::vector<Finding> findings;
};

/// A document that holds a drawing of a tracing: carried and shown, its samples are not known.
struct PdfDocument {
  std::string format = "PDF";  // "PDF", or "DICOM" around one
  std::string version;         // of the PDF: "1.4"
  int pages = 0;
  PatientIdentity patient;  // of a DICOM object; the text of a PDF is not read
  AcquiredAt acquired_at;   // likewise
  DeviceIdentity device;    // likewise
  std::vector<Finding> findings;
};

using Exam = std::variant<EcgRecording, SkinPhoto, PdfDocument>;

/// An exam and the bytes that travel in its place: of a photo the upright JPEG without private
/// metadata, of a document the PDF, of a tracing nothing.
struct DecodedExam {
  Exam exam;
  Bytes document;
};

}  // namespace telavis
