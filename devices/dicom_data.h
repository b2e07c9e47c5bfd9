// SPDX-License-Identifier: Apache-2.0
// Small data sets that travel without a file: a worklist's query and answers, what a commitment is
// asked for. Pure; DCMTK sees none of them.
#pragma once

#include <memory>
#include <string_view>

#include "formats/bytes.h"
#include "formats/dicom_builder.h"
#include "formats/dicom_walk.h"
#include "formats/result.h"

namespace telavis {

/// What precedes the elements in a DICOM file (PS3.10 7.1): preamble and meta information.
Bytes dicom_file_start(std::string_view sop_class, std::string_view sop_instance,
                       std::string_view transfer_syntax);

struct DicomData {
  std::shared_ptr<const Bytes> bytes;  // what the elements point into
  DicomItem elements;
};
/// Errors: as walk_dicom.
Result<DicomData> read_dicom_data(ByteView data, std::string_view transfer_syntax);

/// In Implicit VR Little Endian where that is the transfer syntax, otherwise Explicit.
Bytes dicom_data_bytes(const DicomBuilder& data, std::string_view transfer_syntax);

}  // namespace telavis
