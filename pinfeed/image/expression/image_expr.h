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

/// The picture as it is stored: what planning knows of it, and, before it is rendered, its bytes.
struct Encoded {
  std::string_view path = {};             // for errors; lives as long as the arena
  Header header = {};                     // read before planning
  std::span<const std::byte> bytes = {};  // the whole file, filled in before rendering
  bool apply_orientation = true;          // EXIF
  bool allow_truncated = false;
  bool again = false;  // other pictures soon look at it too: a PixelCache keeps it
  // Set by render():
  bool truncated = false;  // pixels that the file lacks were made up
  bool damaged = false;    // its data make no sense somewhere: pixels from there on may be wrong
};

struct Node;

/// A picture that has not been computed: an immutable expression over encoded or plain pixels.
/// A cheap value; its nodes live in the arena it was made in, and so must die before it is reset.
/// The functions below plan: they touch no pixel. render() (render.h) computes, once.
class Picture {
 public:
  Picture() = default;
  Picture(const Node* node, Arena* arena) : node_(node), arena_(arena) {}

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

/// A stored picture. `encoded` lives in the arena or outlives it.
Picture decoded(Encoded* encoded, Arena& arena);
/// Pixels in memory; `pixels` must outlive the picture.
Picture plain(const ImageView& pixels, Arena& arena);

/// A mask: one channel, 1 where the object is and 0 elsewhere. `outline` lives in the arena or
/// outlives it.
Picture outlined(const Outline* outline, Arena& arena);

/// To exactly `size`, with the library's rules (specs data 4.3). The same size is the same picture.
Picture resized(Picture picture, Size size, Interpolation interpolation,
                Library library = Library::opencv);
/// Of uint8 pixels: resized bilinearly as float64, fractions cut off (specs data 4.13).
Picture resized_in_doubles(Picture picture, Size size);
/// The window, which must lie inside the picture.
Picture cropped(Picture picture, Rect window);
Picture flipped(Picture picture, FlipDirection direction);
/// To `size` (at least the picture's) at the right and the bottom, filled with `fill` per channel.
Picture padded(Picture picture, Size size, std::array<double, 3> fill);
/// To `size` (at least the picture's) at the right and the bottom, by pixels of its own.
Picture extended(Picture picture, Size size, Border border);
/// Onto a canvas of `size`, its corner at (x, y); all of it must fit. The rest is `fill`.
Picture placed(Picture picture, Size size, int x, int y, std::array<double, 3> fill);
/// `fill` over a window, which may reach beyond the picture.
Picture erased(Picture picture, Rect window, std::array<double, 3> fill);
/// A canvas of `size` with pictures on it, later ones over earlier ones; all must fit and have
/// the channels and dtype of the first. The rest is `fill`.
struct Piece {
  Picture picture = {};
  int x = 0;
  int y = 0;
};
Picture composed(Size size, std::array<double, 3> fill, std::span<const Piece> pieces);
/// Seen through a perspective: `matrix` (row-major) takes places of the picture to places of the
/// result, of this size; bilinear, `border` outside (specs data 4.14).
Picture warped(Picture picture, const std::array<double, 9>& matrix, Size size,
               std::array<double, 3> border);
/// Half of each, of two uint8 pictures of one size; fractions are cut off.
Picture blended(Picture first, Picture second);
/// Of a BGR uint8 picture (specs data 4.11).
Picture with_hue_gains(Picture picture, const HueGains& gains);
/// Of a float32 BGR picture (specs data 4.10).
Picture distorted(Picture picture, const Distortion& distortion);
/// Of a uint8 BGR picture: brightness, contrast, saturation and hue.
Picture jittered(Picture picture, const Jitter& changes);
/// To float32, channels reversed first if asked.
Picture normalized(Picture picture, const Normalization& normalization);
/// The same values as float32.
Picture as_float(Picture picture);

/// The same expression in another arena, with stored pictures and outlines of its own.
Picture copied(const Picture& picture, Arena& arena);

/// Calls `visit` with every stored picture of the expression, as often as it occurs.
void for_each_encoded(const Picture& picture, const std::function<void(Encoded*)>& visit);

}  // namespace pinfeed::image
