// SPDX-License-Identifier: Apache-2.0
// Reads the paths of a drawing back, as a ruler would.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace telavis::test {

struct Point {
  double x, y;
};
using Line = std::vector<Point>;

/// The lines of a path's "d", which this renderer writes as M x y L x y only.
inline std::vector<Line> lines_of(std::string_view d) {
  std::vector<Line> lines;
  const char* at = d.data();
  const char* end = d.data() + d.size();
  while (at < end && (*at == 'M' || *at == 'L')) {
    if (*at == 'M') lines.emplace_back();
    Point point{};
    const auto x = std::from_chars(at + 1, end, point.x);
    const auto y = std::from_chars(x.ptr + 1, end, point.y);
    EXPECT_EQ(y.ec, std::errc{}) << d.substr(0, 80);
    lines.back().push_back(point);
    at = y.ptr;
  }
  return lines;
}

/// Every path of that class, in order.
inline std::vector<std::vector<Line>> paths(const std::string& svg, const std::string& css_class) {
  std::vector<std::vector<Line>> out;
  const std::string start = "<path class=\"" + css_class + "\"";
  for (std::size_t at = svg.find(start); at != std::string::npos; at = svg.find(start, at + 1)) {
    const std::size_t d = svg.find(" d=\"", at) + 4;
    out.push_back(lines_of(std::string_view(svg).substr(d, svg.find('"', d) - d)));
  }
  return out;
}

/// The only line of the n-th trace of a lead.
inline Line trace(const std::string& svg, const std::string& lead, std::size_t n = 0) {
  const auto found = paths(svg, "lead lead-" + lead);
  EXPECT_GT(found.size(), n) << lead;
  if (found.size() <= n) return {{0, 0}};
  EXPECT_EQ(found[n].size(), 1U) << lead;
  return found[n].empty() ? Line{{0, 0}} : found[n].front();
}

/// The height of the line at `x`, between its points.
inline double y_at(const Line& line, double x) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    const Point a = line[i - 1];
    const Point b = line[i];
    if (x >= a.x && x <= b.x) return b.x > a.x ? a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x) : b.y;
  }
  ADD_FAILURE() << "no line at " << x;
  return 0;
}

/// Where the line first crosses a height.
inline double x_of_level(const Line& line, double y, double from_x = -1e9) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    const Point a = line[i - 1];
    const Point b = line[i];
    if (b.x < from_x || (a.y < y) == (b.y < y)) continue;
    return a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
  }
  ADD_FAILURE() << "the line never crosses " << y;
  return 0;
}

}  // namespace telavis::test
