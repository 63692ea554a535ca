// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/picture.h"

#include <fmt/format.h>

#include <cassert>

#include "pinfeed/core/error.h"
#include "pinfeed/image/node.h"

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

Picture resized(Picture picture, Size size, Interpolation interpolation) {
  if (size == picture.size()) return picture;
  if (size.width < 1 || size.height < 1) {
    throw Error(ErrorKind::data, fmt::format("cannot resize a picture of {} to {}",
                                             to_string(picture.size()), to_string(size)));
  }
  Node node = like(picture, Resized{interpolation});
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
  if (size == picture.size()) return picture;
  assert(size.width >= picture.size().width && size.height >= picture.size().height);
  Node node = like(picture, Padded{fill});
  node.size = size;
  return added(picture, node);
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

void for_each_encoded(const Picture& picture, const std::function<void(Encoded*)>& visit) {
  const Node* node = picture.node();
  while (node->below != nullptr) node = node->below;
  if (Encoded* const* encoded = std::get_if<Encoded*>(&node->step)) visit(*encoded);
}

}  // namespace pinfeed::image
