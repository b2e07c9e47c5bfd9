// SPDX-License-Identifier: Apache-2.0
// A decoded exam as bytes, so that the codec that read a device's file need not run again: beside
// the sealed original, and out of the process that decoded it.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

/// Nothing is lost or rounded: unpack_exam(pack_exam(x)) equals x. An internal form with its own
/// version, never sent to anyone.
Bytes pack_exam(const Exam& exam);
/// Errors: malformed_file (not such bytes, another version, values out of range). Safe on any
/// bytes; memory is bounded by their number.
Result<Exam> unpack_exam(ByteView bytes);

}  // namespace telavis
