// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/draw/run_mask.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

void RunWriter::add(bool inside, std::uint32_t count) {
  if (count == 0) return;
  if (inside != inside_) {
    mask_->runs.push_back(length_);
    length_ = 0;
    inside_ = inside;
  }
  length_ += count;
}

RunMask run_mask(std::span<const std::uint8_t> pixels, Size size) {
  const auto width = static_cast<std::size_t>(size.width);
  const auto height = static_cast<std::size_t>(size.height);
  if (pixels.size() != width * height)
    throw Error(ErrorKind::bug, "a mask whose pixels do not fit its size");
  RunMask mask{.size = size};
  RunWriter writer(mask);
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t y = 0; y < height; ++y) writer.add(pixels[y * width + x] != 0, 1);
  }
  writer.finish();
  return mask;
}

std::int64_t area_of(const RunMask& mask) {
  std::int64_t area = 0;
  for (std::size_t i = 1; i < mask.runs.size(); i += 2) area += mask.runs[i];
  return area;
}

}  // namespace pinfeed
