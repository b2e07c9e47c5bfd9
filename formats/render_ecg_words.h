// SPDX-License-Identifier: Apache-2.0
// What is written around a tracing. Every text is printable (printable_text) and fits its width by
// the bounds of text_width_em.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "formats/recording.h"
#include "formats/render.h"
#include "formats/render_geometry.h"

namespace telavis {

/// "0,05" with the labels' decimal mark.
std::string decimal_text(double value, int digits, const RenderLabels& labels);

/// "filtres 0,05–150 Hz, secteur 50 Hz", empty when the file states none.
std::string filters_text(const Filters& filters, const RenderLabels& labels);

/// Who, when and with what: two lines between `left` and `right`.
std::vector<TextMm> identity_texts(const EcgRecording& recording, const RenderLabels& labels,
                                   double left, double right);

/// A tracing must not shrink for the sake of what a device writes about it.
inline constexpr std::size_t kMaxMeasurementLines = 2;
inline constexpr std::size_t kMaxStatementLines = 3;
inline constexpr std::size_t kMaxFindingLines = 2;

/// What the device states: its measurements, then its statements, then how many of them did not
/// fit. At most kMaxMeasurementLines + kMaxStatementLines; empty when it states nothing.
std::vector<std::string> device_lines(const EcgRecording& recording, const RenderLabels& labels,
                                      double width_em);

/// The technical findings that are worth a warning, as `labels.finding_text` says them, or else
/// their number. At most kMaxFindingLines.
std::vector<std::string> finding_lines(const EcgRecording& recording, const RenderLabels& labels,
                                       double width_em);

}  // namespace telavis
