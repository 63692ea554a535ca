// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/expression/render.h"

namespace pinfeed::fuzz {

constexpr std::int64_t max_pixels = std::int64_t{1} << 20;

/// Aborts unless the bytes are an image of this format or cause an Error(data) with a message, and
/// unless a rendered window of the image equals the same window of the whole image.
inline int render(const std::uint8_t* data, std::size_t size, image::Format format) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  try {
    image::Header header = image::read_header(bytes, "a", max_pixels);
    if (header.format != format) return 0;
    header.file_bytes = size;
    image::Encoded encoded{.path = "a", .header = header, .bytes = bytes};
    Arena arena;
    const image::ImageExpr whole = image::decoded(&encoded, arena);
    const Size full = whole.size();
    const Rect window{full.width / 3, full.height / 3, (full.width + 1) / 2, (full.height + 1) / 2};
    const image::Image all = image::render(whole);
    const image::Image part = image::render(image::cropped(whole, window));
    for (int y = 0; y < window.height; ++y) {
      const auto* from = all.at(window.y + y, window.x);
      const auto* to = part.at(y, 0);
      if (!std::equal(to, to + 3 * window.width, from)) std::abort();
    }
    image::render(image::resized(whole, {37, 23}, image::Interpolation::bilinear));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data || error.message().empty()) std::abort();
  }
  return 0;
}

}  // namespace pinfeed::fuzz
