// SPDX-License-Identifier: Apache-2.0
// Steps that change the size and place of images, with keys from their whole range.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/pipelines/choices.h"
#include "tests/pipelines/sample_state.h"

namespace pinfeed::pipelines {

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

}  // namespace pinfeed::pipelines
