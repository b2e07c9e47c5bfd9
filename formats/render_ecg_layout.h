// SPDX-License-Identifier: Apache-2.0
// Where everything of a tracing goes on paper, without a drawing library: the PDF, the SVG and the
// raster are drawn from the same geometry.
#pragma once

#include <vector>

#include "formats/recording.h"
#include "formats/render.h"
#include "formats/render_geometry.h"
#include "formats/result.h"

namespace telavis {

/// One lead in one window of time. Cut at the edges of the grid, hence several lines.
struct EcgTrace {
  LeadCode code = LeadCode::unspecified;
  std::vector<Polyline> lines;
};

/// An A4 landscape page.
struct EcgPage {
  RectMm grid;  // sides are multiples of 5 mm
  std::vector<Polyline> calibration;
  std::vector<Polyline> separators;
  std::vector<EcgTrace> traces;
  std::vector<TextMm> texts;
};

/// The rulings of the millimetre paper that are `step_mm` apart, but not those on a multiple of
/// `skip_mm` (0: none skipped).
std::vector<Polyline> grid_lines(const RectMm& grid, int step_mm, int skip_mm);

Result<std::vector<EcgPage>> layout_ecg(const EcgRecording& recording, const RenderLabels& labels,
                                        EcgLayout layout);

}  // namespace telavis
