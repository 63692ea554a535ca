// SPDX-License-Identifier: Apache-2.0
// Golden values: tools/golden/image.py.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/expression/render.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

struct Golden {
  std::string file;
  Size size;
  std::uint32_t shown = 0;
  std::uint32_t stored = 0;
};

std::vector<Golden> goldens() {
  std::vector<Golden> all;
  for (std::istringstream& line : golden_lines("image_decode.txt")) {
    Golden golden;
    line >> golden.file >> golden.size.width >> golden.size.height >> std::hex >> golden.shown >>
        golden.stored;
    all.push_back(golden);
  }
  return all;
}

std::string path_of(const Golden& golden) { return golden_folder + "images/" + golden.file; }

TEST(Decode, EqualsOpenCVForEveryChromaSampling) {
  const std::vector<Golden> all = goldens();
  ASSERT_GE(all.size(), 30U);
  for (const Golden& golden : all) {
    const Image image = decode(bytes_of(path_of(golden)), golden.file);
    EXPECT_EQ(to_string(image.size()), to_string(golden.size)) << golden.file;
    EXPECT_EQ(crc32_of(image), golden.shown) << golden.file;
  }
}

TEST(Decode, DoesNotApplyTheOrientationIfAsked) {
  for (const Golden& golden : goldens()) {
    const Image image = decode(bytes_of(path_of(golden)), golden.file, false);
    EXPECT_EQ(crc32_of(image), golden.stored) << golden.file;
  }
}

TEST(Header, HasTheSizeOfTheDecodedImage) {
  for (const Golden& golden : goldens()) {
    const Header header = read_header_of(path_of(golden));
    EXPECT_EQ(to_string(header.oriented()), to_string(golden.size)) << golden.file;
    EXPECT_EQ(header.format == Format::png, golden.file.ends_with(".png"));
    EXPECT_EQ(header.file_bytes, bytes_of(path_of(golden)).size());
  }
}

TEST(Header, ReadsEveryOrientation) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const std::string path = golden_folder + fmt::format("images/exif_{}.jpg", orientation);
    EXPECT_EQ(read_header_of(path).orientation, orientation);
  }
  EXPECT_EQ(read_header_of(golden_folder + "images/exif_9.jpg").orientation, 1);
  EXPECT_EQ(read_header_of(golden_folder + "images/exif_6.png").orientation, 6);
}

TEST(Render, DecodesTheSamePixelsAsDecode) {
  for (const Golden& golden : goldens()) {
    const std::vector<std::byte> bytes = bytes_of(path_of(golden));
    Arena arena;
    Encoded shown{.path = golden.file, .header = read_header(bytes, golden.file), .bytes = bytes};
    Encoded stored = shown;
    stored.apply_orientation = false;
    EXPECT_EQ(crc32_of(render(decoded(&shown, arena))), golden.shown) << golden.file;
    EXPECT_EQ(crc32_of(render(decoded(&stored, arena))), golden.stored) << golden.file;
  }
}

}  // namespace
}  // namespace pinfeed::image
