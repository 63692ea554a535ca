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

namespace pinfeed {
namespace {

constexpr image::Color strip_background = {236, 236, 236};
constexpr image::Color text_color = {40, 40, 40};
constexpr int line_height = 18;
constexpr int title_height = 2 * line_height;

// Reads the files that the image of a step needs and that no image of the batch needed, and removes
// the bytes from the image again at the end.
class ExtraFiles {
 public:
  explicit ExtraFiles(const image::ImageExpr& image) {
    image::for_each_encoded(image, [this](image::Encoded* stored) {
      if (!stored->bytes.empty()) return;
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
  image::draw_text(tile, 0, y, text, text_color, scale);
}

image::Image tile_of(const image::Image& image, const Sample& sample, const std::string& title,
                     const TileStyle& style) {
  const int top = style.titled ? title_height : 0;
  image::Image tile = image::make_image({style.side, style.side + top});
  image::fill_rect(tile.view(), {0, 0, style.side, style.side + top}, strip_background);
  const double scale = static_cast<double>(style.side) / std::max(image.width(), image.height());
  const Size fitted = {std::max(1, static_cast<int>(std::lround(image.width() * scale))),
                       std::max(1, static_cast<int>(std::lround(image.height() * scale)))};
  const image::ImageView inside =
      image::part_of(tile.view(), {0, top, fitted.width, fitted.height});
  Arena arena;
  image::Scratch scratch;
  render(image::resized(image::plain(image.view(), arena), fitted, image::Interpolation::bilinear),
         inside, scratch);
  draw_masks(inside, sample, fitted);
  draw_boxes(inside, sample, *style.classes, static_cast<double>(fitted.width) / image.width(),
             static_cast<double>(fitted.height) / image.height());
  if (!style.titled) return tile;
  write_line(tile.view(), 1, title);
  write_line(tile.view(), 1 + line_height,
             fmt::format("{}, {} objects", to_string(image.size()), sample.boxes.size()));
  return tile;
}

bool is_visible(const StepRecords::Record& record) {
  const Fields visible = Field::image | Field::boxes | Field::labels | Field::masks;
  const FieldUse& use = record.step->use;
  return record.sample.image.node() != nullptr && !((use.updates | use.creates) & visible).empty();
}

image::Image tile_of(const StepRecords::Record& record, const TileStyle& style) {
  const Sample& sample = record.sample;
  const ExtraFiles files(sample.image);
  const image::Image image = image::render(sample.image);
  return tile_of(as_bytes(image.view(), sample.normalization), sample, record.step->name, style);
}

}  // namespace

image::Image final_tile(const Batch& batch, std::size_t i, const TileStyle& style) {
  return tile_of(model_input_image(batch, i), batch.samples()[i], "in the batch", style);
}

std::vector<image::Image> step_strip(const Batch& batch, std::size_t i, const TileStyle& style) {
  std::vector<image::Image> tiles;
  for (const StepRecords::Record& record : batch.steps()[i].records()) {
    if (is_visible(record)) tiles.push_back(tile_of(record, style));
  }
  tiles.push_back(final_tile(batch, i, style));
  return tiles;
}

}  // namespace pinfeed
