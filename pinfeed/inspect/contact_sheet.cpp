// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/data/collate.h"
#include "pinfeed/image/draw/draw.h"
#include "pinfeed/image/expression/render.h"
#include "pinfeed/image/rects.h"
#include "pinfeed/inspect/labelled_boxes.h"

namespace pinfeed {
namespace {

constexpr int tile_margin = 4;  // pixels
constexpr int row_title_height = 24;
constexpr image::Color row_title_color = {40, 40, 40};
constexpr image::Color white = {255, 255, 255};
constexpr image::Color ignored_color = {128, 128, 128};

const ImageSlot& image_slot_of(const Batch& batch, std::size_t i) {
  for (const ImageSlot& image_slot : batch.images()) {
    if (image_slot.sample == i) return image_slot;
  }
  throw Error(ErrorKind::data, "the pipeline packs no image: nothing can be displayed");
}

std::uint8_t denormalized(float value, const image::Normalization& by, std::size_t channel) {
  const float pixel = value * by.std[channel] + by.mean[channel];
  return static_cast<std::uint8_t>(std::clamp(std::lround(pixel), 0L, 255L));
}

// Converts a row of normalised float32 pixels to BGR uint8.
void denormalize_row(const std::byte* from, std::uint8_t* to, int width,
                     const image::Normalization& by) {
  for (int x = 0; x < width; ++x) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      float value = 0.0F;
      std::memcpy(&value, from + (static_cast<std::size_t>(x) * 3 + channel) * sizeof value,
                  sizeof value);
      to[static_cast<std::size_t>(x) * 3 + (by.to_rgb ? 2 - channel : channel)] =
          denormalized(value, by, channel);
    }
  }
}

std::size_t label_of(const Sample& sample, std::size_t i) {
  return i < sample.labels.size() ? static_cast<std::size_t>(sample.labels[i]) : 0;
}

image::Color color_of(const Sample& sample, std::size_t i) {
  const bool ignored = i < sample.ignore_flags.size() && sample.ignore_flags[i] != 0;
  return ignored ? ignored_color : image::class_color(label_of(sample, i));
}

// Mixes a third of the colour into the pixels of the mask, whose corner is at (left, top).
void tint(const image::ImageView& image, const image::Image& mask, int left, int top,
          image::Color color) {
  const auto mix = [](std::byte& value, std::uint8_t by) {
    value = static_cast<std::byte>((2 * std::to_integer<int>(value) + by) / 3);
  };
  const Rect inside =
      image::common(image::moved(image::whole(mask.size()), left, top), image::whole(image.size()));
  for (int y = inside.y; y < inside.y + inside.height; ++y) {
    std::byte* pixel = image.row(y) + std::ptrdiff_t{3} * inside.x;
    for (int x = inside.x; x < inside.x + inside.width; ++x, pixel += 3) {
      if (*mask.at(y - top, x - left) == 0) continue;
      mix(pixel[0], color.blue);
      mix(pixel[1], color.green);
      mix(pixel[2], color.red);
    }
  }
}

// The mask as pixels of a sheet, and the place of its corner there.
image::ImageExpr drawn_mask(image::ImageExpr mask, const SourceMap& map, Rect& place) {
  const Size size = mask.size();
  place =
      rect_between(std::min(map.x(0), map.x(size.width)), std::min(map.y(0), map.y(size.height)),
                   std::max(map.x(0), map.x(size.width)), std::max(map.y(0), map.y(size.height)));
  if (image::is_empty(place)) return mask;
  mask = image::resized(mask, {place.width, place.height}, image::Interpolation::nearest);
  if (map.x.scale < 0) mask = image::flipped(mask, image::FlipDirection::horizontal);
  if (map.y.scale < 0) mask = image::flipped(mask, image::FlipDirection::vertical);
  return mask;
}

void paste(const image::ImageView& sheet, const image::Image& tile, int left, int top) {
  const auto row_bytes = static_cast<std::size_t>(tile.width()) * 3;
  for (int y = 0; y < tile.height(); ++y) {
    std::memcpy(sheet.row(top + y) + left * 3, tile.at(y, 0), row_bytes);
  }
}

}  // namespace

image::Image as_bytes(const image::ImageView& view,
                      const std::optional<image::Normalization>& normalization) {
  image::Image image = image::make_image(view.size());
  const image::Normalization by = normalization.value_or(image::Normalization{.to_rgb = false});
  for (int y = 0; y < image.height(); ++y) {
    if (view.dtype == DType::float32)
      denormalize_row(view.row(y), image.at(y, 0), image.width(), by);
    else
      std::memcpy(image.at(y, 0), view.row(y), static_cast<std::size_t>(image.width()) * 3);
  }
  return image;
}

image::Image model_input_image(const Batch& batch, std::size_t i) {
  const ImageSlot& image_slot = image_slot_of(batch, i);
  return as_bytes(batch.pixels(image_slot), batch.samples()[i].normalization);
}

void draw_masks(const image::ImageView& image, const Sample& sample, const SourceMap& map) {
  for (std::size_t i = 0; i < sample.masks.count(); ++i) {
    const image::ImageExpr mask = sample.masks.polygons
                                      ? image::outlined(sample.masks.outlines[i], *sample.arena)
                                      : sample.masks.bitmaps[i];
    if (mask.size().width == 0 || mask.size().height == 0) continue;
    Rect place = {};
    const image::ImageExpr drawn = drawn_mask(mask, map, place);
    if (image::is_empty(place)) continue;
    tint(image, image::render(drawn), place.x, place.y, color_of(sample, i));
  }
}

void draw_boxes(const image::ImageView& image, const Sample& sample,
                const std::vector<std::string>& classes, const SourceMap& map) {
  std::vector<LabelledBox> drawn;
  for (std::size_t i = 0; i < sample.boxes.size(); ++i) {
    const Box& box = sample.boxes[i];
    const std::size_t label = label_of(sample, i);
    const auto [left, right] = std::minmax({map.x(box.x1), map.x(box.x2)});
    const auto [top, bottom] = std::minmax({map.y(box.y1), map.y(box.y2)});
    drawn.push_back({rect_between(left, top, right, bottom), color_of(sample, i),
                     label < classes.size() ? classes[label] : ""});
  }
  draw_labelled_boxes(image, drawn);
}

image::Image blank_tile(Size size) {
  image::Image tile = image::make_image(size);
  image::fill_rect(tile.view(), {0, 0, size.width, size.height}, white);
  return tile;
}

image::Image contact_sheet(const std::vector<image::Image>& tiles, int columns,
                           const std::vector<std::string>& row_titles) {
  const Size tile = tiles.front().size();
  const int count = static_cast<int>(tiles.size());
  const int rows = (count + columns - 1) / columns;
  const int title = row_titles.empty() ? 0 : row_title_height;
  const int row_height = title + tile.height + tile_margin;
  image::Image sheet =
      blank_tile({std::min(columns, count) * (tile.width + tile_margin) + tile_margin,
                  rows * row_height + tile_margin});
  for (int i = 0; i < count; ++i) {
    paste(sheet.view(), tiles[static_cast<std::size_t>(i)],
          tile_margin + i % columns * (tile.width + tile_margin),
          tile_margin + title + i / columns * row_height);
  }
  for (int row = 0; row < std::min(rows, static_cast<int>(row_titles.size())); ++row) {
    const std::string text = image::shortened_text(row_titles[static_cast<std::size_t>(row)],
                                                   sheet.width() - 2 * tile_margin, 2);
    image::draw_text(sheet.view(), tile_margin, tile_margin + row * row_height + 2, text,
                     row_title_color, 2);
  }
  return sheet;
}

}  // namespace pinfeed
