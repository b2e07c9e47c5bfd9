// SPDX-License-Identifier: Apache-2.0
#include "engine/billing/figures_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace telavis {
namespace {

constexpr double kHundred = 100.0;

std::string words(Language language, const std::string& id) {
  return message(language, "figures." + id);
}

/// With one decimal, and the mark of the language.
std::string decimal(double value, Language language) {
  std::string text = fmt::format("{:.1f}", value);
  if (language == Language::french) text[text.size() - 2] = ',';
  return text;
}

std::string unit_of(const Figure& figure, Language language) {
  const bool spread = figure.kind == FigureKind::hours || figure.kind == FigureKind::per_month;
  return spread ? words(language, "unit." + std::string(figure_kind_name(figure.kind))) : "";
}

std::string code_words(const Distribution& shown, const std::string& code, Language language) {
  const std::string id = std::string(shown.words) + "." + code;
  return has_message(id) ? message(language, id) : code;
}

std::string group_label(const FigureGroup& group, Language language) {
  return group.label.empty() ? words(language, "no_territory") : group.label;
}

std::string date_of(const std::string& iso, Language language) {
  return language == Language::french
             ? iso.substr(8, 2) + "/" + iso.substr(5, 2) + "/" + iso.substr(0, 4)
             : iso;
}

std::string period_words(const FigureReport& report) {
  const Language language = report.question.language;
  return message(language, "figures.period",
                 {{"from", date_of(report.question.from, language)},
                  {"to", date_of(report.question.to, language)}});
}

constexpr std::array kParts = {std::pair{"months", &FigureReport::months},
                               std::pair{"territories", &FigureReport::territories},
                               std::pair{"programmes", &FigureReport::programmes}};

/// The rows of the table.
class Sheet {
 public:
  Sheet(const FigureReport& report, TableWriter& out)
      : report_(report), language_(report.question.language), out_(out) {}

  Result<void> write() {
    if (auto done = write(words(language_, "part.whole"), "", report_.figures); !done) return done;
    for (const Distribution& shown : report_.distributions) {
      if (auto done = write(shown); !done) return done;
    }
    for (const auto& [id, groups] : kParts) {
      for (const FigureGroup& group : report_.*groups) {
        if (auto done = write(words(language_, id), group_label(group, language_), group.figures);
            !done)
          return done;
      }
    }
    return out_.finish();
  }

 private:
  Result<void> write(const std::string& part, const std::string& item,
                     const std::vector<Figure>& figures) {
    for (const Figure& figure : figures) {
      const std::string id(figure.id);
      const std::string label = words(language_, id), about = words(language_, id + ".about");
      const std::string unit = unit_of(figure, language_);
      const std::string remark = figure.masked ? words(language_, "masked") : "";
      const auto fraction = figure.fraction();
      const bool share = figure.kind == FigureKind::share;
      const auto number = [](const std::optional<double>& value) {
        return value ? TableCell(*value) : TableCell();
      };
      const std::array<TableCell, 11> cells = {
          std::string_view(part),
          std::string_view(item),
          std::string_view(label),
          figure.masked ? TableCell() : TableCell(figure.count),
          figure.masked || !share ? TableCell() : TableCell(figure.of),
          number(fraction),
          number(figure.median),
          number(figure.p90),
          std::string_view(unit),
          std::string_view(remark),
          std::string_view(about)};
      if (auto done = out_.row(cells); !done) return done;
    }
    return {};
  }

  Result<void> write(const Distribution& shown) {
    const std::string id(shown.id);
    const std::string part = words(language_, id), about = words(language_, id + ".about");
    for (const Distribution::Entry& entry : shown.entries) {
      const std::string label = code_words(shown, entry.code, language_);
      const std::string remark = entry.masked ? words(language_, "masked") : "";
      const bool told = !entry.masked && shown.of > 0;
      const std::array<TableCell, 11> cells = {
          std::string_view(part),
          std::string_view(label),
          std::string_view(part),
          entry.masked ? TableCell() : TableCell(entry.count),
          shown.masked ? TableCell() : TableCell(shown.of),
          told ? TableCell(static_cast<double>(entry.count) / static_cast<double>(shown.of))
               : TableCell(),
          TableCell(),
          TableCell(),
          std::string_view(),
          std::string_view(remark),
          std::string_view(about)};
      if (auto done = out_.row(cells); !done) return done;
    }
    return {};
  }

  const FigureReport& report_;
  Language language_;
  TableWriter& out_;
};

TableShape shape_of(const FigureReport& report) {
  const Language language = report.question.language;
  const auto column = [&](const char* id, ColumnType type, int decimals = 1) {
    return Column{words(language, std::string("column.") + id), type, decimals};
  };
  TableShape shape{words(language, "sheet"),
                   {column("part", ColumnType::text), column("item", ColumnType::text),
                    column("figure", ColumnType::text), column("count", ColumnType::integer),
                    column("of", ColumnType::integer), column("percent", ColumnType::percent),
                    column("median", ColumnType::decimal), column("p90", ColumnType::decimal),
                    column("unit", ColumnType::text), column("remark", ColumnType::text),
                    column("about", ColumnType::text)}};
  // The same figures give the same bytes: they are as old as their period.
  if (const auto last = parse_instant(report.question.to + "T00:00:00Z")) shape.made_at = *last;
  return shape;
}

/// Label and words of each figure; with those of `before` when there are such.
ReportSection figures_section(const std::string& heading, const std::vector<Figure>& figures,
                              Language language, const std::vector<Figure>* before = nullptr) {
  ReportSection section{heading, {}};
  for (std::size_t i = 0; i < figures.size(); ++i) {
    std::string text = figure_words(figures[i], language);
    if (before != nullptr) {
      text += "\n" + words(language, "year_before") +
              (language == Language::french ? " : " : ": ") + figure_words((*before)[i], language);
    }
    section.lines.emplace_back(words(language, std::string(figures[i].id)), std::move(text));
  }
  return section;
}

ReportSection distribution_section(const Distribution& shown, Language language) {
  ReportSection section{words(language, std::string(shown.id)), {}};
  for (const Distribution::Entry& entry : shown.entries) {
    Figure figure{"", FigureKind::share, entry.count, shown.of, {}, {}, entry.masked};
    section.lines.emplace_back(code_words(shown, entry.code, language),
                               figure_words(figure, language));
  }
  return section;
}

// What a month, a territory or a programme is told by in a document; the tables have the rest.
constexpr std::array<std::string_view, 5> kInBrief = {"requests", "answered", "delay", "within_48h",
                                                      "in_person"};

ReportSection groups_section(const char* id, const std::vector<FigureGroup>& groups,
                             Language language) {
  ReportSection section{words(language, id), {}};
  for (const FigureGroup& group : groups) {
    std::string text;
    for (const Figure& figure : group.figures) {
      if (std::find(kInBrief.begin(), kInBrief.end(), figure.id) == kInBrief.end()) continue;
      if (!text.empty()) text += "\n";
      text += words(language, std::string(figure.id)) +
              (language == Language::french ? " : " : ": ") + figure_words(figure, language);
    }
    section.lines.emplace_back(group_label(group, language), std::move(text));
  }
  return section;
}

ReportSection definitions_section(const FigureReport& report) {
  const Language language = report.question.language;
  ReportSection section{words(language, "definitions"), {}};
  const auto add = [&](const std::string& id) {
    section.lines.emplace_back(words(language, id), words(language, id + ".about"));
  };
  for (const Figure& figure : report.figures) add(std::string(figure.id));
  for (const Distribution& shown : report.distributions) add(std::string(shown.id));
  for (const auto& [id, groups] : kParts) add(id);
  return section;
}

ReportContent content_of(const FigureReport& report, const std::vector<Figure>* before) {
  const Language language = report.question.language;
  ReportContent content;
  content.labels.page = "Page";
  content.title = words(language, "title");
  for (const std::string& name : report.programme_names)
    content.subtitle += (content.subtitle.empty() ? "" : ", ") + name;
  content.subtitle += " · " + period_words(report);
  content.sections.push_back(
      figures_section(words(language, "part.whole"), report.figures, language, before));
  for (const Distribution& shown : report.distributions) {
    if (shown.of > 0 || shown.masked)
      content.sections.push_back(distribution_section(shown, language));
  }
  for (const auto& [id, groups] : kParts)
    content.sections.push_back(groups_section(id, report.*groups, language));
  content.sections.push_back(definitions_section(report));
  if (report.outside) content.footer = words(language, "outside.about");
  return content;
}

}  // namespace

std::string figure_words(const Figure& figure, Language language) {
  if (figure.masked) return words(language, "masked");
  if (figure.kind == FigureKind::count) return fmt::format("{}", figure.count);
  if (figure.kind == FigureKind::share) {
    const auto fraction = figure.fraction();
    if (!fraction) return words(language, "no_data");
    return fmt::format("{}{} ({} / {})", decimal(*fraction * kHundred, language),
                       language == Language::french ? " %" : "%", figure.count, figure.of);
  }
  if (!figure.median || !figure.p90) return words(language, "no_data");
  return message(language, "figures.spread_words",
                 {{"median", decimal(*figure.median, language)},
                  {"p90", decimal(*figure.p90, language)},
                  {"unit", unit_of(figure, language)},
                  {"count", fmt::format("{}", figure.count)}});
}

Result<std::string> figures_table(const FigureReport& report, TableFormat format) {
  std::string bytes;
  const auto table = open_table(format, shape_of(report), append_to(bytes));
  if (!table) return tl::unexpected(table.error());
  if (auto written = Sheet(report, **table).write(); !written)
    return tl::unexpected(written.error());
  return bytes;
}

Result<Bytes> figures_pdf(const FigureReport& report) {
  return render_report_pdf(content_of(report, nullptr));
}

ReportContent activity_content(const ActivityReport& report) {
  const Language language = report.year.question.language;
  ReportContent content = content_of(report.year, &report.year_before.figures);
  content.title =
      message(language, "figures.yearly_title", {{"year", report.year.question.from.substr(0, 4)}});
  const std::string made =
      message(language, "figures.yearly_made", {{"date", date_of(report.made_on, language)}});
  content.sections.insert(content.sections.begin(), ReportSection{"", {{"", made}}});
  return content;
}

Result<Bytes> activity_pdf(const ActivityReport& report) {
  return render_report_pdf(activity_content(report));
}

}  // namespace telavis
