// SPDX-License-Identifier: Apache-2.0
// The waveforms of Philips Sierra XML. Private to sierra_xml*.
#pragma once

#include <vector>

#include "formats/recording.h"
#include "formats/result.h"
#include "formats/xml_reader.h"

namespace telavis::sierra {

/// Rhythm leads and filters. Errors as decode_sierra_xml.
Result<void> read_rhythm(const xml::Element& root, EcgRecording& recording);

/// Representative beats into median_beat; what cannot be read is a finding.
void read_beats(const xml::Element& root, EcgRecording& recording);

}  // namespace telavis::sierra
