// SPDX-License-Identifier: Apache-2.0
// Photographs, if they are installed. Golden values: tools/golden/image.py.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "pinfeed/image/expression/render.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

std::string data_folder() {
  const char* folder = std::getenv("PINFEED_DATA");
  return folder != nullptr ? folder : PINFEED_SOURCE_DIR "/../shared/data";
}

struct Golden {
  std::string file;
  std::uint32_t decoded = 0;
  Size size;
  std::uint32_t resized = 0;
};

TEST(Photographs, AreDecodedResizedAndFlippedAsByOpenCV) {
  std::size_t found = 0;
  for (std::istringstream& line : golden_lines("image_real.txt")) {
    Golden golden;
    line >> golden.file >> std::hex >> golden.decoded >> std::dec >> golden.size.width >>
        golden.size.height >> std::hex >> golden.resized;
    const std::string path = data_folder() + "/" + golden.file;
    if (!std::filesystem::exists(path)) continue;
    ++found;
    const std::vector<std::byte> bytes = bytes_of(path);
    Encoded encoded{.path = path, .header = read_header(bytes, path), .bytes = bytes};
    Arena arena;
    const ImageExpr whole = decoded(&encoded, arena);
    const Image image = render(whole);
    EXPECT_EQ(crc32_of(image), golden.decoded) << golden.file;
    const Size size = image.size();
    const Rect window = {size.width / 3, size.height / 3, size.width / 4, size.height / 3};
    EXPECT_EQ(crc32_of(render(cropped(whole, window))),
              crc32_of(render(cropped(plain(image.view(), arena), window))))
        << golden.file;
    const ImageExpr result =
        flipped(resized(whole, golden.size, Interpolation::bilinear), FlipDirection::horizontal);
    EXPECT_EQ(crc32_of(render(result)), golden.resized) << golden.file;
  }
  if (found == 0) GTEST_SKIP() << "no photographs in " << data_folder() << "; set PINFEED_DATA";
}

}  // namespace
}  // namespace pinfeed::image
