// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/step_strip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "pinfeed/data/image_file.h"
#include "pinfeed/data/step_records.h"
#include "pinfeed/image/draw/draw.h"
#include "pinfeed/image/expression/render.h"
#include "pinfeed/inspect/contact_sheet.h"
#include "pinfeed/inspect/source_map.h"

namespace pinfeed {
namespace {

constexpr image::Color strip_background = {236, 236, 236};
constexpr image::Color text_color = {40, 40, 40};
constexpr int line_height = 20;
constexpr int title_height = 2 * line_height;

// Reads the files that the image of a step needs and that no image of the batch needed, and removes
// the bytes from the image again at the end.
class ExtraFiles {
 public:
  explicit ExtraFiles(const image::ImageExpr& image) {
    image::for_each_encoded(image, [this](image::Encoded* stored) {
      if (!stored->bytes.empty() || stored->cache.found != nullptr) return;
      read_stored(*stored, bytes_.emplace_back(stored->header.file_bytes));
      read_.push_back(stored);
    });
  }
  ExtraFiles(const ExtraFiles&) = delete;
  ExtraFiles& operator=(const ExtraFiles&) = delete;
  ~ExtraFiles() {
    for (image::Encoded* stored : read_) stored->bytes = {};
  }

 private:
  std::deque<std::vector<std::byte>> bytes_ = {};
  std::vector<image::Encoded*> read_ = {};
};

// Writes in the larger size if the text fits.
void write_line(const image::ImageView& tile, int y, const std::string& text) {
  const int scale = image::text_size(text, 2).width <= tile.width ? 2 : 1;
  image::draw_text(tile, 0, y, image::shortened_text(text, tile.width, scale), text_color, scale);
}

// `objects` maps the coordinates of the objects to those of the image.
image::Image tile_of(const image::Image& image, const Sample& sample, const SourceMap& objects,
                     const std::string& title, const TileStyle& style) {
  const int top = style.titled ? title_height : 0;
  image::Image tile = image::make_image({style.side, style.side + top});
  image::fill_rect(tile.view(), {0, 0, style.side, style.side + top}, strip_background);
  const double scale = static_cast<double>(style.side) / std::max(image.width(), image.height());
  const Size fitted = {std::max(1, static_cast<int>(std::lround(image.width() * scale))),
                       std::max(1, static_cast<int>(std::lround(image.height() * scale)))};
  const image::ImageView square = image::part_of(tile.view(), {0, top, style.side, style.side});
  const image::ImageView inside = image::part_of(square, {0, 0, fitted.width, fitted.height});
  Arena arena;
  image::Scratch scratch;
  render(image::resized(image::plain(image.view(), arena), fitted, image::Interpolation::bilinear),
         inside, scratch);
  const SourceMap map = scaled(objects, static_cast<double>(fitted.width) / image.width(),
                               static_cast<double>(fitted.height) / image.height());
  draw_masks(inside, sample, map);
  draw_boxes(square, sample, *style.classes, map);
  if (!style.titled) return tile;
  write_line(tile.view(), 1, title);
  write_line(tile.view(), 1 + line_height,
             fmt::format("{}, {} objects", to_string(image.size()), sample.boxes.size()));
  return tile;
}

bool loads_objects(const StepRecords::Record& record) {
  return !(record.step->use.creates & (Field::boxes | Field::masks)).empty();
}

// The map from the coordinates of the objects to those of the image after each of these records:
// the place of the stored image at the step that loaded the objects. Later steps change both.
std::vector<SourceMap> object_maps(const StepRecords& steps) {
  std::vector<SourceMap> maps;
  SourceMap map = {};
  for (const StepRecords::Record& record : steps.records()) {
    if (loads_objects(record)) map = source_map(record.sample.image).value_or(SourceMap());
    maps.push_back(map);
  }
  return maps;
}

SourceMap map_in_batch(const Batch& batch, std::size_t i) {
  if (i >= batch.steps().size()) return {};
  const std::vector<SourceMap> maps = object_maps(batch.steps()[i]);
  return maps.empty() ? SourceMap() : maps.back();
}

bool is_visible(const StepRecords::Record& record) {
  const Fields visible = Field::image | Field::boxes | Field::labels | Field::masks;
  const FieldUse& use = record.step->use;
  return record.sample.image.node() != nullptr && !((use.updates | use.creates) & visible).empty();
}

image::Image tile_of(const StepRecords::Record& record, const SourceMap& objects,
                     const TileStyle& style) {
  const Sample& sample = record.sample;
  const ExtraFiles files(sample.image);
  const image::Image image = image::render(sample.image);
  return tile_of(as_bytes(image.view(), sample.normalization), sample, objects, record.step->name,
                 style);
}

}  // namespace

image::Image final_tile(const Batch& batch, std::size_t i, const TileStyle& style,
                        const std::string& title) {
  const SourceMap objects = style.objects_of_stored_image ? map_in_batch(batch, i) : SourceMap();
  return tile_of(model_input_image(batch, i), batch.samples()[i], objects, title, style);
}

bool loads_objects_late(const Batch& batch, std::size_t i) {
  return map_in_batch(batch, i) != SourceMap();
}

std::vector<image::Image> step_strip(const Batch& batch, std::size_t i, const TileStyle& style) {
  std::vector<image::Image> tiles;
  const StepRecords& steps = batch.steps()[i];
  const std::vector<SourceMap> maps = object_maps(steps);
  for (std::size_t k = 0; k < maps.size(); ++k) {
    const SourceMap objects = style.objects_of_stored_image ? maps[k] : SourceMap();
    if (is_visible(steps.records()[k]))
      tiles.push_back(tile_of(steps.records()[k], objects, style));
  }
  tiles.push_back(final_tile(batch, i, style));
  return tiles;
}

}  // namespace pinfeed
