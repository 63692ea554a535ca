// SPDX-License-Identifier: Apache-2.0
// Golden values: pycocotools (tools/golden/coco_masks.py).
#include "pinfeed/image/draw/mask_spans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "pinfeed/core/random.h"
#include "tests/golden_lines.h"

namespace pinfeed::image {
namespace {

using testing::ElementsAre;

// The polygons of "[[x,y,...],[...]]".
std::vector<std::vector<double>> polygons_of(const std::string& text) {
  std::vector<std::vector<double>> polygons;
  std::istringstream stream(text);
  char c = 0;
  while (stream.get(c)) {
    if (c == '[' && stream.peek() != '[') polygons.emplace_back();
    if (c == '-' || (c >= '0' && c <= '9')) {
      stream.unget();
      double number = 0.0;
      stream >> number;
      polygons.back().push_back(number);
    }
  }
  return polygons;
}

struct OutlineOfVectors {
  explicit OutlineOfVectors(const std::vector<std::vector<double>>& given)
      : polygons(given), parts(polygons.begin(), polygons.end()) {}
  Outline of(Size size) const { return {.size = size, .polygons = parts}; }

  std::vector<std::vector<double>> polygons;
  std::vector<std::span<const double>> parts;
};

TEST(MaskSpans, AreThoseOfPycocotools) {
  int compared = 0;
  for (std::istringstream& words : test::golden_lines("coco_masks/runs.txt")) {
    SCOPED_TRACE(words.str());
    ++compared;
    std::string polygons;
    std::string counts;
    Rect bounds;
    words >> polygons >> counts >> bounds.x >> bounds.y >> bounds.width >> bounds.height;
    const OutlineOfVectors outline(polygons_of(polygons));
    const RunMask runs = runs_of(outline.of({40, 30}));
    EXPECT_EQ(runs_text(runs.runs), counts);
    EXPECT_EQ(bounds_of(spans_of(outline.of({40, 30}))), bounds);
    std::pmr::vector<std::uint32_t> read;
    ASSERT_TRUE(read_runs(counts, read));
    EXPECT_TRUE(std::equal(read.begin(), read.end(), runs.runs.begin(), runs.runs.end()));
  }
  EXPECT_EQ(compared, 12);
}

// Polygons with corners inside and outside of an image.
OutlineOfVectors random_polygons(NumpyRandom& random) {
  std::vector<std::vector<double>> polygons(1 + random.randint(0, 3));
  for (std::vector<double>& polygon : polygons) {
    const std::int64_t corners = random.randint(3, 9);
    for (std::int64_t i = 0; i < 2 * corners; ++i) polygon.push_back(random.uniform(-8.0, 40.0));
  }
  return OutlineOfVectors(polygons);
}

std::vector<std::uint8_t> pixels_of(const Outline& outline) {
  std::vector<std::uint8_t> pixels(
      static_cast<std::size_t>(outline.size.width * outline.size.height));
  std::vector<std::uint64_t> toggles;
  rasterise(outline,
            {.data = reinterpret_cast<std::byte*>(pixels.data()),
             .height = outline.size.height,
             .width = outline.size.width,
             .channels = 1,
             .row_bytes = outline.size.width},
            toggles);
  return pixels;
}

TEST(MaskSpans, HaveThePixelsThatAreDrawn) {
  Mt19937 generator(3);
  NumpyRandom random{Bits(generator)};
  constexpr Size size = {31, 23};
  for (int i = 0; i < 200; ++i) {
    const OutlineOfVectors outline = random_polygons(random);
    const RunMask drawn = run_mask(pixels_of(outline.of(size)), size);
    EXPECT_EQ(runs_of(outline.of(size)).runs, drawn.runs) << i;
    EXPECT_EQ(spans_of(drawn.runs, size).edges, spans_of(outline.of(size)).edges) << i;
    EXPECT_EQ(spans_of(outline.of(size)).area, area_of(drawn)) << i;
  }
}

TEST(MaskSpans, CountTheCommonPixels) {
  Mt19937 generator(4);
  NumpyRandom random{Bits(generator)};
  constexpr Size size = {31, 23};
  for (int i = 0; i < 200; ++i) {
    const OutlineOfVectors a = random_polygons(random);
    const OutlineOfVectors b = random_polygons(random);
    const auto pixels_a = pixels_of(a.of(size));
    const auto pixels_b = pixels_of(b.of(size));
    double both = 0.0;
    double any = 0.0;
    double first = 0.0;
    for (std::size_t p = 0; p < pixels_a.size(); ++p) {
      both += pixels_a[p] & pixels_b[p];
      any += pixels_a[p] | pixels_b[p];
      first += pixels_a[p];
    }
    const double expected = both == 0.0 ? 0.0 : both / any;
    const double covered = both == 0.0 ? 0.0 : both / first;
    EXPECT_EQ(mask_iou(spans_of(a.of(size)), spans_of(b.of(size)), false), expected) << i;
    EXPECT_EQ(mask_iou(spans_of(a.of(size)), spans_of(b.of(size)), true), covered) << i;
  }
}

TEST(MaskSpans, JoinRunsAroundAnEmptyOne) {
  const std::vector<std::uint32_t> runs = {2, 3, 0, 4, 1};
  EXPECT_THAT(spans_of(runs, {5, 2}).edges, ElementsAre(2, 9));
  EXPECT_EQ(spans_of(runs, {5, 2}).area, 7);
}

TEST(MaskSpans, OfDifferentSizesHaveNoIou) {
  const std::vector<std::uint32_t> runs = {0, 10};
  EXPECT_EQ(mask_iou(spans_of(runs, {5, 2}), spans_of(runs, {2, 5}), false), -1.0);
}

TEST(MaskSpans, OfAnEmptyMaskHaveNoBounds) {
  EXPECT_EQ(bounds_of(spans_of(std::vector<std::uint32_t>{10}, {5, 2})), (Rect{0, 0, 0, 0}));
  EXPECT_EQ(mask_iou({}, {}, false), 0.0);
}

}  // namespace
}  // namespace pinfeed::image
