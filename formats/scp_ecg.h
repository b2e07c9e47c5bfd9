// SPDX-License-Identifier: Apache-2.0
// SCP-ECG: EN 1064:2005 (1.3) and ISO 11073-91064:2009 (2.x).
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// True when the bytes look like an SCP-ECG record ("SCPECG" at offset 16, or a plausible section
/// 0).
bool looks_like_scp_ecg(ByteView file);

/// Decodes sections 0, 1, 2 (default Huffman), 3, 6 (raw, first and second difference), 7 and 8.
/// A wrong CRC is a finding, not a refusal; so is a lead whose data do not give what section 3
/// announces. Text is read as UTF-8 where it is valid, else as Windows-1252, up to the first zero
/// byte. Work is bounded by the size of the input: at most 8 samples a byte.
/// Errors: truncated_file, malformed_file, limit_exceeded, unsupported_encoding (custom Huffman
/// tables, reference-beat subtraction, bimodal compression), unsupported_format (a manufacturer's
/// own format that only bears the name: Healforce).
Result<EcgRecording> decode_scp_ecg(ByteView file);

/// Writes SCP-ECG 2.0: default Huffman, second difference, sections 0, 1, 2, 3, 6, 7, 8, CRCs.
/// First difference or none where a second difference has no code. Derived leads are left out, they
/// can be computed again. All leads must share gain (whole nV), interval (whole us) and length;
/// each encoded lead at most 65,535 bytes; samples of 16 bits. What is written decodes to the same
/// values, but for two that the format does not tell from "not stated": Sex::other, and 0 pacemaker
/// spikes. Errors: unsupported_conversion (says which limit), malformed_file (no lead).
Result<Bytes> encode_scp_ecg(const EcgRecording& recording);

}  // namespace telavis
