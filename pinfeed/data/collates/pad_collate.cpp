// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.17, docs/specs/decisions.md, 14.
#include <algorithm>
#include <functional>

#include "pinfeed/core/round_up.h"
#include "pinfeed/data/collates/map_tree.h"
#include "pinfeed/data/collates/pad_collate.h"
#include "pinfeed/data/collates/padding.h"

namespace pinfeed {
namespace {

std::pmr::vector<image::ImageExpr> images_of(const Column& column, Arena& arena) {
  std::pmr::vector<image::ImageExpr> images(&arena);
  for (std::size_t i = 0; i < column.size(); ++i) {
    const auto* image = column[i]->as<image::ImageExpr>();
    if (image == nullptr) throw_other_kind(column, i);
    images.push_back(*image);
  }
  return images;
}

Size padded_size(const std::pmr::vector<image::ImageExpr>& images, int divisor) {
  Size size;
  for (const image::ImageExpr& image : images) {
    size.width = std::max(size.width, image.size().width);
    size.height = std::max(size.height, image.size().height);
  }
  return {rounded_up(size.width, divisor), rounded_up(size.height, divisor)};
}

Tensor shapes_of(const std::pmr::vector<image::ImageExpr>& images, Arena& arena) {
  Tensor shapes = arena_tensor(DType::int64, {static_cast<std::int64_t>(images.size()), 2}, arena);
  std::int64_t* to = shapes.data_as<std::int64_t>();
  for (const image::ImageExpr& image : images) {
    *to++ = image.size().height;
    *to++ = image.size().width;
  }
  return shapes;
}

}  // namespace

void describe(Schema<PadCollate>& schema) {
  schema.summary(
      "pseudo_collate, with the images padded to the batch's largest size and stacked; "
      "'valid_shapes' holds each one's own (h, w).");
  describe_padding(schema);
}

TreeNode padded_images(const PadCollate& params, const Column& column, Layout& layout) {
  const std::pmr::vector<image::ImageExpr> images = images_of(column, layout.arena());
  const std::pmr::vector<double> values(images.size(), params.pad_value, &layout.arena());
  return {layout.stack_padded(images, padded_size(images, params.size_divisor), values)};
}

TreeNode valid_shapes(const Column& column, Layout& layout) {
  return {layout.place(shapes_of(images_of(column, layout.arena()), layout.arena()))};
}

ImageBound padded(const PadCollate& params, const ImageBound& images) {
  return bound_of(rounded_up(images.width, params.size_divisor),
                  rounded_up(images.height, params.size_divisor));
}

Layout layout(const PadCollate& params, std::span<const TreeNode> samples, Arena& arena) {
  Layout made(arena);
  TreeNode shapes;
  const auto leaf = [&](const Column& column, SequenceKind held) -> TreeNode {
    if (column[0]->as<image::ImageExpr>() == nullptr) return as_it_is(column, held, made);
    TreeNode images = padded_images(params, column, made);
    if (shapes.as<NoneNode>() != nullptr) shapes = valid_shapes(column, made);
    return images;
  };
  made.batch = map_tree(samples, std::cref(leaf), arena);
  const bool is_map = made.batch.as<MapNode>() != nullptr;
  if (is_map && shapes.as<NoneNode>() == nullptr)
    set(made.batch, "valid_shapes", std::move(shapes));
  return made;
}

}  // namespace pinfeed
