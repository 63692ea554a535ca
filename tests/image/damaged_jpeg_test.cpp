// SPDX-License-Identifier: Apache-2.0
// Damaged JPEGs and records.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "pinfeed/image/codec/jpeg/huffman_table.h"
#include "pinfeed/image/codec/jpeg/jpeg_pixels.h"
#include "tests/image/cached_photos.h"

namespace pinfeed::image {
namespace {

// A damaged file is not read, or read without any difference.
TEST(DamagedJpegs, GiveTheSamePixelsOrNone) {
  Mt19937 random(7);
  JpegRows jpeg;
  jpeg::CoefficientReader reader;
  jpeg::CoefficientRows rows;
  int read = 0;
  for (int i = 0; i < times(600); ++i) {
    Text file = made_jpeg(any_kind(random, 60), random);
    const Header header = read_header(file, "a.jpg");
    for (int flips = any(random, 1, 3); flips > 0; --flips)
      file[random.next() % file.size()] ^= static_cast<std::byte>(1U << random.next() % 8);
    const auto record = reader.read(file, header);
    if (record.empty()) continue;
    ++read;
    Image expected = make_image(header.stored);
    ASSERT_FALSE(decode_jpeg(file, expected.view(), true, jpeg)) << i << " is truncated";
    ASSERT_FALSE(jpeg.damaged()) << i;
    Image found = make_image(header.stored);
    decode_record(record, found.view(), rows);
    ASSERT_EQ(std::memcmp(found.pixels.data(), expected.pixels.data(), found.pixels.bytes()), 0)
        << i;
  }
  EXPECT_GT(read, times(100));
  EXPECT_LT(read, times(590));
}

// Empty if there is none.
template <class Function>
std::string error_text(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.text();
  }
  return "";
}

// What a decoder gives for a window of a file: its pixels, its flags, its error.
struct Decoded {
  std::vector<std::byte> pixels = {};
  bool truncated = false;
  bool damaged = false;
  std::string error = {};
};

template <class Rows>
Decoded decoded_window(Rows& rows, Size size, Rect window) {
  Decoded decoded;
  std::vector<std::byte> row(static_cast<std::size_t>(size.width) * 3);
  decoded.error = error_text([&] {
    rows.crop_columns(window.x, window.width);
    if (window.y > 0) rows.skip(window.y);
    for (int y = 0; y < window.height; ++y) {
      rows.read(row.data());
      const auto first = row.begin() + 3 * window.x;
      decoded.pixels.insert(decoded.pixels.end(), first, first + 3 * window.width);
    }
    rows.close();
    decoded.truncated = rows.truncated();
    decoded.damaged = rows.damaged();
  });
  return decoded;
}

// A file with 1 to 3 changed bits, of which some are cut short.
Text damaged_jpeg(Mt19937& random) {
  Text file = made_jpeg(any_kind(random, 60), random);
  for (int flips = any(random, 1, 3); flips > 0; --flips)
    file[random.next() % file.size()] ^= static_cast<std::byte>(1U << random.next() % 8);
  if (any(random, 0, 5) == 0) file.resize(file.size() - random.next() % (file.size() / 2));
  return file;
}

TEST(DamagedJpegs, AreReadByLibjpegFromTheDamageOn) {
  Mt19937 random(8);
  JpegRows expected_rows;
  jpeg::JpegPixels rows;
  int damaged = 0;
  for (int i = 0; i < times(1500); ++i) {
    const Text file = damaged_jpeg(random);
    Header header;
    if (!error_text([&] { header = read_header(file, "a.jpg"); }).empty()) continue;
    const Size size = header.stored;
    if (header.format != Format::jpeg || size.width > 300 || size.height > 300) continue;
    const bool whole = any(random, 0, 1) == 0;
    const int y = whole ? 0 : any(random, 0, size.height - 1);
    const Rect window = {0, y, size.width, whole ? size.height : any(random, 1, size.height - y)};
    const bool allow_truncated = any(random, 0, 1) == 0;
    const std::string error =
        error_text([&] { expected_rows.open(file, size, allow_truncated, ChannelOrder::rgb); });
    ASSERT_EQ(error_text([&] {
                rows.open(file, header, allow_truncated, ChannelOrder::rgb, any(random, 0, 1) == 0);
              }),
              error)
        << i;
    if (!error.empty()) continue;
    const Decoded expected = decoded_window(expected_rows, size, window);
    const Decoded found = decoded_window(rows, size, window);
    ASSERT_EQ(found.error, expected.error) << i;
    ASSERT_EQ(found.pixels, expected.pixels) << i;
    ASSERT_EQ(found.truncated, expected.truncated) << i;
    ASSERT_TRUE(!whole || found.damaged == expected.damaged) << i;
    if (expected.damaged) ++damaged;
  }
  EXPECT_GT(damaged, times(100));
}

// A JPEG whose scan uses a Huffman table with 255 codes of one bit.
Text jpeg_with_impossible_codes() {
  Mt19937 random(3);
  Text file = made_jpeg({.size = {20, 20}}, random);
  constexpr std::array<std::byte, 2> scan = {std::byte{0xFF}, std::byte{0xDA}};
  const auto at = std::ranges::search(file, scan).begin();
  const auto components = std::to_integer<int>(at[4]);
  for (int i = 0; i < components; ++i) {
    std::byte& tables = at[6 + 2 * i];
    tables = (tables & std::byte{0xF0}) | std::byte{3};
  }
  // Marker, length, class 1 and number 3, the counts of 16 lengths, the symbols.
  Text table(2 + 2 + 1 + 16 + 255);
  const std::array<int, 6> head = {0xFF, 0xC4, 274 / 256, 274 % 256, 0x13, 255};
  for (std::size_t i = 0; i < head.size(); ++i) table[i] = static_cast<std::byte>(head[i]);
  file.insert(at, table.begin(), table.end());
  return file;
}

TEST(DamagedJpegs, WithMoreCodesThanBitsAllowAreRefused) {
  EXPECT_FALSE(std::make_unique<jpeg::HuffmanTable>()->prepare({.counts = {0, 255}}, false));
  EXPECT_FALSE(std::make_unique<jpeg::HuffmanTable>()->prepare({.counts = {0, 0, 5}}, false));
  const Text file = jpeg_with_impossible_codes();
  const Header header = read_header(file, "a.jpg");
  jpeg::CoefficientReader reader;
  EXPECT_TRUE(reader.read(file, header).empty());
  JpegRows expected_rows;
  jpeg::JpegPixels rows;
  const auto opened = [&](auto& decoder, const auto&... arguments) {
    return error_text([&] {
      decoder.open(file, arguments...);
      Text row(60);
      decoder.read(row.data());
    });
  };
  const std::string error = opened(expected_rows, header.stored, true, ChannelOrder::bgr);
  EXPECT_NE(error, "");
  EXPECT_EQ(opened(rows, header, true, ChannelOrder::bgr, true), error);
}

// Any change either makes the bytes no record or leaves one that can be decoded safely.
TEST(DamagedJpegs, GiveSafeRecords) {
  Mt19937 random(5);
  jpeg::CoefficientReader reader;
  jpeg::CoefficientRows rows;
  int rejected = 0;
  for (int i = 0; i < times(400); ++i) {
    const JpegKind kind = any_kind(random, 60);
    const Text file = made_jpeg(kind, random);
    const auto record = reader.read(file, read_header(file, "a.jpg"));
    Text bytes(record.begin(), record.end());
    const std::size_t range =
        any(random, 0, 1) == 0 ? std::min<std::size_t>(600, bytes.size()) : bytes.size();
    for (int flips = any(random, 1, 8); flips > 0; --flips)
      bytes[random.next() % range] ^= static_cast<std::byte>(1U << random.next() % 8);
    if (any(random, 0, 9) == 0) bytes.resize(random.next() % bytes.size());
    const auto read = jpeg::CoefficientRecord::read(bytes);
    if (!read) {
      ++rejected;
      continue;
    }
    read->blocks_are_valid();
    Image image = make_image(read->info().size);
    caught_from([&] { decode_record(bytes, image.view(), rows); });
  }
  EXPECT_GT(rejected, times(50));
}

}  // namespace
}  // namespace pinfeed::image
