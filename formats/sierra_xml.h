// SPDX-License-Identifier: Apache-2.0
// Philips Sierra ECG XML 1.03, 1.04 and 1.04.01 (root restingecgdata): PageWriter, HeartStart MRx,
// TraceMaster. Follows the schemas that circulate with files; unverified where none was seen.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// True when the root element is restingecgdata.
bool looks_like_sierra_xml(ByteView file);

/// Decodes parsedwaveforms (Base64, Hex or Plain; XLI or not compressed) or leadwaveforms,
/// representative beats as median_beat, patient, machine, time, filters of the waveform, global and
/// lead measurements and statements ("left, right", then the severity).
/// Errors: those of xml::parse, unsupported_encoding (another compression, another sample size),
/// unsupported_format (waveforms in a file of their own), malformed_file (no lead that can be
/// read), limit_exceeded.
Result<EcgRecording> decode_sierra_xml(ByteView file);

}  // namespace telavis
