// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/plot/plot_legend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace pinfeed {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;

Plot curves(std::size_t count, const std::string& name = "loss_centerness") {
  Plot plot{.title = "loss", .x_title = "iteration"};
  for (std::size_t i = 0; i < count; ++i) {
    const double value = static_cast<double>(i);
    plot.series.push_back(
        {.name = name + std::to_string(i), .x = {0, 10}, .y = {value, value + 1}});
  }
  return plot;
}

double number_in(const std::string& text) { return std::stod(text); }

// The legend's entries of an image: base line and the x coordinates of start and end.
struct Entry {
  double start = 0.0;
  double end = 0.0;
  double base = 0.0;
};
std::vector<Entry> legend_entries(const std::string& image, const std::string& name) {
  static const std::regex entry(
      "stroke-width=\"3\"/><text x=\"([0-9.]+)\" y=\"([0-9.]+)\" text-anchor=\"start\">([^<]*)");
  std::vector<Entry> found;
  for (std::sregex_iterator i(image.begin(), image.end(), entry), end; i != end; ++i) {
    EXPECT_THAT((*i)[3].str(), HasSubstr(name));
    const double start = number_in((*i)[1].str());
    found.push_back({start, start + text_width((*i)[3].str(), 13), number_in((*i)[2].str())});
  }
  return found;
}

TEST(Legend, StaysInsideTheImageForAnyNumberOfCurves) {
  for (const std::size_t count : {2U, 5U, 9U, 40U}) {
    const std::vector<Entry> entries = legend_entries(svg({curves(count)}), "loss_centerness");
    ASSERT_THAT(entries, SizeIs(count));
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_THAT(entries[i].start, Ge(84));
      EXPECT_THAT(entries[i].end, Le(960 - 32));
      const bool same_line = i > 0 && entries[i].base == entries[i - 1].base;
      EXPECT_TRUE(!same_line || entries[i].start >= entries[i - 1].end);
    }
  }
}

TEST(Legend, ShortensANameThatIsWiderThanTheImage) {
  const std::string path(300, 'm');
  const std::vector<Entry> entries = legend_entries(svg({curves(2, path)}), "mmm");
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_THAT(entries[1].end, Le(960 - 32));
}

TEST(Legend, KeepsAreaForTheCurvesBelowManyNames) {
  const std::string image = svg({curves(200), curves(2)});
  const std::regex frame("viewBox=\"0 0 960 ([0-9.]+)\"");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(image, found, frame));
  EXPECT_GT(number_in(found[1].str()), 200.0 / 5 * Legend::line_height + 200 + 420);
}

TEST(Strokes, AreEightColoursAndThenDashes) {
  std::set<std::string> colors;
  std::set<std::string> strokes;
  for (std::size_t i = 0; i < 32; ++i) {
    const bool dashed =
        stroke_attributes(stroke_of_curve(i)).find("dasharray") != std::string::npos;
    EXPECT_EQ(dashed, i >= 8) << i;
    colors.insert(stroke_of_curve(i).color);
    strokes.insert(stroke_attributes(stroke_of_curve(i)));
  }
  EXPECT_THAT(colors, SizeIs(8));
  EXPECT_THAT(strokes, SizeIs(32));
  EXPECT_THAT(svg({curves(9)}), HasSubstr("stroke=\"#0072b2\" stroke-dasharray=\"7 4\""));
}

TEST(Shortened, KeepsTheEndAndWholeCharacters) {
  EXPECT_EQ(shortened("short", 10, 100), "short");
  EXPECT_EQ(shortened("configs/deep/folder/a.py", 10, 60), "…der/a.py");
  for (const double width : {15.0, 20.0, 25.0, 30.0}) {
    const std::string text = shortened("äöüäöüäöü", 10, width);
    EXPECT_THAT(text.size() % 2, 1U) << text;  // the ellipsis has three bytes
    EXPECT_THAT(text_width(text, 10), AllOf(Ge(10), Le(width)));
  }
}

}  // namespace
}  // namespace pinfeed
