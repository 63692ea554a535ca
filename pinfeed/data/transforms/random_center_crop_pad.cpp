// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, RandomCenterCropPad (mmdet 3.3.0).
#include "pinfeed/data/transforms/random_center_crop_pad.h"

#include <algorithm>
#include <utility>

#include "pinfeed/config/enum_names.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {

template <>
struct EnumNames<TestPadMode::Rule> {
  static constexpr std::array<std::pair<std::string_view, TestPadMode::Rule>, 2> all = {
      {{"logical_or", TestPadMode::Rule::logical_or},
       {"size_divisor", TestPadMode::Rule::size_divisor}}};
};

template <>
struct Converter<TestPadMode> {
  static TestPadMode from(const Value& value, const std::string& path) {
    if (!value.is_sequence() || value.items().size() != 2) throw wrong_type(value, path, wanted());
    return {convert<TestPadMode::Rule>(value.items()[0], path + "[0]"),
            convert<int>(value.items()[1], path + "[1]")};
  }
  static std::string wanted() { return "('logical_or', int) or ('size_divisor', int)"; }
  static Value shown(const TestPadMode& mode) {
    return Tuple{{Converter<TestPadMode::Rule>::shown(mode.rule), mode.value}};
  }
};

namespace {

constexpr int tries_per_ratio = 50;
constexpr int max_ratios = 1000;  // upstream never gives up

// A canvas over the image. The part of the image that it shows is `visible`, at (x, y) of the
// canvas.
struct CanvasWindow {
  Size canvas = {};
  Rect visible = {};
  int x = 0;
  int y = 0;
};

// The window whose middle lies at (centre_x, centre_y) of the image. The last column of a canvas of
// odd width, and the last row of one of odd height, never show the image.
CanvasWindow window_around(int centre_x, int centre_y, Size canvas, Size image) {
  const Size half = {canvas.width / 2, canvas.height / 2};
  const int left = std::max(0, centre_x - half.width);
  const int top = std::max(0, centre_y - half.height);
  const int right = std::min(centre_x + half.width, image.width);
  const int bottom = std::min(centre_y + half.height, image.height);
  return {canvas,
          {left, top, right - left, bottom - top},
          half.width - (centre_x - left),
          half.height - (centre_y - top)};
}

// The distance of the random centre from the border: `border` divided by a power of two that leaves
// positions to choose from.
int centre_margin(int border, int side) {
  const std::int64_t both = 2 * std::int64_t{border};
  const std::int64_t ratio = (both + side - 1) / side;
  std::int64_t divisor = 1;
  while (divisor < ratio) divisor *= 2;
  if (both % side == 0) divisor *= 2;
  return static_cast<int>(border / divisor);
}

Size ratio_times(Size size, double ratio) {
  return {whole_number(size.width * ratio), whole_number(size.height * ratio)};
}

std::array<double, 3> fill_color(const RandomCenterCropPad& params) {
  std::array<double, 3> color = params.mean;
  if (params.to_rgb) std::swap(color[0], color[2]);
  return color;
}

void show_window(const RandomCenterCropPad& params, const CanvasWindow& window, Sample& sample) {
  const std::array<double, 3> color = fill_color(params);
  sample.img_shape = window.canvas;
  if (window.visible.width < 1 || window.visible.height < 1) {  // a canvas of one pixel is all fill
    const image::ImageExpr canvas =
        image::resized(sample.image, window.canvas, image::Interpolation::nearest);
    sample.image = image::erased(canvas, {0, 0, window.canvas.width, window.canvas.height}, color);
    return;
  }
  sample.image = image::placed(image::cropped(sample.image, window.visible), window.canvas,
                               window.x, window.y, color);
}

bool has_box_centre(const Rect& window, const Box& box) {
  const float x = (box.x1 + box.x2) / 2.0F;
  const float y = (box.y1 + box.y2) / 2.0F;
  return x > static_cast<float>(window.x) && y > static_cast<float>(window.y) &&
         x < static_cast<float>(window.x + window.width) &&
         y < static_cast<float>(window.y + window.height);
}

bool is_usable(const CanvasWindow& window, const Sample& sample) {
  return sample.boxes.empty() ||
         std::any_of(sample.boxes.begin(), sample.boxes.end(),
                     [&](const Box& box) { return has_box_centre(window.visible, box); });
}

CanvasWindow random_window(const RandomCenterCropPad& params, const Sample& sample,
                           RandomContext& random) {
  const Size image = sample.image.size();
  const int margin_x = centre_margin(*params.border, image.width);
  const int margin_y = centre_margin(*params.border, image.height);
  for (int i = 0; i < max_ratios; ++i) {
    const std::int64_t chosen = random.numpy.randint(0, std::ssize(*params.ratios));
    const Size canvas =
        ratio_times(*params.crop_size, (*params.ratios)[static_cast<std::size_t>(chosen)]);
    for (int k = 0; k < tries_per_ratio; ++k) {
      const auto x = static_cast<int>(random.numpy.randint(margin_x, image.width - margin_x));
      const auto y = static_cast<int>(random.numpy.randint(margin_y, image.height - margin_y));
      const CanvasWindow window = window_around(x, y, canvas, image);
      if (is_usable(window, sample)) return window;
    }
  }
  throw Error(ErrorKind::data, "no window contains the centre of a box")
      .help("use a larger crop_size or a smaller border");
}

void move_boxes(const RandomCenterCropPad& params, const CanvasWindow& window, Sample& sample) {
  const auto dx = static_cast<float>(window.x - window.visible.x);
  const auto dy = static_cast<float>(window.y - window.visible.y);
  std::pmr::vector<std::uint8_t> keep(sample.arena);
  for (Box& box : sample.boxes) {
    keep.push_back(has_box_centre(window.visible, box) ? 1 : 0);
    box = moved(box, dx, dy);
  }
  keep_objects(sample, keep);
  keep_inside(sample, window.canvas, params.bbox_clip_border);
}

int test_side(const RandomCenterCropPad& params, int side) {
  const auto& [rule, value] = *params.test_pad_mode;
  if (rule == TestPadMode::Rule::size_divisor) {
    return whole_number(rounded_up(std::int64_t{side}, value));
  }
  return whole_number(std::int64_t{side | value} + params.test_pad_add_pix);
}

void pad_for_test(const RandomCenterCropPad& params, Sample& sample) {
  const Size image = sample.image.size();
  const Size canvas = {test_side(params, image.width), test_side(params, image.height)};
  const CanvasWindow window = window_around(image.width / 2, image.height / 2, canvas, image);
  show_window(params, window, sample);
  Tensor border = arena_tensor(DType::float32, {4}, *sample.arena);
  const std::array<int, 4> sides = {window.y, window.y + window.visible.height, window.x,
                                    window.x + window.visible.width};
  std::copy(sides.begin(), sides.end(), border.data_as<float>());
  set(sample.extra, "border", {std::move(border)});
}

void check_test_mode(const RandomCenterCropPad& params) {
  if (params.crop_size || params.ratios || params.border) {
    throw Error(ErrorKind::config, "crop_size, ratios and border must be None with test_mode=True");
  }
  if (!params.test_pad_mode) {
    throw Error(ErrorKind::config, "test_pad_mode must not be None with test_mode=True");
  }
  const int minimum = params.test_pad_mode->rule == TestPadMode::Rule::logical_or ? 0 : 1;
  if (params.test_pad_mode->value >= minimum) return;
  throw Error(ErrorKind::config,
              "the number of test_pad_mode must be at least " + std::to_string(minimum));
}

void check_training(const RandomCenterCropPad& params) {
  if (!params.crop_size || !params.ratios || params.ratios->empty() || !params.border) {
    throw Error(ErrorKind::config, "crop_size, ratios and border are required in training");
  }
  if (params.test_pad_mode) {
    throw Error(ErrorKind::config, "test_pad_mode must be None in training");
  }
  if (*params.border < 1) throw Error(ErrorKind::config, "border must be at least 1");
  for (const double ratio : *params.ratios) {
    const Size size = ratio_times(*params.crop_size, ratio);
    if (size.width >= 2 && size.height >= 2) continue;
    throw Error(ErrorKind::config, "crop_size times each of ratios must be at least 2 pixels");
  }
}

}  // namespace

void describe(Schema<RandomCenterCropPad>& schema) {
  schema
      .summary(
          "Cuts a window around a random point and fills what lies outside the image. For "
          "CornerNet and CenterNet.")
      .optional("crop_size", &RandomCenterCropPad::crop_size,
                "(w, h) of the window before it is scaled, pixels; None with test_mode")
      .optional("ratios", &RandomCenterCropPad::ratios,
                "factors of crop_size, one is chosen; None with test_mode")
      .optional("border", &RandomCenterCropPad::border,
                "distance of the random point from the border, pixels, halved until it fits; None "
                "with test_mode")
      .required("mean", &RandomCenterCropPad::mean, "the fill colour, 0 to 255")
      .required("std", &RandomCenterCropPad::std, "not used; upstream requires it")
      .required("to_rgb", &RandomCenterCropPad::to_rgb, "`mean` is R, G, B instead of B, G, R")
      .optional("test_mode", &RandomCenterCropPad::test_mode,
                "centre the whole image on a larger canvas; boxes are not moved")
      .optional("test_pad_mode", &RandomCenterCropPad::test_pad_mode,
                "size of the canvas: each side or-ed with a number, or rounded up to a multiple of "
                "it; None in training")
      .optional("test_pad_add_pix", &RandomCenterCropPad::test_pad_add_pix,
                "added to both sides of the canvas with 'logical_or', pixels", at_least(0))
      .optional("bbox_clip_border", &RandomCenterCropPad::bbox_clip_border,
                "clip boxes to the window")
      .check([](const RandomCenterCropPad& params) {
        params.test_mode ? check_test_mode(params) : check_training(params);
      });
}

FieldUse fields(const RandomCenterCropPad& params) {
  if (params.test_mode) return {.needs = Field::image, .updates = Field::image};
  return {.needs = Field::image | Field::boxes,
          .updates = Field::image | Field::boxes | Field::labels | Field::ignore_flags};
}

bool apply(const RandomCenterCropPad& params, Sample& sample, RandomContext& random) {
  if (sample.image.dtype() != DType::float32) {
    throw Error(ErrorKind::data, "RandomCenterCropPad takes float32 images; this one is uint8")
        .help("set to_float32=True in LoadImageFromFile");
  }
  refuse_masks(sample, RandomCenterCropPad::name);
  if (params.test_mode) {
    pad_for_test(params, sample);
    return true;
  }
  const CanvasWindow window = random_window(params, sample, random);
  show_window(params, window, sample);
  move_boxes(params, window, sample);
  return true;
}

Bound bound(const RandomCenterCropPad& params, const Bound& images) {
  if (!params.test_mode) {
    if (!params.crop_size || !params.ratios || params.ratios->empty()) return std::nullopt;
    const double largest = *std::max_element(params.ratios->begin(), params.ratios->end());
    const Size size = ratio_times(*params.crop_size, largest);
    return bound_of(size.width, size.height);
  }
  if (!images || !params.test_pad_mode) return std::nullopt;
  const std::int64_t more = std::int64_t{params.test_pad_mode->value} + params.test_pad_add_pix;
  return ImageBound{images->width + more, images->height + more,
                    images->pixels + more * (images->width + images->height) + more * more};
}

}  // namespace pinfeed
