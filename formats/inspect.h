// SPDX-License-Identifier: Apache-2.0
// What `telavis inspect` prints.
#pragma once

#include <string>

#include "formats/recording.h"

namespace telavis {

/// One JSON object (RFC 8259, valid UTF-8 whatever the input), absent values as null.
/// Tracings: format, version, integrity{ok, findings[{code, severity, text}]}, patient{id,
/// family_name, given_name, birth_date, sex}, acquired_at, device{manufacturer, model, serial},
/// leads[{code, samples, sampling_interval_us, gain_nv_per_lsb, derived}], measurements{},
/// statements[]. `ok` means that no finding is an error. Samples are counted, not listed.
/// Photos: format, version, width, height, orientation, private_metadata[], findings[].
std::string inspect_json(const Exam& exam);

/// A line of lead names, then one line a sample instant from the first that any lead has,
/// in whole nanovolts; an empty cell where a lead starts later or has ended. Lines are instants of
/// the first lead's interval: a lead sampled at another (SCP-ECG has none) keeps its column empty.
std::string samples_csv(const EcgRecording& recording);

}  // namespace telavis
