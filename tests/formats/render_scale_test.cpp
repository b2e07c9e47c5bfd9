// SPDX-License-Identifier: Apache-2.0
// The scale of every layout, measured in millimetres on the SVG's paths and on the operators of the
// PDF's pages: 25 mm a second and 10 mm a millivolt, to 0.1 mm.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "formats/render.h"
#include "tests/formats/pdf_reader.h"
#include "tests/formats/render_fixtures.h"
#include "tests/formats/svg_reader.h"

namespace telavis::render_scale_test {

using test::add_square;
using test::flat_lead;
using test::lead_of;
using test::Line;
using test::paths;
using test::Point;
using test::Stroke;
using test::strokes_of;
using test::twelve_flat_leads;
using test::x_of_level;
using test::y_at;

constexpr double kTenthMm = 0.1;
constexpr EcgLayout kLayouts[] = {EcgLayout::automatic, EcgLayout::three_by_four_rhythm,
                                  EcgLayout::six_by_two, EcgLayout::twelve_by_one};

std::string svg_of(const EcgRecording& recording, EcgLayout layout) {
  const auto svg = render_ecg_svg(recording, {}, layout);
  EXPECT_TRUE(svg.has_value()) << (svg ? "" : svg.error().text);
  return svg.value_or("");
}

/// The black strokes as wide as a trace: the calibration first, then a stroke a trace.
std::vector<Stroke> traces_of_pdf(const EcgRecording& recording, EcgLayout layout,
                                  std::size_t page = 0) {
  const auto pdf = render_ecg_pdf(recording, {}, layout);
  EXPECT_TRUE(pdf.has_value()) << (pdf ? "" : pdf.error().text);
  std::vector<Stroke> out;
  for (Stroke& stroke : strokes_of(pdf.value_or(Bytes{}), page)) {
    if (stroke.black && std::abs(stroke.width_mm - 0.25) < 0.001) out.push_back(std::move(stroke));
  }
  return out;
}

/// A pulse that rises and falls twice at known instants after the beginning of the line.
void expect_pulse(const Line& line, double rise_s, double fall_s, double millivolts) {
  ASSERT_GE(line.size(), 4U);
  const Point start = line.front();
  const double half = start.y - millivolts * 5;
  EXPECT_NEAR(start.y - y_at(line, start.x + (rise_s + fall_s) / 2 * 25), millivolts * 10,
              kTenthMm);
  const double rise = x_of_level(line, half);
  EXPECT_NEAR(x_of_level(line, half, rise + 0.2) - rise, (fall_s - rise_s) * 25, kTenthMm);
  EXPECT_NEAR(rise - start.x, rise_s * 25, kTenthMm);
}

TEST(RenderScale, HoldsForEveryLayoutIntervalAndGain) {
  for (const EcgLayout layout : kLayouts) {
    for (const double interval_us : {1000.0, 1667.0, 2000.0}) {
      for (const double gain_nv : {1000.0, 2000.0, 2500.0, 3000.0, 4000.0, 5000.0}) {
        SCOPED_TRACE(
            fmt::format("{} us {} nV layout {}", interval_us, gain_nv, static_cast<int>(layout)));
        EcgRecording recording;
        for (const LeadCode code : kTwelveLeads) {
          recording.leads.push_back(flat_lead(code, 10, 1e6 / interval_us, gain_nv));
          // Half a millivolt in each quarter of the recording, so that each column shows one.
          for (const double at : {0.0, 2.5, 5.0, 7.5}) {
            add_square(recording.leads.back(), at + 0.8, at + 1.8, 0.8);
          }
        }
        const std::string svg = svg_of(recording, layout);
        const auto drawn = traces_of_pdf(recording, layout);
        std::size_t count = 0;
        for (const LeadCode code : kTwelveLeads) {
          for (const auto& path : paths(svg, "lead lead-" + lead_name(code))) {
            ++count;
            ASSERT_EQ(path.size(), 1U);
            expect_pulse(path[0], 0.8, 1.8, 0.8);
          }
        }
        EXPECT_EQ(count, layout == EcgLayout::six_by_two || layout == EcgLayout::twelve_by_one
                             ? 12U
                             : 13U);
        ASSERT_EQ(drawn.size(), count + 1);
        for (std::size_t i = 1; i < drawn.size(); ++i)
          expect_pulse(drawn[i].lines[0], 0.8, 1.8, 0.8);
      }
    }
  }
}

TEST(RenderScale, EachRowHasAPulseOfOneMillivoltDuring200Ms) {
  for (const EcgLayout layout : kLayouts) {
    const EcgRecording recording = twelve_flat_leads(10);
    const std::string svg = svg_of(recording, layout);
    const auto from_svg = paths(svg, "calibration").at(0);
    const auto from_pdf = traces_of_pdf(recording, layout).at(0).lines;
    EXPECT_EQ(from_svg.size(), layout == EcgLayout::twelve_by_one ? 12U
                               : layout == EcgLayout::six_by_two  ? 6U
                                                                  : 4U);
    ASSERT_EQ(from_pdf.size(), from_svg.size());
    for (const auto& pulses : {from_svg, from_pdf}) {
      for (const Line& pulse : pulses) {
        ASSERT_EQ(pulse.size(), 6U);
        EXPECT_NEAR(pulse[1].y - pulse[2].y, 10, kTenthMm);
        EXPECT_NEAR(pulse[4].y - pulse[3].y, 10, kTenthMm);
        EXPECT_NEAR(pulse[3].x - pulse[2].x, 5, kTenthMm);
      }
    }
  }
}

double distance(Point p, const Line& line) {
  double least = 1e9;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const Point a = line[i - 1];
    const Point d{line[i].x - a.x, line[i].y - a.y};
    const double length = d.x * d.x + d.y * d.y;
    const double along = length == 0 ? 0 : ((p.x - a.x) * d.x + (p.y - a.y) * d.y) / length;
    const double t = std::clamp(along, 0.0, 1.0);
    least = std::min(least, std::hypot(a.x + t * d.x - p.x, a.y + t * d.y - p.y));
  }
  return least;
}

/// cairo joins segments that go on in the same direction, so not the points are compared.
TEST(RenderScale, PdfAndSvgAreTheSameDrawing) {
  const EcgRecording recording = test::beating_recording(10, 500);
  const auto drawn = traces_of_pdf(recording, EcgLayout::twelve_by_one);
  const std::string svg = svg_of(recording, EcgLayout::twelve_by_one);
  ASSERT_EQ(drawn.size(), 13U);
  for (std::size_t i = 0; i < kTwelveLeads.size(); ++i) {
    const auto path = paths(svg, "lead lead-" + lead_name(kTwelveLeads[i])).at(0);
    const auto& stroke = drawn[i + 1].lines;
    ASSERT_EQ(path.size(), stroke.size());
    for (std::size_t l = 0; l < path.size(); ++l) {
      for (const Point p : path[l]) ASSERT_LT(distance(p, stroke[l]), 0.004);
      for (const Point p : stroke[l]) ASSERT_LT(distance(p, path[l]), 0.004);
    }
  }
}

/// The drawn line against every sample, also those that are left out.
TEST(RenderScale, EverySampleLiesOnTheLineToTwoHundredths) {
  for (const double hertz : {250.0, 500.0, 1000.0}) {
    EcgRecording recording = test::beating_recording(10, hertz);
    std::uint32_t noise = 1;
    for (Lead& lead : recording.leads) {
      for (std::int32_t& sample : lead.samples) {
        noise = noise * 1664525 + 1013904223;
        sample += static_cast<std::int32_t>(noise >> 30);
      }
    }
    const std::string svg = svg_of(recording, EcgLayout::twelve_by_one);
    std::size_t points = 0;
    for (const LeadCode code : {LeadCode::I, LeadCode::II, LeadCode::V1}) {
      const Lead& lead = *recording.lead(code);
      const Line line = test::trace(svg, lead_name(code));
      points += line.size();
      const double zero = line[0].y + lead.samples[0] * lead.gain_nv_per_lsb / 1e5;
      for (std::size_t i = 0; i < lead.samples.size(); ++i) {
        const double x = line[0].x + static_cast<double>(i) / hertz * 25;
        const double y = zero - lead.samples[i] * lead.gain_nv_per_lsb / 1e5;
        ASSERT_NEAR(y_at(line, std::min(x, line.back().x)), y, 0.02) << i;
      }
    }
    EXPECT_LT(points, static_cast<std::size_t>(30 * hertz));
  }
}

TEST(RenderScale, SixByTwoShowsFiveSecondsALead) {
  EcgRecording recording = twelve_flat_leads(10);
  add_square(lead_of(recording, LeadCode::III), 4, 4.5, 1);
  add_square(lead_of(recording, LeadCode::V6), 9, 9.5, 1);
  const std::string svg = svg_of(recording, EcgLayout::six_by_two);
  const auto at = [&](const std::string& lead) { return test::trace(svg, lead); };
  EXPECT_NEAR(at("V1").front().x - at("I").front().x, 125, kTenthMm);
  EXPECT_NEAR(at("V6").front().y, at("aVF").front().y, kTenthMm);
  EXPECT_NEAR(at("V1").front().y, at("I").front().y, kTenthMm);
  EXPECT_NEAR(at("I").back().x - at("I").front().x, 125, kTenthMm);
  expect_pulse(at("III"), 4, 4.5, 1);
  expect_pulse(at("V6"), 4, 4.5, 1);
}

TEST(RenderScale, TwelveByOneGoesOnOverPagesUntilTheEnd) {
  EcgRecording recording = twelve_flat_leads(35);
  add_square(lead_of(recording, LeadCode::aVL), 31, 32, 0.5);
  const std::string svg = svg_of(recording, EcgLayout::twelve_by_one);
  EXPECT_NE(svg.find("viewBox=\"0 0 297 840\""), std::string::npos);
  ASSERT_EQ(paths(svg, "lead lead-aVL").size(), 4U);
  expect_pulse(test::trace(svg, "aVL", 3), 1, 2, 0.5);
  EXPECT_NEAR(test::trace(svg, "I", 3).back().x - test::trace(svg, "I", 3).front().x, 125,
              kTenthMm);
  EXPECT_NE(svg.find("t = 30,0 s"), std::string::npos);
  EXPECT_EQ(svg.find("durée totale"), std::string::npos);
  expect_pulse(traces_of_pdf(recording, EcgLayout::twelve_by_one, 3).at(5).lines[0], 1, 2, 0.5);
}

TEST(RenderScale, OneSampleMoreMakesNoPage) {
  EcgRecording recording = test::recording_of({LeadCode::I, LeadCode::II}, 10.002);
  const std::string svg = svg_of(recording, EcgLayout::twelve_by_one);
  EXPECT_NE(svg.find("viewBox=\"0 0 297 210\""), std::string::npos);
  EXPECT_NEAR(test::trace(svg, "I").back().x - test::trace(svg, "I").front().x, 250, 0.01);
}

TEST(RenderScale, ASingleLeadTakesFourRowsAPage) {
  EcgRecording recording;
  recording.leads.push_back(flat_lead(LeadCode::I, 95, 300));
  const std::string svg = svg_of(recording, EcgLayout::twelve_by_one);
  EXPECT_NE(svg.find("viewBox=\"0 0 297 630\""), std::string::npos) << "40, 40 and 15 s";
  EXPECT_EQ(paths(svg, "lead lead-I").size(), 10U);
}

TEST(RenderScale, TooLongForTwelveByOneIsRefused) {
  EcgRecording recording = test::recording_of({LeadCode::I, LeadCode::II}, 2);
  for (Lead& lead : recording.leads) lead.sampling_interval_us = 10e6;
  const auto pdf = render_ecg_pdf(recording, {}, EcgLayout::twelve_by_one);
  ASSERT_FALSE(pdf.has_value());
  EXPECT_EQ(pdf.error().code, ErrorCode::render_failed);
  EXPECT_TRUE(render_ecg_pdf(recording).has_value());
}

TEST(RenderScale, EveryLayoutDrawsOddSetsOfLeads) {
  const LeadCode paediatric[] = {LeadCode::I,   LeadCode::II,  LeadCode::III, LeadCode::aVR,
                                 LeadCode::aVL, LeadCode::aVF, LeadCode::V4R, LeadCode::V1,
                                 LeadCode::V2,  LeadCode::V4,  LeadCode::V6,  LeadCode::V7};
  EcgRecording child;
  for (const LeadCode code : paediatric) child.leads.push_back(flat_lead(code, 10));
  EcgRecording frank = test::recording_of({LeadCode::X, LeadCode::Y, LeadCode::Z}, 10);
  EcgRecording named;
  for (const char* label : {"ES", "Œsophage bipolaire proximal"}) {
    named.leads.push_back(flat_lead(LeadCode::unspecified, 10));
    named.leads.back().label = label;
  }
  for (const EcgLayout layout : kLayouts) {
    SCOPED_TRACE(static_cast<int>(layout));
    std::string svg = svg_of(child, layout);
    for (const LeadCode code : paediatric) {
      EXPECT_FALSE(paths(svg, "lead lead-" + lead_name(code)).empty()) << lead_name(code);
      EXPECT_NE(svg.find(">" + lead_name(code) + "</text>"), std::string::npos);
    }
    svg = svg_of(frank, layout);
    EXPECT_NE(svg.find("viewBox=\"0 0 297 210\""), std::string::npos);
    EXPECT_EQ(paths(svg, "lead lead-Z").size(), 1U);
    svg = svg_of(named, layout);
    EXPECT_NE(svg.find(">ES</text>"), std::string::npos);
    EXPECT_NE(svg.find(">Œsophage"), std::string::npos);
    EXPECT_TRUE(render_ecg_pdf(named, {}, layout).has_value());
  }
}

}  // namespace telavis::render_scale_test
