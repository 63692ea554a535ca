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

// '#' for pixels that were drawn.
std::string drawing(const Image& image) {
  std::string text;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) text += *image.at(y, x) == ink.blue ? '#' : '.';
    text += '\n';
  }
  return text;
}

TEST(FillRect, IgnoresPixelsOutsideTheImage) {
  const Image image = blank({5, 3});
  fill_rect(image.view(), {3, -4, 9, 6}, ink);
  EXPECT_EQ(drawing(image), "...##\n...##\n.....\n");
  EXPECT_EQ(image.at(0, 3)[1], ink.green);
  EXPECT_EQ(image.at(0, 3)[2], ink.red);
}

TEST(RunsInside, FindsPixelsWhoseCentresAreInside) {
  const Image image = blank({6, 4});
  const std::array triangle = {Point{0, 0}, Point{6, 0}, Point{0, 4}};
  fill_runs(image.view(), runs_inside(triangle, image.size()), ink);
  EXPECT_EQ(drawing(image), "#####.\n####..\n##....\n#.....\n");
}

TEST(RunsInside, GivesEachPixelToOneOfTwoNeighbours) {
  const std::array left = {Point{0, 0}, Point{3.5, 0}, Point{2.5, 4}, Point{0, 4}};
  const std::array right = {Point{3.5, 0}, Point{6, 0}, Point{6, 4}, Point{2.5, 4}};
  int pixels = 0;
  for (const auto& polygon : {left, right}) {
    for (const image::Run& run : runs_inside(polygon, {6, 4})) pixels += run.end_x - run.first_x;
  }
  EXPECT_EQ(pixels, 6 * 4);
}

TEST(DrawRect, IsAFrameInside) {
  const Image image = blank({6, 4});
  draw_rect(image.view(), {1, 0, 4, 4}, ink);
  EXPECT_EQ(drawing(image), ".####.\n.#..#.\n.#..#.\n.####.\n");
}

TEST(DrawText, DrawsLetters) {
  const Image image = blank({11, 7});
  draw_text(image.view(), 0, 0, "A1", ink);
  EXPECT_EQ(drawing(image),
            ".###....#..\n"
            "#...#..##..\n"
            "#...#...#..\n"
            "#####...#..\n"
            "#...#...#..\n"
            "#...#...#..\n"
            "#...#..###.\n");
  EXPECT_EQ(text_size("A1"), (Size{11, 9}));
  EXPECT_EQ(text_size("A1", 3), (Size{33, 27}));
}

TEST(DrawText, DrawsABoxForOtherCharacters) {
  const Image image = blank({5, 7});
  draw_text(image.view(), 0, 0, "\xFF", ink);
  EXPECT_EQ(drawing(image), "#####\n#...#\n#...#\n#...#\n#...#\n#...#\n#####\n");
}

TEST(DrawText, DrawsDescendersBelowTheBaseLine) {
  const Image image = blank({11, 9});
  draw_text(image.view(), 0, 0, "gp", ink);
  EXPECT_EQ(drawing(image),
            "...........\n"
            "...........\n"
            ".####.####.\n"
            "#...#.#...#\n"
            "#...#.#...#\n"
            "#...#.#...#\n"
            ".####.####.\n"
            "....#.#....\n"
            ".###..#....\n");
}

TEST(DrawText, DrawsOneBoxForACharacterOfSeveralBytes) {
  EXPECT_EQ(text_size("\u00e4"), text_size("a"));
  EXPECT_EQ(text_size("\u65e5\u672c"), text_size("ab"));
}

TEST(ShortenedText, KeepsTheEnd) {
  EXPECT_EQ(shortened_text("a.jpg", 29), "a.jpg");
  EXPECT_EQ(shortened_text("folder/of/images/a.jpg", 60), ".../a.jpg");
  EXPECT_LE(text_size(shortened_text("\u00e4\u00e4\u00e4\u00e4\u00e4", 28)).width, 28);
}

TEST(TextColor, IsBlackOnLightAndWhiteOnDarkColours) {
  EXPECT_EQ(text_color_on({40, 190, 250}), (Color{0, 0, 0}));
  EXPECT_EQ(text_color_on({130, 80, 80}), (Color{255, 255, 255}));
}

TEST(DrawText, MayExceedTheImage) {
  const Image image = blank({5, 3});
  draw_text(image.view(), -1, -1, "WWW", ink, 2);
  EXPECT_NE(drawing(image).find('#'), std::string::npos);
}

}  // namespace
}  // namespace pinfeed::image
