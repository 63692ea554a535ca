// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/shapes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec.h"

namespace pinfeed {
namespace {

// A folder of its own, gone at the end.
class WriteShapes : public testing::Test {
 protected:
  WriteShapes() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~WriteShapes() override { std::filesystem::remove_all(folder_); }

  std::string folder(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_ = testing::TempDir() + "shapes_" + std::to_string(::getpid());
};

std::string text_of(const std::string& path) {
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

// Where `function` throws, the whole message.
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
  const std::string train = text_of(folder("set/annotations/train.json"));
  EXPECT_EQ(count(train, "\"file_name\""), 3U);
  EXPECT_GE(count(train, "\"bbox\""), 3U);
  EXPECT_EQ(count(train, "\"name\""), 5U);
  EXPECT_EQ(count(text_of(folder("set/annotations/val.json")), "\"file_name\""), 2U);
  EXPECT_EQ(image::read_header_of(folder("set/train/000002.jpg")).stored, (Size{96, 64}));
  EXPECT_FALSE(std::filesystem::exists(folder("set/train/000003.jpg")));
}

TEST_F(WriteShapes, GivesTheSameBytesAgain) {
  write_shapes(few(), folder("a"));
  write_shapes(few(), folder("b"));
  for (const char* name :
       {"/annotations/train.json", "/annotations/val.json", "/train/000001.jpg"}) {
    EXPECT_EQ(text_of(folder("a") + name), text_of(folder("b") + name)) << name;
  }
}

TEST_F(WriteShapes, GivesAnImageWhateverTheirNumber) {
  Shapes more = few();
  more.images = 5;
  write_shapes(few(), folder("a"));
  write_shapes(more, folder("b"));
  EXPECT_EQ(text_of(folder("a/train/000002.jpg")), text_of(folder("b/train/000002.jpg")));
}

TEST_F(WriteShapes, GivesOtherImagesForAnotherSeed) {
  Shapes other = few();
  other.seed = 1;
  write_shapes(few(), folder("a"));
  write_shapes(other, folder("b"));
  EXPECT_NE(text_of(folder("a/train/000000.jpg")), text_of(folder("b/train/000000.jpg")));
  EXPECT_NE(text_of(folder("a/val/000000.jpg")), text_of(folder("a/train/000000.jpg")));
}

TEST_F(WriteShapes, RefusesAShapeItDoesNotKnow) {
  Shapes shapes = few();
  shapes.classes = {"circle", "squar"};
  EXPECT_EQ(message_of([&] { write_shapes(shapes, folder("set")); }),
            "error: there is no shape 'squar'\n"
            "help: did you mean 'square'? the shapes are: circle, square, triangle, star, cross, "
            "hexagon, "
            "arrow, diamond\n");
}

TEST_F(WriteShapes, RefusesASizeThatHoldsNoShape) {
  Shapes shapes = few();
  shapes.size.height = 5;
  EXPECT_EQ(message_of([&] { write_shapes(shapes, folder("set")); }),
            "error: height is 5; it must be from 32 to 8192\n");
}

TEST_F(WriteShapes, SaysWhichFolderCannotBeMade) {
  std::ofstream(folder("file")) << "not a folder";
  EXPECT_EQ(message_of([&] { write_shapes(few(), folder("file")); }),
            "error: cannot create " + folder("file") + "/annotations: Not a directory\n");
}

}  // namespace
}  // namespace pinfeed
