// SPDX-License-Identifier: Apache-2.0
#include "formats/render_ecg_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "formats/render_text.h"

namespace telavis {
namespace {

// The frame of a page. The grid is 26.5 cm wide: 1 cm for the calibration pulse, 25 cm for 10 s and
// 5 mm to breathe, which leaves the same margin on both sides.
constexpr double kGridLeft = 16;
constexpr double kGridTop = 22;
constexpr double kGridWidth = 265;
constexpr double kTraceLeft = kGridLeft + 10;
constexpr double kRowPitch = 40;  // 4 mV from one baseline to the next
constexpr double kFirstBaseline = kGridTop + 25;
constexpr std::size_t kRowsPerPage = 4;
constexpr double kRowSeconds = 10;

constexpr std::size_t kColumns = 4;
constexpr std::size_t kRows = 3;
constexpr double kColumnSeconds = 2.5;
constexpr double kColumnWidth = kColumnSeconds * kPaperSpeedMmPerS;
/// More than the six limb leads alone: with fewer the 3x4 page would be half empty.
constexpr std::size_t kMinLeadsForColumns = 7;
/// A column of the continuous layout that would show less than this (a beat at 40 a minute) is not
/// worth the alignment with the rhythm strip.
constexpr double kMinColumnSeconds = 1.5;

/// Samples closer than this are drawn by their extremes: a fifth of the trace's own width.
constexpr double kBucketMm = 0.05;
/// Beyond this a point is far outside any page; keeps the arithmetic of the cutting finite.
constexpr double kFarMm = 1e6;
/// A median farther from zero than this lies in the neighbour's row.
constexpr double kMaxMedianMm = kRowPitch / 2;

constexpr double kNanovoltsPerMillivolt = 1e6;
constexpr double kMicrosecondsPerSecond = 1e6;
constexpr double kSlackS = 1e-9;  // rounding of instants, far below any sampling interval

/// A lead with samples and the time it covers, in seconds after the first sample of any lead.
struct TimedLead {
  const Lead* lead = nullptr;
  double begin_s = 0;
  double end_s = 0;
  double interval_s() const { return lead->sampling_interval_us / kMicrosecondsPerSecond; }
};

double baseline_of(std::size_t row) {
  return kFirstBaseline + static_cast<double>(row) * kRowPitch;
}

double millimetres(const Lead& lead, std::size_t i) {
  const double value =
      lead.samples[i] * lead.gain_nv_per_lsb / kNanovoltsPerMillivolt * kPaperGainMmPerMv;
  return std::clamp(value, -kFarMm, kFarMm);
}

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

/// How far to move the lead up so that its median in the window stands on the baseline; 0 unless it
/// would otherwise be drawn in another row. Only differences of potential mean anything.
double recentring_mm(const TimedLead& timed, double from_s, double length_s) {
  const auto [first, last] = indices(timed, from_s, length_s);
  if (first == last) return 0;
  std::vector<std::int32_t> window(timed.lead->samples.begin() + static_cast<std::ptrdiff_t>(first),
                                   timed.lead->samples.begin() + static_cast<std::ptrdiff_t>(last));
  const auto middle = window.begin() + static_cast<std::ptrdiff_t>(window.size() / 2);
  std::nth_element(window.begin(), middle, window.end());
  const double median =
      millimetres(Lead{.samples = {*middle}, .gain_nv_per_lsb = timed.lead->gain_nv_per_lsb}, 0);
  return std::abs(median) > kMaxMedianMm ? -median : 0;
}

/// The lead from `from_s` on, its zero at `at.y` less `raise_mm`, keeping the lowest and the
/// highest sample of each bucket.
Polyline sampled_line(const TimedLead& timed, double from_s, double length_s, PointMm at,
                      double raise_mm) {
  const auto [first, last] = indices(timed, from_s, length_s);
  Polyline line;
  double bucket = -1;
  std::size_t lowest = first;
  std::size_t highest = first;
  const auto point = [&](std::size_t i) {
    const double after_s = timed.begin_s - from_s + static_cast<double>(i) * timed.interval_s();
    return PointMm{at.x + after_s * kPaperSpeedMmPerS,
                   at.y - raise_mm - millimetres(*timed.lead, i)};
  };
  const auto flush = [&] {
    line.push_back(point(std::min(lowest, highest)));
    if (lowest != highest) line.push_back(point(std::max(lowest, highest)));
  };
  for (std::size_t i = first; i < last; ++i) {
    const double after_s = timed.begin_s - from_s + static_cast<double>(i) * timed.interval_s();
    const double own = std::floor(after_s * kPaperSpeedMmPerS / kBucketMm + 1e-6);
    if (own != bucket && i != first) flush();
    if (own != bucket || timed.lead->samples[i] < timed.lead->samples[lowest]) lowest = i;
    if (own != bucket || timed.lead->samples[i] > timed.lead->samples[highest]) highest = i;
    bucket = own;
  }
  if (first != last) flush();
  return line;
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

/// A lead on a row of its own.
struct Row {
  const TimedLead* timed = nullptr;
  double from_s = 0;
};

class Layout {
 public:
  Layout(const EcgRecording& recording, const RenderLabels& labels, std::vector<TimedLead> leads)
      : recording_(recording), labels_(labels), leads_(std::move(leads)) {}

  std::vector<EcgPage> pages();

 private:
  const TimedLead* find(LeadCode code) const;
  void columns_page();
  void column(std::size_t column, bool continuous);
  bool columns_can_follow() const;
  std::vector<Row> rows_of(const std::vector<const TimedLead*>& leads) const;
  void draw_rows(const std::vector<Row>& rows);
  void start_page(std::size_t rows);
  void finish_page();
  void pulse(double baseline);
  void trace(const TimedLead& timed, double from_s, double length_s, PointMm at);
  void lead_label(std::string name, PointMm trace_start, Colour colour);
  void place_lead_labels();
  bool is_free(const RectMm& box) const;
  void start_label(double from_s, PointMm at);
  void header();
  void notes();
  std::string filters() const;
  std::string decimal(double value, int digits) const;
  EcgPage& page() { return pages_.back(); }

  const EcgRecording& recording_;
  const RenderLabels& labels_;
  std::vector<TimedLead> leads_;
  std::vector<EcgPage> pages_;
  std::vector<TextMm> lead_labels_;  // of the present page, placed when all its traces are known
  // what the notes under the grid of the present page must explain
  bool derived_ = false;
  bool recentred_ = false;
  bool own_starts_ = false;
};

std::vector<EcgPage> Layout::pages() {
  std::vector<const TimedLead*> remaining;
  for (const LeadCode code : kTwelveLeads) {
    if (const TimedLead* timed = find(code)) remaining.push_back(timed);
  }
  if (remaining.size() >= kMinLeadsForColumns) {
    columns_page();
    remaining.clear();
  }
  for (const TimedLead& timed : leads_) {
    const LeadCode code = timed.lead->code;
    const bool standard =
        std::find(kTwelveLeads.begin(), kTwelveLeads.end(), code) != kTwelveLeads.end();
    if (!standard) remaining.push_back(&timed);
  }
  draw_rows(rows_of(remaining));
  return std::move(pages_);
}

const TimedLead* Layout::find(LeadCode code) const {
  for (const TimedLead& timed : leads_) {
    if (timed.lead->code == code) return &timed;
  }
  return nullptr;
}

/// Whether every lead has something to show in the window of its own column.
bool Layout::columns_can_follow() const {
  for (std::size_t i = 0; i < kTwelveLeads.size(); ++i) {
    const TimedLead* timed = find(kTwelveLeads[i]);
    if (timed == nullptr) continue;
    const std::size_t column = i / kRows;
    const double from_s = static_cast<double>(column) * kColumnSeconds;
    const double shown_s =
        std::min(timed->end_s, from_s + kColumnSeconds) - std::max(timed->begin_s, from_s);
    if (shown_s < kMinColumnSeconds) return false;
  }
  return true;
}

void Layout::columns_page() {
  start_page(kRows + 1);
  for (std::size_t row = 0; row <= kRows; ++row) pulse(baseline_of(row));
  const bool follow = columns_can_follow();
  for (std::size_t i = 0; i < kColumns; ++i) column(i, follow);

  const TimedLead* rhythm = find(LeadCode::II);
  for (const LeadCode code : kTwelveLeads) {
    if (rhythm == nullptr) rhythm = find(code);
  }
  const PointMm at{kTraceLeft, baseline_of(kRows)};
  trace(*rhythm, 0, kRowSeconds, at);
  finish_page();
}

void Layout::column(std::size_t column, bool continuous) {
  const double x = kTraceLeft + static_cast<double>(column) * kColumnWidth;
  const auto code_of = [&](std::size_t row) { return kTwelveLeads[column * kRows + row]; };
  double from_s = static_cast<double>(column) * kColumnSeconds;
  if (!continuous) {
    std::optional<double> earliest;
    for (std::size_t row = 0; row < kRows; ++row) {
      const TimedLead* timed = find(code_of(row));
      if (timed != nullptr) earliest = std::min(earliest.value_or(timed->begin_s), timed->begin_s);
    }
    from_s = earliest.value_or(0);
    if (earliest) start_label(from_s, {x, kGridTop + 4});
    own_starts_ = true;
  }
  for (std::size_t row = 0; row < kRows; ++row) {
    const PointMm at{x, baseline_of(row)};
    if (column > 0) page().separators.push_back({{x, at.y - 7}, {x, at.y + 7}});
    const TimedLead* timed = find(code_of(row));
    if (timed != nullptr) {
      trace(*timed, from_s, kColumnSeconds, at);
    } else {
      lead_label(lead_name(code_of(row)), at, kGrey);
      page().texts.push_back({.at = {at.x + 2, at.y - 10},
                              .size_mm = 2.6,
                              .max_width_mm = kColumnWidth - 4,
                              .colour = kGrey,
                              .text = printable_text(labels_.missing_lead, LineBreaks::to_space)});
    }
  }
}

/// One row a lead, unless there is a single lead (a hand-held device): it goes on as far as a page.
std::vector<Row> Layout::rows_of(const std::vector<const TimedLead*>& leads) const {
  std::vector<Row> rows;
  for (const TimedLead* timed : leads) {
    const bool starts_soon = timed->begin_s < kRowSeconds - kMinColumnSeconds;
    rows.push_back({timed, starts_soon ? 0 : timed->begin_s});
  }
  if (leads_.size() > 1) return rows;
  while (rows.size() < kRowsPerPage &&
         rows.back().from_s + kRowSeconds < leads_[0].end_s - kSlackS) {
    rows.push_back({rows.back().timed, rows.back().from_s + kRowSeconds});
  }
  return rows;
}

void Layout::draw_rows(const std::vector<Row>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t row = i % kRowsPerPage;
    if (row == 0) start_page(std::min(rows.size() - i, kRowsPerPage));
    const PointMm at{kTraceLeft, baseline_of(row)};
    if (rows[i].from_s > 0) start_label(rows[i].from_s, {at.x, at.y - 18.6});
    pulse(at.y);
    trace(*rows[i].timed, rows[i].from_s, kRowSeconds, at);
    if (row + 1 == kRowsPerPage || i + 1 == rows.size()) finish_page();
  }
}

void Layout::start_page(std::size_t rows) {
  pages_.emplace_back();
  page().grid = {kGridLeft, kGridTop, kGridWidth, static_cast<double>(rows) * kRowPitch + 10};
  derived_ = recentred_ = own_starts_ = false;
}

void Layout::finish_page() {
  place_lead_labels();
  header();
  notes();
}

/// 1 mV during 200 ms.
void Layout::pulse(double baseline) {
  const double foot = kGridLeft + 1;
  const double rise = kGridLeft + 2;
  const double fall = rise + 0.2 * kPaperSpeedMmPerS;
  const double top = baseline - kPaperGainMmPerMv;
  page().calibration.push_back({{foot, baseline},
                                {rise, baseline},
                                {rise, top},
                                {fall, top},
                                {fall, baseline},
                                {fall + 1, baseline}});
}

void Layout::trace(const TimedLead& timed, double from_s, double length_s, PointMm at) {
  const double raise = recentring_mm(timed, from_s, length_s);
  const Polyline line = sampled_line(timed, from_s, length_s, at, raise);
  page().traces.push_back({timed.lead->code, cut_at(line, page().grid.y, page().grid.bottom())});
  std::string name = lead_name(timed.lead->code);
  if (timed.lead->derived) name += "*";
  if (raise != 0) name += "†";
  derived_ = derived_ || timed.lead->derived;
  recentred_ = recentred_ || raise != 0;
  lead_label(std::move(name), at, kBlack);
}

void Layout::lead_label(std::string name, PointMm trace_start, Colour colour) {
  lead_labels_.push_back({.at = {trace_start.x + 2, trace_start.y - 14.5},
                          .size_mm = 3.9,
                          .max_width_mm = kColumnWidth / 2,
                          .bold = true,
                          .colour = colour,
                          .text = std::move(name)});
}

/// Each label at the beginning of its trace, or a little later where no wave runs through it.
void Layout::place_lead_labels() {
  constexpr int kFarthestMm = 24;         // more than a beat at 65 a minute
  constexpr double kWidthOfLetter = 0.8;  // of the em square, bold
  for (TextMm& label : lead_labels_) {
    const double width = label.size_mm * kWidthOfLetter * static_cast<double>(label.text.size());
    for (int shift = 0; shift <= kFarthestMm; ++shift) {
      const RectMm box{label.at.x + shift - 0.7, label.at.y - label.size_mm, width + 1.4,
                       label.size_mm + 1};
      if (!is_free(box)) continue;
      label.at.x += shift;
      break;
    }
    page().texts.push_back(std::move(label));
  }
  lead_labels_.clear();
}

bool Layout::is_free(const RectMm& box) const {
  const auto crosses = [&](PointMm p, PointMm q) {
    return std::max(p.x, q.x) >= box.x && std::min(p.x, q.x) <= box.right() &&
           std::max(p.y, q.y) >= box.y && std::min(p.y, q.y) <= box.bottom();
  };
  for (const EcgTrace& trace : pages_.back().traces) {
    for (const Polyline& line : trace.lines) {
      const auto from = std::lower_bound(line.begin(), line.end(), box.x,
                                         [](PointMm p, double x) { return p.x < x; });
      for (auto q = from; q != line.end(); ++q) {
        const PointMm p = q == line.begin() ? *q : *std::prev(q);
        if (p.x > box.right()) break;
        if (crosses(p, *q)) return false;
      }
    }
  }
  return true;
}

void Layout::start_label(double from_s, PointMm at) {
  page().texts.push_back({.at = {at.x + 2, at.y},
                          .size_mm = 2.6,
                          .max_width_mm = kColumnWidth / 2,
                          .colour = kGrey,
                          .text = "t = " + decimal(from_s, 1) + " s"});
}

std::string Layout::decimal(double value, int digits) const {
  // A file may state any number; nothing real needs more than nine digits.
  std::string text = fmt::format("{:.{}f}", std::clamp(value, -1e9, 1e9), digits);
  std::replace(text.begin(), text.end(), '.', labels_.decimal_mark);
  return text;
}

std::string Layout::filters() const {
  const Filters& filters = recording_.filters;
  const auto hertz = [&](double value) {
    std::string text = decimal(value, 2);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with(labels_.decimal_mark)) text.pop_back();
    return text;
  };
  std::string text;
  if (filters.high_pass_hz && filters.low_pass_hz) {
    text = hertz(*filters.high_pass_hz) + "–" + hertz(*filters.low_pass_hz) + " Hz";
  } else if (filters.high_pass_hz) {
    text = "> " + hertz(*filters.high_pass_hz) + " Hz";
  } else if (filters.low_pass_hz) {
    text = "< " + hertz(*filters.low_pass_hz) + " Hz";
  }
  if (filters.notch_hz) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {} Hz", labels_.mains, *filters.notch_hz);
  }
  return text.empty() ? text : labels_.filters + " " + text;
}

/// Two lines above the grid: who, then when and with what.
void Layout::header() {
  const auto clean = [](std::string_view text, std::size_t max) {
    return shortened(printable_text(text, LineBreaks::to_space), max);
  };
  const auto joined = [](std::initializer_list<std::string> parts, std::string_view between) {
    std::string out;
    for (const std::string& part : parts) {
      if (!out.empty() && !part.empty()) out += between;
      out += part;
    }
    return out;
  };
  const auto labelled = [](const std::string& label, const std::string& value) {
    return value.empty() ? value : label + " " + value;
  };
  const PatientIdentity& patient = recording_.patient;
  const std::string name =
      joined({clean(patient.family_name, 30), clean(patient.given_name, 24)}, " ");
  const std::string birth = labelled(labels_.born, clean(day_first(patient.birth_date), 12));
  const std::string id = labelled(labels_.identifier, clean(patient.id, 24));
  const std::string when =
      labelled(labels_.recorded, clean(day_first(recording_.acquired_at.local), 24));
  const std::string device =
      joined({clean(recording_.device.manufacturer, 28), clean(recording_.device.model, 20),
              clean(recording_.device.serial, 18)},
             " ");
  const double left = kGridLeft;
  const double right = kGridLeft + kGridWidth;
  const double first = 12;
  const double second = 18;
  // The character counts above keep each text within its share of the line, in the SVG too.
  page().texts.push_back({{left, first}, 4.3, 155, Anchor::start, true, kBlack, name});
  page().texts.push_back(
      {{right, first}, 3.5, 108, Anchor::end, false, kBlack, joined({birth, id}, "   ")});
  page().texts.push_back({{left, second}, 3.2, 130, Anchor::start, false, kGrey, when});
  page().texts.push_back({{right, second}, 3.2, 133, Anchor::end, false, kGrey, device});
}

/// Under the grid: the scale and whatever a reader must know about this page.
void Layout::notes() {
  std::string left = "25 mm/s   10 mm/mV";
  if (const std::string text = filters(); !text.empty()) left += "   " + text;
  const double end_s =
      std::max_element(leads_.begin(), leads_.end(), [](const auto& a, const auto& b) {
        return a.end_s < b.end_s;
      })->end_s;
  constexpr double kWorthSayingS = 0.05;  // 10.1 s when rounded
  const double shown_s = leads_.size() == 1 ? kRowSeconds * kRowsPerPage : kRowSeconds;
  if (end_s > shown_s + kWorthSayingS) {
    left += "   " + labels_.total_duration + " " + decimal(end_s, 1) + " s";
  }
  std::string right;
  const auto note = [&right](bool wanted, const std::string& text) {
    if (!wanted) return;
    if (!right.empty()) right += "   ";
    right += text;
  };
  note(own_starts_, labels_.own_start_note);
  note(derived_, labels_.derived_note);
  note(recentred_, labels_.recentred_note);
  const double y = page().grid.bottom() + 5;
  page().texts.push_back({.at = {kGridLeft, y},
                          .size_mm = 3.0,
                          .max_width_mm = 152,
                          .text = printable_text(left, LineBreaks::to_space)});
  page().texts.push_back({.at = {kGridLeft + kGridWidth, y},
                          .size_mm = 2.6,
                          .max_width_mm = 111,
                          .anchor = Anchor::end,
                          .colour = kGrey,
                          .text = printable_text(right, LineBreaks::to_space)});
}

}  // namespace

std::vector<Polyline> grid_lines(const RectMm& grid, int step_mm, int skip_mm) {
  std::vector<Polyline> lines;
  const auto drawn = [&](int at) { return skip_mm == 0 || at % skip_mm != 0; };
  for (int at = 0; at <= grid.width; at += step_mm) {
    if (drawn(at)) lines.push_back({{grid.x + at, grid.y}, {grid.x + at, grid.bottom()}});
  }
  for (int at = 0; at <= grid.height; at += step_mm) {
    if (drawn(at)) lines.push_back({{grid.x, grid.y + at}, {grid.right(), grid.y + at}});
  }
  return lines;
}

Result<std::vector<EcgPage>> layout_ecg(const EcgRecording& recording, const RenderLabels& labels) {
  auto leads = timed_leads(recording);
  if (!leads) return tl::unexpected(leads.error());
  if (leads->size() > kRowsPerPage * kMaxPages) {
    return fail(ErrorCode::render_failed,
                fmt::format("the recording has {} leads, more than {} pages hold; send fewer leads",
                            leads->size(), kMaxPages));
  }
  return Layout(recording, labels, *std::move(leads)).pages();
}

}  // namespace telavis
