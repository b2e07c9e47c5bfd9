// SPDX-License-Identifier: Apache-2.0
// The member `dicom` of the configuration: the door for devices that speak DICOM.
#pragma once

#include <optional>

#include "devices/dicom_config.h"
#include "engine/core/json_reader.h"

namespace telavis {

/// Fills in `dicom` when the configuration has it; null or absent: no such door. Without TLS both
/// files are empty, with it they may be: the server's own are meant then (`tls`). Errors: as
/// JsonReader::finish.
struct DicomSettings {
  DicomConfig config;
  bool tls = true;
};
Result<void> read_dicom(JsonReader& reader, std::optional<DicomSettings>& dicom);

}  // namespace telavis
