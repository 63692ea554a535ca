// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/draw/draw.h"

#include <gtest/gtest.h>

#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

constexpr Color ink = {1, 2, 3};

Image blank(Size size) {
  Image image = make_image(size);
  std::fill_n(image.pixels.data_as<std::uint8_t>(), image.pixels.bytes(), std::uint8_t{0});
  return image;
}

// '#' where there is ink.
std::string shown(const Image& image) {
  std::string text;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) text += *image.at(y, x) == ink.blue ? '#' : '.';
    text += '\n';
  }
  return text;
}

TEST(FillRect, LeavesOutWhatLiesOutside) {
  const Image image = blank({5, 3});
  fill_rect(image.view(), {3, -4, 9, 6}, ink);
  EXPECT_EQ(shown(image), "...##\n...##\n.....\n");
  EXPECT_EQ(image.at(0, 3)[1], ink.green);
  EXPECT_EQ(image.at(0, 3)[2], ink.red);
}

TEST(FillPolygon, TakesPixelsWhoseCentresLieInside) {
  const Image image = blank({6, 4});
  const std::array triangle = {Point{0, 0}, Point{6, 0}, Point{0, 4}};
  fill_polygon(image.view(), triangle, ink);
  EXPECT_EQ(shown(image), "#####.\n####..\n##....\n#.....\n");
}

TEST(FillPolygon, SharesNoPixelBetweenNeighbours) {
  const std::array left = {Point{0, 0}, Point{3.5, 0}, Point{2.5, 4}, Point{0, 4}};
  const std::array right = {Point{3.5, 0}, Point{6, 0}, Point{6, 4}, Point{2.5, 4}};
  int pixels = 0;
  for (const auto& polygon : {left, right}) {
    for (const image::Run& run : runs_inside(polygon, {6, 4})) pixels += run.end_x - run.first_x;
  }
  EXPECT_EQ(pixels, 6 * 4);
}

TEST(FillCircle, IsRound) {
  const Image image = blank({6, 6});
  fill_circle(image.view(), {3, 3}, 3, ink);
  EXPECT_EQ(shown(image), ".####.\n######\n######\n######\n######\n.####.\n");
}

TEST(DrawLine, HasItsThickness) {
  const Image image = blank({6, 4});
  draw_line(image.view(), {1, 2}, {5, 2}, ink, 2);
  EXPECT_EQ(shown(image), "......\n.####.\n.####.\n......\n");
}

TEST(DrawRect, IsAFrameInside) {
  const Image image = blank({6, 4});
  draw_rect(image.view(), {1, 0, 4, 4}, ink);
  EXPECT_EQ(shown(image), ".####.\n.#..#.\n.#..#.\n.####.\n");
}

TEST(DrawText, ShowsLetters) {
  const Image image = blank({11, 7});
  draw_text(image.view(), 0, 0, "A1", ink);
  EXPECT_EQ(shown(image),
            ".###....#..\n"
            "#...#..##..\n"
            "#...#...#..\n"
            "#####...#..\n"
            "#...#...#..\n"
            "#...#...#..\n"
            "#...#..###.\n");
  EXPECT_EQ(text_size("A1"), (Size{11, 7}));
  EXPECT_EQ(text_size("A1", 3), (Size{33, 21}));
}

TEST(DrawText, ShowsABoxForWhatIsNoLetter) {
  const Image image = blank({5, 7});
  draw_text(image.view(), 0, 0, "\xFF", ink);
  EXPECT_EQ(shown(image), "#####\n#...#\n#...#\n#...#\n#...#\n#...#\n#####\n");
}

TEST(DrawText, MayRunOutOfTheImage) {
  const Image image = blank({5, 3});
  draw_text(image.view(), -1, -1, "WWW", ink, 2);
  EXPECT_NE(shown(image).find('#'), std::string::npos);
}

}  // namespace
}  // namespace pinfeed::image
