// SPDX-License-Identifier: Apache-2.0
// Golden values: mmdet's PolygonMasks (tools/golden/polygon_masks.py).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "crc32.h"
#include "pinfeed/annotations/segmentation.h"
#include "pinfeed/data/masks.h"
#include "tests/golden_lines.h"

namespace pinfeed {
namespace {

struct PolygonGolden {
  std::string what;
  Size image;
  Rect numbers;  // the window, or the new size in x and y
  std::string polygon;
  std::size_t parts = 0;
  Box box;
  double area = 0.0;
  std::string mask;
};

std::istream& operator>>(std::istream& line, PolygonGolden& golden) {
  line >> golden.what >> golden.image.width >> golden.image.height >> golden.numbers.x >>
      golden.numbers.y >> golden.numbers.width >> golden.numbers.height >> golden.polygon >>
      golden.parts;
  line >> golden.box.x1 >> golden.box.y1 >> golden.box.x2 >> golden.box.y2;
  return line >> golden.area >> golden.mask;
}

Masks polygon_masks(const PolygonGolden& golden, Arena& arena) {
  Masks masks(arena);
  masks.polygons = true;
  masks.size = golden.image;
  masks.outlines.push_back(arena.make<image::Outline>(
      read_segmentation("[" + golden.polygon + "]", golden.image, arena).outline));
  return masks;
}

TEST(PolygonMasks, AreCroppedAndResizedAsUpstream) {
  int compared = 0;
  for (std::istringstream& line : test::golden_lines("polygon_masks.txt")) {
    SCOPED_TRACE(line.str());
    ++compared;
    PolygonGolden golden;
    ASSERT_TRUE(line >> golden);
    Arena arena;
    Masks masks = polygon_masks(golden, arena);
    if (golden.what == "crop")
      crop(masks, golden.numbers);
    else
      resize(masks, {golden.numbers.x, golden.numbers.y}, arena);
    EXPECT_EQ(masks.outlines[0]->polygons.size(), golden.parts);
    EXPECT_EQ(box_of(masks, 0), golden.box);
    EXPECT_NEAR(area_of(masks, 0), golden.area, 1e-9);
    EXPECT_EQ(fmt::format("{:08x}", crc32(pixels_of(masks))), golden.mask);
  }
  EXPECT_EQ(compared, 185);
}

TEST(PolygonMasks, StayInTheWindowIfTheyCrossThemselves) {
  Arena arena;
  PolygonGolden bow = {.what = {},
                       .image = {60, 50},
                       .numbers = {},
                       .polygon = "[10,10,40,40,40,10,10,40]",
                       .box = {},
                       .mask = {}};
  for (const Rect window : {Rect{20, 0, 20, 50}, Rect{0, 20, 60, 10}, Rect{24, 24, 3, 3}}) {
    Masks masks = polygon_masks(bow, arena);
    crop(masks, window);
    const Box box = box_of(masks, 0);
    EXPECT_GE(box.x1, 0);
    EXPECT_GE(box.y1, 0);
    EXPECT_LE(box.x2, static_cast<float>(window.width));
    EXPECT_LE(box.y2, static_cast<float>(window.height));
  }
}

}  // namespace
}  // namespace pinfeed
