// SPDX-License-Identifier: Apache-2.0
// The report: text flowing over portrait pages, then the tracings, then the photos.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/render.h"
#include "formats/render_pdf.h"
#include "formats/render_text.h"

namespace telavis {
namespace {

/// Two hundred full pages of text hold about as much.
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;
/// As large as the largest file; a mail provider takes far less.
constexpr std::size_t kMaxPhotoBytes = std::size_t{64} << 20;
/// What two lines of footer can show, with room for wide scripts.
constexpr std::size_t kMaxFooterCharacters = 400;

/// For the document's properties; the page shows all of it.
constexpr std::size_t kMaxTitleCharacters = 200;

constexpr double kLeft = 20;
constexpr double kWidth = kA4Portrait.width - 2 * kLeft;
constexpr double kTop = 18;
constexpr double kBottom = kA4Portrait.height - 24;  // the footer stands below
constexpr double kLabelWidth = 46;
constexpr double kGutter = 4;
constexpr double kPortraitFooter = kA4Portrait.height - 19;
constexpr double kLandscapeFooter = kA4Landscape.height - 11;
constexpr std::size_t kPhotosPerPage = 2;

constexpr Colour kInk{28, 32, 38};
constexpr Colour kAccent{16, 72, 104};
constexpr StrokeStyle kHeadingRule{0.25, {160, 180, 192}};
constexpr StrokeStyle kTitleRule{0.6, kAccent};
constexpr StrokeStyle kFooterRule{0.15, {190, 194, 200}};

constexpr BlockStyle kTitleStyle{
    .size_mm = 6.4, .width_mm = kWidth, .bold = true, .colour = kAccent, .line_spacing = 1.1};
constexpr BlockStyle kSubtitleStyle{.size_mm = 3.6, .width_mm = kWidth, .colour = kGrey};
constexpr BlockStyle kHeadingStyle{
    .size_mm = 4.1, .width_mm = kWidth, .bold = true, .colour = kAccent};
constexpr BlockStyle kLabelStyle{.size_mm = 3.4, .width_mm = kLabelWidth, .colour = kGrey};
constexpr BlockStyle kTextStyle{
    .size_mm = 3.4, .width_mm = kWidth - kLabelWidth - kGutter, .colour = kInk};
constexpr BlockStyle kWideTextStyle{.size_mm = 3.4, .width_mm = kWidth, .colour = kInk};

/// A place in the text: page, and height on it.
struct Cursor {
  std::size_t page = 0;
  double y = kTop;
  bool operator<(const Cursor& other) const {
    return page != other.page ? page < other.page : y < other.y;
  }
};

/// The text, laid out before anything is drawn: the footer of the first page states how many there
/// are.
class Flow {
 public:
  explicit Flow(const Canvas& canvas) : canvas_(canvas) {}

  void title(const ReportContent& content);
  void section(const ReportSection& section);
  std::size_t page_count() const { return at_.page + 1; }
  void draw(Canvas& canvas, std::size_t page) const;

 private:
  struct PlacedLine {
    std::size_t block, line;
    double x;
    Cursor at;
  };
  struct PlacedRule {
    StrokeStyle style;
    Cursor at;
  };
  void pair(const std::string& label, const std::string& text);
  void keep_together(std::string_view text, const BlockStyle& style);
  Cursor place(std::string_view text, const BlockStyle& style, double x, Cursor from);
  void rule(StrokeStyle style) { rules_.push_back({style, at_}); }
  void space(double height) { at_.y += height; }
  void need(double height) {
    if (at_.y + height > kBottom) at_ = {at_.page + 1, kTop};
  }

  const Canvas& canvas_;
  Cursor at_;
  std::vector<TextBlock> blocks_;
  std::vector<PlacedLine> lines_;  // not in order of pages: a label stands beside its text
  std::vector<PlacedRule> rules_;
};

/// Lays a text out piece by piece. The last line of a piece is where the next one begins, so that
/// nobody sees the joint, unless a piece makes a single line (a heap of combining marks).
Cursor Flow::place(std::string_view text, const BlockStyle& style, double x, Cursor from) {
  while (!text.empty() && from.page < static_cast<std::size_t>(kMaxPages)) {
    const bool is_last = text.size() <= kMaxBlockBytes;
    blocks_.push_back(canvas_.block(text, style));
    const auto& lines = blocks_.back().lines();
    const std::size_t taken = is_last || lines.size() == 1 ? lines.size() : lines.size() - 1;
    for (std::size_t i = 0; i < taken; ++i) {
      if (from.y + lines[i].height_mm > kBottom) from = {from.page + 1, kTop};
      lines_.push_back({blocks_.size() - 1, i, x, from});
      from.y += lines[i].height_mm;
    }
    if (is_last) break;
    text.remove_prefix(taken < lines.size() ? lines[taken].begin : blocks_.back().bytes());
  }
  return from;
}

void Flow::title(const ReportContent& content) {
  at_ = place(printable_text(content.title, LineBreaks::keep), kTitleStyle, kLeft, at_);
  space(1);
  at_ = place(printable_text(content.subtitle, LineBreaks::keep), kSubtitleStyle, kLeft, at_);
  space(2.5);
  rule(kTitleRule);
  space(2);
}

void Flow::section(const ReportSection& section) {
  constexpr double kHeadingAndTwoLines = 22;  // a heading never stands alone at the foot of a page
  space(4.5);
  need(kHeadingAndTwoLines);
  if (!section.heading.empty()) {
    at_ = place(printable_text(section.heading, LineBreaks::keep), kHeadingStyle, kLeft, at_);
    space(0.8);
    rule(kHeadingRule);
    space(2.2);
  }
  for (const auto& [label, text] : section.lines) pair(label, text);
}

/// A text of a few lines is not torn over two pages.
void Flow::keep_together(std::string_view text, const BlockStyle& style) {
  constexpr std::size_t kFewLines = 5, kBytesOfFewLines = 600;
  constexpr double kHeightOfFewLines = 30;
  if (at_.y + kHeightOfFewLines <= kBottom || text.size() > kBytesOfFewLines) return;
  const TextBlock block = canvas_.block(text, style);
  if (block.lines().size() > kFewLines) return;
  double height = 0;
  for (const auto& line : block.lines()) height += line.height_mm;
  need(height);
}

void Flow::pair(const std::string& label, const std::string& text) {
  constexpr double kOneLine = 6;
  need(kOneLine);
  const std::string shown = printable_text(text, LineBreaks::keep);
  keep_together(shown, label.empty() ? kWideTextStyle : kTextStyle);
  if (label.empty()) {
    at_ = place(shown, kWideTextStyle, kLeft, at_);
  } else {
    const Cursor after_label =
        place(printable_text(label, LineBreaks::keep), kLabelStyle, kLeft, at_);
    const Cursor after_text = place(shown, kTextStyle, kLeft + kLabelWidth + kGutter, at_);
    at_ = std::max(after_label, after_text);
  }
  space(1.4);
}

void Flow::draw(Canvas& canvas, std::size_t page) const {
  for (const PlacedRule& placed : rules_) {
    if (placed.at.page != page) continue;
    const Polyline line = {{kLeft, placed.at.y}, {kLeft + kWidth, placed.at.y}};
    canvas.stroke({&line, 1}, placed.style);
  }
  for (const PlacedLine& placed : lines_) {
    if (placed.at.page != page) continue;
    canvas.block_line(blocks_[placed.block], placed.line, placed.x, placed.at.y);
  }
}

class Report {
 public:
  Report(const ReportContent& content, Canvas canvas)
      : content_(content), canvas_(std::move(canvas)) {}

  Result<Bytes> render();

 private:
  void footer(double left, double width, double rule_y);
  Result<void> photo_page(std::size_t first);

  const ReportContent& content_;
  Canvas canvas_;
  std::size_t page_ = 0;
  std::size_t page_count_ = 0;
};

Result<Bytes> Report::render() {
  std::vector<EcgPage> tracings;
  for (const EcgRecording& recording : content_.tracings) {
    auto pages = layout_ecg(recording, content_.labels, content_.tracing_layout);
    if (!pages) return tl::unexpected(pages.error());
    std::move(pages->begin(), pages->end(), std::back_inserter(tracings));
  }
  Flow flow(canvas_);
  flow.title(content_);
  for (const ReportSection& section : content_.sections) flow.section(section);

  page_count_ = flow.page_count() + tracings.size() +
                (content_.photos.size() + kPhotosPerPage - 1) / kPhotosPerPage;
  if (page_count_ > static_cast<std::size_t>(kMaxPages)) {
    return fail(ErrorCode::render_failed,
                fmt::format("the report would have more than {} pages; shorten the texts or send "
                            "fewer exams",
                            kMaxPages));
  }
  for (std::size_t page = 0; page < flow.page_count(); ++page) {
    canvas_.begin_page(kA4Portrait);
    flow.draw(canvas_, page);
    footer(kLeft, kWidth, kPortraitFooter);
  }
  for (const EcgPage& page : tracings) {
    canvas_.begin_page(kA4Landscape);
    draw_ecg_page(canvas_, page);
    footer(page.grid.x, page.grid.width, kLandscapeFooter);
  }
  for (std::size_t first = 0; first < content_.photos.size(); first += kPhotosPerPage) {
    if (auto drawn = photo_page(first); !drawn) return tl::unexpected(drawn.error());
  }
  return canvas_.finish_pdf(
      shortened(printable_text(content_.title, LineBreaks::to_space), kMaxTitleCharacters));
}

/// On every page: a rule, the mention on at most two lines, the page number.
void Report::footer(double left, double width, double rule_y) {
  constexpr double kNumberWidth = 30;
  const Polyline rule = {{left, rule_y}, {left + width, rule_y}};
  canvas_.stroke({&rule, 1}, kFooterRule);
  const std::string mention =
      shortened(printable_text(content_.footer, LineBreaks::to_space), kMaxFooterCharacters);
  const TextBlock block = canvas_.block(mention, {.size_mm = 2.5,
                                                  .width_mm = width - kNumberWidth,
                                                  .colour = kGrey,
                                                  .line_spacing = 1.1,
                                                  .max_lines = 2});
  for (std::size_t i = 0; i < block.lines().size(); ++i) {
    canvas_.block_line(block, i, left, rule_y + 1 + block.lines()[i].top_mm);
  }
  canvas_.text(
      {.at = {left + width, rule_y + 3.6},
       .size_mm = 2.8,
       .max_width_mm = kNumberWidth - 2,
       .anchor = Anchor::end,
       .colour = kGrey,
       .text = fmt::format("{} {}/{}", printable_text(content_.labels.page, LineBreaks::to_space),
                           ++page_, page_count_)});
}

/// Photos are decoded page by page: the pixels of all of them would not fit in memory.
Result<void> Report::photo_page(std::size_t first) {
  constexpr double kCaption = 6;
  constexpr double kBetween = 6;
  constexpr double kBoxHeight = (kBottom - kTop - kBetween) / kPhotosPerPage - kCaption;
  canvas_.begin_page(kA4Portrait);
  double top = kTop;
  const std::size_t end = std::min(first + kPhotosPerPage, content_.photos.size());
  for (std::size_t i = first; i < end; ++i) {
    const auto photo = printable_photo(content_.photos[i]);
    if (!photo) return tl::unexpected(photo.error());
    canvas_.text({.at = {kLeft, top + 3},
                  .size_mm = 3,
                  .max_width_mm = kWidth,
                  .colour = kGrey,
                  .text = fmt::format("{} {}/{}",
                                      printable_text(content_.labels.photo, LineBreaks::to_space),
                                      i + 1, content_.photos.size())});
    canvas_.picture(photo->jpeg, photo->pixels, {kLeft, top + kCaption, kWidth, kBoxHeight});
    top += kCaption + kBoxHeight + kBetween;
  }
  footer(kLeft, kWidth, kPortraitFooter);
  return {};
}

Result<void> check_sizes(const ReportContent& content) {
  std::size_t text = content.title.size() + content.subtitle.size() + content.footer.size();
  for (const ReportSection& section : content.sections) {
    text += section.heading.size();
    for (const auto& [label, value] : section.lines) text += label.size() + value.size();
  }
  if (text > kMaxTextBytes) {
    return fail(ErrorCode::render_failed,
                fmt::format("the texts of the report take more than {} kB; shorten them",
                            kMaxTextBytes / 1024));
  }
  std::size_t photos = 0;
  for (const Bytes& photo : content.photos) photos += photo.size();
  if (photos > kMaxPhotoBytes) {
    return fail(ErrorCode::render_failed,
                fmt::format("the photos of the report take more than {} MB; send fewer",
                            kMaxPhotoBytes >> 20));
  }
  return {};
}

}  // namespace

Result<Bytes> render_report_pdf(const ReportContent& content) {
  if (auto checked = check_sizes(content); !checked) return tl::unexpected(checked.error());
  auto canvas = Canvas::pdf();
  if (!canvas) return tl::unexpected(canvas.error());
  return Report(content, *std::move(canvas)).render();
}

}  // namespace telavis
