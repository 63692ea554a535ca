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

Picture added(Picture below, Node node) {
  node.below = below.node();
  return {below.arena()->make<Node>(node), below.arena()};
}

// The node of a step that keeps everything but what the caller changes.
Node like(const Picture& picture, const Step& step) {
  return {nullptr, picture.size(), picture.channels(), picture.dtype(), step};
}

void require_pixels(const Picture& picture, Size size) {
  if (size.width >= 1 && size.height >= 1) return;
  throw Error(ErrorKind::data, fmt::format("cannot resize a picture of {} to {}",
                                           to_string(picture.size()), to_string(size)));
}

void require_bytes(const Picture& picture, Library library) {
  if (picture.dtype() == DType::uint8 || library == Library::opencv) return;
  throw Error(ErrorKind::data, "Pillow resizes 8-bit pictures; this one is float32")
      .help("resize with backend 'cv2', or before the step that makes it float32");
}

}  // namespace

Size Picture::size() const { return node_->size; }
int Picture::channels() const { return node_->channels; }
DType Picture::dtype() const { return node_->dtype; }

Picture decoded(Encoded* encoded, Arena& arena) {
  const Header& header = encoded->header;
  const Size size = encoded->apply_orientation ? header.oriented() : header.stored;
  return {arena.make<Node>(Node{nullptr, size, 3, DType::uint8, Step(encoded)}), &arena};
}

Picture plain(const ImageView& pixels, Arena& arena) {
  assert(pixels.channels >= 1 && pixels.channels <= 4);
  assert(pixels.dtype == DType::uint8 || pixels.dtype == DType::float32);
  const Node node{nullptr, pixels.size(), pixels.channels, pixels.dtype, Step(pixels)};
  return {arena.make<Node>(node), &arena};
}

Picture outlined(const Outline* outline, Arena& arena) {
  return {arena.make<Node>(Node{nullptr, outline->size, 1, DType::uint8, Step(outline)}), &arena};
}

Picture resized(Picture picture, Size size, Interpolation interpolation, Library library) {
  if (size == picture.size()) return picture;
  require_pixels(picture, size);
  require_bytes(picture, library);
  Node node = like(picture, Resized{interpolation, library});
  node.size = size;
  return added(picture, node);
}

Picture resized_in_doubles(Picture picture, Size size) {
  assert(picture.dtype() == DType::uint8);
  if (size == picture.size()) return picture;
  require_pixels(picture, size);
  Node node = like(picture, ResizedInDoubles{});
  node.size = size;
  return added(picture, node);
}

Picture cropped(Picture picture, Rect window) {
  const Size size = picture.size();
  if (window == Rect{0, 0, size.width, size.height}) return picture;
  assert(window.x >= 0 && window.y >= 0 && window.width >= 1 && window.height >= 1);
  assert(window.x + window.width <= size.width && window.y + window.height <= size.height);
  Node node = like(picture, Cropped{window});
  node.size = {window.width, window.height};
  return added(picture, node);
}

Picture flipped(Picture picture, FlipDirection direction) {
  return added(picture, like(picture, Flipped{direction}));
}

Picture padded(Picture picture, Size size, std::array<double, 3> fill) {
  return placed(picture, size, 0, 0, fill);
}

Picture extended(Picture picture, Size size, Border border) {
  if (size == picture.size()) return picture;
  assert(size.width >= picture.size().width && size.height >= picture.size().height);
  Node node = like(picture, Extended{border});
  node.size = size;
  return added(picture, node);
}

Picture placed(Picture picture, Size size, int x, int y, std::array<double, 3> fill) {
  if (size == picture.size()) return picture;
  assert(x >= 0 && size.width >= x + picture.size().width);
  assert(y >= 0 && size.height >= y + picture.size().height);
  Node node = like(picture, Placed{x, y, fill});
  node.size = size;
  return added(picture, node);
}

Picture erased(Picture picture, Rect window, std::array<double, 3> fill) {
  return added(picture, like(picture, Erased{window, fill}));
}

Picture composed(Size size, std::array<double, 3> fill, std::span<const Piece> pieces) {
  const Picture& first = pieces.front().picture;
  Arena& arena = *first.arena();
  auto* kept = static_cast<Piece*>(arena.allocate(pieces.size_bytes(), alignof(Piece)));
  std::uninitialized_copy(pieces.begin(), pieces.end(), kept);
  const Node node{nullptr, size, first.channels(), first.dtype(),
                  Composed{fill, {kept, pieces.size()}}};
  return {arena.make<Node>(node), &arena};
}

Picture warped(Picture picture, const std::array<double, 9>& matrix, Size size,
               std::array<double, 3> border) {
  Node node = like(picture, Warped{inverted(matrix), border});
  node.size = size;
  return added(picture, node);
}

Picture blended(Picture first, Picture second) {
  assert(first.size() == second.size() && first.dtype() == DType::uint8);
  return added(first, like(first, Blended{second}));
}

Picture with_hue_gains(Picture picture, const HueGains& gains) {
  assert(picture.dtype() == DType::uint8 && picture.channels() == 3);
  return added(picture, like(picture, gains));
}

Picture jittered(Picture picture, const Jitter& changes) {
  assert(picture.dtype() == DType::uint8 && picture.channels() == 3);
  return added(picture, like(picture, changes));
}

Picture distorted(Picture picture, const Distortion& distortion) {
  assert(picture.dtype() == DType::float32 && picture.channels() == 3);
  return added(picture, like(picture, distortion));
}

Picture normalized(Picture picture, const Normalization& normalization) {
  Node node = like(picture, normalization);
  node.dtype = DType::float32;
  return added(picture, node);
}

Picture as_float(Picture picture) {
  if (picture.dtype() == DType::float32) return picture;
  Node node = like(picture, AsFloat{});
  node.dtype = DType::float32;
  return added(picture, node);
}

namespace {

// What a step owns, in another arena.
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
    new (pieces + i) Piece{copied(piece.picture, arena), piece.x, piece.y};
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

Picture copied(const Picture& picture, Arena& arena) {
  return {copied_node(picture.node(), arena), &arena};
}

void for_each_encoded(const Picture& picture, const std::function<void(Encoded*)>& visit) {
  const Node* node = picture.node();
  for (; node->below != nullptr; node = node->below) {
    if (const auto* blend = std::get_if<Blended>(&node->step))
      for_each_encoded(blend->other, visit);
  }
  if (Encoded* const* encoded = std::get_if<Encoded*>(&node->step)) visit(*encoded);
  const auto* canvas = std::get_if<Composed>(&node->step);
  if (canvas == nullptr) return;
  for (const Piece& piece : canvas->pieces) for_each_encoded(piece.picture, visit);
}

}  // namespace pinfeed::image
