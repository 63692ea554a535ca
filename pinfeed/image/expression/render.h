// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/image/expression/image_expr.h"
#include "pinfeed/image/expression/pixel_cache.h"
#include "pinfeed/image/expression/render_clock.h"

namespace pinfeed::image {

/// Working memory of one thread: kept between calls, so that rendering allocates nothing once warm.
class Scratch {
 public:
  struct Parts;

  Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;
  ~Scratch();

  /// Where decoded images are kept, for several threads. None at first.
  void share(std::shared_ptr<PixelCache> cache);
  /// Whether times() is kept of what is rendered from now on. Costs about 1 %.
  void measure(bool on);
  /// What the last image that was measured took.
  const RenderTimes& times() const;

 private:
  friend void render(const ImageExpr& image, const ImageView& out, Scratch& scratch);
  std::unique_ptr<Parts> parts_;
};

/// Computes the image into `out`, whose size, channels and dtype are the image's. One pass
/// where the fusing rules allow: only rows that survive are decoded, only pixels that survive are
/// resampled, flip and padding are part of the write. Equal to doing each step by itself, bit for
/// bit. Throws Error(data). Any number of threads at once, each with its own Scratch.
void render(const ImageExpr& image, const ImageView& out, Scratch& scratch);

/// The same, into an image of its own.
Image render(const ImageExpr& image);

}  // namespace pinfeed::image
