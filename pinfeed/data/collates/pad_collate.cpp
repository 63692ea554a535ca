// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 4.17, decisions 14.
#include <algorithm>
#include <functional>

#include "pinfeed/core/round_up.h"
#include "pinfeed/data/collates/map_tree.h"
#include "pinfeed/data/collates/pad_collate.h"
#include "pinfeed/data/collates/padding.h"

namespace pinfeed {
namespace {

std::pmr::vector<image::Picture> pictures_of(const Column& column, Arena& arena) {
  std::pmr::vector<image::Picture> pictures(&arena);
  for (std::size_t i = 0; i < column.size(); ++i) {
    const auto* picture = column[i]->as<image::Picture>();
    if (picture == nullptr) throw_other_kind(column, i);
    pictures.push_back(*picture);
  }
  return pictures;
}

Size padded_size(const std::pmr::vector<image::Picture>& pictures, int divisor) {
  Size size;
  for (const image::Picture& picture : pictures) {
    size.width = std::max(size.width, picture.size().width);
    size.height = std::max(size.height, picture.size().height);
  }
  return {rounded_up(size.width, divisor), rounded_up(size.height, divisor)};
}

Tensor shapes_of(const std::pmr::vector<image::Picture>& pictures, Arena& arena) {
  Tensor shapes =
      arena_tensor(DType::int64, {static_cast<std::int64_t>(pictures.size()), 2}, arena);
  std::int64_t* to = shapes.data_as<std::int64_t>();
  for (const image::Picture& picture : pictures) {
    *to++ = picture.size().height;
    *to++ = picture.size().width;
  }
  return shapes;
}

}  // namespace

void describe(Schema<PadCollate>& schema) {
  schema.summary(
      "pseudo_collate, with the pictures padded to the batch's largest size and stacked; "
      "'valid_shapes' holds each one's own (h, w).");
  describe_padding(schema);
}

Item padded_pictures(const PadCollate& params, const Column& column, Layout& layout) {
  const std::pmr::vector<image::Picture> pictures = pictures_of(column, layout.arena());
  const std::pmr::vector<double> values(pictures.size(), params.pad_value, &layout.arena());
  return {layout.stack_padded(pictures, padded_size(pictures, params.size_divisor), values)};
}

Item valid_shapes(const Column& column, Layout& layout) {
  return {layout.place(shapes_of(pictures_of(column, layout.arena()), layout.arena()))};
}

PictureBound padded(const PadCollate& params, const PictureBound& pictures) {
  return bound_of(rounded_up(pictures.width, params.size_divisor),
                  rounded_up(pictures.height, params.size_divisor));
}

Layout layout(const PadCollate& params, std::span<const Item> samples, Arena& arena) {
  Layout made(arena);
  Item shapes;
  const auto leaf = [&](const Column& column, Held held) -> Item {
    if (column[0]->as<image::Picture>() == nullptr) return as_it_is(column, held, made);
    Item pictures = padded_pictures(params, column, made);
    if (shapes.as<NoneItem>() != nullptr) shapes = valid_shapes(column, made);
    return pictures;
  };
  made.batch = walk(samples, std::cref(leaf), arena);
  const bool is_map = made.batch.as<MapItem>() != nullptr;
  if (is_map && shapes.as<NoneItem>() == nullptr)
    set(made.batch, "valid_shapes", std::move(shapes));
  return made;
}

}  // namespace pinfeed
