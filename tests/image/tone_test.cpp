// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/core/stream_copy.h"
#include "pinfeed/image/color/tone_kernels.h"

namespace pinfeed::image {
namespace {

// e to the power of a uniform random number.
float random_power(Mt19937& random, double min, double max) {
  return static_cast<float>(std::exp(PythonRandom(random).uniform(min, max)));
}

// All bytes in all channels. Two floats replace a double only if that is exact for every byte.
TEST(Tone, NormalizesEveryByteAsDoublesDo) {
  std::vector<std::uint8_t> row(3 * 256);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::uint8_t>(i / 3);
  Mt19937 random(1);
  int by_parts = 0;
  int by_doubles = 0;
  for (int i = 0; i < 400; ++i) {
    Normalization rule;
    const bool usual = i % 2 == 0;
    for (std::size_t c = 0; c < 3; ++c) {
      rule.mean[c] = random_power(random, -2.0, 5.5);
      rule.std[c] = usual ? random_power(random, -5.0, 6.0) : random_power(random, 78.0, 88.0);
    }
    const ChannelRule repeated = channel_rule(rule);
    ++(repeated.parts_are_exact ? by_parts : by_doubles);
    std::vector<float> found(row.size());
    normalize_bytes(row.data(), repeated, found.data(), row.size());
    for (std::size_t j = 0; j < row.size(); ++j) {
      const float centred = static_cast<float>(row[j]) - rule.mean[j % 3];
      const double scale = 1.0 / static_cast<double>(rule.std[j % 3]);
      ASSERT_EQ(found[j], static_cast<float>(static_cast<double>(centred) * scale))
          << fmt::format("byte {}, mean {}, std {}", row[j], rule.mean[j % 3], rule.std[j % 3]);
    }
  }
  EXPECT_GT(by_parts, 150);
  EXPECT_GT(by_doubles, 50);
}

// Rows of every length near a vector's, at every offset; nothing beside them is written.
TEST(Tone, StreamsTheSameValuesAsItWrites) {
  constexpr std::size_t max_values = 120;
  std::vector<std::uint8_t> row(max_values);
  std::iota(row.begin(), row.end(), std::uint8_t{40});
  const ChannelRule rule = channel_rule({{123.675F, 116.28F, 103.53F}, {58.395F, 57.12F, 57.375F}});
  for (std::size_t values = 0; values < max_values; ++values) {
    for (std::size_t offset = 0; offset < 17; ++offset) {
      std::vector<float> written(max_values + 40, 7.0F);
      std::vector<float> streamed = written;
      normalize_bytes(row.data(), rule, written.data() + offset, values);
      stream_normalized(row.data(), rule, streamed.data() + offset, values);
      finish_streams();
      ASSERT_EQ(written, streamed) << values << " values at " << offset;
      ASSERT_EQ(written[offset + values], 7.0F);
    }
  }
}

}  // namespace
}  // namespace pinfeed::image
