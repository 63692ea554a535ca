// SPDX-License-Identifier: Apache-2.0
// The part of the menu of transforms that changes colours, moves, erases and mixes pictures; like
// transforms.h, which includes it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/words.h"

namespace pinfeed {

/// Changes brightness, contrast, saturation and hue, and swaps channels. The picture is float32
/// afterwards.
struct PhotoMetricDistortion {
  static constexpr auto name = "PhotoMetricDistortion";

  double brightness_delta = 32.0;
  std::array<double, 2> contrast_range = {0.5, 1.5};
  std::array<double, 2> saturation_range = {0.5, 1.5};
  double hue_delta = 18.0;  // degrees
};
void describe(Schema<PhotoMetricDistortion>& schema);
FieldUse fields(const PhotoMetricDistortion& params);
bool apply(const PhotoMetricDistortion& params, Sample& sample, Draw& draw);
Bound bound(const PhotoMetricDistortion& params, const Bound& pictures);

/// Puts the picture at a random place of a larger one.
struct Expand {
  static constexpr auto name = "Expand";

  std::array<double, 3> mean = {};  // what is around it
  bool to_rgb = true;               // the mean is R, G, B
  std::array<double, 2> ratio_range = {1.0, 4.0};
  double prob = 0.5;
};
void describe(Schema<Expand>& schema);
FieldUse fields(const Expand& params);
bool apply(const Expand& params, Sample& sample, Draw& draw);
Bound bound(const Expand& params, const Bound& pictures);

/// Keeps a window that overlaps every box by at least a drawn IoU; boxes whose centre lies outside
/// go.
struct MinIoURandomCrop {
  static constexpr auto name = "MinIoURandomCrop";

  std::vector<double> min_ious = {0.1, 0.3, 0.5, 0.7, 0.9};
  double min_crop_size = 0.3;  // part of each side
  bool bbox_clip_border = true;
};
void describe(Schema<MinIoURandomCrop>& schema);
FieldUse fields(const MinIoURandomCrop& params);
bool apply(const MinIoURandomCrop& params, Sample& sample, Draw& draw);
Bound bound(const MinIoURandomCrop& params, const Bound& pictures);

/// Adds to hue, saturation and value of the 8-bit picture.
struct YOLOXHSVRandomAug {
  static constexpr auto name = "YOLOXHSVRandomAug";

  double hue_delta = 5.0;  // of 180
  double saturation_delta = 30.0;
  double value_delta = 30.0;
};
void describe(Schema<YOLOXHSVRandomAug>& schema);
FieldUse fields(const YOLOXHSVRandomAug& params);
bool apply(const YOLOXHSVRandomAug& params, Sample& sample, Draw& draw);
Bound bound(const YOLOXHSVRandomAug& params, const Bound& pictures);

/// Changes brightness, contrast, colour and hue of the 8-bit picture, in an order that is drawn.
struct ColorJitter {
  static constexpr auto name = "ColorJitter";
  using Amount = std::variant<double, std::array<double, 2>>;

  Amount brightness = 0.0;  // the factor is drawn from 1 - it to 1 + it, or from a range
  Amount contrast = 0.0;
  Amount saturation = 0.0;
  Amount hue = 0.0;  // circles, at most 0.5
  image::Library backend = image::Library::pillow;
};
void describe(Schema<ColorJitter>& schema);
FieldUse fields(const ColorJitter& params);
bool apply(const ColorJitter& params, Sample& sample, Draw& draw);
Bound bound(const ColorJitter& params, const Bound& pictures);

/// Moves the picture inside its frame.
struct RandomShift {
  static constexpr auto name = "RandomShift";

  double prob = 0.5;
  int max_shift_px = 32;
  int filter_thr_px = 1;  // boxes must stay wider and higher than this
};
void describe(Schema<RandomShift>& schema);
FieldUse fields(const RandomShift& params);
bool apply(const RandomShift& params, Sample& sample, Draw& draw);
Bound bound(const RandomShift& params, const Bound& pictures);

/// Writes one colour over random windows.
struct CutOut {
  static constexpr auto name = "CutOut";

  std::variant<int, std::array<int, 2>> n_holes = 1;
  std::optional<std::variant<Size, std::vector<Size>>> cutout_shape = {};  // pixels
  std::optional<std::variant<std::array<double, 2>, std::vector<std::array<double, 2>>>>
      cutout_ratio = {};  // parts of (w, h)
  std::array<double, 3> fill_in = {};
};
void describe(Schema<CutOut>& schema);
FieldUse fields(const CutOut& params);
bool apply(const CutOut& params, Sample& sample, Draw& draw);
Bound bound(const CutOut& params, const Bound& pictures);

/// Writes one colour over random windows; boxes that they cover go.
struct RandomErasing {
  static constexpr auto name = "RandomErasing";

  std::variant<int, std::array<int, 2>> n_patches = 1;
  std::variant<double, std::array<double, 2>> ratio = 0.2;  // of each side
  bool squared = true;                                      // the same part of both sides
  double bbox_erased_thr = 0.9;
  std::variant<double, std::array<double, 3>> img_border_value = 128.0;
  double mask_border_value = 0.0;
};
void describe(Schema<RandomErasing>& schema);
FieldUse fields(const RandomErasing& params);
bool apply(const RandomErasing& params, Sample& sample, Draw& draw);
Bound bound(const RandomErasing& params, const Bound& pictures);

/// Four pictures around a random centre.
struct Mosaic {
  static constexpr auto name = "Mosaic";

  Size img_scale = {640, 640};  // of a quarter
  std::array<double, 2> center_ratio_range = {0.5, 1.5};
  bool bbox_clip_border = true;
  double pad_val = 114.0;
  double prob = 1.0;
};
void describe(Schema<Mosaic>& schema);
FieldUse fields(const Mosaic& params);
bool apply(const Mosaic& params, Sample& sample, Draw& draw);
Bound bound(const Mosaic& params, const Bound& pictures);

/// Mosaic whose other pictures are samples that came before.
struct CachedMosaic : Mosaic {
  static constexpr auto name = "CachedMosaic";

  int max_cached_images = 40;
  bool random_pop = true;  // which sample goes when there are too many; else the oldest
};
void describe(Schema<CachedMosaic>& schema);
FieldUse fields(const CachedMosaic& params);
bool apply(const CachedMosaic& params, Sample& sample, Draw& draw);
Bound bound(const CachedMosaic& params, const Bound& pictures);

/// What MixUp writes where the other picture does not reach.
struct MixUpPad {
  std::array<double, 3> channels = {114.0, 114.0, 114.0};
  bool whole = false;  // written as an int: upstream then resizes bytes, not doubles
};

/// The mean of the picture and another one at another scale.
struct MixUp {
  static constexpr auto name = "MixUp";

  Size img_scale = {640, 640};
  std::array<double, 2> ratio_range = {0.5, 1.5};
  double flip_ratio = 0.5;
  MixUpPad pad_val = {};
  int max_iters = 15;  // draws until the other has boxes
  bool bbox_clip_border = true;
};
void describe(Schema<MixUp>& schema);
FieldUse fields(const MixUp& params);
bool apply(const MixUp& params, Sample& sample, Draw& draw);
Bound bound(const MixUp& params, const Bound& pictures);

/// MixUp whose other picture is a sample that came before.
struct CachedMixUp : MixUp {
  static constexpr auto name = "CachedMixUp";

  int max_cached_images = 20;
  bool random_pop = true;
  double prob = 1.0;
};
void describe(Schema<CachedMixUp>& schema);
FieldUse fields(const CachedMixUp& params);
bool apply(const CachedMixUp& params, Sample& sample, Draw& draw);

/// Rotates, scales, shears and moves. Boxes become those around their moved corners.
struct RandomAffine {
  static constexpr auto name = "RandomAffine";

  double max_rotate_degree = 10.0;
  double max_translate_ratio = 0.1;
  std::array<double, 2> scaling_ratio_range = {0.5, 1.5};
  double max_shear_degree = 2.0;
  std::array<int, 2> border = {0, 0};  // added on each side, (w, h); negative cuts
  std::array<double, 3> border_val = {114.0, 114.0, 114.0};
  bool bbox_clip_border = true;
};
void describe(Schema<RandomAffine>& schema);
FieldUse fields(const RandomAffine& params);
bool apply(const RandomAffine& params, Sample& sample, Draw& draw);
Bound bound(const RandomAffine& params, const Bound& pictures);

/// Keeps the middle of the picture.
struct CenterCrop {
  static constexpr auto name = "CenterCrop";

  std::variant<int, Size> crop_size = 0;
  bool clip_object_border = true;
};
void describe(Schema<CenterCrop>& schema);
FieldUse fields(const CenterCrop& params);
bool apply(const CenterCrop& params, Sample& sample, Draw& draw);
Bound bound(const CenterCrop& params, const Bound& pictures);

}  // namespace pinfeed
