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
    if (image == nullptr) throw_kind_mismatch(column, i);
    images.push_back(*image);
  }
  return images;
}

Size padded_batch_size(const std::pmr::vector<image::ImageExpr>& images, int divisor) {
  Size size;
  for (const image::ImageExpr& image : images) {
    size.width = std::max(size.width, image.size().width);
    size.height = std::max(size.height, image.size().height);
  }
  return {rounded_up(size.width, divisor), rounded_up(size.height, divisor)};
}

Tensor shape_tensor(const std::pmr::vector<image::ImageExpr>& images, Arena& arena) {
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
  schema
      .summary(
          "pseudo_collate, with the images padded to the largest size of the batch and stacked; "
          "'valid_shapes' has the (h, w) of each image before padding.")
      .optional("size_divisor", &PadCollate::size_divisor,
                "the padded width and height are multiples of it", at_least(1))
      .optional("pad_value", &PadCollate::pad_value,
                "value of the padding; the preprocessor replaces it by its own pad_value",
                between(0, 255));
}

TreeNode padded_images(const PadCollate& params, const Column& column, Layout& layout) {
  const std::pmr::vector<image::ImageExpr> images = images_of(column, layout.arena());
  const std::pmr::vector<double> values(images.size(), params.pad_value, &layout.arena());
  return {layout.stack_padded(images, padded_batch_size(images, params.size_divisor), values)};
}

TreeNode valid_shapes(const Column& column, Layout& layout) {
  return {layout.place(shape_tensor(images_of(column, layout.arena()), layout.arena()))};
}

void set_valid_shapes(Layout& layout, TreeNode shapes) {
  const bool is_map = layout.batch.as<MapNode>() != nullptr;
  if (!is_map || shapes.as<NoneNode>() != nullptr) return;
  set(layout.batch, "valid_shapes", std::move(shapes));
}

ImageBound padded(const PadCollate& params, const ImageBound& images) {
  return bound_of(rounded_up(images.width, params.size_divisor),
                  rounded_up(images.height, params.size_divisor));
}

Layout layout(const PadCollate& params, std::span<const TreeNode> samples, Arena& arena) {
  Layout result(arena);
  TreeNode shapes;
  const auto leaf = [&](const Column& column, SequenceKind kind) -> TreeNode {
    if (column[0]->as<image::ImageExpr>() == nullptr) return as_sequence(column, kind, result);
    TreeNode images = padded_images(params, column, result);
    if (shapes.as<NoneNode>() != nullptr) shapes = valid_shapes(column, result);
    return images;
  };
  result.batch = map_tree(samples, std::cref(leaf), arena);
  set_valid_shapes(result, std::move(shapes));
  return result;
}

}  // namespace pinfeed
