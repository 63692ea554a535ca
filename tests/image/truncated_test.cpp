// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>

#include "pinfeed/image/expression/render.h"
#include "tests/image/bad_images.h"

namespace pinfeed::image {
namespace {

// Renders only the window.
std::string render_error(const Text& bytes, Rect window) {
  return data_error([&] {
    Encoded encoded{.path = "a/b.jpg", .header = read_header(bytes, "a/b.jpg"), .bytes = bytes};
    Arena arena;
    render(cropped(decoded(&encoded, arena), window));
  });
}

TEST(TruncatedJpeg, NamesTheRowsAndTheSize) {
  const Text bytes = golden("rgb_444.jpg");
  EXPECT_EQ(
      decode_error(truncated(bytes, 3000)),
      "error: JPEG ends early: 40 of 75 rows, the file has 3000 bytes\n  while reading a/b.jpg\n");
}

TEST(TruncatedJpeg, IsFoundForEveryCrop) {
  const Text bytes = truncated(golden("rgb_444.jpg"), 3000);
  for (const Rect window : {Rect{0, 0, 101, 75}, Rect{5, 5, 3, 1}, Rect{0, 70, 101, 5}}) {
    EXPECT_EQ(render_error(bytes, window),
              "error: JPEG ends early: 40 of 75 rows, the file has 3000 bytes\n  while reading "
              "a/b.jpg\n");
  }
}

// The truncated image is outside the part of the canvas that the warp reads.
TEST(TruncatedJpeg, IsFoundInAPartThatIsNotRead) {
  const Text bytes = truncated(golden("rgb_444.jpg"), 3000);
  const Text good = golden("rgb_444.jpg");
  EXPECT_EQ(data_error([&] {
              Encoded seen{.path = "b.jpg", .header = read_header(good, "b.jpg"), .bytes = good};
              Encoded unseen{
                  .path = "a/b.jpg", .header = read_header(bytes, "a/b.jpg"), .bytes = bytes};
              Arena arena;
              const std::array<Piece, 2> pieces = {
                  {{decoded(&seen, arena), 0, 0}, {decoded(&unseen, arena), 200, 200}}};
              const ImageExpr canvas = composed({301, 275}, {0, 0, 0}, pieces);
              render(warped(canvas, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {50, 50}, {0, 0, 0}));
            }),
            "error: JPEG ends early: 40 of 75 rows, the file has 3000 bytes\n"
            "  while reading a/b.jpg\n");
}

TEST(TruncatedJpeg, IsFoundInAProgressiveFile) {
  EXPECT_EQ(decode_error(truncated(golden("progressive_420.jpg"), 3000)),
            "error: JPEG ends early: 0 of 75 rows are complete (it is progressive), the file has "
            "3000 bytes\n"
            "  while reading a/b.jpg\n");
}

TEST(TruncatedJpeg, MayLackOnlyItsEndMarker) {
  const Text bytes = golden("rgb_444.jpg");
  const Image whole = decode(bytes, "a.jpg");
  EXPECT_EQ(crc32_of(decode(truncated(bytes, bytes.size() - 2), "a.jpg")), crc32_of(whole));
}

TEST(TruncatedJpeg, GivesTheRowsBeforeTheEndIfAllowed) {
  const Text bytes = golden("rgb_444.jpg");
  const Image whole = decode(bytes, "a.jpg");
  const Image part = decode(truncated(bytes, 3000), "a.jpg", true, true);
  EXPECT_EQ(crc32_of(part.pixels.data(), 101 * 3 * 40),
            crc32_of(whole.pixels.data(), 101 * 3 * 40));
  EXPECT_NE(crc32_of(part), crc32_of(whole));
}

TEST(TruncatedJpeg, DoesNotAffectTheNextImageOfTheScratch) {
  const Text bytes = golden("rgb_444.jpg");
  render_error(truncated(bytes, 3000), {0, 0, 101, 75});
  Encoded encoded{.path = "a.jpg", .header = read_header(bytes, "a.jpg"), .bytes = bytes};
  Arena arena;
  EXPECT_EQ(crc32_of(render(decoded(&encoded, arena))), crc32_of(decode(bytes, "a.jpg")));
}

class BrokenJpeg : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(, BrokenJpeg, testing::Values("rgb_444.jpg", "grey.jpg"));

// libjpeg continues after broken data with a result that depends on the rows decoded before.
TEST_P(BrokenJpeg, GivesTheSamePixelsForEveryCrop) {
  const Text good = golden(GetParam());
  int compared = 0;
  for (std::size_t i = 20; i < good.size(); ++i) {
    Text bytes = good;
    bytes[i] ^= std::byte{0x55};
    try {
      Encoded encoded{
          .path = "a.jpg", .header = read_header(bytes, "a.jpg", 1 << 20), .bytes = bytes};
      Arena arena;
      const ImageExpr whole = decoded(&encoded, arena);
      const auto [width, height] = whole.size();
      const Rect window = {width / 3, height / 3, (width + 1) / 2, (height + 1) / 2};
      const Image all = render(whole);
      const Image part = render(cropped(whole, window));
      const auto row = static_cast<std::size_t>(3 * window.width);
      for (int y = 0; y < window.height; ++y) {
        ASSERT_EQ(std::memcmp(part.at(y, 0), all.at(window.y + y, window.x), row), 0) << i;
      }
      ++compared;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
    }
  }
  EXPECT_GT(compared, 100);
}

// A progressive file with one scan and without tables; found by fuzzing.
TEST(Jpeg, UsesNoTablesOfThePreviousFile) {
  const Text bytes = golden("without_tables.jpg");
  Encoded encoded{.path = "a/b.jpg", .header = read_header(bytes, "a/b.jpg"), .bytes = bytes};
  for (const char* before : {"progressive_444.jpg", "rgb_444.jpg"}) {
    const Text good = golden(before);
    Encoded first{.path = before, .header = read_header(good, before), .bytes = good};
    Arena arena;
    render(decoded(&first, arena));
    EXPECT_EQ(data_error([&] { render(decoded(&encoded, arena)); }),
              "error: JPEG cannot be decoded: Huffman table 0x00 was not defined\n"
              "  while reading a/b.jpg\n");
  }
}

TEST(TruncatedPng, NamesTheSize) {
  const Text bytes = golden("rgb.png");
  EXPECT_EQ(decode_error(truncated(bytes, 900)),
            "error: PNG ends early: the file has 900 bytes\n  while reading a/b.jpg\n");
}

}  // namespace
}  // namespace pinfeed::image
