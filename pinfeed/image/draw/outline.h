// SPDX-License-Identifier: Apache-2.0
// COCO masks and their pixels (docs/specs/openmmlab-data.md, 6.6).
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/core/arena.h"
#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// The annotated mask of one object, in pixels of its image: the union of polygons, or run lengths.
struct Outline {
  Size size = {};
  std::span<const std::span<const double>> polygons = {};  // x, y, x, y, ...
  std::span<const std::uint8_t> integral = {};  // 1 for polygons of integers; may be empty
  std::span<const std::uint32_t> runs = {};     // column by column; the first run is of zeros
};

/// Writes 1 inside the mask and 0 outside, the same pixels as pycocotools. `out` is H x W x 1 uint8
/// of the outline's size. `toggles` is working memory. Coordinates beyond +-outline_reach are moved
/// to it; runs must add up to the size.
void rasterise(const Outline& outline, const ImageView& out, std::vector<std::uint64_t>& toggles);

/// Sets `toggles` to the positions at which the mask of one polygon begins and ends in turn,
/// counted down the columns of an image of `size` from the left. They are sorted, may be equal, and
/// their number is even.
void crossings_of(std::span<const double> polygon, Size size, std::vector<std::uint64_t>& toggles);

/// A copy in another arena.
const Outline* copied(const Outline& outline, Arena& arena);

/// The largest absolute coordinate of a polygon, in pixels.
constexpr double outline_reach = 1e6;

/// Reads run lengths from COCO's compressed string. Returns false if it is not valid.
bool read_runs(std::string_view text, std::pmr::vector<std::uint32_t>& runs);
/// COCO's compressed string of run lengths, as pycocotools writes it.
std::string runs_text(std::span<const std::uint32_t> runs);

}  // namespace pinfeed::image
