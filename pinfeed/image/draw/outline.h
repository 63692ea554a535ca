// SPDX-License-Identifier: Apache-2.0
// Masks as COCO stores them, and the pixels they cover (docs/specs/openmmlab-data.md, 6.6).
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "pinfeed/core/arena.h"
#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// One object's mask as annotated, in pixels of its image: polygons, united, or run lengths.
struct Outline {
  Size size = {};
  std::span<const std::span<const double>> polygons = {};  // x, y, x, y, ...
  std::span<const std::uint8_t> integral = {};  // 1 for each polygon of integers; none: no matter
  std::span<const std::uint32_t> runs = {};     // column after column, the first run is of zeros
};

/// Writes 1 where the mask is and 0 elsewhere. `out` is H x W x 1 uint8 of the outline's size.
/// `toggles` is working memory. Pixels are those of pycocotools' rasteriser. Coordinates lie within
/// +-outline_reach, and runs add up to the size.
void rasterise(const Outline& outline, const ImageView& out, std::vector<std::uint64_t>& toggles);

/// The same in another arena.
const Outline* copied(const Outline& outline, Arena& arena);

/// The largest coordinate of a polygon, pixels from the origin either way.
constexpr double outline_reach = 1e6;

/// Run lengths out of COCO's compressed string. False when it is no such string.
bool read_runs(std::string_view text, std::pmr::vector<std::uint32_t>& runs);

}  // namespace pinfeed::image
