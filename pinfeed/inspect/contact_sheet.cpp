// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/data/collate.h"
#include "pinfeed/image/draw/draw.h"
#include "pinfeed/image/expression/render.h"

namespace pinfeed {
namespace {

constexpr int tile_margin = 4;  // pixels
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

// Mixes a third of the colour into the pixels of the mask.
void tint(const image::ImageView& image, const image::Image& mask, image::Color color) {
  const auto mix = [](std::uint8_t& value, std::uint8_t by) {
    value = static_cast<std::uint8_t>((2 * value + by) / 3);
  };
  for (int y = 0; y < mask.height(); ++y) {
    auto* pixel = reinterpret_cast<std::uint8_t*>(image.row(y));
    for (int x = 0; x < mask.width(); ++x, pixel += 3) {
      if (*mask.at(y, x) == 0) continue;
      mix(pixel[0], color.blue);
      mix(pixel[1], color.green);
      mix(pixel[2], color.red);
    }
  }
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

void draw_masks(const image::ImageView& image, const Sample& sample, Size fitted) {
  for (std::size_t i = 0; i < sample.masks.count(); ++i) {
    const image::ImageExpr mask = sample.masks.polygons
                                      ? image::outlined(sample.masks.outlines[i], *sample.arena)
                                      : sample.masks.bitmaps[i];
    if (mask.size().width == 0 || mask.size().height == 0) continue;
    tint(image, image::render(image::resized(mask, fitted, image::Interpolation::nearest)),
         color_of(sample, i));
  }
}

void draw_boxes(const image::ImageView& image, const Sample& sample,
                const std::vector<std::string>& classes, double scale_x, double scale_y) {
  for (std::size_t i = 0; i < sample.boxes.size(); ++i) {
    const Box& box = sample.boxes[i];
    const auto x = static_cast<int>(std::lround(box.x1 * scale_x));
    const auto y = static_cast<int>(std::lround(box.y1 * scale_y));
    const auto right = static_cast<int>(std::lround(box.x2 * scale_x));
    const auto bottom = static_cast<int>(std::lround(box.y2 * scale_y));
    const std::size_t label = label_of(sample, i);
    const image::Color color = color_of(sample, i);
    image::draw_rect(image, {x, y, right - x, bottom - y}, color, 2);
    if (label >= classes.size()) continue;
    const Size text = image::text_size(classes[label]);
    image::fill_rect(image, {x, y - text.height - 2, text.width + 2, text.height + 2}, color);
    image::draw_text(image, x + 1, y - text.height - 1, classes[label], white);
  }
}

image::Image blank_tile(Size size) {
  image::Image tile = image::make_image(size);
  image::fill_rect(tile.view(), {0, 0, size.width, size.height}, white);
  return tile;
}

image::Image contact_sheet(const std::vector<image::Image>& tiles, int columns) {
  const Size tile = tiles.front().size();
  const int count = static_cast<int>(tiles.size());
  const int rows = (count + columns - 1) / columns;
  image::Image sheet =
      blank_tile({std::min(columns, count) * (tile.width + tile_margin) + tile_margin,
                  rows * (tile.height + tile_margin) + tile_margin});
  for (int i = 0; i < count; ++i) {
    paste(sheet.view(), tiles[static_cast<std::size_t>(i)],
          tile_margin + i % columns * (tile.width + tile_margin),
          tile_margin + i / columns * (tile.height + tile_margin));
  }
  return sheet;
}

}  // namespace pinfeed
