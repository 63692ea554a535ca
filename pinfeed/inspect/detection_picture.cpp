// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/detection_picture.h"

#include <algorithm>

#include "pinfeed/core/arena.h"
#include "pinfeed/image/draw/draw.h"
#include "pinfeed/image/expression/image_expr.h"
#include "pinfeed/image/expression/render.h"
#include "pinfeed/inspect/contact_sheet.h"
#include "pinfeed/inspect/labelled_boxes.h"

namespace pinfeed {
namespace {

constexpr int least_side = 512;  // of the longer side, pixels
constexpr int side_margin = 12;  // left and right of an image
constexpr image::Color picture_text = {40, 40, 40};
constexpr image::Color ignored_object = {128, 128, 128};

// The sizes of a picture, pixels.
struct Proportions {
  int enlargement = 1;
  int text_scale = 2;
  Size image = {};  // enlarged

  int line() const { return label_height(text_scale) + 4; }
  int margin() const { return line(); }  // above and below the image
  int panel_width() const { return image.width + 2 * side_margin; }
  int panel_height() const { return line() + image.height + 2 * margin(); }
};

Proportions proportions_of(Size size) {
  const int longest = std::max(size.width, size.height);
  Proportions all{.enlargement = std::max(1, (least_side + longest - 1) / longest)};
  all.image = {size.width * all.enlargement, size.height * all.enlargement};
  all.text_scale = std::max(2, longest * all.enlargement / least_side);
  return all;
}

std::vector<LabelledBox> boxes_of(const PictureSide& side, const Proportions& sizes) {
  std::vector<LabelledBox> boxes;
  const double scale = sizes.enlargement;
  for (const PictureObject& object : side.objects) {
    Rect rect =
        rect_between(object.x1 * scale, object.y1 * scale, object.x2 * scale, object.y2 * scale);
    rect.x += side_margin;
    rect.y += sizes.margin();
    const image::Color color = object.ignored ? ignored_object : image::class_color(object.number);
    boxes.push_back({rect, color, object.label});
  }
  return boxes;
}

void write_text(const image::ImageView& canvas, int y, const std::string& text, int scale) {
  const std::string fitted = image::shortened_text(text, canvas.width - 2 * side_margin, scale);
  image::draw_text(canvas, side_margin, y, fitted, picture_text, scale);
}

// Half the color over the pixels of the mask, which has the size of the image.
void tint(const image::Image& image, const RunMask& mask, image::Color color) {
  if (mask.size != image.size()) return;
  const auto blend = [](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>((a + b) / 2);
  };
  const auto height = static_cast<std::uint64_t>(mask.size.height);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < mask.runs.size(); ++i) {
    const std::uint64_t end = at + mask.runs[i];
    for (; i % 2 == 1 && at < end; ++at) {
      std::uint8_t* pixel = image.at(static_cast<int>(at % height), static_cast<int>(at / height));
      pixel[0] = blend(pixel[0], color.blue);
      pixel[1] = blend(pixel[1], color.green);
      pixel[2] = blend(pixel[2], color.red);
    }
    at = end;
  }
}

// The image, or a copy with the masks of the objects.
image::Image with_masks(const image::Image& image, const PictureSide& side) {
  const bool any = std::any_of(side.objects.begin(), side.objects.end(),
                               [](const PictureObject& object) { return object.mask != nullptr; });
  if (!any) return image;
  image::Image copy = image::make_image(image.size());
  for (int y = 0; y < image.height(); ++y)
    std::copy_n(image.at(y, 0), 3 * image.width(), copy.at(y, 0));
  for (const PictureObject& object : side.objects)
    if (object.mask != nullptr) tint(copy, *object.mask, image::class_color(object.number));
  return copy;
}

void draw_side(const image::ImageView& panel, const image::Image& plain, const PictureSide& side,
               const Proportions& sizes) {
  const image::Image image = with_masks(plain, side);
  write_text(panel, 2, side.title, sizes.text_scale);
  const image::ImageView canvas = image::part_of(
      panel, {0, sizes.line(), panel.width, sizes.image.height + 2 * sizes.margin()});
  Arena arena;
  image::Scratch scratch;
  image::render(
      image::resized(image::plain(image.view(), arena), sizes.image,
                     image::Interpolation::bilinear),
      image::part_of(canvas, {side_margin, sizes.margin(), sizes.image.width, sizes.image.height}),
      scratch);
  draw_labelled_boxes(canvas, boxes_of(side, sizes), sizes.text_scale);
}

}  // namespace

image::Image detection_picture(const image::Image& image, const std::string& name,
                               const PictureSide& left, const PictureSide& right) {
  const Proportions sizes = proportions_of(image.size());
  const image::Image picture =
      blank_tile({2 * sizes.panel_width(), sizes.line() + sizes.panel_height()});
  write_text(picture.view(), 2, name, sizes.text_scale);
  const auto panel = [&](int number) {
    return image::part_of(picture.view(), {number * sizes.panel_width(), sizes.line(),
                                           sizes.panel_width(), sizes.panel_height()});
  };
  draw_side(panel(0), image, left, sizes);
  draw_side(panel(1), image, right, sizes);
  return picture;
}

image::Image prediction_picture(const image::Image& image, const std::string& name,
                                const PictureSide& side) {
  const Proportions sizes = proportions_of(image.size());
  const image::Image picture =
      blank_tile({sizes.panel_width(), sizes.line() + sizes.panel_height()});
  write_text(picture.view(), 2, name, sizes.text_scale);
  const Rect below = {0, sizes.line(), sizes.panel_width(), sizes.panel_height()};
  draw_side(image::part_of(picture.view(), below), image, side, sizes);
  return picture;
}

}  // namespace pinfeed
