// SPDX-License-Identifier: Apache-2.0
// Walks over the nodes of an expression. A chain of steps may be as long as a pipeline makes it
// (CutOut adds a node for each window), so it is walked in a loop. Expressions inside expressions
// are walked by recursion: each level is a step of the pipeline that mixes images.
#include <algorithm>
#include <vector>

#include "pinfeed/image/expression/image_expr.h"
#include "pinfeed/image/expression/node.h"

namespace pinfeed::image {
namespace {

std::string_view copied_text(std::string_view text, Arena& arena) {
  auto* copy = static_cast<char*>(arena.allocate(text.size(), 1));
  std::copy(text.begin(), text.end(), copy);
  return {copy, text.size()};
}

using Bytes = std::span<const std::byte>;

Bytes copied_bytes(Bytes bytes, Arena& arena) {
  auto* copy = static_cast<std::byte*>(arena.allocate(bytes.size(), 1));
  std::copy(bytes.begin(), bytes.end(), copy);
  return {copy, bytes.size()};
}

Step copied_source(Encoded* encoded, Arena& arena) {
  auto* copy = arena.make<Encoded>(*encoded);
  copy->path = copied_text(encoded->path, arena);
  copy->cache.path = copied_text(encoded->cache.path, arena);
  copy->bytes = encoded->path.empty() ? copied_bytes(encoded->bytes, arena) : Bytes();
  return copy;
}

Step copied_canvas(const Composed& canvas, Arena& arena) {
  auto* pieces = static_cast<Piece*>(arena.allocate(canvas.pieces.size_bytes(), alignof(Piece)));
  for (std::size_t i = 0; i < canvas.pieces.size(); ++i) {
    const Piece& piece = canvas.pieces[i];
    new (pieces + i) Piece{copied(piece.image, arena), piece.x, piece.y};
  }
  return Composed{canvas.fill, {pieces, canvas.pieces.size()}};
}

// Copies what the step points to: extend this for a node kind that holds pointers.
Step copied_step(const Step& step, Arena& arena) {
  if (Encoded* const* encoded = std::get_if<Encoded*>(&step)) return copied_source(*encoded, arena);
  if (const auto* outline = std::get_if<const Outline*>(&step)) return copied(**outline, arena);
  if (const auto* blend = std::get_if<Blended>(&step)) return Blended{copied(blend->other, arena)};
  if (const auto* canvas = std::get_if<Composed>(&step)) return copied_canvas(*canvas, arena);
  return step;
}

}  // namespace

ImageExpr copied(const ImageExpr& image, Arena& arena) {
  std::vector<const Node*> chain;  // from the last step down to the source
  for (const Node* node = image.node(); node != nullptr; node = node->below) chain.push_back(node);
  const Node* below = nullptr;
  for (auto node = chain.rbegin(); node != chain.rend(); ++node) {
    Node copy = **node;
    copy.below = below;
    copy.step = copied_step((*node)->step, arena);
    below = arena.make<Node>(copy);
  }
  return {below, &arena};
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
