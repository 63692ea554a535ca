// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "pinfeed/core/arena.h"
#include "pinfeed/image/codec.h"
#include "pinfeed/image/image.h"

namespace pinfeed::image {

enum class Interpolation { nearest, bilinear };
enum class FlipDirection { horizontal, vertical, diagonal };

/// The picture as it is stored: what planning knows of it, and, before it is rendered, its bytes.
struct Encoded {
  std::string_view path = {};             // for errors; lives as long as the arena
  Header header = {};                     // read before planning
  std::span<const std::byte> bytes = {};  // the whole file, filled in before rendering
  bool apply_orientation = true;          // EXIF
  bool allow_truncated = false;
  bool truncated = false;  // set by render(): pixels that the file lacks were made up
};

/// Channel means and deviations in the order of the result; to_rgb reverses BGR first.
/// y = float32(double(float32(x - mean)) * (1 / double(std))) (specs data 4.9).
struct Normalization {
  std::array<float, 3> mean = {};
  std::array<float, 3> std = {1.0F, 1.0F, 1.0F};
  bool to_rgb = true;
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

/// To exactly `size`, with OpenCV's rules (specs data 4.3). The same size is the same picture.
Picture resized(Picture picture, Size size, Interpolation interpolation);
/// The window, which must lie inside the picture.
Picture cropped(Picture picture, Rect window);
Picture flipped(Picture picture, FlipDirection direction);
/// To `size` (at least the picture's) at the right and the bottom, filled with `fill` per channel.
Picture padded(Picture picture, Size size, std::array<double, 3> fill);
/// To float32, channels reversed first if asked.
Picture normalized(Picture picture, const Normalization& normalization);
/// The same values as float32.
Picture as_float(Picture picture);

/// Calls `visit` with every stored picture of the expression, as often as it occurs.
void for_each_encoded(const Picture& picture, const std::function<void(Encoded*)>& visit);

}  // namespace pinfeed::image
