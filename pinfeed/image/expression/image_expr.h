// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "pinfeed/core/arena.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/color/hue.h"
#include "pinfeed/image/color/jitter.h"
#include "pinfeed/image/color/normalization.h"
#include "pinfeed/image/draw/outline.h"
#include "pinfeed/image/image.h"
#include "pinfeed/image/image_options.h"

namespace pinfeed::image {

/// The image as it is stored: what planning knows of it, and, before it is rendered, its bytes.
struct Encoded {
  std::string_view path = {};             // for errors; lives as long as the arena
  Header header = {};                     // read before planning
  std::span<const std::byte> bytes = {};  // the whole file, filled in before rendering
  bool apply_orientation = true;          // EXIF
  bool allow_truncated = false;
  bool again = false;  // other images soon look at it too: a PixelCache keeps it
  // Set by render():
  bool truncated = false;  // pixels that the file lacks were made up
  bool damaged = false;    // its data make no sense somewhere: pixels from there on may be wrong
};

struct Node;

/// An image that has not been computed: an immutable expression over encoded or plain pixels.
/// A cheap value; its nodes live in the arena it was made in, and so must die before it is reset.
/// The functions below plan: they touch no pixel. render() (render.h) computes, once.
class ImageExpr {
 public:
  ImageExpr() = default;
  ImageExpr(const Node* node, Arena* arena) : node_(node), arena_(arena) {}

  /// Width and height of the result, known without decoding. The EXIF orientation counts.
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

/// A stored image. `encoded` lives in the arena or outlives it.
ImageExpr decoded(Encoded* encoded, Arena& arena);
/// Pixels in memory; `pixels` must outlive the image.
ImageExpr plain(const ImageView& pixels, Arena& arena);

/// A mask: one channel, 1 where the object is and 0 elsewhere. `outline` lives in the arena or
/// outlives it.
ImageExpr outlined(const Outline* outline, Arena& arena);

/// To exactly `size`, with the library's rules (docs/specs/openmmlab-data.md, 4.3). The same size
/// is the same image.
ImageExpr resized(ImageExpr image, Size size, Interpolation interpolation,
                  Library library = Library::opencv);
/// Of uint8 pixels: resized bilinearly as float64, fractions cut off
/// (docs/specs/openmmlab-data.md, 4.13).
ImageExpr resized_in_doubles(ImageExpr image, Size size);
/// The window, which must lie inside the image.
ImageExpr cropped(ImageExpr image, Rect window);
ImageExpr flipped(ImageExpr image, FlipDirection direction);
/// To `size` (at least the image's) at the right and the bottom, filled with `fill` per channel.
ImageExpr padded(ImageExpr image, Size size, std::array<double, 3> fill);
/// To `size` (at least the image's) at the right and the bottom, by pixels of its own.
ImageExpr extended(ImageExpr image, Size size, Border border);
/// Onto a canvas of `size`, its corner at (x, y); all of it must fit. The rest is `fill`.
ImageExpr placed(ImageExpr image, Size size, int x, int y, std::array<double, 3> fill);
/// `fill` over a window, which may reach beyond the image.
ImageExpr erased(ImageExpr image, Rect window, std::array<double, 3> fill);
/// A canvas of `size` with images on it, later ones over earlier ones; all must fit and have
/// the channels and dtype of the first. The rest is `fill`.
struct Piece {
  ImageExpr image = {};
  int x = 0;
  int y = 0;
};
ImageExpr composed(Size size, std::array<double, 3> fill, std::span<const Piece> pieces);
/// Seen through a perspective: `matrix` (row-major) takes places of the image to places of the
/// result, of this size; bilinear, `border` outside (docs/specs/openmmlab-data.md, 4.14).
ImageExpr warped(ImageExpr image, const std::array<double, 9>& matrix, Size size,
                 std::array<double, 3> border);
/// Half of each, of two uint8 images of one size; fractions are cut off.
ImageExpr blended(ImageExpr first, ImageExpr second);
/// Of a BGR uint8 image (docs/specs/openmmlab-data.md, 4.11).
ImageExpr with_hue_gains(ImageExpr image, const HueGains& gains);
/// Of a float32 BGR image (docs/specs/openmmlab-data.md, 4.10).
ImageExpr distorted(ImageExpr image, const Distortion& distortion);
/// Of a uint8 BGR image: brightness, contrast, saturation and hue.
ImageExpr jittered(ImageExpr image, const Jitter& changes);
/// To float32, channels reversed first if asked.
ImageExpr normalized(ImageExpr image, const Normalization& normalization);
/// The same values as float32.
ImageExpr as_float(ImageExpr image);

/// The same expression in another arena, with stored images and outlines of its own.
ImageExpr copied(const ImageExpr& image, Arena& arena);

/// Calls `visit` with every stored image of the expression, as often as it occurs.
void for_each_encoded(const ImageExpr& image, const std::function<void(Encoded*)>& visit);

}  // namespace pinfeed::image
