// SPDX-License-Identifier: Apache-2.0
// The menu of transforms. Each: a struct of parameters, `describe`, `fields`, `apply` (or `make`),
// `bound` where it knows one, and its name in the list at the end. Sizes are (w, h) in pixels.
// Source: specs data 4.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/words.h"
#include "pinfeed/data/transforms_augment.h"

namespace pinfeed {

/// Names the picture of the record and reads its header; the pixels come when the batch is
/// rendered.
struct LoadImageFromFile {
  static constexpr auto name = "LoadImageFromFile";

  bool to_float32 = false;
  ColorType color_type = ColorType::color;
  Decoder imdecode_backend = Decoder::cv2;
  bool ignore_empty = false;  // drop the sample of a missing or empty file
  LocalFiles backend_args = {};
  bool allow_truncated = false;                         // ours: a cut JPEG gives what it holds
  std::int64_t max_pixels = image::default_max_pixels;  // ours
};
void describe(Schema<LoadImageFromFile>& schema);
FieldUse fields(const LoadImageFromFile& params);
bool apply(const LoadImageFromFile& params, Sample& sample, Draw& draw);

/// Boxes, labels, ignore flags and masks out of the record. Doubles become float32 here.
struct LoadAnnotations {
  static constexpr auto name = "LoadAnnotations";

  bool with_bbox = true;
  bool with_label = true;
  bool with_mask = false;
  bool poly2mask = true;  // masks as bitmaps; else as polygons
  std::optional<BoxType> box_type = BoxType::hbox;
  LocalFiles backend_args = {};
};
void describe(Schema<LoadAnnotations>& schema);
FieldUse fields(const LoadAnnotations& params);
bool apply(const LoadAnnotations& params, Sample& sample, Draw& draw);

/// To a size, or by a factor; boxes scale along.
struct Resize {
  static constexpr auto name = "Resize";

  std::optional<std::variant<int, Size>> scale = {};  // one number: the same for both
  std::optional<std::variant<double, std::array<double, 2>>> scale_factor = {};
  bool keep_ratio = false;         // inside `scale`, whichever way round it is written
  bool clip_object_border = true;  // cut boxes at the border
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<Resize>& schema);
FieldUse fields(const Resize& params);
bool apply(const Resize& params, Sample& sample, Draw& draw);
Bound bound(const Resize& params, const Bound& pictures);

/// Resize that cuts off the fractions of the size it computes instead of rounding them.
struct FixScaleResize : Resize {
  static constexpr auto name = "FixScaleResize";
};
void describe(Schema<FixScaleResize>& schema);
FieldUse fields(const FixScaleResize& params);
bool apply(const FixScaleResize& params, Sample& sample, Draw& draw);

/// Resize so that the shorter side gets a length, the longer one no more than `max_size`.
struct ResizeShortestEdge {
  static constexpr auto name = "ResizeShortestEdge";

  std::variant<int, Size> scale = 0;  // of two numbers the smaller one counts
  std::optional<int> max_size = {};   // 0 is no limit either, as upstream has it
  ResizeType resize_type = ResizeType::Resize;
  bool keep_ratio = false;
  bool clip_object_border = true;
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<ResizeShortestEdge>& schema);
FieldUse fields(const ResizeShortestEdge& params);
bool apply(const ResizeShortestEdge& params, Sample& sample, Draw& draw);
Bound bound(const ResizeShortestEdge& params, const Bound& pictures);

/// What Pad writes; one number for each channel of the picture.
struct PadValue {
  std::array<double, 3> img = {};
  double masks = 0.0;
};

/// To exactly one shape: resized to it, or with keep_ratio inside it and padded.
struct FixShapeResize {
  static constexpr auto name = "FixShapeResize";

  int width = 0;
  int height = 0;
  PadValue pad_val = {};
  bool keep_ratio = false;
  bool clip_object_border = true;  // cut boxes at the border of what was resized
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<FixShapeResize>& schema);
FieldUse fields(const FixShapeResize& params);
bool apply(const FixShapeResize& params, Sample& sample, Draw& draw);
Bound bound(const FixShapeResize& params, const Bound& pictures);

/// Sizes to choose from. One number is a side of a square; under replay it is what upstream makes
/// of it there: a factor.
struct ScaleChoices {
  std::vector<std::variant<int, Size>> scales = {};
};

/// Resize to one of several sizes.
struct RandomChoiceResize {
  static constexpr auto name = "RandomChoiceResize";

  ScaleChoices scales = {};
  ResizeType resize_type = ResizeType::Resize;
  bool keep_ratio = false;
  bool clip_object_border = true;
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<RandomChoiceResize>& schema);
FieldUse fields(const RandomChoiceResize& params);
bool apply(const RandomChoiceResize& params, Sample& sample, Draw& draw);
Bound bound(const RandomChoiceResize& params, const Bound& pictures);

/// Runs one of several pipelines.
struct RandomChoice {
  static constexpr auto name = "RandomChoice";

  ConfigSteps transforms = {};  // each a step or a list of steps
  std::optional<std::vector<double>> prob = {};
};
void describe(Schema<RandomChoice>& schema);
Transform make(const RandomChoice& params, const BuildContext& context);

/// Runs a pipeline, or leaves the sample as it is.
struct RandomApply {
  static constexpr auto name = "RandomApply";

  ConfigPart transforms = {};  // a step or a list of steps
  double prob = 0.5;
};
void describe(Schema<RandomApply>& schema);
Transform make(const RandomApply& params, const BuildContext& context);

/// Resize to a size drawn anew for each sample.
struct RandomResize {
  static constexpr auto name = "RandomResize";

  std::variant<Size, std::array<Size, 2>> scale = {};  // one times a ratio, or between two
  std::optional<std::array<double, 2>> ratio_range = {};
  ResizeType resize_type = ResizeType::Resize;
  bool keep_ratio = false;
  bool clip_object_border = true;
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<RandomResize>& schema);
FieldUse fields(const RandomResize& params);
bool apply(const RandomResize& params, Sample& sample, Draw& draw);
Bound bound(const RandomResize& params, const Bound& pictures);

/// Mirrors the picture and its boxes with a probability. Always draws exactly one double.
struct RandomFlip {
  static constexpr auto name = "RandomFlip";

  std::variant<double, std::vector<double>> prob = 0.0;  // of all directions together, or of each
  std::variant<image::FlipDirection, std::vector<image::FlipDirection>> direction =
      image::FlipDirection::horizontal;
};
void describe(Schema<RandomFlip>& schema);
Transform make(const RandomFlip& params, const BuildContext& context);

/// Keeps a window at a random place; boxes outside it go.
struct RandomCrop {
  static constexpr auto name = "RandomCrop";

  std::array<double, 2> crop_size = {};  // pixels (w, h), pixels (min, max), or parts of a side
  CropType crop_type = CropType::absolute;
  bool allow_negative_crop = false;  // keep samples that lose all their boxes
  bool recompute_bbox = false;       // from the cropped masks, where there are masks
  bool bbox_clip_border = true;
};
void describe(Schema<RandomCrop>& schema);
FieldUse fields(const RandomCrop& params);
bool apply(const RandomCrop& params, Sample& sample, Draw& draw);
Bound bound(const RandomCrop& params, const Bound& pictures);

/// Removes objects that became too small.
struct FilterAnnotations {
  static constexpr auto name = "FilterAnnotations";

  std::array<double, 2> min_gt_bbox_wh = {1.0, 1.0};  // strictly more is kept, pixels
  double min_gt_mask_area = 1.0;                      // pixels
  bool by_box = true;
  bool by_mask = false;
  bool keep_empty = true;  // as upstream means it: true drops samples that lose all their boxes
};
void describe(Schema<FilterAnnotations>& schema);
FieldUse fields(const FilterAnnotations& params);
bool apply(const FilterAnnotations& params, Sample& sample, Draw& draw);

/// Adds pixels at the right and the bottom. Never crops.
struct Pad {
  static constexpr auto name = "Pad";

  std::optional<Size> size = {};
  std::optional<int> size_divisor = {};
  bool pad_to_square = false;
  PadValue pad_val = {};
  PaddingMode padding_mode = PaddingMode::constant;
};
void describe(Schema<Pad>& schema);
FieldUse fields(const Pad& params);
bool apply(const Pad& params, Sample& sample, Draw& draw);
Bound bound(const Pad& params, const Bound& pictures);

/// To float32: (x - mean) / std for each channel, RGB where to_rgb.
struct Normalize {
  static constexpr auto name = "Normalize";

  std::array<double, 3> mean = {};
  std::array<double, 3> std = {1.0, 1.0, 1.0};
  bool to_rgb = true;
};
void describe(Schema<Normalize>& schema);
FieldUse fields(const Normalize& params);
bool apply(const Normalize& params, Sample& sample, Draw& draw);
Bound bound(const Normalize& params, const Bound& pictures);

/// Makes {'inputs', 'data_samples'} for detectors: a DetDataSample of instances and meta.
struct PackDetInputs {
  static constexpr auto name = "PackDetInputs";

  std::vector<std::string> meta_keys = {"img_id",       "img_path", "ori_shape",     "img_shape",
                                        "scale_factor", "flip",     "flip_direction"};
};
void describe(Schema<PackDetInputs>& schema);
FieldUse fields(const PackDetInputs& params);
bool apply(const PackDetInputs& params, Sample& sample, Draw& draw);

/// Makes {'inputs', 'data_samples'} for pre-training and classification.
struct PackInputs {
  static constexpr auto name = "PackInputs";

  std::string input_key = "img";
  std::vector<std::string> meta_keys = {"sample_idx",   "img_path", "ori_shape",     "img_shape",
                                        "scale_factor", "flip",     "flip_direction"};
};
void describe(Schema<PackInputs>& schema);
FieldUse fields(const PackInputs& params);
bool apply(const PackInputs& params, Sample& sample, Draw& draw);

/// Cuts a window of random area and aspect and resizes it. For pictures without boxes.
struct RandomResizedCrop {
  static constexpr auto name = "RandomResizedCrop";

  std::variant<int, std::array<int, 2>> scale = 0;       // result; two numbers are (h, w)
  std::array<double, 2> crop_ratio_range = {0.08, 1.0};  // of the picture's area
  std::array<double, 2> aspect_ratio_range = {3.0 / 4.0, 4.0 / 3.0};
  int max_attempts = 10;
  image::Interpolation interpolation = image::Interpolation::bilinear;
  image::Library backend = image::Library::opencv;
};
void describe(Schema<RandomResizedCrop>& schema);
FieldUse fields(const RandomResizedCrop& params);
bool apply(const RandomResizedCrop& params, Sample& sample, Draw& draw);
Bound bound(const RandomResizedCrop& params, const Bound& pictures);

using BuiltinTransforms =
    std::tuple<LoadImageFromFile, LoadAnnotations, Resize, FixScaleResize, FixShapeResize,
               ResizeShortestEdge, RandomResize, RandomChoiceResize, RandomFlip, RandomCrop,
               MinIoURandomCrop, CenterCrop, RandomResizedCrop, RandomShift, RandomAffine, Expand,
               Pad, CutOut, RandomErasing, Mosaic, CachedMosaic, MixUp, CachedMixUp,
               PhotoMetricDistortion, YOLOXHSVRandomAug, ColorJitter, Normalize, FilterAnnotations,
               RandomChoice, RandomApply, PackDetInputs, PackInputs>;

}  // namespace pinfeed
