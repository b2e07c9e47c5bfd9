// SPDX-License-Identifier: Apache-2.0
#include "formats/render_ecg_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "formats/render_ecg_trace.h"
#include "formats/render_ecg_words.h"
#include "formats/render_text.h"

namespace telavis {
namespace {

// The frame of a page. The grid is 26.5 cm wide: 1 cm for the calibration pulse, 25 cm for 10 s and
// 5 mm to breathe, which leaves the same margin on both sides.
constexpr double kGridLeft = 16;
constexpr double kGridWidth = 265;
constexpr double kTraceLeft = kGridLeft + 10;
constexpr double kRowSeconds = 10;
constexpr double kWholeSquare = 5;  // the grid's sides and its first baseline

constexpr double kNameMm = 3.9;   // of a lead
constexpr double kSmallMm = 2.6;  // of what explains

constexpr double kGridTop = 20;  // when the device states nothing
constexpr double kDeviceTextMm = 2.7;
constexpr double kDeviceWidthEm = kGridWidth / kDeviceTextMm / kRegularToBold;
constexpr double kDeviceTop = 20.6;  // baseline of its first line
constexpr double kDeviceLine = 3.5;
constexpr double kScaleBelowGrid = 4.2;  // baseline of the line under the grid
constexpr double kFindingLine = 3.3;
constexpr double kLowestBaseline = 197.7;  // the footer of a report begins below

constexpr double kWidestPitch = 40;     // 4 mV from one baseline to the next
constexpr double kClosestPitch = 8;     // never reached: twelve rows are 11 mm apart at least
constexpr std::size_t kCoarseRows = 4;  // up to so many, rows are a multiple of 5 mm apart
/// Closer rows have no room for the name of a lead above the trace: it stands in the margin.
constexpr double kLeastPitchForNames = 20;

constexpr std::size_t kRowsPerPage = 4;
constexpr std::size_t kMaxRowsPerPage = 12;
/// More than the six limb leads alone: with fewer a page in columns would be half empty.
constexpr std::size_t kMinLeadsForColumns = 7;
/// A column of the continuous layout that would show less than this (a beat at 40 a minute) is not
/// worth the alignment with the rhythm strip.
constexpr double kMinColumnSeconds = 1.5;

/// What a recording is longer than its last row is drawn beside the ten seconds, where the grid has
/// room for it, and not said: many last a sample more.
constexpr double kWorthSayingS = 0.05;  // 10.1 s when rounded

double round_up_to_square(double mm) {
  return std::ceil(mm / kWholeSquare) * kWholeSquare;
}

/// Where the rows of a page lie.
struct Frame {
  double grid_top = kGridTop;
  double pitch = kWidestPitch;
  double baseline(std::size_t row) const {
    return grid_top + above() + static_cast<double>(row) * pitch;
  }
  /// Room for the pulse, or half a row and a little more.
  double above() const { return round_up_to_square(std::max(11.0, pitch / 2 + 5)); }
  double height(std::size_t rows) const {
    const double below = std::max(8.0, pitch / 2);
    return round_up_to_square(above() + static_cast<double>(rows - 1) * pitch + below);
  }
};

/// Rows as far apart as the height allows.
Frame frame_of(std::size_t rows, double grid_top, double grid_bottom) {
  const double step = rows <= kCoarseRows ? kWholeSquare : 1;
  Frame frame{grid_top, kWidestPitch};
  while (frame.pitch > kClosestPitch && grid_top + frame.height(rows) > grid_bottom) {
    frame.pitch -= step;
  }
  return frame;
}

/// The twelve standard leads side by side, `rows` under one another.
struct Columns {
  std::size_t rows = 3;
  bool rhythm = true;
  std::size_t count() const { return kTwelveLeads.size() / rows; }
  double seconds() const { return kRowSeconds / static_cast<double>(count()); }
  double width() const { return seconds() * kPaperSpeedMmPerS; }
  LeadCode code(std::size_t column, std::size_t row) const {
    return kTwelveLeads[column * rows + row];
  }
};

/// A lead on a row of its own.
struct Row {
  const TimedLead* timed = nullptr;
  double from_s = 0;
};

bool is_standard(LeadCode code) {
  return std::find(kTwelveLeads.begin(), kTwelveLeads.end(), code) != kTwelveLeads.end();
}

class Layout {
 public:
  Layout(const EcgRecording& recording, const RenderLabels& labels, std::vector<TimedLead> leads);

  Result<std::vector<EcgPage>> pages(EcgLayout layout);

 private:
  const TimedLead* find(LeadCode code) const;
  std::vector<const TimedLead*> standard_leads() const;
  std::vector<const TimedLead*> other_leads() const;
  void columns_page(const Columns& columns);
  void column(const Columns& columns, std::size_t column, bool continuous);
  void missing_lead(LeadCode code, PointMm at, double width);
  bool columns_can_follow(const Columns& columns) const;
  std::vector<Row> rows_of(const std::vector<const TimedLead*>& leads) const;
  std::vector<Row> further_rows(const TimedLead& timed, double max_rows) const;
  /// How many rows of ten seconds the recording takes.
  double windows() const {
    return std::max(1.0, std::ceil((end_s_ - kWorthSayingS) / kRowSeconds));
  }
  Result<void> draw_all(const std::vector<const TimedLead*>& leads);
  void draw_rows(const std::vector<Row>& rows, std::size_t rows_per_page);
  void start_page(std::size_t rows, std::size_t rows_on_page);
  void finish_page();
  void pulse(double baseline);
  void trace(const TimedLead& timed, double from_s, double length_s, PointMm at);
  void lead_label(const Lead& lead, std::string_view marks, PointMm trace_start);
  double name_rise() const { return std::min(14.5, frame_.pitch - 9); }
  void place_lead_labels();
  bool is_free(const RectMm& box) const;
  void start_label(double from_s, PointMm at);
  void words();
  std::string scale() const;
  std::string marks() const;
  void text_line(const std::string& text, double y, double size_mm);
  EcgPage& page() { return pages_.back(); }

  const EcgRecording& recording_;
  const RenderLabels& labels_;
  std::vector<TimedLead> leads_;
  double end_s_ = 0;                   // of the recording
  std::vector<std::string> device_;    // above the grid
  std::vector<std::string> findings_;  // below it
  bool shows_everything_ = false;
  Frame frame_;
  std::vector<EcgPage> pages_;
  std::vector<TextMm> lead_labels_;  // of the present page, placed when all its traces are known
  // what the notes under the grid of the present page must explain
  bool derived_ = false;
  bool recentred_ = false;
  bool own_starts_ = false;
};

Layout::Layout(const EcgRecording& recording, const RenderLabels& labels,
               std::vector<TimedLead> leads)
    : recording_(recording),
      labels_(labels),
      leads_(std::move(leads)),
      device_(device_lines(recording, labels, kDeviceWidthEm)),
      findings_(finding_lines(recording, labels, kDeviceWidthEm)) {
  for (const TimedLead& timed : leads_) end_s_ = std::max(end_s_, timed.end_s);
}

Result<std::vector<EcgPage>> Layout::pages(EcgLayout layout) {
  const std::vector<const TimedLead*> standard = standard_leads();
  std::vector<const TimedLead*> all = standard;
  const std::vector<const TimedLead*> others = other_leads();
  all.insert(all.end(), others.begin(), others.end());
  if (standard.empty() && layout != EcgLayout::twelve_by_one) layout = EcgLayout::automatic;
  switch (layout) {
    case EcgLayout::automatic:
      if (standard.size() < kMinLeadsForColumns) {
        draw_rows(rows_of(all), kRowsPerPage);
        break;
      }
      [[fallthrough]];
    case EcgLayout::three_by_four_rhythm:
      columns_page({.rows = 3, .rhythm = true});
      draw_rows(rows_of(others), kRowsPerPage);
      break;
    case EcgLayout::six_by_two:
      columns_page({.rows = 6, .rhythm = false});
      draw_rows(rows_of(others), kRowsPerPage);
      break;
    case EcgLayout::twelve_by_one:
      if (auto drawn = draw_all(all); !drawn) return tl::unexpected(drawn.error());
      break;
  }
  return std::move(pages_);
}

const TimedLead* Layout::find(LeadCode code) const {
  for (const TimedLead& timed : leads_) {
    if (timed.lead->code == code) return &timed;
  }
  return nullptr;
}

/// In the order of display.
std::vector<const TimedLead*> Layout::standard_leads() const {
  std::vector<const TimedLead*> out;
  for (const LeadCode code : kTwelveLeads) {
    if (const TimedLead* timed = find(code)) out.push_back(timed);
  }
  return out;
}

std::vector<const TimedLead*> Layout::other_leads() const {
  std::vector<const TimedLead*> out;
  for (const TimedLead& timed : leads_) {
    if (!is_standard(timed.lead->code)) out.push_back(&timed);
  }
  return out;
}

/// Whether every lead has something to show in the window of its own column.
bool Layout::columns_can_follow(const Columns& columns) const {
  for (std::size_t i = 0; i < kTwelveLeads.size(); ++i) {
    const TimedLead* timed = find(kTwelveLeads[i]);
    if (timed == nullptr) continue;
    const std::size_t column = i / columns.rows;
    const double from_s = static_cast<double>(column) * columns.seconds();
    const double shown_s =
        std::min(timed->end_s, from_s + columns.seconds()) - std::max(timed->begin_s, from_s);
    if (shown_s < kMinColumnSeconds) return false;
  }
  return true;
}

void Layout::columns_page(const Columns& columns) {
  const std::size_t rows = columns.rows + (columns.rhythm ? 1 : 0);
  start_page(rows, rows);
  for (std::size_t row = 0; row < rows; ++row) pulse(frame_.baseline(row));
  const bool follow = columns_can_follow(columns);
  for (std::size_t i = 0; i < columns.count(); ++i) column(columns, i, follow);
  if (columns.rhythm) {
    const TimedLead* second = find(LeadCode::II);
    const TimedLead& rhythm = second != nullptr ? *second : *standard_leads().front();
    trace(rhythm, 0, kRowSeconds, {kTraceLeft, frame_.baseline(columns.rows)});
  }
  finish_page();
}

void Layout::column(const Columns& columns, std::size_t column, bool continuous) {
  const double x = kTraceLeft + static_cast<double>(column) * columns.width();
  double from_s = static_cast<double>(column) * columns.seconds();
  if (!continuous) {
    std::optional<double> earliest;
    for (std::size_t row = 0; row < columns.rows; ++row) {
      const TimedLead* timed = find(columns.code(column, row));
      if (timed != nullptr) earliest = std::min(earliest.value_or(timed->begin_s), timed->begin_s);
    }
    from_s = earliest.value_or(0);
    if (earliest) start_label(from_s, {x, frame_.grid_top + 4});
    own_starts_ = true;
  }
  for (std::size_t row = 0; row < columns.rows; ++row) {
    const PointMm at{x, frame_.baseline(row)};
    if (column > 0) page().separators.push_back({{x, at.y - 7}, {x, at.y + 7}});
    const LeadCode code = columns.code(column, row);
    if (const TimedLead* timed = find(code)) {
      trace(*timed, from_s, columns.seconds(), at);
      continue;
    }
    missing_lead(code, at, columns.width());
  }
}

/// On the empty baseline, away from the waves of the rows above and below.
void Layout::missing_lead(LeadCode code, PointMm at, double width) {
  page().texts.push_back({.at = {at.x + 2, at.y - 1},
                          .size_mm = kNameMm,
                          .max_width_mm = width - 4,
                          .bold = true,
                          .colour = kGrey,
                          .text = lead_name(code)});
  page().texts.push_back({.at = {at.x + 2, at.y + 3},
                          .size_mm = kSmallMm,
                          .max_width_mm = width - 4,
                          .colour = kGrey,
                          .text = printable_text(labels_.missing_lead, LineBreaks::to_space)});
}

/// One row a lead, unless there is a single lead (a hand-held device): it goes on as far as a page.
std::vector<Row> Layout::rows_of(const std::vector<const TimedLead*>& leads) const {
  if (leads.size() == 1 && leads_.size() == 1) return further_rows(*leads[0], kRowsPerPage);
  std::vector<Row> rows;
  for (const TimedLead* timed : leads) {
    const bool starts_soon = timed->begin_s < kRowSeconds - kMinColumnSeconds;
    rows.push_back({timed, starts_soon ? 0 : timed->begin_s});
  }
  return rows;
}

std::vector<Row> Layout::further_rows(const TimedLead& timed, double max_rows) const {
  const double count = std::min(windows(), max_rows);
  std::vector<Row> rows;
  rows.reserve(static_cast<std::size_t>(count));
  for (int row = 0; row < count; ++row) rows.push_back({&timed, row * kRowSeconds});
  return rows;
}

/// Every lead from beginning to end, ten seconds at a time.
Result<void> Layout::draw_all(const std::vector<const TimedLead*>& leads) {
  const double window_count = windows();
  const bool single = leads.size() == 1;
  const std::size_t pages_a_window = (leads.size() + kMaxRowsPerPage - 1) / kMaxRowsPerPage;
  const double page_count = single ? std::ceil(window_count / kRowsPerPage)
                                   : window_count * static_cast<double>(pages_a_window);
  if (page_count > kMaxPages) {
    return fail(ErrorCode::render_failed,
                fmt::format("the recording would take more than {} pages with all its leads from "
                            "beginning to end; choose a layout that shows an extract",
                            kMaxPages));
  }
  shows_everything_ = true;
  if (single) {
    draw_rows(further_rows(*leads[0], window_count), kRowsPerPage);
    return {};
  }
  for (int window = 0; window < window_count; ++window) {
    std::vector<Row> rows;
    rows.reserve(leads.size());
    for (const TimedLead* timed : leads) rows.push_back({timed, window * kRowSeconds});
    draw_rows(rows, std::min(leads.size(), kMaxRowsPerPage));
  }
  return {};
}

void Layout::draw_rows(const std::vector<Row>& rows, std::size_t rows_per_page) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t row = i % rows_per_page;
    if (row == 0) start_page(rows_per_page, std::min(rows.size() - i, rows_per_page));
    const PointMm at{kTraceLeft, frame_.baseline(row)};
    const bool same_as_above = row > 0 && rows[i].from_s == rows[i - 1].from_s;
    if (rows[i].from_s > 0 && !same_as_above) {
      start_label(rows[i].from_s, {at.x, std::max(at.y - name_rise() - 4.1, frame_.grid_top + 3)});
    }
    pulse(at.y);
    const double left_s = end_s_ - rows[i].from_s;
    const bool last = left_s < kRowSeconds + kWorthSayingS;
    trace(*rows[i].timed, rows[i].from_s, last ? left_s : kRowSeconds, at);
    if (row + 1 == rows_per_page || i + 1 == rows.size()) finish_page();
  }
}

/// `rows` are those that a full page of this kind has: its last page looks like the others.
void Layout::start_page(std::size_t rows, std::size_t rows_on_page) {
  const auto device = static_cast<double>(device_.size());
  const auto findings = static_cast<double>(findings_.size());
  const double top =
      device_.empty() ? kGridTop : std::ceil(kDeviceTop + (device - 1) * kDeviceLine + 1.8);
  frame_ = frame_of(rows, top, kLowestBaseline - kScaleBelowGrid - findings * kFindingLine);
  pages_.emplace_back();
  page().grid = {kGridLeft, top, kGridWidth, frame_.height(rows_on_page)};
  derived_ = recentred_ = own_starts_ = false;
}

void Layout::finish_page() {
  place_lead_labels();
  words();
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
  TraceWindow window{from_s, length_s, at};
  window.raise_mm = recentring_mm(timed, window, frame_.pitch / 2);
  page().traces.push_back(
      {timed.lead->code, trace_lines(timed, window, page().grid.y, page().grid.bottom())});
  std::string marks;
  if (timed.lead->derived) marks += "*";
  if (window.raise_mm != 0) marks += "†";
  derived_ = derived_ || timed.lead->derived;
  recentred_ = recentred_ || window.raise_mm != 0;
  lead_label(*timed.lead, marks, at);
}

void Layout::lead_label(const Lead& lead, std::string_view marks, PointMm trace_start) {
  constexpr double kMaxWidth = 31;  // half a column of four
  constexpr double kMarginMm = 3;
  constexpr double kMarginWidth = kGridLeft - 3.5;
  const std::string name = printable_text(lead_title(lead), LineBreaks::to_space);
  TextMm label{.at = {trace_start.x + 2, trace_start.y - name_rise()},
               .size_mm = kNameMm,
               .max_width_mm = kMaxWidth,
               .bold = true};
  if (frame_.pitch < kLeastPitchForNames) {
    label.text = name + std::string(marks);
    if (text_width_em(label.text) * kMarginMm <= kMarginWidth) {
      label.at = {kGridLeft - 1.5, trace_start.y + 1};
      label.size_mm = kMarginMm;
      label.max_width_mm = kMarginWidth;
      label.anchor = Anchor::end;
      page().texts.push_back(std::move(label));
      return;
    }
    label.at.y = trace_start.y - 4;  // too long for the margin: small, above the trace
    label.size_mm = kSmallMm;
  }
  label.text = fitted(name, kMaxWidth / label.size_mm - text_width_em(marks)) + std::string(marks);
  lead_labels_.push_back(std::move(label));
}

/// Each label at the beginning of its trace, or a little later where no wave runs through it.
void Layout::place_lead_labels() {
  constexpr int kFarthestMm = 24;  // more than a beat at 65 a minute
  for (TextMm& label : lead_labels_) {
    const double width = label.size_mm * text_width_em(label.text);
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
                          .size_mm = kSmallMm,
                          .max_width_mm = 31,
                          .colour = kGrey,
                          .text = "t = " + decimal_text(from_s, 1, labels_) + " s"});
}

/// Around the grid: who, when and with what, and what the device states; then the scale, whatever a
/// reader must know about this page, and the technical findings.
void Layout::words() {
  const double right = kGridLeft + kGridWidth;
  for (TextMm& text : identity_texts(recording_, labels_, kGridLeft, right)) {
    page().texts.push_back(std::move(text));
  }
  for (std::size_t i = 0; i < device_.size(); ++i) {
    text_line(device_[i], kDeviceTop + static_cast<double>(i) * kDeviceLine, kDeviceTextMm);
  }
  double y = page().grid.bottom() + kScaleBelowGrid;
  page().texts.push_back({.at = {kGridLeft, y},
                          .size_mm = 3.0,
                          .max_width_mm = 152,
                          .text = printable_text(scale(), LineBreaks::to_space)});
  page().texts.push_back({.at = {right, y},
                          .size_mm = kSmallMm,
                          .max_width_mm = 111,
                          .anchor = Anchor::end,
                          .colour = kGrey,
                          .text = printable_text(marks(), LineBreaks::to_space)});
  for (const std::string& line : findings_) text_line(line, y += kFindingLine, kDeviceTextMm);
}

void Layout::text_line(const std::string& text, double y, double size_mm) {
  page().texts.push_back({.at = {kGridLeft, y},
                          .size_mm = size_mm,
                          .max_width_mm = kGridWidth,
                          .colour = kGrey,
                          .text = text});
}

std::string Layout::scale() const {
  std::string out = "25 mm/s   10 mm/mV";
  if (const std::string text = filters_text(recording_.filters, labels_); !text.empty()) {
    out += "   " + text;
  }
  const double shown_s = leads_.size() == 1 ? kRowSeconds * kRowsPerPage : kRowSeconds;
  if (!shows_everything_ && end_s_ > shown_s + kWorthSayingS) {
    out += "   " + labels_.total_duration + " " + decimal_text(end_s_, 1, labels_) + " s";
  }
  return out;
}

std::string Layout::marks() const {
  std::string out;
  const auto note = [&out](bool wanted, const std::string& text) {
    if (!wanted) return;
    if (!out.empty()) out += "   ";
    out += text;
  };
  note(own_starts_, labels_.own_start_note);
  note(derived_, labels_.derived_note);
  note(recentred_, labels_.recentred_note);
  return out;
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

Result<std::vector<EcgPage>> layout_ecg(const EcgRecording& recording, const RenderLabels& labels,
                                        EcgLayout layout) {
  auto leads = timed_leads(recording);
  if (!leads) return tl::unexpected(leads.error());
  if (leads->size() > kRowsPerPage * kMaxPages) {
    return fail(ErrorCode::render_failed,
                fmt::format("the recording has {} leads, more than {} pages hold; send fewer leads",
                            leads->size(), kMaxPages));
  }
  return Layout(recording, labels, *std::move(leads)).pages(layout);
}

}  // namespace telavis
