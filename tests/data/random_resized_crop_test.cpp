// SPDX-License-Identifier: Apache-2.0
// Golden values: mmpretrain (tools/golden/random_resized_crop.py).
#include <gtest/gtest.h>

#include "crc32.h"
#include "pinfeed/image/expression/render.h"
#include "planning.h"
#include "tests/golden_lines.h"

namespace pinfeed {
namespace {

// Byte k is the low byte of the k-th word of MT19937(3).
image::Image synthetic(Size size) {
  image::Image image = image::make_image(size);
  Mt19937 words(3);
  for (std::size_t i = 0; i < image.pixels.bytes(); ++i) {
    image.pixels.data()[i] = static_cast<std::byte>(words.next());
  }
  return image;
}

std::uint32_t chw_crc(const Sample& sample) {
  const image::Image image = image::render(sample.image);
  Tensor chw = image.pixels;
  chw.shape = {3, image.height(), image.width()};
  chw.strides = {1, 3 * image.width(), 3};
  return crc32(chw);
}

TEST(RandomResizedCrop, EqualsMmpretrain) {
  const Pipeline pipeline = make_pipeline(
      {step("dict(type='RandomResizedCrop', scale=(48, 64), crop_ratio_range=(0.2, 1.0))"),
       step("dict(type='RandomFlip', prob=0.5)")},
      Field::image);
  int compared = 0;
  for (std::istringstream& words : test::golden_lines("random_resized_crop.txt")) {
    Size size;
    std::uint64_t seed = 0;
    bool flip = false;
    std::uint32_t crc = 0;
    words >> size.width >> size.height >> seed >> flip >> std::hex >> crc;
    const image::Image image = synthetic(size);
    Arena arena;
    WorkerStream stream(seed);
    RandomContext random(stream, arena);
    Sample sample = sample_of_size(size, {}, arena);
    sample.image = image::plain(image.view(), arena);
    ASSERT_TRUE(run(pipeline, sample, random));
    EXPECT_EQ(sample.flip.has_value(), flip) << words.str();
    EXPECT_EQ(chw_crc(sample), crc) << words.str();
    ++compared;
  }
  EXPECT_EQ(compared, 24);
}

}  // namespace
}  // namespace pinfeed
