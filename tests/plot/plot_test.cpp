// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/plot/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pinfeed/plot/plot_bars.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Plot line_of(int points) {
  Plot plot{.title = "a < b", .x_title = "step", .y_title = "lr"};
  plot.series.push_back({.name = "one"});
  for (int i = 0; i < points; ++i) {
    plot.series[0].x.push_back(i);
    plot.series[0].y.push_back(5e-5 * i / points);
  }
  return plot;
}

TEST(RoundTicks, AreMultiplesOfOneTwoOrFive) {
  EXPECT_THAT(round_ticks(0, 10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(round_ticks(-1, 1, 4), ElementsAre(-1, -0.5, 0, 0.5, 1));
  EXPECT_THAT(round_ticks(3, 3, 4), ElementsAre());
}

TEST(Svg, EscapesTextsAndWritesSmallNumbersOverAPowerOfTen) {
  const std::string image = svg({line_of(100)});
  EXPECT_THAT(image, HasSubstr(">a &lt; b</text>"));
  EXPECT_THAT(image, HasSubstr(">lr (&#215; 10<tspan dy=\"-5\" font-size=\"10\">-5</tspan>"));
}

TEST(Svg, StaysSmallForLongCurves) {
  Plot plot = line_of(1'000'000);
  EXPECT_LT(svg({plot}).size(), 60'000U);
}

TEST(Svg, HasTooltipsWithTheValues) {
  Plot plot = line_of(110);
  plot.top = {.title = "epoch", .factor = 0.1};
  plot.bands = {{.name = "LinearLR", .from = 0, .to = 50}};
  EXPECT_THAT(svg({plot}), HasSubstr("<title>step 10, epoch 1\none 4.54545e-06\n"
                                     "LinearLR (0 to 50)</title>"));
}

TEST(Svg, KeepsASpikeOfALongCurve) {
  Plot plot = line_of(1'000'000);
  const std::string calm = svg({plot});
  plot.series[0].y[500'000] = 1.0;  // the highest point: the axis ends there
  const std::string spike = "L506.0 59.0L506.0";
  EXPECT_NE(svg({plot}).find(spike), std::string::npos);
  EXPECT_EQ(calm.find(spike), std::string::npos);
}

TEST(Svg, LeavesAGapWhereAValueIsNotFinite) {
  Plot plot = line_of(5);
  plot.series[0].y[2] = std::nan("");
  const std::string image = svg({plot});
  const std::size_t path = image.find("<path d=\"M");
  ASSERT_NE(path, std::string::npos);
  EXPECT_NE(image.find('M', path + 10), std::string::npos);
}

TEST(Svg, ShowsAPointWithoutNeighboursAsADisc) {
  Plot plot = line_of(5);
  EXPECT_THAT(svg({plot}), Not(HasSubstr("<circle")));
  plot.series.push_back({.name = "mAP", .x = {2}, .y = {1e-5}});
  EXPECT_THAT(svg({plot}), HasSubstr("r=\"3.5\" fill=\"#d55e00\"/>"));
  plot.series.back() = {.name = "mAP", .x = {1, 2, 3}, .y = {1e-5, std::nan(""), 1e-5}};
  const std::string image = svg({plot});
  const std::size_t first = image.find("<circle");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(image.find("<circle", first + 1), std::string::npos);
}

TEST(Svg, GivesAllPanelsOneXAxis) {
  Plot loss = line_of(100);
  Plot metric{.title = "mAP", .x_title = "step"};
  metric.series.push_back({.name = "mAP", .x = {49, 99}, .y = {0.1, 0.2}});
  const std::string image = svg({loss, metric});
  EXPECT_THAT(image, HasSubstr("d=\"M501.7 "));  // 49 of 0..99
  EXPECT_THAT(image, HasSubstr("L928.0 "));
}

TEST(Svg, NamesOverlappingBandsInRows) {
  Plot plot = line_of(5);
  plot.bands = {{"warm-up", 0, 2}, {"decay", 1, 4}, {"rest", 2, 4}};
  const std::string image = svg({plot});
  EXPECT_THAT(image, HasSubstr("y=\"78.0\" text-anchor=\"start\" font-size=\"12\">warm-up"));
  EXPECT_THAT(image, HasSubstr("y=\"60.0\" text-anchor=\"start\" font-size=\"12\">decay"));
  EXPECT_THAT(image, HasSubstr("y=\"78.0\" text-anchor=\"start\" font-size=\"12\">rest"));
}

TEST(Svg, WithoutPlotsIsAnImage) {
  EXPECT_THAT(svg({Plot{}}), HasSubstr("</svg>"));
  EXPECT_THAT(svg({}), HasSubstr("</svg>"));
}

TEST(TerminalText, DrawsARisingLine) {
  Plot plot{.title = "t", .x_title = "x", .y_title = "y"};
  plot.series.push_back({.x = {0, 1}, .y = {0, 1}});
  EXPECT_EQ(terminal_text(plot, 11, 6),
            "t\n"
            "1 │     ⢀⡠⠊\n"
            "y │   ⡠⠔⠁  \n"
            "0 │⣀⠔⠊     \n"
            "   0   x  1\n");
}

TEST(BarChart, DrawsNoBarForAMissingValue) {
  const std::string image = bars_svg(
      BarChart{.title = "Rates <1>",
               .x_title = "GB/s",
               .bars = {{"slow", 2.5, "2.5"},
                        {"fast", 10.0, "10"},
                        {"missing", std::numeric_limits<double>::quiet_NaN(), "not here"}}});
  EXPECT_NE(image.find("Rates &lt;1>"), std::string::npos);
  EXPECT_NE(image.find("width=\"105.0\""), std::string::npos);  // a quarter of the longest
  EXPECT_NE(image.find("width=\"420.0\""), std::string::npos);
  EXPECT_NE(image.find("width=\"0.0\""), std::string::npos);
  EXPECT_NE(image.find(">not here<"), std::string::npos);
  EXPECT_EQ(image.find(">-0<"), std::string::npos);
}

}  // namespace
}  // namespace pinfeed
