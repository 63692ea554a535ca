// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/image/expression/image_expr.h"
#include "pinfeed/image/expression/pixel_cache.h"
#include "pinfeed/image/expression/render_clock.h"

namespace pinfeed::image {

/// Working memory of one thread. It keeps its memory between calls, so that rendering allocates
/// nothing after the first images.
class Scratch {
 public:
  struct Parts;

  Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;
  ~Scratch();

  /// Uses a cache of decoded images, which several threads may share. Without this call nothing is
  /// cached.
  void share(std::shared_ptr<PixelCache> cache);
  /// Turns time measurement on or off. It costs about 1 %.
  void measure(bool on);
  /// The times of the last image that was rendered while measuring.
  const RenderTimes& times() const;

 private:
  friend void render(const ImageExpr& image, const ImageView& out, Scratch& scratch);
  std::unique_ptr<Parts> parts_;
};

/// Computes the image into `out`, whose size, channels and dtype are the image's. Steps are fused
/// into one pass where possible: only rows that survive are decoded, only pixels that survive are
/// resampled, flip and padding are part of the write. The result equals running the steps one by
/// one, bit for bit. Throws Error(data). Any number of threads may render at once, each with its
/// own Scratch.
void render(const ImageExpr& image, const ImageView& out, Scratch& scratch);

/// The same, into a new image.
Image render(const ImageExpr& image);

}  // namespace pinfeed::image
