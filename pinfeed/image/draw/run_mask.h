// SPDX-License-Identifier: Apache-2.0
// Masks of detections in COCO's run-length form (docs/specs/openmmlab-data.md, 6.6).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// A binary mask of an image as run lengths: column by column from the left, each column from the
/// top. The first run is of pixels outside the mask and may be 0; then inside and outside take
/// turns. All runs add up to the number of pixels.
struct RunMask {
  Size size = {};
  std::vector<std::uint32_t> runs = {};
};

/// Writes the runs of a mask whose size is set.
class RunWriter {
 public:
  /// `mask` has no runs yet and must outlive the writer.
  explicit RunWriter(RunMask& mask) : mask_(&mask) {}
  /// The next `count` pixels, in the order of the runs.
  void add(bool inside, std::uint32_t count);
  /// Ends the last run. All pixels must have been added.
  void finish() { mask_->runs.push_back(length_); }

 private:
  RunMask* mask_;
  std::uint32_t length_ = 0;
  bool inside_ = false;
};

/// The run lengths of `pixels`, rows of `size.width` bytes, in which every byte but 0 is inside the
/// mask. Throws Error(bug) when there are not width x height bytes.
RunMask run_mask(std::span<const std::uint8_t> pixels, Size size);

/// The number of pixels inside the mask.
std::int64_t area_of(const RunMask& mask);

}  // namespace pinfeed
