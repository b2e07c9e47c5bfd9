// SPDX-License-Identifier: Apache-2.0
#include "formats/exam_record.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace telavis {
namespace {

constexpr std::string_view kMagic = "TLVEXAM\x02";

// The members of each value stand once, in describe(); a Packer writes what it is shown, an
// Unpacker fills it.

class Packer {
 public:
  explicit Packer(Bytes& out) : writer_(out) {}

  template <typename... Values>
  void all(const Values&... values) {
    (one(values), ...);
  }

 private:
  void one(bool value) { writer_.u8(value ? 1 : 0); }
  void one(const std::string& value) {
    writer_.u32le(static_cast<std::uint32_t>(value.size()));
    writer_.text(value);
  }
  void one(double value) { wide(std::bit_cast<std::uint64_t>(value)); }
  void one(std::integral auto value) { writer_.u32le(static_cast<std::uint32_t>(value)); }
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void one(Enum value) { writer_.u32le(static_cast<std::uint32_t>(value)); }
  template <typename T>
  void one(const std::optional<T>& value) {
    one(value.has_value());
    if (value) one(*value);
  }
  template <typename T>
  void one(const std::vector<T>& values) {
    writer_.u32le(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) one(value);
  }
  /// Samples: most of a recording. In two bytes each where they fit, which is nearly always.
  void one(const std::vector<std::int32_t>& values) {
    const bool narrow = std::ranges::all_of(
        values, [](std::int32_t value) { return value == static_cast<std::int16_t>(value); });
    one(narrow);
    writer_.u32le(static_cast<std::uint32_t>(values.size()));
    const std::size_t width = narrow ? 2 : 4;
    Bytes raw(width * values.size());
    auto next = raw.begin();
    for (const std::int32_t value : values) {
      const auto bits = static_cast<std::uint32_t>(value);
      for (std::size_t i = 0; i < width; ++i) *next++ = static_cast<std::uint8_t>(bits >> (8 * i));
    }
    writer_.bytes(raw);
  }
  template <typename T>
  requires std::is_class_v<T>
  void one(const T& value) { describe(*this, value); }
  void wide(std::uint64_t value) {
    writer_.u32le(static_cast<std::uint32_t>(value));
    writer_.u32le(static_cast<std::uint32_t>(value >> 32));
  }

  ByteWriter writer_;
};

class Unpacker {
 public:
  explicit Unpacker(ByteView bytes) : reader_(bytes) {}
  bool complete() const { return !failed_ && reader_.remaining() == 0; }

  template <typename... Values>
  void all(Values&... values) {
    (one(values), ...);
  }

 private:
  std::uint32_t word() {
    const auto value = reader_.u32le();
    if (!value) failed_ = true;
    return value.value_or(0);
  }
  void one(bool& value) {
    const auto byte = reader_.u8();
    if (!byte || *byte > 1) failed_ = true;
    value = byte.value_or(0) == 1;
  }
  void one(std::string& value) {
    const auto text = reader_.take(word());
    if (!text) failed_ = true;
    if (text) value = as_text(*text);
  }
  void one(double& value) {
    const std::uint64_t low = word();
    value = std::bit_cast<double>(low | (static_cast<std::uint64_t>(word()) << 32));
  }
  template <std::integral T>
  void one(T& value) {
    value = static_cast<T>(word());
  }
  // The last enumerator is not known here: known_values() looks at them afterwards.
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void one(Enum& value) {
    value = static_cast<Enum>(static_cast<std::underlying_type_t<Enum>>(word()));
  }
  template <typename T>
  void one(std::optional<T>& value) {
    bool there = false;
    one(there);
    if (there) one(value.emplace());
  }
  template <typename T>
  void one(std::vector<T>& values) {
    const std::uint32_t count = word();
    // The smallest element takes four bytes: a count that promises more is a lie.
    if (count > reader_.remaining() / 4) failed_ = true;
    if (failed_) return;
    values.resize(count);
    for (T& value : values) one(value);
  }
  void one(std::vector<std::int32_t>& values) {
    bool narrow = false;
    one(narrow);
    const std::uint32_t count = word();
    if (count > reader_.remaining() / (narrow ? 2 : 4)) failed_ = true;
    if (failed_) return;
    values.resize(count);
    for (std::int32_t& value : values) {
      if (narrow) {
        value = reader_.i16le().value_or(0);
      } else {
        one(value);
      }
    }
  }
  template <typename T>
  requires std::is_class_v<T>
  void one(T& value) { describe(*this, value); }

  ByteReader reader_;
  bool failed_ = false;
};

// `Value` is const for a Packer.
template <typename Value, typename Type>
concept Is = std::same_as<std::remove_const_t<Value>, Type>;

template <typename Archive>
void describe(Archive& archive, Is<Finding> auto& value) {
  archive.all(value.code, value.severity, value.text);
}
template <typename Archive>
void describe(Archive& archive, Is<PatientIdentity> auto& value) {
  archive.all(value.id, value.family_name, value.given_name, value.birth_date, value.sex);
}
template <typename Archive>
void describe(Archive& archive, Is<DeviceIdentity> auto& value) {
  archive.all(value.manufacturer, value.model, value.serial);
}
template <typename Archive>
void describe(Archive& archive, Is<AcquiredAt> auto& value) {
  archive.all(value.local, value.utc_offset_minutes);
}
template <typename Archive>
void describe(Archive& archive, Is<Filters> auto& value) {
  archive.all(value.high_pass_hz, value.low_pass_hz, value.notch_hz);
}
template <typename Archive>
void describe(Archive& archive, Is<Lead> auto& value) {
  archive.all(value.code, value.samples, value.gain_nv_per_lsb, value.sampling_interval_us,
              value.first_sample, value.derived, value.label);
}
template <typename Archive>
void describe(Archive& archive, Is<Measurements> auto& value) {
  archive.all(value.ventricular_rate_bpm, value.atrial_rate_bpm, value.rr_ms, value.pp_ms,
              value.p_duration_ms, value.pr_ms, value.qrs_ms, value.qt_ms, value.qtc_ms,
              value.p_axis_deg, value.qrs_axis_deg, value.t_axis_deg, value.pacemaker_spikes,
              value.qtc_formula);
}
template <typename Archive>
void describe(Archive& archive, Is<LeadMeasurements> auto& value) {
  archive.all(value.code, value.p_duration_ms, value.pr_ms, value.qrs_ms, value.qt_ms,
              value.q_duration_ms, value.r_duration_ms, value.s_duration_ms, value.q_uv, value.r_uv,
              value.s_uv, value.j_uv, value.p_positive_uv, value.p_negative_uv, value.t_positive_uv,
              value.t_negative_uv);
}
template <typename Archive>
void describe(Archive& archive, Is<EcgRecording> auto& value) {
  archive.all(value.format, value.version, value.patient, value.device, value.acquired_at,
              value.filters, value.leads, value.median_beat, value.measurements,
              value.lead_measurements, value.statements, value.statements_confirmed,
              value.findings);
}
template <typename Archive>
void describe(Archive& archive, Is<SkinPhoto> auto& value) {
  archive.all(value.format, value.version, value.width, value.height, value.orientation, value.role,
              value.patient, value.acquired_at, value.device, value.private_metadata,
              value.findings);
}
template <typename Archive>
void describe(Archive& archive, Is<PdfDocument> auto& value) {
  archive.all(value.format, value.version, value.pages, value.patient, value.acquired_at,
              value.device, value.findings);
}

template <typename Enum>
bool within(Enum value, Enum last) {
  return value <= last;
}

bool known_values(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (!within(finding.severity, Severity::error)) return false;
  }
  return true;
}

bool known_values(const EcgRecording& recording) {
  return within(recording.patient.sex, Sex::other) &&
         within(recording.measurements.qtc_formula.value_or(QtcFormula::unknown),
                QtcFormula::framingham) &&
         known_values(recording.findings);
}

bool known_values(const SkinPhoto& photo) {
  for (const PrivateMetadata kind : photo.private_metadata) {
    if (!within(kind, PrivateMetadata::other_application_segment)) return false;
  }
  return within(photo.patient.sex, Sex::other) && within(photo.role, PhotoRole::dermoscopy) &&
         known_values(photo.findings);
}

bool known_values(const PdfDocument& document) {
  return within(document.patient.sex, Sex::other) && known_values(document.findings);
}

template <typename Kind>
Result<Exam> unpack_as(ByteView bytes) {
  Kind value;
  Unpacker unpacker(bytes);
  unpacker.all(value);
  if (!unpacker.complete() || !known_values(value)) {
    return fail(ErrorCode::malformed_file, "These bytes are no exam as this version packs it.");
  }
  return Exam(std::move(value));
}

}  // namespace

Bytes pack_exam(const Exam& exam) {
  Bytes out;
  ByteWriter writer(out);
  writer.text(kMagic);
  writer.u8(static_cast<std::uint8_t>(exam.index()));
  std::visit([&](const auto& kind) { Packer(out).all(kind); }, exam);
  return out;
}

Result<Exam> unpack_exam(ByteView bytes) {
  ByteReader reader(bytes);
  const auto magic = reader.take(kMagic.size());
  const auto kind = magic && as_text(*magic) == kMagic ? reader.u8() : std::nullopt;
  const ByteView rest = bytes.subspan(reader.position());
  if (kind == 0) return unpack_as<EcgRecording>(rest);
  if (kind == 1) return unpack_as<SkinPhoto>(rest);
  if (kind == 2) return unpack_as<PdfDocument>(rest);
  return fail(ErrorCode::malformed_file, "These bytes are no exam as this version packs it.");
}

}  // namespace telavis
