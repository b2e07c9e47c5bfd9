// SPDX-License-Identifier: Apache-2.0
// MFER, the medical waveform format of Japanese makers: ISO 22077-1 (encoding rules) and ISO
// 22077-2 (standard ECG). Known here from the free MFER Part I and from open readers: "unverified"
// in the sources marks what rests on the latter alone.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

bool looks_like_mfer(ByteView file);

/// Channels in volts become leads by the codes of the standard; others are left out (finding
/// `signals_left_out`). Integers of 8, 16 and 32 bits keep the gain of the file, floating-point
/// samples become whole nanovolts. Frames that describe the same channels follow each other; the
/// first that differs ends the tracing (`frame_unread`), except a dominant beat, which is the
/// median beat. Errors: malformed_file, truncated_file, limit_exceeded, unsupported_encoding (AHA
/// compression), unsupported_format (no ECG).
Result<EcgRecording> decode_mfer(ByteView file);

}  // namespace telavis
