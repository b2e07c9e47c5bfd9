// SPDX-License-Identifier: Apache-2.0
// DICOM files in Explicit VR Little Endian (PS3.5 7.1.2, PS3.10 7.1). Internal to the DICOM writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"
#include "formats/dicom.h"
#include "formats/dicom_text.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// Which programme wrote a file: a UUID of this project.
inline constexpr std::string_view kDicomImplementation =
    "2.25.281530964829106458213720466731558012347";
inline constexpr std::string_view kDicomImplementationVersion = "TELAVIS";

/// A data set or an item that is being filled; its elements come out in the order of their tags.
class DicomBuilder {
 public:
  void text(std::uint32_t tag, std::string_view vr, std::string_view value);
  void empty(std::uint32_t tag, std::string_view vr) { text(tag, vr, {}); }
  void u16(std::uint32_t tag, std::size_t value) { u16s(tag, "US", {value}); }
  void u16s(std::uint32_t tag, std::string_view vr, const std::vector<std::size_t>& values);
  void u32(std::uint32_t tag, std::size_t value);
  /// `vr` one of those with a length of four bytes.
  void bytes(std::uint32_t tag, std::string_view vr, Bytes value);
  /// Appends an item to a sequence.
  void item(std::uint32_t tag, const DicomBuilder& content);
  void code(std::uint32_t tag, std::string_view value, std::string_view scheme,
            std::string_view meaning);
  /// The one frame of encapsulated pixels: an empty offset table, one fragment of even length.
  void frame(std::uint32_t tag, Bytes stream);

  Bytes encoded() const;

 private:
  struct Value {
    std::string vr;
    Bytes bytes;
    bool undefined_length = false;
  };
  std::map<std::uint32_t, Value> elements_;
};

/// Patient, General Study, General Series, General Equipment, SOP Common (PS3.3 C.7 and C.12).
struct DicomHeader {
  std::string_view sop_class;
  std::string_view modality;
  PatientIdentity patient;
  DeviceIdentity device;
  DicomInstant study;
};
void put_header(DicomBuilder& at, const DicomHeader& header, const DicomContext& context);

/// Errors: unsupported_conversion for UIDs that are none, and for a patient identifier that DICOM
/// cannot hold: one that were cut or changed could be somebody else's.
Result<void> check_context(const DicomContext& context, const PatientIdentity& patient);

bool is_empty(const PatientIdentity& patient);

/// Preamble, meta information, data set.
Bytes dicom_file(std::string_view sop_class, std::string_view sop_instance,
                 std::string_view transfer_syntax, const DicomBuilder& dataset);

}  // namespace telavis
