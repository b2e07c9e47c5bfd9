// SPDX-License-Identifier: Apache-2.0
// What `telavis inspect` prints.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "formats/recording.h"

namespace telavis {

/// One JSON object (RFC 8259, valid UTF-8 whatever the input), absent values as null.
/// Tracings: format, version, integrity{ok, findings[{code, severity, text}]}, patient{id,
/// family_name, given_name, birth_date, sex}, acquired_at, device{manufacturer, model, serial},
/// filters{high_pass_hz, low_pass_hz, notch_hz}, leads[{code, samples, sampling_interval_us,
/// gain_nv_per_lsb, first_sample, derived}], median_beat (as leads), measurements{},
/// lead_measurements[] (absent values left out), statements[], statements_confirmed. `ok` means
/// that no finding is an error. Samples are counted, not listed.
/// Photos: format, version, width, height, orientation, role, private_metadata[], findings[].
/// Documents: format, version, pages, findings[]. Both also patient, acquired_at and device when
/// they came as DICOM.
std::string inspect_json(const Exam& exam);

/// A line of lead names, then one line for each instant at which any lead has a sample, in order,
/// in whole nanovolts; an empty cell where a lead has none: it starts later, has ended, or is
/// sampled more rarely. Given to `sink` piece by piece; false as soon as the sink takes no more.
bool write_samples_csv(const EcgRecording& recording,
                       const std::function<bool(std::string_view)>& sink);

}  // namespace telavis
