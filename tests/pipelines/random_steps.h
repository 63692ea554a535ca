// SPDX-License-Identifier: Apache-2.0
// A random step of any type that fits the sample.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/pipelines/geometry_steps.h"
#include "tests/pipelines/pixel_steps.h"
#include "tests/pipelines/sample_state.h"

namespace pinfeed::pipelines {

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

struct StepRule {
  Needs needs = Needs::nothing;
  std::function<std::string(Choices&, const SampleState&)> make = {};
  bool makes_float = false;
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
      {Needs::no_masks, resized_crop},
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
