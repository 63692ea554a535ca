// SPDX-License-Identifier: Apache-2.0
// Input: the JSON of one segmentation, polygons or run lengths, which is drawn as a mask.
#include <cstdlib>

#include "pinfeed/annotations/segmentation.h"
#include "pinfeed/core/error.h"

namespace {

// The image sizes that inputs may have; segmentations of other sizes are refused.
constexpr pinfeed::Size size = {12, 9};

void draw(std::string_view text) {
  pinfeed::Arena arena;
  const pinfeed::Segmentation segmentation = pinfeed::read_segmentation(text, size, arena);
  const pinfeed::image::Image mask = pinfeed::image::make_image(size, 1);
  std::vector<std::uint64_t> toggles;
  pinfeed::image::rasterise(segmentation.outline, mask.view(), toggles);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      if (*mask.at(y, x) > 1) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  try {
    draw({reinterpret_cast<const char*>(data), bytes});
  } catch (const pinfeed::Error& error) {
    if (error.kind() != pinfeed::ErrorKind::data || error.message().empty()) std::abort();
  }
  return 0;
}
