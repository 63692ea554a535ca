// SPDX-License-Identifier: Apache-2.0
// Golden values: docs/specs/openmmlab-data.md, 9, large-scale jitter on a synthetic image, six
// seeds.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "crc32.h"
#include "pinfeed/annotations/segmentation.h"
#include "pinfeed/image/expression/render.h"
#include "planning.h"

namespace pinfeed {
namespace {

// 427 x 640 x 3; byte k is the low byte of the k-th word of MT19937(3).
const image::Image& synthetic() {
  static const image::Image made = [] {
    image::Image image = image::make_image({640, 427});
    Mt19937 words(3);
    for (std::size_t i = 0; i < image.pixels.bytes(); ++i) {
      image.pixels.data()[i] = static_cast<std::byte>(words.next());
    }
    return image;
  }();
  return made;
}

Pipeline jitter() {
  std::vector<Transform> steps;
  for (const char* text :
       {"dict(type='RandomFlip', prob=0.5)",
        "dict(type='RandomResize', scale=(256, 256), ratio_range=(0.1, 2.0), keep_ratio=True)",
        "dict(type='RandomCrop', crop_type='absolute_range', crop_size=(256, 256), "
        "recompute_bbox=True, allow_negative_crop=True)",
        "dict(type='FilterAnnotations', min_gt_bbox_wh=(1e-2, 1e-2))",
        "dict(type='Pad', size=(256, 256), pad_val=dict(img=(114, 114, 114)))",
        "dict(type='PackDetInputs')"}) {
    steps.push_back(step(text));
  }
  return make_pipeline(std::move(steps), Field::image | Field::boxes | Field::masks);
}

image::ImageExpr filled(const Box& box, Arena& arena) {
  const std::string corners =
      fmt::format("[[{0}, {1}, {2}, {1}, {2}, {3}, {0}, {3}]]", box.x1, box.y1, box.x2, box.y2);
  const Segmentation read = read_segmentation(corners, {640, 427}, arena);
  return image::outlined(arena.make<image::Outline>(read.outline), arena);
}

Sample start(Arena& arena) {
  Sample sample =
      sample_of_size({640, 427}, {{10, 20, 200, 300}, {300, 50, 620, 400}, {5, 5, 8, 9}}, arena);
  sample.image = image::plain(synthetic().view(), arena);
  sample.fields |= Field::masks;
  sample.masks.size = {640, 427};
  for (const Box& box : sample.boxes) sample.masks.bitmaps.push_back(filled(box, arena));
  return sample;
}

std::uint32_t pixels(const Sample& sample) {
  const image::Image image = image::render(sample.image);
  Tensor chw = image.pixels;
  chw.shape = {3, image.height(), image.width()};
  chw.strides = {1, 3 * image.width(), 3};
  return crc32(chw);
}

std::int64_t mask_pixels(const Sample& sample) {
  const Tensor pixels = pixels_of(sample.masks);
  const auto* values = pixels.data_as<std::uint8_t>();
  return std::accumulate(values, values + pixels.bytes(), std::int64_t{0});
}

struct Expected {
  std::uint32_t crc;
  std::vector<Box> boxes;
  std::int64_t mask_pixels;
  bool flipped;
};

TEST(LargeScaleJitter, EqualsOpenMMLabForSixSeeds) {
  EXPECT_EQ(crc32(synthetic().pixels), 0xdffae06dU);
  const std::vector<Expected> expected = {
      {0x353b687aU, {{0, 12, 50, 175}, {108, 30, 256, 234}}, 38342, false},
      {0x3d663089U, {{249, 12, 256, 176}, {3, 30, 191, 235}}, 39688, true},
      {0xc21ddbddU, {{27, 2, 38, 18}, {2, 3, 21, 24}}, 575, true},
      {0x8a42deecU, {{0, 12, 60, 174}, {118, 29, 256, 232}}, 37734, false},
      {0x275175d2U, {{4, 10, 90, 137}, {136, 23, 256, 182}, {2, 3, 3, 5}}, 30004, false},
      {0xa4c05fdbU, {{191, 0, 256, 173}, {0, 0, 121, 244}}, 40769, true},
  };
  const Pipeline pipeline = jitter();
  for (std::size_t seed = 0; seed < expected.size(); ++seed) {
    Arena arena;
    WorkerStream stream(seed);
    RandomContext random(stream, arena);
    Sample sample = start(arena);
    ASSERT_TRUE(run(pipeline, sample, random)) << seed;
    EXPECT_EQ(pixels(sample), expected[seed].crc) << seed;
    EXPECT_EQ(sample.flip.has_value(), expected[seed].flipped) << seed;
    EXPECT_THAT(sample.boxes, testing::ElementsAreArray(expected[seed].boxes)) << seed;
    EXPECT_EQ(mask_pixels(sample), expected[seed].mask_pixels) << seed;
  }
}

TEST(LargeScaleJitter, KeepsTheScaleOfEachAxis) {
  Arena arena;
  WorkerStream stream(0);
  RandomContext random(stream, arena);
  Sample sample = start(arena);
  ASSERT_TRUE(run(jitter(), sample, random));
  ASSERT_TRUE(sample.scale_factor.has_value());
  EXPECT_EQ(sample.scale_factor->first, .5828125);
  EXPECT_EQ(sample.scale_factor->second, .5831381733021077);
}

}  // namespace
}  // namespace pinfeed
