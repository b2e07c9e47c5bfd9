// SPDX-License-Identifier: Apache-2.0
// SCP-ECG: ENV 1064:1993 (1.0, 1.1), EN 1064:2005 (1.3), ISO 11073-91064:2009 (2.x) and EN
// 1064:2020 (3.0), of which only the changes of layout that are publicly known are relied upon
// (unverified: no public file of version 3 exists).
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// True when the bytes look like an SCP-ECG record ("SCPECG" at offset 16, or a plausible section
/// 0).
bool looks_like_scp_ecg(ByteView file);

/// Decodes sections 0 to 8, 10 and 11: plain samples, the default Huffman table or a file's own,
/// first and second difference, subtracted reference beats and bimodal compression. Sections 9, 12
/// to 18 and those of manufacturers are passed over with a finding.
/// A wrong CRC is a finding, not a refusal; so is a lead whose data do not give what section 3
/// announces: it never harms another lead. A lead that cannot be restored is left out. Where the
/// rhythm and the reference beat have different steps, `gain_nv_per_lsb` is their greatest common
/// divisor (or, where 32 bits do not hold that, the step of the rhythm, with a finding). Leads
/// without a code are labelled by their place when there are several. Text is read as UTF-8 where
/// it is valid, else as Windows-1252, up to the first zero byte. Work and memory are bounded by the
/// size of the input: at most 8 stored values a byte, which bimodal compression stretches at most 4
/// times, and kMaxTotalSamples. Errors: truncated_file, malformed_file (also a step or an interval
/// of 0), limit_exceeded, unsupported_encoding (unknown difference coding, sampling rates that do
/// not fit together), unsupported_format (a manufacturer's own format that only bears the name:
/// Healforce).
Result<EcgRecording> decode_scp_ecg(ByteView file);

enum class ScpVersion { v2, v3 };

/// Writes SCP-ECG 2.0, or 3.0: 19 pointers, texts in UTF-8. Default Huffman, second difference
/// (first difference or none where a second has no code), sections 0, 1, 2, 3, 6, 7, 8, 10, CRCs;
/// with a median beat sections 4 (its length alone, nothing subtracted) and 5. Derived leads are
/// left out, they can be computed again; so are medians of leads that are not written. All leads
/// must share gain (whole nV), interval (whole us) and length, and so must all medians, whose
/// length must be one that whole milliseconds can state; each encoded lead at most 65,535 bytes;
/// samples of 16 bits. What is written decodes to the same values (medians in the order of the
/// leads), but for those that the format does not tell from "not stated" or "unknown": Sex::other,
/// 0 pacemaker spikes, QTc formulas other than Bazett's and Hodges', a confirmation without a
/// statement, labels of leads, the first of two median beats of one lead, and a model of the device
/// beyond its first six bytes. Errors:
/// unsupported_conversion (says which limit), malformed_file (no lead).
Result<Bytes> encode_scp_ecg(const EcgRecording& recording, ScpVersion version = ScpVersion::v2);

}  // namespace telavis
