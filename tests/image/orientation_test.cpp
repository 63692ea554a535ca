// SPDX-License-Identifier: Apache-2.0
// Where the EXIF orientation may stand, and how OpenCV and Pillow read it (docs/specs/decisions.md,
// 17). tools/golden/exif.py makes the golden file.
#include <gtest/gtest.h>
#include <unistd.h>

#include "pinfeed/image/codec/codec_exif.h"
#include "tests/image/bad_images.h"
#include "tests/image/encoded_parts.h"

namespace pinfeed::image {
namespace {

TEST(ExifOrientation, IsThatOfOpenCvAndOfPillow) {
  int lines = 0;
  for (std::istringstream& words : golden_lines("exif.txt")) {
    ++lines;
    std::string hex;
    int opencv = 0;
    int pillow = 0;
    words >> hex >> opencv >> pillow;
    const Text tiff = bytes_of_hex(hex == "-" ? "" : hex);
    const ExifOrientation found = exif_orientations(tiff);
    EXPECT_EQ(found.opencv.value_or(1), opencv) << hex;
    if (!found.unknown_to_pillow && pillow != 0) {
      EXPECT_EQ(found.pillow.value_or(1), pillow) << hex;
    }
  }
  EXPECT_EQ(lines, 600);
}

Header jpeg_with(const Text& metadata) {
  Text bytes = golden("rgb_444.jpg");
  bytes.insert(bytes.begin() + 2, metadata.begin(), metadata.end());
  const Header header = read_header(bytes, "a.jpg");
  EXPECT_EQ(to_string(decode(bytes, "a.jpg").size()), to_string(header.oriented()));
  return header;
}

Text xmp_segment(int orientation) {
  return app1_segment(std::string("http://ns.adobe.com/xap/1.0/\0", 29) + "<x tiff:Orientation=\"" +
                      std::to_string(orientation) + "\"/>");
}

TEST(JpegOrientation, IsTheFirstThatABlockHas) {
  EXPECT_EQ(jpeg_with(exif_segment(6)).orientation, 6);
  EXPECT_EQ(jpeg_with(exif_segment(6) + exif_segment(1)).orientation, 6);
  EXPECT_EQ(jpeg_with(exif_segment(1) + exif_segment(6)).orientation, 1);
  EXPECT_EQ(jpeg_with(app1_segment("hello") + exif_segment(6)).orientation, 6);
  EXPECT_EQ(
      jpeg_with(app1_segment(std::string("Exif\0\0garbage", 13)) + exif_segment(8)).orientation, 8);
}

TEST(JpegOrientation, MayFollowTheFrameHeader) {
  Text bytes = golden("rgb_444.jpg");
  const Text scan = bytes_in("\xFF\xDA");
  const auto at = std::search(bytes.begin(), bytes.end(), scan.begin(), scan.end());
  const Text exif = exif_segment(6);
  bytes.insert(at, exif.begin(), exif.end());
  EXPECT_EQ(read_header(bytes, "a.jpg").orientation, 6);
}

TEST(JpegOrientation, OfPillowMayComeFromXmp) {
  EXPECT_EQ(jpeg_with(xmp_segment(6)).orientation, 1);
  EXPECT_EQ(jpeg_with(xmp_segment(6)).pillow_orientation, 6);
  EXPECT_EQ(jpeg_with(exif_segment(3) + xmp_segment(6)).pillow_orientation, 3);
  EXPECT_EQ(jpeg_with(exif_segment(6) + exif_segment(1)).pillow_orientation, 0);
}

// The orientation as a LONG: OpenCV reads the first two bytes of the value, which are 0.
TEST(JpegOrientation, OfPillowIsReadByItsType) {
  const std::string tiff("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x06\0\0\0\0", 26);
  const Header header = jpeg_with(app1_segment(std::string("Exif\0\0", 6) + tiff));
  EXPECT_EQ(header.orientation, 1);
  EXPECT_EQ(header.pillow_orientation, 6);
}

Header png_with(const Text& before, const Text& behind) {
  const PngParts parts = png_parts(golden("rgb.png"));
  const Text bytes = parts.start + before + parts.pixels + behind + parts.end;
  const Header header = read_header(bytes, "a.png");
  EXPECT_EQ(to_string(decode(bytes, "a.png").size()), to_string(header.oriented()));
  const std::string path = testing::TempDir() + fmt::format("orientation_{}.png", ::getpid());
  write_bytes(path, bytes);
  EXPECT_EQ(read_header_of(path).orientation, header.orientation);
  std::filesystem::remove(path);
  return header;
}

TEST(PngOrientation, MayStandBehindThePixels) {
  EXPECT_EQ(png_with({}, png_chunk_of("eXIf", tiff_of(6))).orientation, 6);
  EXPECT_EQ(png_with(png_chunk_of("eXIf", tiff_of(6)), {}).orientation, 6);
  EXPECT_EQ(png_with({}, {}).orientation, 1);
  const Text large = png_chunk_of("teSt", std::string(300'000, 'x'));
  EXPECT_EQ(png_with({}, large + png_chunk_of("eXIf", tiff_of(6))).orientation, 6);
  EXPECT_EQ(png_with({}, png_chunk_of("eXIf", tiff_of(6)) + large).orientation, 6);
}

TEST(PngOrientation, IsThatOfTheFirstBlock) {
  EXPECT_EQ(
      png_with(png_chunk_of("eXIf", tiff_of(1)), png_chunk_of("eXIf", tiff_of(6))).orientation, 1);
  EXPECT_EQ(png_with(png_chunk_of("eXIf", "garbage"), png_chunk_of("eXIf", tiff_of(6))).orientation,
            1);
}

TEST(PngOrientation, DoesNotCountWithAWrongChecksum) {
  const Text wrong = with_wrong_checksum(png_chunk_of("eXIf", tiff_of(6)));
  EXPECT_EQ(png_with(wrong, {}).orientation, 1);
  EXPECT_EQ(png_with({}, wrong).orientation, 1);
  EXPECT_EQ(png_with(wrong, png_chunk_of("eXIf", tiff_of(8))).orientation, 8);
  // Pillow refuses a file with a wrong checksum before the pixels.
  const Text text = with_wrong_checksum(png_chunk_of("tEXt", std::string("a\0b", 3)));
  EXPECT_EQ(png_with(text, {}).pillow_orientation, 0);
}

// Encoders write many small IDAT chunks, or few large ones.
TEST(PngOrientation, IsFoundBehindManyChunksOfPixels) {
  Image noisy = make_image({400, 300});
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < noisy.pixels.bytes(); ++i) {
    state = state * 1664525U + 1013904223U;
    noisy.pixels.data()[i] = static_cast<std::byte>(state >> 24U);
  }
  const std::string path = testing::TempDir() + fmt::format("many_{}.png", ::getpid());
  write_png(noisy, path);
  const PngParts parts = png_parts(bytes_of(path));
  for (const std::size_t piece : {std::size_t{1000}, std::size_t{8192}, std::size_t{100'000}}) {
    const Text pixels = in_chunks(data_of(parts.pixels), piece);
    write_bytes(path, parts.start + pixels + png_chunk_of("eXIf", tiff_of(6)) + parts.end);
    EXPECT_EQ(read_header_of(path).orientation, 6) << piece;
    write_bytes(path, parts.start + pixels + parts.end);
    EXPECT_EQ(read_header_of(path).orientation, 1) << piece;
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace pinfeed::image
