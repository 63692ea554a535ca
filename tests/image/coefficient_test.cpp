// SPDX-License-Identifier: Apache-2.0
// Pixels from the coefficients of a record equal those of libjpeg-turbo.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "pinfeed/image/codec/jpeg/block_kernels_plain.h"
#include "pinfeed/image/codec/jpeg/block_writer.h"
#include "pinfeed/image/codec/jpeg/block_writer_plain.h"
#include "pinfeed/image/codec/jpeg/coefficient_rows.h"
#include "pinfeed/image/codec/jpeg/jpeg_pixels.h"
#include "pinfeed/image/codec/jpeg/read_coefficients.h"
#include "tests/image/cached_photos.h"

namespace pinfeed::image {
namespace {

// Decodes files both ways.
class Comparison {
 public:
  // Compares the whole image and `windows` random ones.
  void expect_equal(const Text& file, const std::string& name, int windows, Mt19937& random) {
    const Header header = read_header(file, name);
    Image expected = make_image(header.stored);
    decode_jpeg(file, expected.view(), false, jpeg_);
    const auto record = reader_.read(file, header);
    ASSERT_FALSE(record.empty()) << name;
    expect_equal_while_read(file, header, record, expected, name);
    Image found = make_image(header.stored);
    decode_record(record, found.view(), rows_);
    ASSERT_EQ(std::memcmp(found.pixels.data(), expected.pixels.data(), found.pixels.bytes()), 0)
        << name;
    const Size size = header.stored;
    for (int i = 0; i < windows; ++i) {
      const int x = any(random, 0, size.width - 1);
      const int y = any(random, 0, size.height - 1);
      const Rect window = {x, y, any(random, 1, size.width - x), any(random, 1, size.height - y)};
      ASSERT_TRUE(window_is_equal(record, expected, window)) << name << " " << x << "," << y;
      pixels_.open(file, header, false, ChannelOrder::bgr, i % 2 == 0);
      ASSERT_TRUE(window_is_equal(pixels_, expected, window)) << name << " " << x << "," << y;
      ASSERT_TRUE(i % 2 != 0 || std::ranges::equal(pixels_.record(), record)) << name;
    }
  }

 private:
  // The whole image by the loaders' decoder, which makes the same record.
  void expect_equal_while_read(const Text& file, const Header& header,
                               std::span<const std::byte> record, const Image& expected,
                               const std::string& name) {
    const Image found = make_image(header.stored);
    pixels_.open(file, header, false, ChannelOrder::bgr, true);
    for (int y = 0; y < header.stored.height; ++y) pixels_.read(found.view().row(y));
    pixels_.close();
    ASSERT_EQ(std::memcmp(found.pixels.data(), expected.pixels.data(), found.pixels.bytes()), 0)
        << name;
    ASSERT_TRUE(std::ranges::equal(pixels_.record(), record)) << name;
    ASSERT_FALSE(pixels_.damaged()) << name;
  }

  bool window_is_equal(std::span<const std::byte> record, const Image& expected, Rect window) {
    pixels_.open_record(record, expected.size(), ChannelOrder::bgr);
    return window_is_equal(pixels_, expected, window);
  }

  static bool window_is_equal(jpeg::JpegPixels& pixels, const Image& expected, Rect window) {
    std::vector<std::byte> row(static_cast<std::size_t>(expected.width()) * 3);
    pixels.crop_columns(window.x, window.width);
    if (window.y > 0) pixels.skip(window.y);
    for (int y = window.y; y < window.y + window.height; ++y) {
      pixels.read(row.data());
      if (std::memcmp(row.data() + 3 * window.x, expected.at(y, window.x),
                      static_cast<std::size_t>(3 * window.width)) != 0)
        return false;
    }
    pixels.close();
    return true;
  }

  JpegRows jpeg_;
  jpeg::JpegPixels pixels_;
  jpeg::CoefficientReader reader_;
  jpeg::CoefficientRows rows_;
};

std::string described(const JpegKind& kind, int number) {
  const auto& f = kind.factors;
  return fmt::format("{}: {} q{} {}x{} {}x{} {}x{} components {} rgb {} progressive {}", number,
                     to_string(kind.size), kind.quality, f[0].first, f[0].second, f[1].first,
                     f[1].second, f[2].first, f[2].second, kind.components, kind.stored_as_rgb,
                     kind.progressive);
}

TEST(Coefficients, GiveThePixelsOfEveryKindOfJpeg) {
  Mt19937 random(1);
  Comparison comparison;
  for (int i = 0; i < times(250); ++i) {
    const JpegKind kind = any_kind(random, i % 4 == 0 ? 20 : i % 16 == 1 ? 300 : 120);
    comparison.expect_equal(made_jpeg(kind, random), described(kind, i), 10, random);
    if (HasFatalFailure()) return;
  }
}

TEST(Coefficients, GiveThePixelsOfLongJpegs) {
  Mt19937 random(9);
  Comparison comparison;
  for (int i = 0; i < times(6); ++i) {
    JpegKind kind = any_kind(random, 100);
    const int side = any(random, 5970, 6030);
    (i % 2 == 0 ? kind.size.width : kind.size.height) = side;
    comparison.expect_equal(made_jpeg(kind, random), described(kind, i), 10, random);
    if (HasFatalFailure()) return;
  }
}

// Products and sums leave 16 bits, where libjpeg's vector code wraps or saturates.
TEST(Coefficients, GiveThePixelsOfExtremeBlocks) {
  Mt19937 random(2);
  Comparison comparison;
  for (int i = 0; i < times(40); ++i) {
    JpegKind kind = any_kind(random, 100);
    kind.progressive = false;
    const int sparse = any(random, 0, 5) * 12;
    const int largest = 1 << any(random, 0, 16);
    const auto block = [&](std::int16_t* values) {
      for (int k = 0; k < 64; ++k)
        values[k] =
            static_cast<std::int16_t>(any(random, 0, 63) < sparse ? 0 : any(random, -1023, 1023));
    };
    const auto quantiser = [&](std::uint16_t* values) {
      for (int k = 0; k < 64; ++k)
        values[k] = static_cast<std::uint16_t>(any(random, 1, largest - 1 + (largest == 1)));
    };
    const Text file = with_coefficients(made_jpeg(kind, random), block, quantiser);
    comparison.expect_equal(file, described(kind, i), 2, random);
    if (HasFatalFailure()) return;
  }
}

using jpeg::one_by_one::Block;

// A block with values of up to `bits` bits, more of them zero the larger `sparse` is.
Block any_block(Mt19937& random, int bits, int sparse) {
  Block block = {};
  for (std::int16_t& value : block) {
    if (any(random, 0, 63) < sparse) continue;
    value = jpeg::one_by_one::wrapped(random.next() >> 1U << (32 - bits) >> (32 - bits));
    if (any(random, 0, 1) == 1) value = static_cast<std::int16_t>(-value);
  }
  return block;
}

// Writes the blocks as one row and decodes them again.
void expect_blocks(const std::vector<Block>& blocks, const jpeg::Quantiser& quantiser) {
  std::vector<std::uint8_t> bytes(blocks.size() * jpeg::max_block_bytes + jpeg::readable_behind);
  std::vector<std::uint8_t> expected_bytes(bytes.size());
  std::uint8_t* to = bytes.data();
  std::uint8_t* expected_to = expected_bytes.data();
  for (std::size_t i = 0; i < blocks.size(); i += jpeg::chunk_blocks) {
    const std::size_t count = std::min(jpeg::chunk_blocks, blocks.size() - i);
    to = jpeg::write_chunk(blocks[i].data(), count, to);
    std::int16_t dc = 0;
    for (std::size_t b = i; b < i + count; ++b)
      expected_to = jpeg::one_by_one::write_block(blocks[b].data(), dc, expected_to);
  }
  ASSERT_EQ(to - bytes.data(), expected_to - expected_bytes.data());
  ASSERT_TRUE(std::equal(bytes.data(), to, expected_bytes.data()));
  const std::size_t width = 8 * blocks.size();
  const auto row_bytes = static_cast<std::ptrdiff_t>(width + jpeg::overwritten_samples);
  std::vector<std::uint8_t> found(static_cast<std::size_t>(8 * row_bytes));
  const jpeg::BlockRun run{bytes.data(), to, 0, static_cast<int>(blocks.size())};
  ASSERT_EQ(jpeg::decode_blocks(run, quantiser, found.data(), row_bytes), to);
  std::vector<std::int16_t> values((blocks.size() + jpeg::readable_blocks) * jpeg::block_values);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    std::ranges::copy(blocks[i], values.data() + i * jpeg::block_values);
  std::vector<std::uint8_t> also_found(found.size());
  jpeg::transform_blocks(values.data(), blocks.size(), quantiser, also_found.data(), row_bytes);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    std::array<std::uint8_t, 64> expected = {};
    jpeg::one_by_one::inverse_dct(blocks[i], quantiser, expected.data(), 8);
    for (std::size_t y = 0; y < 8; ++y) {
      ASSERT_EQ(std::memcmp(expected.data() + 8 * y,
                            found.data() + static_cast<std::ptrdiff_t>(y) * row_bytes + 8 * i, 8),
                0)
          << "block " << i << ", row " << y;
      ASSERT_EQ(
          std::memcmp(expected.data() + 8 * y,
                      also_found.data() + static_cast<std::ptrdiff_t>(y) * row_bytes + 8 * i, 8),
          0)
          << "block " << i << ", row " << y;
    }
  }
}

// Restricts Highway to one instruction set until the end of the scope.
class OneTarget {
 public:
  explicit OneTarget(std::int64_t target) { use(target); }
  OneTarget(const OneTarget&) = delete;
  OneTarget& operator=(const OneTarget&) = delete;
  ~OneTarget() { use(0); }

 private:
  static void use(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

TEST(Coefficients, AreTransformedEquallyByEveryInstructionSet) {
  Mt19937 random(3);
  const std::int64_t all = hwy::SupportedTargets();
  for (int i = 0; i < times(300); ++i) {
    jpeg::Quantiser quantiser = {};
    const int largest = 1 << any(random, 1, 16);
    for (std::uint16_t& value : quantiser)
      value = static_cast<std::uint16_t>(any(random, 1, largest - 1));
    std::vector<Block> blocks;
    for (int b = any(random, 1, 40); b > 0; --b) {
      blocks.push_back(any_block(random, any(random, 1, 16), any(random, 0, 64)));
      if (any(random, 0, 3) == 0)
        std::fill(blocks.back().begin() + 8, blocks.back().end(), std::int16_t{0});
    }
    for (std::int64_t rest = all; rest != 0; rest &= rest - 1) {
      const OneTarget target(rest & -rest);
      expect_blocks(blocks, quantiser);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Coefficients, OfUnusualFilesAreNotRead) {
  Mt19937 random(4);
  JpegKind kind{.size = {60, 50}};
  const Text file = made_jpeg(kind, random);
  jpeg::CoefficientReader reader;
  const Header header = read_header(file, "a.jpg");
  EXPECT_FALSE(reader.read(file, header).empty());
  EXPECT_TRUE(reader.read(truncated(file, file.size() / 2), header).empty());
  EXPECT_TRUE(reader.read(truncated(file, file.size() - 2), header).empty()) << "no end marker";
  EXPECT_TRUE(reader.read({}, header).empty());
  kind.progressive = true;
  const Text progressive = made_jpeg(kind, random);
  const Header progressive_header = read_header(progressive, "a.jpg");
  EXPECT_FALSE(reader.read(progressive, progressive_header).empty());
  EXPECT_TRUE(
      reader.read(truncated(progressive, progressive.size() / 2), progressive_header).empty());
}

TEST(DataJpegs, HaveThePixelsOfTheirRecords) {
  const char* folder = std::getenv("PINFEED_DATA");
  const std::string root = folder != nullptr ? folder : PINFEED_SOURCE_DIR "/../shared/data";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no photographs in " << root;
  Mt19937 random(6);
  Comparison comparison;
  int found = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = file.path().string();
    if (!name.ends_with(".jpg") && !name.ends_with(".jpeg")) continue;
    comparison.expect_equal(bytes_of(name), name, 1, random);
    if (HasFatalFailure()) return;
    ++found;
  }
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace pinfeed::image
