// SPDX-License-Identifier: Apache-2.0
#include "formats/render_ecg_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "formats/render.h"

namespace telavis {
namespace {

/// Samples closer than this are drawn by their extremes: less than a tenth of the trace's width.
constexpr double kBucketMm = 0.02;
/// How far a line may run above or below a sample that is left out: 0.02 mm less what the rounding
/// of a PDF (1/256 point) and of an SVG (1 um) takes.
constexpr double kToleranceMm = 0.018;
/// Beyond this a point is far outside any page; keeps the arithmetic of the cutting finite.
constexpr double kFarMm = 1e6;
/// Far below any sampling interval: keeps slopes finite.
constexpr double kLeastStepMm = 1e-9;

constexpr double kNanovoltsPerMillivolt = 1e6;
constexpr double kSlackS = 1e-9;  // rounding of instants, far below any sampling interval

double millimetres(const Lead& lead, std::size_t i) {
  const double value =
      lead.samples[i] * lead.gain_nv_per_lsb / kNanovoltsPerMillivolt * kPaperGainMmPerMv;
  return std::clamp(value, -kFarMm, kFarMm);
}

/// The samples of a window of time, as a half-open range of indices.
std::pair<std::size_t, std::size_t> indices(const TimedLead& timed, double from_s,
                                            double length_s) {
  const double count = static_cast<double>(timed.lead->samples.size());
  const auto index = [&](double instant_s) {
    const double exact = (instant_s - timed.begin_s) / timed.interval_s();
    return static_cast<std::size_t>(std::clamp(std::ceil(exact), 0.0, count));
  };
  return {index(from_s - kSlackS), index(from_s + length_s + 2 * kSlackS)};
}

/// The lead in the window, the lowest and the highest sample of each bucket.
Polyline sampled_line(const TimedLead& timed, const TraceWindow& window) {
  const auto [first, last] = indices(timed, window.from_s, window.length_s);
  Polyline line;
  double bucket = -1;
  std::size_t lowest = first;
  std::size_t highest = first;
  const auto offset_mm = [&](std::size_t i) {
    const double after_s =
        timed.begin_s - window.from_s + static_cast<double>(i) * timed.interval_s();
    return after_s * kPaperSpeedMmPerS;
  };
  const auto point = [&](std::size_t i) {
    return PointMm{window.at.x + offset_mm(i),
                   window.at.y - window.raise_mm - millimetres(*timed.lead, i)};
  };
  const auto flush = [&] {
    line.push_back(point(std::min(lowest, highest)));
    if (lowest != highest) line.push_back(point(std::max(lowest, highest)));
  };
  for (std::size_t i = first; i < last; ++i) {
    const double own = std::floor(offset_mm(i) / kBucketMm + 1e-6);
    if (own != bucket && i != first) flush();
    if (own != bucket || timed.lead->samples[i] < timed.lead->samples[lowest]) lowest = i;
    if (own != bucket || timed.lead->samples[i] > timed.lead->samples[highest]) highest = i;
    bucket = own;
  }
  if (first != last) flush();
  return line;
}

/// Without the points that a straight line between two kept ones passes within the tolerance. From
/// a kept point on, the slopes that still serve every point since are an interval that narrows.
Polyline simplified(const Polyline& line) {
  constexpr double kAny = std::numeric_limits<double>::infinity();
  if (line.size() < 3) return line;
  Polyline out = {line.front()};
  double least = -kAny;
  double most = kAny;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const auto slope = [&](double shift) {
      const double step = std::max(line[i].x - out.back().x, kLeastStepMm);
      return (line[i].y + shift - out.back().y) / step;
    };
    if (slope(0) < least || slope(0) > most) {
      out.push_back(line[i - 1]);
      least = -kAny;
      most = kAny;
    }
    least = std::max(least, slope(-kToleranceMm));
    most = std::min(most, slope(kToleranceMm));
  }
  out.push_back(line.back());
  return out;
}

/// The part of a segment between two heights, none when it lies outside.
std::optional<std::pair<PointMm, PointMm>> cut_segment(PointMm p, PointMm q, double top,
                                                       double bottom) {
  if (std::max(p.y, q.y) < top || std::min(p.y, q.y) > bottom) return std::nullopt;
  const auto towards = [&](double height) {
    return PointMm{p.x + (q.x - p.x) * (height - p.y) / (q.y - p.y), height};
  };
  const auto moved = [&](PointMm end) {
    return end.y < top ? towards(top) : end.y > bottom ? towards(bottom) : end;
  };
  return std::pair(moved(p), moved(q));
}

std::vector<Polyline> cut_at(const Polyline& line, double top, double bottom) {
  const auto inside = [&](PointMm p) { return p.y >= top && p.y <= bottom; };
  if (line.size() == 1 && inside(line.front())) return {line};
  std::vector<Polyline> out;
  bool joined = false;  // the next segment goes on from the last point of `out`
  for (std::size_t i = 1; i < line.size(); ++i) {
    const auto part = cut_segment(line[i - 1], line[i], top, bottom);
    if (part && !joined) out.push_back({part->first});
    if (part) out.back().push_back(part->second);
    joined = part && inside(line[i]);
  }
  return out;
}

}  // namespace

Result<std::vector<TimedLead>> timed_leads(const EcgRecording& recording) {
  const auto usable = [](double value) { return std::isfinite(value) && value > 0; };
  std::vector<TimedLead> out;
  for (const Lead& lead : recording.leads) {
    if (!usable(lead.gain_nv_per_lsb) || !usable(lead.sampling_interval_us)) {
      return fail(ErrorCode::render_failed,
                  fmt::format("lead {} has a gain or a sampling interval that is not a positive "
                              "number; export the recording again from the device",
                              lead_name(lead.code)));
    }
    if (lead.samples.empty()) continue;
    TimedLead timed{&lead};
    timed.begin_s = lead.first_sample * timed.interval_s();
    timed.end_s = timed.begin_s + static_cast<double>(lead.samples.size()) * timed.interval_s();
    out.push_back(timed);
  }
  if (out.empty()) {
    return fail(ErrorCode::render_failed,
                "the recording holds no sample, there is nothing to draw");
  }
  const double origin = std::min_element(out.begin(), out.end(), [](const auto& a, const auto& b) {
                          return a.begin_s < b.begin_s;
                        })->begin_s;
  for (TimedLead& timed : out) {
    timed.begin_s -= origin;
    timed.end_s -= origin;
  }
  return out;
}

double recentring_mm(const TimedLead& timed, const TraceWindow& window, double max_mm) {
  const auto [first, last] = indices(timed, window.from_s, window.length_s);
  if (first == last) return 0;
  std::vector<std::int32_t> part(timed.lead->samples.begin() + static_cast<std::ptrdiff_t>(first),
                                 timed.lead->samples.begin() + static_cast<std::ptrdiff_t>(last));
  const auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
  std::nth_element(part.begin(), middle, part.end());
  const double median =
      millimetres(Lead{.samples = {*middle}, .gain_nv_per_lsb = timed.lead->gain_nv_per_lsb}, 0);
  return std::abs(median) > max_mm ? -median : 0;
}

std::vector<Polyline> trace_lines(const TimedLead& timed, const TraceWindow& window, double top,
                                  double bottom) {
  return cut_at(simplified(sampled_line(timed, window)), top, bottom);
}

}  // namespace telavis
