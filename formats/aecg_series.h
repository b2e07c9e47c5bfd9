// SPDX-License-Identifier: Apache-2.0
// The waveforms of an aECG series. Private to aecg*.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/recording.h"
#include "formats/xml_reader.h"

namespace telavis::aecg {

struct SeriesLeads {
  std::vector<Lead> leads;  // first_sample counted from the earliest of them
  /// The head of the earliest sequence set in absolute time, as written; empty when there is none.
  std::string start;
};

/// Reads every sequence set of a series (or derivedSeries). Leads that cannot be read are findings.
SeriesLeads read_series(const xml::Element& series, std::vector<Finding>& findings);

}  // namespace telavis::aecg
