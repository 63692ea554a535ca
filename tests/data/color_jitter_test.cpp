// SPDX-License-Identifier: Apache-2.0
// The random numbers of mmpretrain's ColorJitter. Pixels are compared in
// tests/image/filters_test.cpp, both together in replay_pipelines_test.cpp.
#include <gtest/gtest.h>

#include "pinfeed/image/expression/node.h"
#include "planning.h"

namespace pinfeed {
namespace {

image::Jitter changes_of(const std::string& keys, std::uint64_t seed = 3) {
  Arena arena;
  WorkerStream stream(seed);
  RandomContext random(stream, arena);
  Sample sample = sample_of_size({4, 4}, {}, arena);
  const Transform made = step("dict(type='ColorJitter'" + keys + ")");
  EXPECT_TRUE(run(made, 1, sample, random));
  return std::get<image::Jitter>(sample.image.node()->step);
}

TEST(ColorJitter, SamplesTheOrderFirstAndThenTheFactors) {
  Mt19937 numbers(3);
  NumpyRandom numpy{Bits(numbers)};
  std::array<std::int64_t, 4> order = {0, 1, 2, 3};
  numpy.shuffle(order);
  const double contrast = numpy.uniform(0.5, 1.5);
  const double hue = numpy.uniform(-0.2, 0.2);
  const image::Jitter made = changes_of(", contrast=0.5, hue=(-0.2, 0.2)");
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(made.order[i], order[i]);
  EXPECT_FALSE(made.brightness.has_value());
  EXPECT_EQ(made.contrast, static_cast<float>(contrast));
  EXPECT_FALSE(made.saturation.has_value());
  EXPECT_EQ(made.hue, static_cast<std::uint8_t>(static_cast<int>(hue * 255)));
}

TEST(ColorJitter, ClampsRangesToTheirLimits) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_GE(*changes_of(", brightness=3.0", seed).brightness, 0.0F);
    const std::uint8_t hue = *changes_of(", hue=(0.4, 0.9)", seed).hue;
    EXPECT_GE(hue, 102);
    EXPECT_LE(hue, 127);
  }
}

TEST(ColorJitter, RejectsUnsupportedOptions) {
  const auto error = [](const std::string& keys) {
    const std::string message = failure([&] { changes_of(keys); });
    return message.substr(0, message.find('\n'));
  };
  EXPECT_EQ(error(", brightness=-0.5"),
            "error: the values of ColorJitter must be at least 0, or ranges (min, max)");
  EXPECT_EQ(error(", backend='cv2'"), "error: backend 'cv2' is not reproduced; use 'pillow'");
}

}  // namespace
}  // namespace pinfeed
