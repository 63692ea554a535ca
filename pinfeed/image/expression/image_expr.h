// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "pinfeed/core/arena.h"
#include "pinfeed/image/cache/cache_use.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/color/hue.h"
#include "pinfeed/image/color/jitter.h"
#include "pinfeed/image/color/normalization.h"
#include "pinfeed/image/draw/outline.h"
#include "pinfeed/image/image.h"
#include "pinfeed/image/image_options.h"

namespace pinfeed::image {

/// A stored image: its header, known at planning, and its bytes, needed only for rendering.
struct Encoded {
  std::string_view path = {};             // lives as long as the arena; empty: bytes are in memory
  Header header = {};                     // read before planning
  std::span<const std::byte> bytes = {};  // the whole file; set before rendering
  bool apply_orientation = true;          // EXIF
  bool allow_truncated = false;
  bool again = false;   // later samples use the image too, so a PixelCache stores its pixels
  CacheUse cache = {};  // with `cache.found` the bytes are not needed
  // Set by render():
  bool truncated = false;  // the file ended early and the missing pixels were invented
  bool damaged = false;    // the decoder met invalid data; pixels after it may be wrong
};

struct Node;

/// The most pixels that a step may make of an image with fewer: as many as a file may have by
/// default (docs/specs/decisions.md, 8).
constexpr std::int64_t max_step_pixels = default_max_pixels;

/// An image that is not computed yet: an immutable expression over stored or plain pixels. A cheap
/// value. Its nodes live in the arena that it was made in, so it must not be used after the arena
/// is reset. The functions below only add nodes and read no pixel; render() (render.h) computes.
///
/// Every function checks its arguments. It throws Error(bug) where the caller breaks a rule stated
/// here, and Error(data) where the result would have no pixel, or more than max_step_pixels and
/// more than the image before.
class ImageExpr {
 public:
  ImageExpr() = default;
  ImageExpr(const Node* node, Arena* arena) : node_(node), arena_(arena) {}

  /// Width and height of the result, known without decoding. Includes the EXIF orientation.
  Size size() const;
  int channels() const;
  DType dtype() const;
  bool empty() const { return node_ == nullptr; }
  const Node* node() const { return node_; }
  Arena* arena() const { return arena_; }

 private:
  const Node* node_ = nullptr;
  Arena* arena_ = nullptr;
};

/// A stored image. `encoded` must live as long as the arena.
ImageExpr decoded(Encoded* encoded, Arena& arena);
/// Pixels in memory: 1 to 4 channels, uint8 or float32. They must outlive the expression.
ImageExpr plain(const ImageView& pixels, Arena& arena);

/// A mask: one uint8 channel, 1 inside the object and 0 outside. `outline` must live as long as
/// the arena.
ImageExpr outlined(const Outline* outline, Arena& arena);

/// Resizes to exactly `size` by the library's rules (docs/specs/openmmlab-data.md, 4.3). Returns
/// the image itself if it has that size. Throws Error(data) if a side is below 1, or for float32
/// pixels with Pillow's rules.
ImageExpr resized(ImageExpr image, Size size, Interpolation interpolation,
                  Library library = Library::opencv);
/// Resizes uint8 pixels bilinearly as float64 and truncates the results
/// (docs/specs/openmmlab-data.md, 4.13). Throws Error(data) if a side is below 1.
ImageExpr resized_in_doubles(ImageExpr image, Size size);
/// The window, which must lie inside the image and have a pixel.
ImageExpr cropped(ImageExpr image, Rect window);
ImageExpr flipped(ImageExpr image, FlipDirection direction);
/// Pads with `fill`, one value per channel, on the right and at the bottom to `size`, which must be
/// at least the image's.
ImageExpr padded(ImageExpr image, Size size, std::array<double, 3> fill);
/// Pads with pixels of the image on the right and at the bottom to `size`, which must be at least
/// the image's.
ImageExpr extended(ImageExpr image, Size size, Border border);
/// Puts the image onto a canvas of `size`, its upper left corner at (x, y). All of it must fit. The
/// rest of the canvas is `fill`.
ImageExpr placed(ImageExpr image, Size size, int x, int y, std::array<double, 3> fill);
/// Writes `fill` over a window, which may reach beyond the image.
ImageExpr erased(ImageExpr image, Rect window, std::array<double, 3> fill);
/// An image and the position of its upper left corner on a canvas.
struct Piece {
  ImageExpr image = {};
  int x = 0;
  int y = 0;
};
/// A canvas of `size` with images on it, later ones over earlier ones. All must fit and have the
/// channels and dtype of the first. The rest of the canvas is `fill`.
ImageExpr composed(Size size, std::array<double, 3> fill, std::span<const Piece> pieces);
/// A perspective warp. `matrix` (row-major) maps coordinates of the image to coordinates of the
/// result, of size `size`. Bilinear; outside is `border`, of the first three channels
/// (docs/specs/openmmlab-data.md, 4.14).
ImageExpr warped(ImageExpr image, const std::array<double, 9>& matrix, Size size,
                 std::array<double, 3> border);
/// The mean of two uint8 images of one size, rounded down.
ImageExpr blended(ImageExpr first, ImageExpr second);
/// For a BGR uint8 image (docs/specs/openmmlab-data.md, 4.11).
ImageExpr with_hue_gains(ImageExpr image, const HueGains& gains);
/// For a float32 BGR image (docs/specs/openmmlab-data.md, 4.10).
ImageExpr distorted(ImageExpr image, const Distortion& distortion);
/// For a uint8 BGR image: changes brightness, contrast, saturation and hue.
ImageExpr jittered(ImageExpr image, const Jitter& changes);
/// Converts to float32 and normalizes; reverses the channels first if asked.
ImageExpr normalized(ImageExpr image, const Normalization& normalization);
/// The same values as float32.
ImageExpr as_float(ImageExpr image);

/// A copy of the expression in another arena, including its Encoded and Outline objects. The copies
/// have no bytes yet.
ImageExpr copied(const ImageExpr& image, Arena& arena);

/// Calls `visit` for every stored image of the expression, once per occurrence.
void for_each_encoded(const ImageExpr& image, const std::function<void(Encoded*)>& visit);

}  // namespace pinfeed::image
