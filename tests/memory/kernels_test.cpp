// SPDX-License-Identifier: Apache-2.0
// Compares the kernels with the rules applied to one value at a time, and with the same work on a
// stream.
#include "pinfeed/memory/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "pinfeed/core/float16.h"
#include "pinfeed/memory/allocators.h"

namespace pinfeed {
namespace {

struct NormalizeCase {
  std::int64_t channels = 3;
  DType dtype = DType::float32;
  bool channels_last = false;
  bool normalize = true;
  bool reverse = false;
  // 64: whole groups of pixels, written at once on a device. 66: rows that are not aligned.
  std::int64_t out_width = 66;
  // A deviation whose reciprocal is infinite: the device divides.
  bool tiny_std = false;

  std::string name() const {
    return std::to_string(channels) + "Channels_" + name_of(dtype) +
           (channels_last ? "_Last" : "_First") + (normalize ? "_Normalized" : "") +
           (reverse ? "_Reversed" : "") + "_" + std::to_string(out_width) +
           (tiny_std ? "_Tiny" : "");
  }
  friend std::ostream& operator<<(std::ostream& out, const NormalizeCase& one) {
    return out << one.name();
  }
};

std::vector<NormalizeCase> normalize_cases() {
  std::vector<NormalizeCase> cases;
  for (const std::int64_t channels : {1, 2, 3, 4}) {
    for (const DType dtype : {DType::float32, DType::float16, DType::bfloat16}) {
      for (const bool last : {false, true}) {
        cases.push_back({channels, dtype, last, true, false});
        cases.push_back({channels, dtype, last, false, true});
        cases.push_back({channels, dtype, last, true, true});
        cases.push_back({channels, dtype, last, true, true, 64});
        cases.push_back({channels, dtype, last, false, false, 64});
        cases.push_back({channels, dtype, last, true, true, 64, true});
      }
    }
  }
  return cases;
}

// Images of 37 x 21, padded to 40 x 24, written to 64 or 66 x 32.
constexpr std::int64_t count = 3;
constexpr std::int64_t height = 24;
constexpr std::int64_t width = 40;
constexpr std::int64_t out_height = 32;
const std::vector<ValidSize> sizes = {{37, 21}, {40, 24}, {0, 0}};

std::vector<std::uint8_t> some_pixels(std::int64_t channels) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count * height * width * channels));
  std::uint32_t state = 12345;
  for (std::uint8_t& pixel : pixels) {
    state = state * 1664525U + 1013904223U;
    pixel = static_cast<std::uint8_t>(state >> 24U);
  }
  return pixels;
}

PixelRule rule_of(const NormalizeCase& one) {
  return {.normalize = one.normalize,
          .reverse_channels = one.reverse,
          .mean = {123.675F, 116.28F, 103.53F, 90.1F},
          .std = {58.395F, one.tiny_std ? 1e-39F : 57.12F, 57.375F, 1.0F / 3.0F},
          .pad_value = 0.1F};
}

// One value by the rule, as bits of the dtype.
std::uint32_t expected(const NormalizeCase& one, const std::vector<std::uint8_t>& pixels,
                       std::int64_t i, std::int64_t c, std::int64_t y, std::int64_t x) {
  const PixelRule rule = rule_of(one);
  const ValidSize valid = sizes[static_cast<std::size_t>(i)];
  float value = rule.pad_value;
  if (y < valid.height && x < valid.width) {
    const std::int64_t from = one.reverse ? one.channels - 1 - c : c;
    value = pixels[static_cast<std::size_t>(((i * height + y) * width + x) * one.channels + from)];
    const auto kind = static_cast<std::size_t>(c);
    if (one.normalize) value = (value - rule.mean[kind]) / rule.std[kind];
  }
  if (one.dtype == DType::float16) return to_half(value);
  if (one.dtype == DType::bfloat16) return to_bfloat16(value);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

std::vector<std::uint32_t> expected(const NormalizeCase& one) {
  const std::vector<std::uint8_t> pixels = some_pixels(one.channels);
  const std::int64_t out_width = one.out_width;
  std::vector<std::uint32_t> all(
      static_cast<std::size_t>(count * one.channels * out_height * out_width));
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t c = 0; c < one.channels; ++c) {
      for (std::int64_t y = 0; y < out_height; ++y) {
        for (std::int64_t x = 0; x < out_width; ++x) {
          const std::int64_t at = one.channels_last
                                      ? ((i * out_height + y) * out_width + x) * one.channels + c
                                      : ((i * one.channels + c) * out_height + y) * out_width + x;
          all[static_cast<std::size_t>(at)] = expected(one, pixels, i, c, y, x);
        }
      }
    }
  }
  return all;
}

std::vector<std::uint32_t> bits_of(const std::byte* from, DType dtype, std::size_t values) {
  std::vector<std::uint32_t> bits(values);
  const std::size_t size = size_of(dtype);
  for (std::size_t i = 0; i < values; ++i) std::memcpy(&bits[i], from + i * size, size);
  return bits;
}

class NormalizePixels : public testing::TestWithParam<NormalizeCase> {};

TEST_P(NormalizePixels, FollowsTheRuleToTheBit) {
  const NormalizeCase one = GetParam();
  const std::vector<std::uint8_t> pixels = some_pixels(one.channels);
  const std::vector<std::uint32_t> wanted = expected(one);
  std::vector<std::byte> result(wanted.size() * size_of(one.dtype));
  const PixelBatch from{pixels.data(), count, height, width, one.channels, sizes.data()};
  const FloatBatch to{result.data(), one.dtype, one.channels_last, out_height, one.out_width};
  normalize_pixels(from, rule_of(one), to, 0, 40);  // in two parts, divided inside an image
  normalize_pixels(from, rule_of(one), to, 40, count * out_height);
  EXPECT_EQ(bits_of(result.data(), one.dtype, wanted.size()), wanted);
}

Buffer sent(const void* from, std::size_t bytes, const Stream& stream) {
  Buffer there = allocate_device(bytes);
  copy_async({static_cast<const std::byte*>(from), bytes}, there.data(), stream);
  return there;
}

std::vector<std::byte> fetched(const Buffer& there, const Stream& stream) {
  std::vector<std::byte> here(there.size);
  copy_async({there.data(), there.size}, here.data(), stream);
  synchronize(stream);
  return here;
}

TEST_P(NormalizePixels, ComputesTheSameBitsOnTheDevice) {
  if (!device_present()) GTEST_SKIP() << "no device";
  const NormalizeCase one = GetParam();
  const Stream stream;
  const std::vector<std::uint8_t> pixels = some_pixels(one.channels);
  const std::vector<std::uint32_t> wanted = expected(one);
  const Buffer source = sent(pixels.data(), pixels.size(), stream);
  const Buffer valid = sent(sizes.data(), sizes.size() * sizeof(ValidSize), stream);
  const Buffer result = allocate_device(wanted.size() * size_of(one.dtype));
  normalize_pixels({reinterpret_cast<const std::uint8_t*>(source.data()), count, height, width,
                    one.channels, reinterpret_cast<const ValidSize*>(valid.data())},
                   rule_of(one),
                   {result.data(), one.dtype, one.channels_last, out_height, one.out_width},
                   stream);
  EXPECT_EQ(bits_of(fetched(result, stream).data(), one.dtype, wanted.size()), wanted);
}

INSTANTIATE_TEST_SUITE_P(Kernels, NormalizePixels, testing::ValuesIn(normalize_cases()),
                         [](const auto& one) { return one.param.name(); });

TEST(NormalizePixels, UsesTheWholeImageWithoutValidSizes) {
  const std::vector<std::uint8_t> pixels = some_pixels(3);
  std::vector<float> result(pixels.size(), -1.0F);
  normalize_pixels({pixels.data(), count, height, width, 3}, {},
                   {result.data(), DType::float32, false, height, width}, 0, count * height);
  EXPECT_EQ(result[0], static_cast<float>(pixels[0]));
  EXPECT_EQ(result.back(), static_cast<float>(pixels.back()));
}

TEST(Float16, RoundToNearestTiesToEven) {
  EXPECT_EQ(to_half(1.0), 0x3C00U);
  EXPECT_EQ(to_half(1.0 + std::ldexp(1.0, -11)), 0x3C00U);      // a tie, down to even
  EXPECT_EQ(to_half(1.0 + 3 * std::ldexp(1.0, -11)), 0x3C02U);  // a tie, up to even
  EXPECT_EQ(to_half(65520.0), 0x7C00U);
  EXPECT_EQ(to_bfloat16(1.0 + std::ldexp(1.0, -8)), 0x3F80U);
  EXPECT_EQ(to_bfloat16(1.0 + 3 * std::ldexp(1.0, -8)), 0x3F82U);
  for (std::uint32_t bits = 0; bits < 0x7C00U; ++bits) {
    ASSERT_EQ(to_half(from_half(static_cast<std::uint16_t>(bits))), bits);
  }
}

}  // namespace
}  // namespace pinfeed
