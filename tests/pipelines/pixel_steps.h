// SPDX-License-Identifier: Apache-2.0
// Steps that change pixels, mix images or drop objects, with keys from their whole range.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/pipelines/choices.h"
#include "tests/pipelines/sample_state.h"

namespace pinfeed::pipelines {

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

}  // namespace pinfeed::pipelines
