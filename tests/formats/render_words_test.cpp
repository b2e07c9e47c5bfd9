// SPDX-License-Identifier: Apache-2.0
// What is written around a tracing, and where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "formats/render.h"
#include "formats/render_ecg_layout.h"
#include "formats/render_ecg_words.h"
#include "formats/render_text.h"
#include "tests/formats/render_fixtures.h"

namespace telavis::render_words_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kWide = 200;
constexpr EcgLayout kLayouts[] = {EcgLayout::automatic, EcgLayout::six_by_two,
                                  EcgLayout::twelve_by_one};

TEST(RenderWords, MeasurementsAreTheDevicesWithTheirUnits) {
  EcgRecording recording;
  EXPECT_THAT(device_lines(recording, {}, kWide), IsEmpty());
  recording.measurements.ventricular_rate_bpm = 72;
  recording.measurements.pr_ms = 160;
  recording.measurements.qrs_ms = 92;
  recording.measurements.qt_ms = 380;
  recording.measurements.qtc_ms = 415;
  recording.measurements.qrs_axis_deg = -30;
  recording.measurements.t_axis_deg = 20;
  EXPECT_THAT(
      device_lines(recording, {}, kWide),
      ElementsAre(
          "Appareil, non vérifié\u00A0: FC\u00A072/min   PR\u00A0160\u00A0ms   "
          "QRS\u00A092\u00A0ms   QT\u00A0380\u00A0ms   QTc\u00A0415\u00A0ms\u00A0(formule\u00A0"
          "non\u00A0précisée)   axes\u00A0QRS\u00A0-30°,\u00A0T\u00A020°"));
  for (const auto& [formula, name] :
       {std::pair(QtcFormula::bazett, "(Bazett)"), std::pair(QtcFormula::hodges, "(Hodges)"),
        std::pair(QtcFormula::fridericia, "(Fridericia)"),
        std::pair(QtcFormula::framingham, "(Framingham)")}) {
    recording.measurements.qtc_formula = formula;
    EXPECT_THAT(device_lines(recording, {}, kWide).front(), HasSubstr(name));
  }
}

TEST(RenderWords, StatementsSayWhetherAnyoneConfirmedThem) {
  EcgRecording recording;
  recording.statements = {"Rythme sinusal", "", "Axe\nnormal"};
  EXPECT_THAT(
      device_lines(recording, {}, kWide),
      ElementsAre("Énoncés de l'appareil, non vérifiés, non confirmés\u00A0: Rythme sinusal "
                  "· Axe normal"));
  recording.statements_confirmed = true;
  EXPECT_THAT(device_lines(recording, {}, kWide).front(),
              HasSubstr("confirmés par un médecin selon le fichier"));
  RenderLabels english;
  english.confirmed_statements = "Device statements, confirmed by a physician as the file says:";
  EXPECT_THAT(device_lines(recording, english, kWide).front(), HasSubstr("Device statements"));
}

TEST(RenderWords, FindingsAreWarningsInTheCallersWords) {
  EcgRecording recording;
  recording.findings = {{"noted", Severity::info, "nothing"}};
  EXPECT_THAT(finding_lines(recording, {}, kWide), IsEmpty());
  recording.findings.push_back({"crc_mismatch", Severity::warning, "checksum"});
  recording.findings.push_back({"short", Severity::error, "short"});
  EXPECT_THAT(finding_lines(recording, {}, kWide), ElementsAre("Remarques techniques (2)"));
  RenderLabels labels;
  labels.finding_text = [](const Finding& finding) { return "[" + finding.code + "]"; };
  EXPECT_THAT(finding_lines(recording, labels, kWide),
              ElementsAre("Remarques techniques (2) – [crc_mismatch] · [short]"));
}

EcgRecording talkative(std::size_t statements, const std::string& text) {
  EcgRecording recording = test::twelve_flat_leads(10);
  for (Lead& lead : recording.leads) test::add_square(lead, 0.2, 9.8, 9);  // tall everywhere
  recording.measurements = {.ventricular_rate_bpm = 30000,
                            .atrial_rate_bpm = 30000,
                            .rr_ms = 30000,
                            .pp_ms = 30000,
                            .p_duration_ms = 30000,
                            .pr_ms = 30000,
                            .qrs_ms = 30000,
                            .qt_ms = 30000,
                            .qtc_ms = 30000,
                            .p_axis_deg = -30000,
                            .qrs_axis_deg = -30000,
                            .t_axis_deg = -30000,
                            .pacemaker_spikes = 30000};
  for (std::size_t i = 0; i < statements; ++i) {
    recording.statements.push_back(std::to_string(i) + " " + text);
    recording.findings.push_back({"code", Severity::warning, text});
  }
  return recording;
}

/// Every text stands on the page; what is written around the grid stands outside of it, and below
/// it ends above the footer of a report; no two lines around the grid touch; no trace leaves the
/// grid.
void expect_tidy(const EcgPage& page) {
  std::vector<double> full_lines;
  for (const TextMm& text : page.texts) {
    const double width = text_width_em(text.text) * text.size_mm * (text.bold ? 1 : kRegularToBold);
    const double shown = std::min(width, text.max_width_mm);
    const double left = text.anchor == Anchor::end ? text.at.x - shown : text.at.x;
    EXPECT_GE(left, 2) << text.text;
    EXPECT_LE(left + shown, 297 - 10) << text.text;
    EXPECT_GE(text.at.y - text.size_mm, 5) << text.text;
    EXPECT_LE(text.at.y, 198) << text.text;
    if (text.max_width_mm > 250) {  // a line of the device's or of the findings
      EXPECT_LE(width, text.max_width_mm) << text.text;
      EXPECT_TRUE(text.at.y + 0.8 < page.grid.y || text.at.y - 2.5 > page.grid.bottom())
          << text.text;
      full_lines.push_back(text.at.y);
    }
  }
  std::sort(full_lines.begin(), full_lines.end());
  for (std::size_t i = 1; i < full_lines.size(); ++i) {
    EXPECT_GE(full_lines[i] - full_lines[i - 1], 3.2);
  }
  EXPECT_LE(page.grid.bottom(), 194);
  for (const EcgTrace& trace : page.traces) {
    for (const Polyline& line : trace.lines) {
      for (const PointMm& p : line) {
        ASSERT_GE(p.y, page.grid.y - 1e-6);
        ASSERT_LE(p.y, page.grid.bottom() + 1e-6);
      }
    }
  }
}

TEST(RenderWords, FortyLongStatementsNeitherTouchTheTracesNorLeaveThePage) {
  const std::string long_text =
      "Un énoncé assez long pour ne pas tenir avec les autres, WWW MMM, 0123456789, fin.";
  for (const std::string& text : {long_text, std::string(3000, 'W'), std::string(3000, ' '),
                                  std::string("\xFF\xFE\x00 \n\r\n", 7) + long_text,
                                  std::string("日本語 שלום 😀 ") + long_text}) {
    EcgRecording recording = talkative(40, text);
    RenderLabels labels;
    labels.finding_text = [](const Finding& finding) { return finding.text; };
    for (const EcgLayout layout : kLayouts) {
      const auto pages = layout_ecg(recording, labels, layout);
      ASSERT_TRUE(pages.has_value());
      for (const EcgPage& page : *pages) expect_tidy(page);
      EXPECT_TRUE(render_ecg_pdf(recording, labels, layout).has_value());
    }
  }
}

TEST(RenderWords, WhatDoesNotFitIsCounted) {
  const auto lines =
      device_lines(talkative(40, "Un énoncé de longueur moyenne, sans plus"), {}, 100);
  ASSERT_LE(lines.size(), kMaxMeasurementLines + kMaxStatementLines);
  std::smatch found;
  const std::string& last = lines.back();
  ASSERT_TRUE(std::regex_search(last, found, std::regex("· \\+ ([0-9]+)$"))) << last;
  std::string all;
  for (const std::string& line : lines) all += line + " ";
  std::size_t shown = 0;
  for (std::size_t at = 0; (at = all.find("sans plus", at)) != std::string::npos; ++at) ++shown;
  EXPECT_GT(shown, 2U);
  EXPECT_EQ(std::to_string(40 - shown), found[1]);
  for (const std::string& line : lines) EXPECT_LE(text_width_em(line), 100) << line;
}

TEST(RenderWords, RowsKeepThreeMillivoltsInThreeByFour) {
  EcgRecording recording = talkative(40, std::string(200, 'n'));
  const auto pages = layout_ecg(recording, {}, EcgLayout::automatic);
  ASSERT_TRUE(pages.has_value());
  const auto& pulses = pages->front().calibration;
  EXPECT_GE(pulses[1][0].y - pulses[0][0].y, 30);
  EXPECT_NEAR(std::remainder(pulses[0][0].y - pages->front().grid.y, 5), 0, 1e-9);
}

TEST(RenderWords, ThousandsOfStatementsAreNoWork) {
  const EcgRecording recording = talkative(200'000, "x");
  EXPECT_THAT(device_lines(recording, {}, 100).back(), HasSubstr("+ 199"));
}

TEST(RenderText, WidthsAreBoundsOfTheTypeface) {
  // DejaVu Sans Bold, advance widths in 1/2048 em as its own table states them.
  EXPECT_GE(text_width_em("W"), 2259 / 2048.0);
  EXPECT_GE(text_width_em("m"), 2134 / 2048.0);
  EXPECT_GE(text_width_em("i"), 702 / 2048.0);
  EXPECT_GE(text_width_em("é"), 1389 / 2048.0);
  EXPECT_GE(text_width_em("Œ"), 2390 / 2048.0);
}

TEST(RenderText, WrapsAtSpacesAndBreaksLongWords) {
  EXPECT_THAT(wrapped("", 10), IsEmpty());
  EXPECT_THAT(wrapped("un deux trois", 4), ElementsAre("un", "deux", "trois"));
  EXPECT_THAT(wrapped("un deux", 100), ElementsAre("un deux"));
  std::string whole;
  for (const std::string& line : wrapped(std::string(50, 'e'), 5)) {
    EXPECT_LE(text_width_em(line), 5);
    whole += line;
  }
  EXPECT_EQ(whole, std::string(50, 'e'));
  EXPECT_THAT(wrapped("éééé", 0), ElementsAre("é", "é", "é", "é")) << "never none at all";
  EXPECT_EQ(fitted("court", 100), "court");
  EXPECT_THAT(fitted("beaucoup trop long", 5), HasSubstr("…"));
  EXPECT_LE(text_width_em(fitted("beaucoup trop long", 5)), 5);
}

}  // namespace telavis::render_words_test
