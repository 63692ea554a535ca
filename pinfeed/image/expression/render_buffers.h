// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "pinfeed/core/recent_peak.h"
#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/expression/pixel_cache.h"

namespace pinfeed::image {

/// The memory of one expression being computed: two whole images, of which one is read while the
/// other is written.
struct RenderBuffers {
  std::array<std::vector<std::byte>, 2> images = {};
  std::array<RecentPeak, 2> recent = {};  // bytes needed of each
  std::size_t buffer_index = 0;           // of the image that next() gave last
  std::vector<const Node*> chain = {};    // the steps above the source, first to last
  PixelCache::Reader cached = {};         // the source's pixels, where a PixelCache has them

  /// Memory for a whole image. Overwrites the image that the call before the last one returned.
  /// Memory that is more than twice as large as recent images needed is returned to the system.
  ImageView next(Size size, int channels, DType dtype);
  /// Whether these pixels lie in the image that next() returned last.
  bool owns(const ImageView& pixels) const;
};

}  // namespace pinfeed::image
