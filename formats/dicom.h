// SPDX-License-Identifier: Apache-2.0
// DICOM objects, written by DCMTK (the only .cpp files that include it: formats/dicom*.cpp).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

bool looks_like_dicom(ByteView file);  // "DICM" at offset 128

/// What a DICOM object needs and a recording does not hold. UIDs: PS3.5 chapter 9, at most 64
/// characters, made by the caller (see dicom_uid). Instants "YYYY-MM-DDTHH:MM:SS" local time.
struct DicomContext {
  std::string study_uid, series_uid, instance_uid;
  PatientIdentity patient;    // replaces the identity of the file when it is not empty
  std::string content_local;  // ContentDate and ContentTime; empty: the acquisition's
};

/// A legal UID "2.25.<integer>" from 16 bytes (PS3.5 B.2).
std::string dicom_uid(const std::array<std::uint8_t, 16>& uuid);

/// 12-lead ECG Waveform Storage (1.2.840.10008.5.1.4.1.1.9.1.1), Explicit VR Little Endian. At most
/// 13 channels and 16,384 samples, 200..1000 Hz, the eight leads I II V1..V6 among them; anything
/// else is unsupported_conversion, and so is a recording without date. Where a lead was not
/// recorded all the time its gaps hold the Waveform Padding Value. Device statements become text
/// annotations.
Result<Bytes> write_dicom_ecg(const EcgRecording& recording, const DicomContext& context);

/// VL Photographic Image Storage (1.2.840.10008.5.1.4.1.1.77.1.4) around a normalised baseline
/// JPEG, bytes passed through unchanged (1.2.840.10008.1.2.4.50). What that syntax cannot show as
/// it is (progressive, CMYK, RGB components, an orientation left in EXIF) is encoded anew, upright.
Result<Bytes> write_dicom_photo(ByteView normalised_jpeg, const DicomContext& context);

}  // namespace telavis
