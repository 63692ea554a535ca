// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/source_map.h"

#include <type_traits>
#include <variant>

#include "pinfeed/image/expression/node.h"

namespace pinfeed {
namespace {

AxisMap scaled(const AxisMap& map, double by) { return {map.scale * by, map.offset * by}; }
AxisMap moved(const AxisMap& map, double by) { return {map.scale, map.offset + by}; }
AxisMap mirrored(const AxisMap& map, double length) { return {-map.scale, length - map.offset}; }

SourceMap after_resize(const SourceMap& map, Size from, Size to) {
  return scaled(map, static_cast<double>(to.width) / from.width,
                static_cast<double>(to.height) / from.height);
}

SourceMap after_flip(SourceMap map, Size size, image::FlipDirection direction) {
  if (direction != image::FlipDirection::vertical) map.x = mirrored(map.x, size.width);
  if (direction != image::FlipDirection::horizontal) map.y = mirrored(map.y, size.height);
  return map;
}

SourceMap after_move(const SourceMap& map, int x, int y) {
  return {moved(map.x, x), moved(map.y, y)};
}

template <class Step, class... Kinds>
constexpr bool is_one_of = (std::is_same_v<Step, Kinds> || ...);

// The map after a step above an image of size `below`.
std::optional<SourceMap> after(const image::Node& node, const SourceMap& map, Size below) {
  const auto visit = [&](const auto& step) -> std::optional<SourceMap> {
    using Step = std::decay_t<decltype(step)>;
    if constexpr (is_one_of<Step, image::Resized, image::ResizedInDoubles>)
      return after_resize(map, below, node.size);
    else if constexpr (is_one_of<Step, image::Flipped>)
      return after_flip(map, below, step.direction);
    else if constexpr (is_one_of<Step, image::Cropped>)
      return after_move(map, -step.window.x, -step.window.y);
    else if constexpr (is_one_of<Step, image::Placed>)
      return after_move(map, step.x, step.y);
    else if constexpr (is_one_of<Step, image::Warped, image::Blended>)
      return std::nullopt;
    else
      return map;  // only the values of pixels change, or pixels are added right and below
  };
  return std::visit(visit, node.step);
}

std::optional<SourceMap> map_of(const image::Node* node) {
  if (node == nullptr || std::holds_alternative<image::Composed>(node->step)) return std::nullopt;
  if (node->below == nullptr) return SourceMap();
  const std::optional<SourceMap> below = map_of(node->below);
  return below ? after(*node, *below, node->below->size) : std::nullopt;
}

}  // namespace

std::optional<SourceMap> source_map(const image::ImageExpr& image) { return map_of(image.node()); }

SourceMap scaled(const SourceMap& first, double x, double y) {
  return {scaled(first.x, x), scaled(first.y, y)};
}

}  // namespace pinfeed
