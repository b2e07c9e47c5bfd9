// SPDX-License-Identifier: Apache-2.0
// EDF (Kemp et al. 1992), EDF+ (Kemp and Olivan 2003, edfplus.info) and BDF, BioSemi's form of EDF
// with samples of 24 bits.
#pragma once

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

bool looks_like_edf(ByteView file);

/// Every signal in a unit of voltage becomes a lead, except those that say they are something else
/// (EEG, breath, ...; finding `signals_left_out`). Gain and offset are those of the header; an
/// offset that is no whole number of steps is held to a sixteenth of a step. Of a discontinuous
/// recording (EDF+D) the longest stretch without a gap is kept, at its own time. Annotations become
/// statements. Errors: malformed_file, truncated_file, limit_exceeded, unsupported_format (no ECG).
Result<EcgRecording> decode_edf(ByteView file);

}  // namespace telavis
