// SPDX-License-Identifier: Apache-2.0
// Measures the drawing as a ruler would: every expectation is in millimetres, from the paper's
// scale (25 mm/s, 10 mm/mV) and not from the layout's own constants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <vector>

#include "formats/render.h"
#include "tests/formats/render_fixtures.h"
#include "tests/formats/svg_reader.h"

namespace telavis::render_svg_test {

using test::add_impulse;
using test::add_square;
using test::flat_lead;
using test::lead_of;
using test::Line;
using test::paths;
using test::Point;
using test::recording_of;
using test::trace;
using test::twelve_flat_leads;
using test::x_of_level;
using test::y_at;
using testing::HasSubstr;
using testing::Not;

constexpr double kTenthMm = 0.1;

Point highest(const Line& line) {
  return *std::min_element(line.begin(), line.end(), [](Point a, Point b) { return a.y < b.y; });
}

Point text_position(const std::string& svg, const std::string& text) {
  const std::size_t end = svg.find(">" + text + "</text>");
  EXPECT_NE(end, std::string::npos) << text;
  if (end == std::string::npos) return {0, 0};
  const std::size_t start = svg.rfind("<text", end);
  const auto attribute = [&](const std::string& name) {
    const std::size_t at = svg.find(" " + name + "=\"", start) + name.size() + 3;
    double value = 0;
    std::from_chars(svg.data() + at, svg.data() + svg.size(), value);
    return value;
  };
  return {attribute("x"), attribute("y")};
}

std::string svg_of(const EcgRecording& recording) {
  const auto svg = render_ecg_svg(recording);
  EXPECT_TRUE(svg.has_value()) << (svg ? "" : svg.error().text);
  return svg.value_or("");
}

TEST(RenderSvg, OneMillivoltIsTenMillimetresAndOneSecondTwentyFive) {
  EcgRecording recording = recording_of({LeadCode::II}, 10);
  add_square(recording.leads[0], 1.0, 1.2, 1.0);
  const Line line = trace(svg_of(recording), "II");
  const Point start = line[0];
  EXPECT_NEAR(start.y - y_at(line, start.x + 27), 10, kTenthMm);
  EXPECT_NEAR(y_at(line, start.x + 20), start.y, 1e-9);
  EXPECT_NEAR(y_at(line, start.x + 35), start.y, 1e-9);
  EXPECT_NEAR(x_of_level(line, start.y - 9.9) - start.x, 25, kTenthMm);
  EXPECT_NEAR(line.back().x - start.x, 250, kTenthMm);
}

TEST(RenderSvg, CalibrationPulseIsOneMillivoltDuring200Ms) {
  const std::string svg = svg_of(twelve_flat_leads(10));
  const auto pulses = paths(svg, "calibration").at(0);
  ASSERT_EQ(pulses.size(), 4U);
  const Point rhythm_start = trace(svg, "II", 1).front();
  for (const Line& pulse : pulses) {
    ASSERT_EQ(pulse.size(), 6U);
    EXPECT_NEAR(pulse[1].y - pulse[2].y, 10, kTenthMm);
    EXPECT_NEAR(pulse[3].x - pulse[2].x, 5, kTenthMm);
    EXPECT_LT(pulse[5].x, rhythm_start.x);
  }
  EXPECT_NEAR(pulses[3][0].y, rhythm_start.y, 1e-9) << "the pulse stands on the row's baseline";
}

TEST(RenderSvg, RulingsAreOneAndFiveMillimetresApartAndCarryTheTrace) {
  const std::string svg = svg_of(twelve_flat_leads(10));
  const auto coarse = paths(svg, "grid-5mm").at(0);
  const auto fine = paths(svg, "grid-1mm").at(0);
  EXPECT_NEAR(coarse[1][0].x - coarse[0][0].x, 5, 1e-9);
  EXPECT_NEAR(fine[1][0].x - fine[0][0].x, 1, 1e-9);
  EXPECT_NEAR(fine[0][0].x - coarse[0][0].x, 1, 1e-9);
  const Point start = trace(svg, "I").front();
  EXPECT_NEAR(std::remainder(start.x - coarse[0][0].x, 5), 0, 1e-9);
  EXPECT_NEAR(std::remainder(start.y - coarse[0][0].y, 5), 0, 1e-9);
  const double left = coarse.front()[0].x;
  double right = 0;
  for (const Line& ruling : coarse) right = std::max(right, ruling[1].x);
  EXPECT_NEAR(left, 297 - right, 1e-9) << "same margin on both sides";
}

TEST(RenderSvg, ColumnsFollowOneAnotherInTimeWhateverGainAndInterval) {
  EcgRecording recording;
  const double hertz[] = {500, 1000, 250, 600};
  const double gains[] = {1000, 2500, 4880, 305.176};
  const auto column_of = [](std::size_t lead) {
    const std::size_t column = lead / 3;
    return static_cast<double>(column);
  };
  for (std::size_t i = 0; i < kTwelveLeads.size(); ++i) {
    recording.leads.push_back(flat_lead(kTwelveLeads[i], 10, hertz[i % 4], gains[(i + i / 4) % 4]));
    const double column_start = 2.5 * column_of(i);
    add_impulse(recording.leads.back(), column_start + 0.5 + 0.1 * static_cast<double>(i), 1.5);
  }
  std::reverse(recording.leads.begin(), recording.leads.end());  // leads are found by code
  const std::string svg = svg_of(recording);
  const double left = trace(svg, "I").front().x;
  const double top = trace(svg, "I").front().y;
  const double pitch = trace(svg, "II").front().y - top;
  EXPECT_GE(pitch, 30);
  for (std::size_t i = 0; i < kTwelveLeads.size(); ++i) {
    const Line line = trace(svg, lead_name(kTwelveLeads[i]));
    const Point peak = highest(line);
    const double column = left + 62.5 * column_of(i);
    const double baseline = top + pitch * static_cast<double>(i % 3);
    EXPECT_NEAR(peak.x, column + (0.5 + 0.1 * static_cast<double>(i)) * 25, kTenthMm) << i;
    EXPECT_NEAR(peak.y, baseline - 15, kTenthMm) << i;
    EXPECT_NEAR(line.front().y, baseline, 1e-9) << i;
    EXPECT_GE(line.front().x, column - 1e-9);
    EXPECT_LE(line.back().x, column + 62.5 + 1e-3);
  }
}

TEST(RenderSvg, FirstSampleShiftsALead) {
  EcgRecording recording = recording_of({LeadCode::I, LeadCode::II}, 10);
  recording.leads[1].first_sample = 1000;  // 2 s
  add_impulse(recording.leads[1], 1, 1);
  const std::string svg = svg_of(recording);
  const double left = trace(svg, "I").front().x;
  EXPECT_NEAR(trace(svg, "II").front().x, left + 50, kTenthMm);
  EXPECT_NEAR(highest(trace(svg, "II")).x, left + 75, kTenthMm);
  EXPECT_LE(trace(svg, "II").back().x, left + 250 + 1e-3) << "ten seconds of paper";
}

TEST(RenderSvg, RhythmStripIsLeadTwoOrTheFirstPresent) {
  EcgRecording recording = twelve_flat_leads(10);
  EXPECT_EQ(paths(svg_of(recording), "lead lead-II").size(), 2U);
  EXPECT_NEAR(trace(svg_of(recording), "II", 1).back().x - trace(svg_of(recording), "II", 1)[0].x,
              250, kTenthMm);
  std::erase_if(recording.leads, [](const Lead& lead) { return lead.code == LeadCode::II; });
  EXPECT_EQ(paths(svg_of(recording), "lead lead-II").size(), 0U);
  EXPECT_EQ(paths(svg_of(recording), "lead lead-I").size(), 2U);
  EXPECT_THAT(svg_of(recording), HasSubstr("non enregistrée"));
}

TEST(RenderSvg, ShortRecordingEndsWhereDataEnd) {
  EcgRecording recording = twelve_flat_leads(9.5);
  std::string svg = svg_of(recording);
  const double left = trace(svg, "I").front().x;
  EXPECT_NEAR(trace(svg, "V4").front().x, left + 187.5, kTenthMm);
  EXPECT_NEAR(trace(svg, "V4").back().x, left + 237.5, kTenthMm);
  EXPECT_THAT(svg, Not(HasSubstr("t = ")));

  // Five seconds: V1 to V6 would be empty, so each column starts at 0 and says so.
  recording = twelve_flat_leads(5);
  add_impulse(lead_of(recording, LeadCode::V6), 1, 1);
  svg = svg_of(recording);
  EXPECT_NEAR(highest(trace(svg, "V6")).x, left + 187.5 + 25, kTenthMm);
  EXPECT_NEAR(trace(svg, "II", 1).back().x, left + 125, kTenthMm);
  EXPECT_THAT(svg, HasSubstr("t = 0,0 s"));
  EXPECT_THAT(svg, HasSubstr("t : début de la colonne"));
}

TEST(RenderSvg, LongRecordingStatesItsDuration) {
  EXPECT_THAT(svg_of(twelve_flat_leads(30)), HasSubstr("durée totale 30,0 s"));
  EXPECT_THAT(svg_of(twelve_flat_leads(10)), Not(HasSubstr("durée totale")));
  const std::string svg = svg_of(twelve_flat_leads(30));
  EXPECT_NEAR(trace(svg, "II", 1).back().x - trace(svg, "II", 1).front().x, 250, kTenthMm);
}

TEST(RenderSvg, ManyPointsAreReducedAndEveryPeakIsKept) {
  EcgRecording recording;
  recording.leads.push_back(flat_lead(LeadCode::II, 10, 16000));
  const double instants[] = {0.123, 2.34561, 7.77777};
  for (const double at : instants) add_impulse(recording.leads[0], at, 1);
  add_impulse(recording.leads[0], 5, -1);
  const Line line = trace(svg_of(recording), "II");
  EXPECT_LE(line.size(), 100U) << "almost all of it is flat";
  const Point start = line.front();
  for (const double at : instants) {
    const bool found = std::any_of(line.begin(), line.end(), [&](Point p) {
      return std::abs(p.x - start.x - at * 25) < kTenthMm && std::abs(start.y - 10 - p.y) < 1e-6;
    });
    EXPECT_TRUE(found) << at;
  }
  const auto lowest =
      std::max_element(line.begin(), line.end(), [](Point a, Point b) { return a.y < b.y; });
  EXPECT_NEAR(lowest->y - start.y, 10, kTenthMm);
  EXPECT_NEAR(lowest->x - start.x, 125, kTenthMm);
}

TEST(RenderSvg, ExtremeSamplesAreCutAtTheGrid) {
  EcgRecording recording = twelve_flat_leads(10);
  for (const LeadCode code : {LeadCode::I, LeadCode::II, LeadCode::V6}) {
    Lead& lead = lead_of(recording, code);
    lead.gain_nv_per_lsb = 1e300;
    for (std::size_t i = 0; i < lead.samples.size(); ++i) {
      lead.samples[i] = i % 3 == 0   ? std::numeric_limits<std::int32_t>::min()
                        : i % 3 == 1 ? std::numeric_limits<std::int32_t>::max()
                                     : 0;
    }
  }
  const std::string svg = svg_of(recording);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  double top = 1e9;
  double bottom = -1e9;
  const std::vector<Line> rulings = paths(svg, "grid-5mm").at(0);
  for (const Line& ruling : rulings) {
    top = std::min(top, ruling[0].y);
    bottom = std::max(bottom, ruling[1].y);
  }
  for (const auto& path : paths(svg, "lead lead-II")) {
    EXPECT_FALSE(path.empty());
    for (const Line& line : path) {
      for (const Point p : line) {
        ASSERT_GE(p.y, top - 1e-3);
        ASSERT_LE(p.y, bottom + 1e-3);
      }
    }
  }
}

TEST(RenderSvg, ATallWaveIsCutNotSqueezed) {
  EcgRecording recording = recording_of({LeadCode::II}, 10);
  add_square(recording.leads[0], 1, 2, 50);  // half a metre
  const auto path = paths(svg_of(recording), "lead lead-II").at(0);
  ASSERT_EQ(path.size(), 2U) << "before and after";
  const double left = path[0].front().x;
  EXPECT_NEAR(path[0].back().x, left + 25, kTenthMm);
  EXPECT_NEAR(path[1].front().x, left + 50, kTenthMm);
  EXPECT_LT(path[0].back().y, path[0].front().y - 10);
}

TEST(RenderSvg, ALeadFarFromZeroStaysInItsRowAndSaysSo) {
  EcgRecording recording = twelve_flat_leads(10);
  Lead& lead = lead_of(recording, LeadCode::aVL);
  for (auto& sample : lead.samples) sample += 5000;  // 5 mV
  add_impulse(lead, 3, 1);
  const std::string svg = svg_of(recording);
  EXPECT_NEAR(trace(svg, "aVL").front().y, trace(svg, "II").front().y, kTenthMm);
  EXPECT_NEAR(trace(svg, "aVL").front().y - highest(trace(svg, "aVL")).y, 10, kTenthMm);
  EXPECT_THAT(svg, HasSubstr(">aVL†</text>"));
  EXPECT_THAT(svg, HasSubstr("† tracé recentré"));

  for (auto& sample : lead.samples) sample -= 3500;  // 1.5 mV: within its row, left alone
  const std::string shown = svg_of(recording);
  EXPECT_NEAR(trace(shown, "II").front().y - trace(shown, "aVL").front().y, 15, kTenthMm);
  EXPECT_THAT(shown, Not(HasSubstr("†")));
}

TEST(RenderSvg, DerivedLeadsAreMarked) {
  EcgRecording recording = twelve_flat_leads(10);
  EXPECT_THAT(svg_of(recording), Not(HasSubstr("calculée")));
  lead_of(recording, LeadCode::III).derived = true;
  EXPECT_THAT(svg_of(recording), HasSubstr(">III*</text>"));
  EXPECT_THAT(svg_of(recording), HasSubstr("* dérivation calculée"));
}

TEST(RenderSvg, LabelsMakeRoomForTallWaves) {
  EcgRecording recording = twelve_flat_leads(10);
  const Point usual = text_position(svg_of(recording), "V4");
  add_square(lead_of(recording, LeadCode::V4), 7.5 + 0.14, 7.5 + 0.18, 1.8);
  const std::string svg = svg_of(recording);
  const Point moved = text_position(svg, "V4");
  EXPECT_NEAR(moved.y, usual.y, 1e-9);
  EXPECT_GT(moved.x, trace(svg, "V4").front().x + 0.18 * 25);
}

TEST(RenderSvg, OtherLeadsHaveRowsOfTheirOwn) {
  EcgRecording recording = recording_of({LeadCode::V3R, LeadCode::I, LeadCode::II, LeadCode::V1,
                                         LeadCode::V2, LeadCode::V4, LeadCode::V6, LeadCode::V7},
                                        10);
  // As recorded, six of the twelve: eight rows of ten seconds on two pages, in the usual order.
  std::string svg = svg_of(recording);
  EXPECT_THAT(svg, HasSubstr("viewBox=\"0 0 297 420\""));
  EXPECT_LT(trace(svg, "I").front().y, trace(svg, "II").front().y);
  EXPECT_NEAR(trace(svg, "V7").back().x - trace(svg, "V7").front().x, 250, kTenthMm);

  // With the limb leads computed: a page in columns, and V3R and V7 on a second one.
  for (const LeadCode code : {LeadCode::III, LeadCode::aVR, LeadCode::aVL, LeadCode::aVF}) {
    recording.leads.push_back(flat_lead(code, 10));
  }
  svg = svg_of(recording);
  EXPECT_THAT(svg, HasSubstr("viewBox=\"0 0 297 420\""));
  EXPECT_NEAR(trace(svg, "V1").back().x - trace(svg, "V1").front().x, 62.5, kTenthMm);
  EXPECT_NEAR(trace(svg, "V3R").back().x - trace(svg, "V3R").front().x, 250, kTenthMm);
}

TEST(RenderSvg, OddSetsOfLeads) {
  EXPECT_THAT(svg_of(recording_of({LeadCode::I}, 30)), HasSubstr("viewBox=\"0 0 297 210\""));
  EXPECT_THAT(svg_of(recording_of({LeadCode::X, LeadCode::Y, LeadCode::Z}, 10)),
              HasSubstr("lead-Z"));
  EcgRecording many = twelve_flat_leads(10);
  for (std::uint16_t id = 19; id < 32; ++id) {
    many.leads.push_back(flat_lead(static_cast<LeadCode>(id), 10));
  }
  EXPECT_THAT(svg_of(many), HasSubstr("viewBox=\"0 0 297 1050\"")) << "12, then 13 rows on 4 pages";
  EcgRecording late = recording_of({LeadCode::X, LeadCode::Y}, 10);
  late.leads[1].first_sample = 500 * 60;
  EXPECT_THAT(svg_of(late), HasSubstr("t = 60,0 s"));
  EXPECT_NEAR(trace(svg_of(late), "Y").front().x, trace(svg_of(late), "X").front().x, kTenthMm);
  EcgRecording single;
  single.leads.push_back(flat_lead(LeadCode::I, 0.002));
  EXPECT_THAT(svg_of(single), HasSubstr("h0\"")) << "one sample is a dot";
}

TEST(RenderSvg, ASingleLeadGoesOnOverFourRows) {
  EcgRecording recording = recording_of({LeadCode::I}, 30);
  add_impulse(recording.leads[0], 23, 1);
  std::string svg = svg_of(recording);
  ASSERT_EQ(paths(svg, "lead lead-I").size(), 3U);
  EXPECT_NEAR(highest(trace(svg, "I", 2)).x, trace(svg, "I", 0).front().x + 75, kTenthMm);
  EXPECT_NEAR(trace(svg, "I", 2).front().x, trace(svg, "I", 0).front().x, kTenthMm);
  EXPECT_THAT(svg, HasSubstr("t = 20,0 s"));
  EXPECT_THAT(svg, Not(HasSubstr("durée totale")));
  svg = svg_of(recording_of({LeadCode::I}, 3600));
  EXPECT_EQ(paths(svg, "lead lead-I").size(), 4U);
  EXPECT_THAT(svg, HasSubstr("durée totale 3600,0 s"));
}

TEST(RenderSvg, RefusesWhatCannotBeDrawn) {
  const auto code_of = [](const EcgRecording& recording) {
    const auto svg = render_ecg_svg(recording);
    return svg ? "drawn" : std::string(error_name(svg.error().code));
  };
  EXPECT_EQ(code_of({}), "render_failed");
  EXPECT_EQ(code_of(recording_of({LeadCode::I}, 0)), "render_failed");
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
    EcgRecording recording = recording_of({LeadCode::I}, 1);
    recording.leads[0].gain_nv_per_lsb = wrong;
    EXPECT_EQ(code_of(recording), "render_failed");
    recording = recording_of({LeadCode::I}, 1);
    recording.leads[0].sampling_interval_us = wrong;
    EXPECT_EQ(code_of(recording), "render_failed");
  }
  for (const double odd : {1e-300, 1e300}) {
    EcgRecording recording = recording_of({LeadCode::I, LeadCode::II}, 1);
    recording.leads[0].sampling_interval_us = odd;
    recording.leads[1].first_sample = 4'000'000'000;
    EXPECT_EQ(code_of(recording), "drawn") << odd;
  }
  EcgRecording crowd;
  for (std::uint16_t id = 200; id < 1100; ++id) {
    crowd.leads.push_back(flat_lead(static_cast<LeadCode>(id), 0.01));
  }
  EXPECT_EQ(code_of(crowd), "render_failed");
}

TEST(RenderSvg, WritesIdentityScaleAndFiltersEscaped) {
  EcgRecording recording = twelve_flat_leads(10);
  recording.patient = {"<id&1>", "<script>alert('x')</script>", "A\"B\x01\xFF", "1953-05-08"};
  recording.device = {"Fictif", "M1", "42"};
  recording.acquired_at.local = "2002-11-22T09:10:00";
  recording.filters = {0.05, 150.0, 50};
  const std::string svg = svg_of(recording);
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;alert('x')&lt;/scrip"));
  EXPECT_THAT(svg, HasSubstr("A&quot;B\xEF\xBF\xBD"));
  EXPECT_THAT(svg, HasSubstr("né(e) le 08/05/1953   ID &lt;id&amp;1&gt;"));
  EXPECT_THAT(svg, HasSubstr("Enregistré le 22/11/2002 09:10:00"));
  EXPECT_THAT(svg, HasSubstr("Fictif M1 42"));
  EXPECT_THAT(svg, HasSubstr("25 mm/s   10 mm/mV   filtres 0,05–150 Hz, secteur 50 Hz"));
  EXPECT_THAT(svg, Not(HasSubstr("href")));
  EXPECT_THAT(svg, Not(HasSubstr("style=")));
}

TEST(RenderSvg, NoIdentityWhenTheCallerLeavesItOut) {
  EXPECT_THAT(svg_of(twelve_flat_leads(10)), Not(HasSubstr("né(e)")));
  EXPECT_THAT(svg_of(twelve_flat_leads(10)), Not(HasSubstr("Enregistré")));
}

}  // namespace telavis::render_svg_test
