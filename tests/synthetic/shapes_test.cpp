// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/synthetic/shapes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pinfeed/core/error.h"
#include "pinfeed/core/random.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/synthetic/shape_background.h"
#include "tests/temporary_folder.h"

namespace pinfeed {
namespace {

class WriteShapes : public testing::Test {
 protected:
  std::string folder(const std::string& name) const { return folder_ / name; }

 private:
  test::TemporaryFolder folder_;
};

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Shapes few() {
  Shapes shapes;
  shapes.images = 3;
  shapes.val = 2;
  shapes.size = {96, 64};
  return shapes;
}

// The message of the error that `function` throws.
template <class Function>
std::string message_of(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST_F(WriteShapes, WritesImagesAndAnnotations) {
  write_shapes(few(), folder("set"));
  const std::string train = file_text(folder("set/annotations/train.json"));
  EXPECT_EQ(count(train, "\"file_name\""), 3U);
  EXPECT_GE(count(train, "\"bbox\""), 3U);
  EXPECT_EQ(count(train, "\"name\""), 5U);
  EXPECT_EQ(count(file_text(folder("set/annotations/val.json")), "\"file_name\""), 2U);
  EXPECT_EQ(image::read_header_of(folder("set/train/000002.jpg")).stored, (Size{96, 64}));
  EXPECT_FALSE(std::filesystem::exists(folder("set/train/000003.jpg")));
}

TEST_F(WriteShapes, GivesTheSameBytesAgain) {
  write_shapes(few(), folder("a"));
  write_shapes(few(), folder("b"));
  for (const char* name :
       {"/annotations/train.json", "/annotations/val.json", "/train/000001.jpg"}) {
    EXPECT_EQ(file_text(folder("a") + name), file_text(folder("b") + name)) << name;
  }
}

TEST_F(WriteShapes, GivesAnImageThatDoesNotDependOnTheirNumber) {
  Shapes more = few();
  more.images = 5;
  write_shapes(few(), folder("a"));
  write_shapes(more, folder("b"));
  EXPECT_EQ(file_text(folder("a/train/000002.jpg")), file_text(folder("b/train/000002.jpg")));
}

TEST_F(WriteShapes, GivesOtherImagesForAnotherSeed) {
  Shapes other = few();
  other.seed = 1;
  write_shapes(few(), folder("a"));
  write_shapes(other, folder("b"));
  EXPECT_NE(file_text(folder("a/train/000000.jpg")), file_text(folder("b/train/000000.jpg")));
  EXPECT_NE(file_text(folder("a/val/000000.jpg")), file_text(folder("a/train/000000.jpg")));
}

TEST_F(WriteShapes, UsesTheRadiiAndTheRotation) {
  Shapes straight = few();
  straight.classes = {"square"};
  straight.min_radius = straight.max_radius = 0.25;
  straight.rotation = 0;
  write_shapes(straight, folder("set"));
  const std::string train = file_text(folder("set/annotations/train.json"));
  std::size_t squares = 0;
  for (std::size_t at = train.find("\"bbox\":["); at != std::string::npos;
       at = train.find("\"bbox\":[", at + 1)) {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
    int area = 0;
    ASSERT_EQ(std::sscanf(train.c_str() + at, "\"bbox\":[%d,%d,%d,%d],\"area\":%d", &x, &y, &width,
                          &height, &area),
              5);
    EXPECT_EQ(area, width * height);  // not rotated: it fills its box
    EXPECT_GE(width, 22);             // of radius 16: its corners reach at least that far
    EXPECT_LE(width, 32);
    ++squares;
  }
  EXPECT_GE(squares, 3U);
}

TEST(ContrastingColor, HasAHueOfTheInterval) {
  Philox generator({.seed = 1, .epoch = 0, .position = 0, .attempt = 0, .step = 0});
  NumpyRandom random{Bits(generator)};
  const Background black = {{0, 0, 0}, {0, 0, 0}};
  for (int i = 0; i < 50; ++i) {
    const image::Color red = contrasting_color(black, {.centre = 0.0, .spread = 0.0}, random);
    EXPECT_EQ(red.green, red.blue);
    EXPECT_GT(red.red, red.green);
    const image::Color near_green =
        contrasting_color(black, {.centre = 1.0 / 3, .spread = 0.2}, random);
    EXPECT_GT(near_green.green, near_green.red);
    EXPECT_GT(near_green.green, near_green.blue);
  }
}

TEST_F(WriteShapes, RefusesAMaximumRadiusBelowTheMinimum) {
  Shapes shapes = few();
  shapes.max_radius = 0.05;
  EXPECT_EQ(message_of([&] { write_shapes(shapes, folder("set")); }),
            "error: max_radius is 0.05; it must be from 0.07 to 0.5\n");
}

TEST_F(WriteShapes, RefusesAnUnknownShape) {
  Shapes shapes = few();
  shapes.classes = {"circle", "squar"};
  EXPECT_EQ(message_of([&] { write_shapes(shapes, folder("set")); }),
            "error: there is no shape 'squar'\n"
            "help: did you mean 'square'? the shapes are: circle, square, triangle, star, cross, "
            "hexagon, "
            "arrow, diamond\n");
}

TEST_F(WriteShapes, RefusesASizeThatIsTooSmall) {
  Shapes shapes = few();
  shapes.size.height = 5;
  EXPECT_EQ(message_of([&] { write_shapes(shapes, folder("set")); }),
            "error: height is 5; it must be from 32 to 8192\n");
}

TEST_F(WriteShapes, NamesTheFolderThatCannotBeMade) {
  std::ofstream(folder("file")) << "not a folder";
  EXPECT_EQ(message_of([&] { write_shapes(few(), folder("file")); }),
            "error: cannot create " + folder("file") + "/annotations: Not a directory\n");
}

}  // namespace
}  // namespace pinfeed
