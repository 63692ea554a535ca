// SPDX-License-Identifier: Apache-2.0
// Every transform with keys from its whole range.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/pipelines/choices.h"

namespace pinfeed::pipelines {

/// What is known about a sample before a step: steps that would always fail are chosen rarely.
struct SampleState {
  bool is_float = false;
  bool objects = true;  // boxes and labels
  bool masks = false;
};

enum class Needs { nothing, bytes, floats, no_masks, objects, objects_no_masks, bytes_objects };

inline bool fits(Needs needs, const SampleState& state) {
  switch (needs) {
    case Needs::nothing: return true;
    case Needs::bytes: return !state.is_float;
    case Needs::floats: return state.is_float && state.objects && !state.masks;
    case Needs::no_masks: return !state.masks;
    case Needs::objects: return state.objects;
    case Needs::objects_no_masks: return state.objects && !state.masks;
    case Needs::bytes_objects: return state.objects && !state.is_float;
  }
  return false;
}

inline void add_resize_keys(StepText& step, Choices& any, const SampleState& state) {
  const bool pillow = !state.is_float && any.chance(0.3);
  step.key("keep_ratio", any.chance(0.5)).key("clip_object_border", any.chance(0.5));
  step.name("backend", pillow ? "pillow" : "cv2");
  step.name("interpolation",
            pillow
                ? any.name_of({"bilinear", "bicubic", "box", "lanczos", "hamming"})
                : any.name_of({"nearest", "bilinear", "bilinear", "bicubic", "area", "lanczos"}));
}

inline std::string resize(std::string_view type, Choices& any, const SampleState& state) {
  StepText step(type);
  if (any.chance(0.6)) {
    step.key("scale", any.size());
  } else {
    step.key("scale_factor", any.factor());
  }
  add_resize_keys(step, any, state);
  return step.done();
}

inline std::string random_resize(Choices& any, const SampleState& state) {
  StepText step("RandomResize");
  if (any.chance(0.5)) {
    step.key("scale", fmt::format("[{}, {}]", any.size(), any.size()));
  } else {
    step.key("scale", any.size()).key("ratio_range", any.range(0.4, 2.0));
  }
  if (any.chance(0.2)) step.name("resize_type", "FixScaleResize");
  add_resize_keys(step, any, state);
  return step.done();
}

inline std::string choice_resize(Choices& any, const SampleState& state) {
  StepText step("RandomChoiceResize");
  step.key("scales", fmt::format("[{}, {}]", any.size(), any.size()));
  add_resize_keys(step, any, state);
  return step.done();
}

inline std::string shortest_edge(Choices& any, const SampleState& state) {
  StepText step("ResizeShortestEdge");
  step.key("scale", any.side()).key("max_size", any.whole(1, 300));
  add_resize_keys(step, any, state);
  return step.done();
}

inline std::string fix_shape(Choices& any, const SampleState& state) {
  StepText step("FixShapeResize");
  step.key("width", any.side()).key("height", any.side());
  add_resize_keys(step, any, state);
  return step.done();
}

inline std::string flip(Choices& any, const SampleState&) {
  if (any.chance(0.5)) {
    return StepText("RandomFlip")
        .key("prob", fmt::format("{:.6f}", any.probability()))
        .name("direction", any.name_of({"horizontal", "vertical", "diagonal"}))
        .done();
  }
  return StepText("RandomFlip")
      .key("prob", "[0.25, 0.5, 0.25]")
      .key("direction", "['horizontal', 'vertical', 'diagonal']")
      .done();
}

inline std::string crop(Choices& any, const SampleState&) {
  StepText step("RandomCrop");
  const std::string_view type =
      any.name_of({"absolute", "absolute_range", "relative", "relative_range"});
  if (type == "absolute") {
    step.key("crop_size", any.size());
  } else if (type == "absolute_range") {
    const int low = any.whole(1, 100);
    step.key("crop_size", fmt::format("({}, {})", low, any.whole(low, 150)));
  } else {
    step.key("crop_size", fmt::format("({}, {})", any.real(0.5, 1.0), any.real(0.5, 1.0)));
  }
  return step.name("crop_type", type)
      .key("allow_negative_crop", any.chance(0.85))
      .key("recompute_bbox", any.chance(0.4))
      .key("bbox_clip_border", any.chance(0.5))
      .done();
}

inline std::string min_iou_crop(Choices& any, const SampleState&) {
  return StepText("MinIoURandomCrop")
      .key("min_ious", any.name_of({"[0.1, 0.5, 0.9]", "[]", "[0.0]", "[1.0, 0.3]"}))
      .key("min_crop_size", any.probability())
      .key("bbox_clip_border", any.chance(0.5))
      .done();
}

inline std::string center_crop(Choices& any, const SampleState&) {
  return StepText("CenterCrop")
      .key("crop_size", any.size())
      .key("clip_object_border", any.chance(0.5))
      .done();
}

inline std::string center_crop_pad(Choices& any, const SampleState&) {
  StepText step("RandomCenterCropPad");
  step.key("mean", any.color()).key("std", "(1, 2, 3)").key("to_rgb", any.chance(0.5));
  if (any.chance(0.4)) {
    step.key("test_mode", true).key("crop_size", "None").key("ratios", "None");
    step.key("border", "None").key("test_pad_add_pix", any.whole(0, 40));
    if (any.chance(0.5)) return step.key("test_pad_mode", "('logical_or', 31)").done();
    return step.key("test_pad_mode", fmt::format("('size_divisor', {})", any.whole(1, 40))).done();
  }
  step.key("crop_size", fmt::format("({}, {})", any.whole(4, 200), any.whole(4, 200)));
  step.key("ratios", any.name_of({"[0.5, 1.0]", "[1.0]", "[0.9, 1.0, 1.1, 2.0]"}));
  step.key("border", any.one_of({1, 2, 16, 128, 1000})).key("test_pad_mode", "None");
  return step.done();
}

inline std::string resized_crop(Choices& any, const SampleState& state) {
  const bool pillow = !state.is_float && any.chance(0.5);
  return StepText("RandomResizedCrop")
      .key("scale", any.size())
      .key("crop_ratio_range", any.range(0.01, any.chance(0.1) ? 3.0 : 1.0))
      .key("aspect_ratio_range", any.name_of({"(0.75, 1.33)", "(3.0, 4.0)", "(0.001, 0.002)",
                                              "(1000.0, 2000.0)", "(0.1, 10.0)"}))
      .key("max_attempts", any.one_of({0, 1, 10}))
      .name("backend", pillow ? "pillow" : "cv2")
      .name("interpolation", any.name_of({"bilinear", "bicubic", pillow ? "box" : "nearest"}))
      .done();
}

inline std::string shift(Choices& any, const SampleState&) {
  return StepText("RandomShift")
      .key("prob", any.probability())
      .key("max_shift_px", any.one_of({1, 5, 32, 200, 100000}))
      .key("filter_thr_px", any.one_of({-1, 0, 1, 10}))
      .done();
}

inline std::string affine(Choices& any, const SampleState&) {
  StepText step("RandomAffine");
  step.key("max_rotate_degree", any.one_of({0.0, 10.0, 90.0, 360.0}))
      .key("max_translate_ratio", any.probability())
      .key("scaling_ratio_range", any.name_of({"(0.5, 1.5)", "(0.001, 0.01)", "(10.0, 1000.0)",
                                               "(1e-30, 1e-20)", "(1.0, 1.0)"}))
      .key("max_shear_degree", any.one_of({0.0, 2.0, 45.0, 90.0}))
      .key("border_val", any.color())
      .key("bbox_clip_border", any.chance(0.5));
  if (any.chance(0.4)) {
    const int low = any.chance(0.1) ? -40 : 0;
    step.key("border", fmt::format("({}, {})", any.whole(low, 30), any.whole(low, 30)));
  }
  return step.done();
}

inline std::string expand(Choices& any, const SampleState&) {
  return StepText("Expand")
      .key("mean", any.color())
      .key("to_rgb", any.chance(0.5))
      .key("ratio_range", any.range(1.0, any.chance(0.01) ? 1e6 : 3.0))
      .key("prob", any.probability())
      .done();
}

inline std::string pad(Choices& any, const SampleState&) {
  StepText step("Pad");
  switch (any.whole(0, 3)) {
    case 0: step.key("size", any.size()); break;
    case 1: step.key("size_divisor", any.one_of({1, 2, 7, 32, 100})); break;
    case 2: step.key("pad_to_square", true); break;
    default: step.key("pad_to_square", true).key("size_divisor", any.whole(1, 40)); break;
  }
  step.key("pad_val",
           fmt::format("dict(img=({}, 5, 300), masks={})", any.whole(-5, 260), any.whole(0, 1)));
  return step
      .name("padding_mode", any.name_of({"constant", "constant", "edge", "reflect", "symmetric"}))
      .done();
}

inline std::string cut_out(Choices& any, const SampleState&) {
  StepText step("CutOut");
  const int fewest = any.whole(0, 12);
  if (any.chance(0.5)) {
    step.key("n_holes", any.chance(0.02) ? 3000 : fewest);
  } else {
    step.key("n_holes", fmt::format("({}, {})", fewest, fewest + any.whole(1, 5)));
  }
  step.key("fill_in", any.color());
  if (any.chance(0.5)) {
    return step
        .key("cutout_shape", any.chance(0.2) ? "(2147483647, 2147483647)"
                                             : fmt::format("[{}, {}]", any.size(), any.size()))
        .done();
  }
  return step.key("cutout_ratio", fmt::format("({}, {})", any.factor(), any.factor())).done();
}

inline std::string erasing(Choices& any, const SampleState&) {
  return StepText("RandomErasing")
      .key("n_patches", any.whole(0, 5))
      .key("ratio", any.range(0.0, any.chance(0.05) ? 1.0 : 0.9))
      .key("squared", any.chance(0.5))
      .key("bbox_erased_thr", any.probability())
      .key("img_border_value", any.real(-20, 300))
      .key("mask_border_value", any.whole(0, 1))
      .done();
}

inline void add_mosaic_keys(StepText& step, Choices& any) {
  step.key("img_scale", fmt::format("({}, {})", any.whole(60, 130), any.whole(60, 130)))
      .key("center_ratio_range", any.name_of({"(0.5, 1.5)", "(0.0, 2.0)", "(1.0, 1.0)"}))
      .key("bbox_clip_border", any.chance(0.5))
      .key("pad_val", any.one_of({0, 114, 255}))
      .key("prob", any.probability());
}

inline std::string cached_mosaic(Choices& any, const SampleState&) {
  StepText step("CachedMosaic");
  add_mosaic_keys(step, any);
  return step.key("max_cached_images", any.whole(4, 12)).key("random_pop", any.chance(0.5)).done();
}

inline std::string mosaic(Choices& any, const SampleState&) {
  StepText step("Mosaic");
  add_mosaic_keys(step, any);
  return step.done();
}

inline void add_mix_up_keys(StepText& step, Choices& any) {
  step.key("img_scale", fmt::format("({}, {})", any.whole(60, 130), any.whole(60, 130)))
      .key("ratio_range", any.range(0.5, 2.0))
      .key("flip_ratio", any.probability())
      .key("pad_val", any.name_of({"114", "114.0", "(1.0, 2.0, 3.0)"}))
      .key("max_iters", any.whole(1, 15))
      .key("bbox_clip_border", any.chance(0.5));
}

inline std::string cached_mix_up(Choices& any, const SampleState&) {
  StepText step("CachedMixUp");
  add_mix_up_keys(step, any);
  return step.key("max_cached_images", any.whole(2, 12))
      .key("random_pop", any.chance(0.5))
      .key("prob", any.probability())
      .done();
}

inline std::string mix_up(Choices& any, const SampleState&) {
  StepText step("MixUp");
  add_mix_up_keys(step, any);
  return step.done();
}

inline std::string photo_metric(Choices& any, const SampleState&) {
  return StepText("PhotoMetricDistortion")
      .key("brightness_delta", any.one_of({0.0, 32.0, 1e6, 1e30}))
      .key("contrast_range", any.name_of({"(0.5, 1.5)", "(0.0, 0.0)", "(-3.0, 1e30)"}))
      .key("saturation_range", any.name_of({"(0.5, 1.5)", "(-1.0, 1e30)"}))
      .key("hue_delta", any.one_of({0.0, 18.0, 720.0, 1e20}))
      .done();
}

inline std::string hsv(Choices& any, const SampleState&) {
  return StepText("YOLOXHSVRandomAug")
      .key("hue_delta", any.one_of({0.0, 5.0, 500.0, 1e12}))
      .key("saturation_delta", any.one_of({0.0, 30.0, 40000.0}))
      .key("value_delta", any.one_of({0.0, 30.0, 1e300}))
      .done();
}

inline std::string jitter(Choices& any, const SampleState&) {
  return StepText("ColorJitter")
      .key("brightness", any.one_of({0.0, 0.4, 2.0, 1e300}))
      .key("contrast", any.one_of({0.0, 0.4, 1e38}))
      .key("saturation", any.name_of({"0.4", "(0.0, 3.0)"}))
      .key("hue", any.one_of({0.0, 0.1, 0.5}))
      .done();
}

inline std::string normalize(Choices& any, const SampleState&) {
  return StepText("Normalize")
      .key("mean", any.color())
      .key("std", any.name_of({"(1, 1, 1)", "(58.4, 57.1, 57.4)"}))
      .key("to_rgb", any.chance(0.5))
      .done();
}

inline std::string filter(Choices& any, const SampleState& state) {
  return StepText("FilterAnnotations")
      .key("min_gt_bbox_wh", any.name_of({"(1, 1)", "(0, 0)", "(20, 5)", "(-1, -1)"}))
      .key("by_mask", state.masks && any.chance(0.5))
      .key("min_gt_mask_area", any.one_of({0, 1, 50}))
      .key("keep_empty", any.chance(0.15))
      .done();
}

struct StepRule {
  Needs needs = Needs::nothing;
  std::function<std::string(Choices&, const SampleState&)> make = {};
  bool makes_float = false;
  bool breaks_masks = false;  // changes the image and not the masks
};

inline const std::vector<StepRule>& step_rules() {
  using namespace std::placeholders;
  static const std::vector<StepRule> all = {
      {Needs::nothing, std::bind(resize, "Resize", _1, _2)},
      {Needs::nothing, std::bind(resize, "FixScaleResize", _1, _2)},
      {Needs::nothing, random_resize},
      {Needs::nothing, choice_resize},
      {Needs::nothing, shortest_edge},
      {Needs::nothing, fix_shape},
      {Needs::nothing, flip},
      {Needs::nothing, crop},
      {Needs::objects, min_iou_crop},
      {Needs::nothing, center_crop},
      {Needs::floats, center_crop_pad},
      {Needs::no_masks, resized_crop, false, true},
      {Needs::objects_no_masks, shift},
      {Needs::objects_no_masks, affine},
      {Needs::nothing, expand},
      {Needs::nothing, pad},
      {Needs::nothing, cut_out},
      {Needs::nothing, erasing},
      {Needs::objects, cached_mosaic},
      {Needs::bytes_objects, cached_mix_up},
      {Needs::nothing, photo_metric, true},
      {Needs::bytes, hsv},
      {Needs::bytes, jitter},
      {Needs::nothing, normalize, true},
      {Needs::objects, filter},
  };
  return all;
}

/// A random step; `inner` steps change nothing that later steps depend on.
inline std::string random_step(Choices& any, SampleState& state, bool inner = false);

inline std::string nested_step(Choices& any, SampleState& state) {
  std::vector<std::string> steps;
  for (int i = any.whole(1, 2); i > 0; --i) steps.push_back(random_step(any, state, true));
  if (any.chance(0.5)) {
    return StepText("RandomApply")
        .key("transforms", listed(steps))
        .key("prob", any.probability())
        .done();
  }
  const std::string other = random_step(any, state, true);
  return StepText("RandomChoice")
      .key("transforms", fmt::format("[{}, [{}]]", listed(steps), other))
      .done();
}

inline std::string random_step(Choices& any, SampleState& state, bool inner) {
  if (!inner && any.chance(0.1)) return nested_step(any, state);
  const bool careless = any.chance(0.01);
  while (true) {
    const std::vector<StepRule>& rules = step_rules();
    const StepRule& rule =
        rules[static_cast<std::size_t>(any.whole(0, static_cast<int>(rules.size()) - 1))];
    if (!careless && !fits(rule.needs, state)) continue;
    if (inner && rule.makes_float) continue;
    std::string text = rule.make(any, state);
    state.is_float = state.is_float || rule.makes_float;
    return text;
  }
}

}  // namespace pinfeed::pipelines
