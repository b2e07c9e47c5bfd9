// SPDX-License-Identifier: Apache-2.0
// The parts of the DICOM reader. Internal.
#pragma once

#include <string_view>

#include "formats/dicom_walk.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// What stands in every object (PS3.3 C.7): whom, when, by what.
struct DicomContent {
  PatientIdentity patient;
  AcquiredAt acquired_at;
  DeviceIdentity device;
  std::vector<Finding> findings;
};

/// The waveforms and annotations of an ECG object. `hemodynamic`: channels that are no ECG lead are
/// expected and left out.
Result<EcgRecording> read_dicom_ecg(const DicomFile& file, bool hemodynamic);

/// Measurements and statements of the annotations. Errors: none; what cannot be read is left out.
void read_dicom_annotations(const DicomItem& dataset, EcgRecording& recording);

/// A picture in 8-bit colours, and the bytes of the JPEG that travels.
struct DicomPicture {
  SkinPhoto photo;  // dimensions, orientation, private metadata, findings
  Bytes jpeg;
};
Result<DicomPicture> read_dicom_picture(const DicomFile& file);

}  // namespace telavis
