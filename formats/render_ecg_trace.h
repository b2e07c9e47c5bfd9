// SPDX-License-Identifier: Apache-2.0
// From samples to lines on paper.
#pragma once

#include <vector>

#include "formats/recording.h"
#include "formats/render_geometry.h"
#include "formats/result.h"

namespace telavis {

/// A lead with samples and the time it covers, in seconds after the first sample of any lead.
struct TimedLead {
  const Lead* lead = nullptr;
  double begin_s = 0;
  double end_s = 0;
  double interval_s() const { return lead->sampling_interval_us / 1e6; }
};

/// The leads that hold samples, in the order of the recording. Errors: render_failed (no sample, a
/// gain or interval that is not a positive number).
Result<std::vector<TimedLead>> timed_leads(const EcgRecording& recording);

/// What to draw and where: `length_s` seconds from `from_s` on, starting at `at`, whose height is
/// that of 0 mV less `raise_mm`.
struct TraceWindow {
  double from_s = 0;
  double length_s = 0;
  PointMm at;
  double raise_mm = 0;
};

/// How far to move the lead up so that its median in the window stands on the baseline; 0 when that
/// is at most `max_mm` away. Only differences of potential mean anything.
double recentring_mm(const TimedLead& timed, const TraceWindow& window, double max_mm);

/// The lead in the window, cut at two heights. Points are left out only where the drawing stays the
/// same to 0.02 mm.
std::vector<Polyline> trace_lines(const TimedLead& timed, const TraceWindow& window, double top,
                                  double bottom);

}  // namespace telavis
