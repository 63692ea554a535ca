// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/image_expr.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "pinfeed/core/error.h"
#include "pinfeed/image/expression/expr_checks.h"
#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/rects.h"
#include "pinfeed/image/resample/warp.h"

namespace pinfeed::image {
namespace {

ImageExpr with_step(ImageExpr below, Node node) {
  node.below = below.node();
  return {below.arena()->make<Node>(node), below.arena()};
}

// A node whose result has the image's size, channels and dtype, unless the caller changes them.
Node node_like(const ImageExpr& image, const Step& step) {
  return {nullptr, image.size(), image.channels(), image.dtype(), step};
}

// The same with a result of another size.
Node node_of_size(const ImageExpr& image, Size size, const Step& step) {
  check_growth(image.size(), size);
  Node node = node_like(image, step);
  node.size = size;
  return node;
}

void check_resize_size(const ImageExpr& image, Size size) {
  if (has_pixels(size)) return;
  throw Error(ErrorKind::data, fmt::format("cannot resize an image of {} to {}",
                                           to_string(image.size()), to_string(size)));
}

void check_resize_dtype(const ImageExpr& image, Library library) {
  if (image.dtype() == DType::uint8 || library == Library::opencv) return;
  throw Error(ErrorKind::data, "Pillow resizes 8-bit images; this one is float32")
      .help("resize with backend 'cv2', or before the step that makes it float32");
}

bool is_color(const ImageExpr& image, DType dtype) {
  return image.dtype() == dtype && image.channels() == 3;
}

const Node& node_in(const ImageExpr& image) {
  expect(!image.empty(), "ImageExpr", "there must be an image");
  return *image.node();
}

}  // namespace

Size ImageExpr::size() const { return node_in(*this).size; }
int ImageExpr::channels() const { return node_in(*this).channels; }
DType ImageExpr::dtype() const { return node_in(*this).dtype; }

ImageExpr decoded(Encoded* encoded, Arena& arena) {
  const Header& header = encoded->header;
  const Size size = encoded->apply_orientation ? header.oriented() : header.stored;
  expect(has_pixels(size), "decoded", "the header must have a size of at least 1x1");
  return {arena.make<Node>(Node{nullptr, size, 3, DType::uint8, Step(encoded)}), &arena};
}

ImageExpr plain(const ImageView& pixels, Arena& arena) {
  expect(has_pixels(pixels.size()), "plain", "the image must have at least 1x1 pixels");
  expect(pixels.channels >= 1 && pixels.channels <= 4, "plain", "channels must be 1 to 4");
  expect(pixels.dtype == DType::uint8 || pixels.dtype == DType::float32, "plain",
         "the dtype must be uint8 or float32");
  const Node node{nullptr, pixels.size(), pixels.channels, pixels.dtype, Step(pixels)};
  return {arena.make<Node>(node), &arena};
}

ImageExpr outlined(const Outline* outline, Arena& arena) {
  expect(has_pixels(outline->size), "outlined", "the mask must have at least 1x1 pixels");
  check_growth({1, 1}, outline->size);
  return {arena.make<Node>(Node{nullptr, outline->size, 1, DType::uint8, Step(outline)}), &arena};
}

ImageExpr resized(ImageExpr image, Size size, Interpolation interpolation, Library library) {
  if (size == image.size()) return image;
  check_resize_size(image, size);
  check_resize_dtype(image, library);
  return with_step(image, node_of_size(image, size, Resized{interpolation, library}));
}

ImageExpr resized_in_doubles(ImageExpr image, Size size) {
  expect(image.dtype() == DType::uint8, "resized_in_doubles", "the image must be uint8");
  if (size == image.size()) return image;
  check_resize_size(image, size);
  return with_step(image, node_of_size(image, size, ResizedInDoubles{}));
}

ImageExpr cropped(ImageExpr image, Rect window) {
  const Size size = image.size();
  if (window == whole(size)) return image;
  expect(has_pixels({window.width, window.height}) && is_within(window, size), "cropped",
         "the window must lie inside the image and have a pixel", window, size);
  return with_step(image, node_of_size(image, {window.width, window.height}, Cropped{window}));
}

ImageExpr flipped(ImageExpr image, FlipDirection direction) {
  return with_step(image, node_like(image, Flipped{direction}));
}

ImageExpr padded(ImageExpr image, Size size, std::array<double, 3> fill) {
  return placed(image, size, 0, 0, fill);
}

ImageExpr extended(ImageExpr image, Size size, Border border) {
  if (size == image.size()) return image;
  const Node node = node_of_size(image, size, Extended{border});
  expect(is_within(whole(image.size()), size), "extended", "the result must not be smaller",
         whole(image.size()), size);
  return with_step(image, node);
}

ImageExpr placed(ImageExpr image, Size size, int x, int y, std::array<double, 3> fill) {
  const Rect covered = moved(whole(image.size()), x, y);
  if (covered == whole(size)) return image;
  const Node node = node_of_size(image, size, Placed{x, y, fill});
  expect(is_within(covered, size), "placed", "the image must lie on the canvas", covered, size);
  return with_step(image, node);
}

ImageExpr erased(ImageExpr image, Rect window, std::array<double, 3> fill) {
  const Rect visible = common_part(window, image.size());
  if (is_empty(visible)) return image;
  return with_step(image, node_like(image, Erased{visible, fill}));
}

ImageExpr composed(Size size, std::array<double, 3> fill, std::span<const Piece> pieces) {
  expect(!pieces.empty(), "composed", "there must be an image");
  const ImageExpr& first = pieces.front().image;
  check_growth(first.size(), size);
  for (const Piece& piece : pieces) {
    const Rect covered = moved(whole(piece.image.size()), piece.x, piece.y);
    expect(is_within(covered, size), "composed", "each image must lie on the canvas", covered,
           size);
    expect(piece.image.channels() == first.channels() && piece.image.dtype() == first.dtype(),
           "composed", "the images must have the same channels and dtype");
  }
  Arena& arena = *first.arena();
  auto* copy = static_cast<Piece*>(arena.allocate(pieces.size_bytes(), alignof(Piece)));
  std::uninitialized_copy(pieces.begin(), pieces.end(), copy);
  const Node node{nullptr, size, first.channels(), first.dtype(),
                  Composed{fill, {copy, pieces.size()}}};
  return {arena.make<Node>(node), &arena};
}

ImageExpr warped(ImageExpr image, const std::array<double, 9>& matrix, Size size,
                 std::array<double, 3> border) {
  return with_step(image, node_of_size(image, size, Warped{inverted(matrix), border}));
}

ImageExpr blended(ImageExpr first, ImageExpr second) {
  expect(first.size() == second.size() && first.channels() == second.channels(), "blended",
         "the images must have the same size and channels");
  expect(first.dtype() == DType::uint8 && second.dtype() == DType::uint8, "blended",
         "the images must be uint8");
  return with_step(first, node_like(first, Blended{second}));
}

ImageExpr with_hue_gains(ImageExpr image, const HueGains& gains) {
  expect(is_color(image, DType::uint8), "with_hue_gains", "the image must be uint8 BGR");
  return with_step(image, node_like(image, gains));
}

ImageExpr jittered(ImageExpr image, const Jitter& changes) {
  expect(is_color(image, DType::uint8), "jittered", "the image must be uint8 BGR");
  return with_step(image, node_like(image, changes));
}

ImageExpr distorted(ImageExpr image, const Distortion& distortion) {
  expect(is_color(image, DType::float32), "distorted", "the image must be float32 BGR");
  return with_step(image, node_like(image, distortion));
}

ImageExpr normalized(ImageExpr image, const Normalization& normalization) {
  Node node = node_like(image, normalization);
  node.dtype = DType::float32;
  return with_step(image, node);
}

ImageExpr as_float(ImageExpr image) {
  if (image.dtype() == DType::float32) return image;
  Node node = node_like(image, AsFloat{});
  node.dtype = DType::float32;
  return with_step(image, node);
}

}  // namespace pinfeed::image
