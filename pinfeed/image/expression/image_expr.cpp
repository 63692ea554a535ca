// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/image_expr.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <memory>

#include "pinfeed/core/error.h"
#include "pinfeed/image/expression/node.h"
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

void check_resize_size(const ImageExpr& image, Size size) {
  if (size.width >= 1 && size.height >= 1) return;
  throw Error(ErrorKind::data, fmt::format("cannot resize an image of {} to {}",
                                           to_string(image.size()), to_string(size)));
}

void check_resize_dtype(const ImageExpr& image, Library library) {
  if (image.dtype() == DType::uint8 || library == Library::opencv) return;
  throw Error(ErrorKind::data, "Pillow resizes 8-bit images; this one is float32")
      .help("resize with backend 'cv2', or before the step that makes it float32");
}

}  // namespace

Size ImageExpr::size() const { return node_->size; }
int ImageExpr::channels() const { return node_->channels; }
DType ImageExpr::dtype() const { return node_->dtype; }

ImageExpr decoded(Encoded* encoded, Arena& arena) {
  const Header& header = encoded->header;
  const Size size = encoded->apply_orientation ? header.oriented() : header.stored;
  return {arena.make<Node>(Node{nullptr, size, 3, DType::uint8, Step(encoded)}), &arena};
}

ImageExpr plain(const ImageView& pixels, Arena& arena) {
  assert(pixels.channels >= 1 && pixels.channels <= 4);
  assert(pixels.dtype == DType::uint8 || pixels.dtype == DType::float32);
  const Node node{nullptr, pixels.size(), pixels.channels, pixels.dtype, Step(pixels)};
  return {arena.make<Node>(node), &arena};
}

ImageExpr outlined(const Outline* outline, Arena& arena) {
  return {arena.make<Node>(Node{nullptr, outline->size, 1, DType::uint8, Step(outline)}), &arena};
}

ImageExpr resized(ImageExpr image, Size size, Interpolation interpolation, Library library) {
  if (size == image.size()) return image;
  check_resize_size(image, size);
  check_resize_dtype(image, library);
  Node node = node_like(image, Resized{interpolation, library});
  node.size = size;
  return with_step(image, node);
}

ImageExpr resized_in_doubles(ImageExpr image, Size size) {
  assert(image.dtype() == DType::uint8);
  if (size == image.size()) return image;
  check_resize_size(image, size);
  Node node = node_like(image, ResizedInDoubles{});
  node.size = size;
  return with_step(image, node);
}

ImageExpr cropped(ImageExpr image, Rect window) {
  const Size size = image.size();
  if (window == Rect{0, 0, size.width, size.height}) return image;
  assert(window.x >= 0 && window.y >= 0 && window.width >= 1 && window.height >= 1);
  assert(window.x + window.width <= size.width && window.y + window.height <= size.height);
  Node node = node_like(image, Cropped{window});
  node.size = {window.width, window.height};
  return with_step(image, node);
}

ImageExpr flipped(ImageExpr image, FlipDirection direction) {
  return with_step(image, node_like(image, Flipped{direction}));
}

ImageExpr padded(ImageExpr image, Size size, std::array<double, 3> fill) {
  return placed(image, size, 0, 0, fill);
}

ImageExpr extended(ImageExpr image, Size size, Border border) {
  if (size == image.size()) return image;
  assert(size.width >= image.size().width && size.height >= image.size().height);
  Node node = node_like(image, Extended{border});
  node.size = size;
  return with_step(image, node);
}

ImageExpr placed(ImageExpr image, Size size, int x, int y, std::array<double, 3> fill) {
  if (size == image.size()) return image;
  assert(x >= 0 && size.width >= x + image.size().width);
  assert(y >= 0 && size.height >= y + image.size().height);
  Node node = node_like(image, Placed{x, y, fill});
  node.size = size;
  return with_step(image, node);
}

ImageExpr erased(ImageExpr image, Rect window, std::array<double, 3> fill) {
  return with_step(image, node_like(image, Erased{window, fill}));
}

ImageExpr composed(Size size, std::array<double, 3> fill, std::span<const Piece> pieces) {
  const ImageExpr& first = pieces.front().image;
  Arena& arena = *first.arena();
  auto* copy = static_cast<Piece*>(arena.allocate(pieces.size_bytes(), alignof(Piece)));
  std::uninitialized_copy(pieces.begin(), pieces.end(), copy);
  const Node node{nullptr, size, first.channels(), first.dtype(),
                  Composed{fill, {copy, pieces.size()}}};
  return {arena.make<Node>(node), &arena};
}

ImageExpr warped(ImageExpr image, const std::array<double, 9>& matrix, Size size,
                 std::array<double, 3> border) {
  Node node = node_like(image, Warped{inverted(matrix), border});
  node.size = size;
  return with_step(image, node);
}

ImageExpr blended(ImageExpr first, ImageExpr second) {
  assert(first.size() == second.size() && first.dtype() == DType::uint8);
  return with_step(first, node_like(first, Blended{second}));
}

ImageExpr with_hue_gains(ImageExpr image, const HueGains& gains) {
  assert(image.dtype() == DType::uint8 && image.channels() == 3);
  return with_step(image, node_like(image, gains));
}

ImageExpr jittered(ImageExpr image, const Jitter& changes) {
  assert(image.dtype() == DType::uint8 && image.channels() == 3);
  return with_step(image, node_like(image, changes));
}

ImageExpr distorted(ImageExpr image, const Distortion& distortion) {
  assert(image.dtype() == DType::float32 && image.channels() == 3);
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

namespace {

// Copies what the step points to: extend this for a node kind that holds pointers.
Step copied_step(const Step& step, Arena& arena) {
  if (Encoded* const* encoded = std::get_if<Encoded*>(&step)) {
    auto* text = static_cast<char*>(arena.allocate((*encoded)->path.size(), 1));
    std::copy((*encoded)->path.begin(), (*encoded)->path.end(), text);
    auto* copy = arena.make<Encoded>(**encoded);
    copy->path = {text, (*encoded)->path.size()};
    copy->bytes = {};
    return copy;
  }
  if (const auto* outline = std::get_if<const Outline*>(&step)) {
    return copied(**outline, arena);
  }
  if (const auto* blend = std::get_if<Blended>(&step)) return Blended{copied(blend->other, arena)};
  const auto* canvas = std::get_if<Composed>(&step);
  if (canvas == nullptr) return step;
  auto* pieces = static_cast<Piece*>(arena.allocate(canvas->pieces.size_bytes(), alignof(Piece)));
  for (std::size_t i = 0; i < canvas->pieces.size(); ++i) {
    const Piece& piece = canvas->pieces[i];
    new (pieces + i) Piece{copied(piece.image, arena), piece.x, piece.y};
  }
  return Composed{canvas->fill, {pieces, canvas->pieces.size()}};
}

const Node* copied_node(const Node* node, Arena& arena) {
  if (node == nullptr) return nullptr;
  Node copy = *node;
  copy.below = copied_node(node->below, arena);
  copy.step = copied_step(node->step, arena);
  return arena.make<Node>(copy);
}

}  // namespace

ImageExpr copied(const ImageExpr& image, Arena& arena) {
  return {copied_node(image.node(), arena), &arena};
}

void for_each_encoded(const ImageExpr& image, const std::function<void(Encoded*)>& visit) {
  const Node* node = image.node();
  for (; node->below != nullptr; node = node->below) {
    if (const auto* blend = std::get_if<Blended>(&node->step))
      for_each_encoded(blend->other, visit);
  }
  if (Encoded* const* encoded = std::get_if<Encoded*>(&node->step)) visit(*encoded);
  const auto* canvas = std::get_if<Composed>(&node->step);
  if (canvas == nullptr) return;
  for (const Piece& piece : canvas->pieces) for_each_encoded(piece.image, visit);
}

}  // namespace pinfeed::image
