// SPDX-License-Identifier: Apache-2.0
// GE MUSE XML (root RestingECG, document type restecg.dtd). The vendor's description is not public:
// what is not seen in files is marked unverified in muse_xml.cpp.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// True when the root element is RestingECG.
bool looks_like_muse_xml(ByteView file);

/// True for the XML of GE CardioSoft (root CardiologyXML), which is recognised but not read: export
/// "MUSE XML", "DICOM" or PDF from CardioSoft.
bool looks_like_cardiosoft_xml(ByteView file);

/// Decodes the first rhythm and the first median waveform, demographics, measurements and diagnosis
/// statements without the deleted ones. Only the leads that are stored (mostly I, II, V1..V6): none
/// is computed. A wrong LeadDataCRC32 is the finding "crc_mismatch", a lead that the device saw
/// come off "lead_off". Dates are MM-DD-YYYY unless one of the file's dates shows DD-MM-YYYY; where
/// none tells, "date_order_assumed".
/// Errors: those of xml::parse, malformed_file (no rhythm lead that can be read).
Result<EcgRecording> decode_muse_xml(ByteView file);

}  // namespace telavis
