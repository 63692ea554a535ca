// SPDX-License-Identifier: Apache-2.0
// A whole config from a seed: a data set, its pipeline, how samples are batched.
#pragma once

#include <string>
#include <vector>

#include "tests/pipelines/random_steps.h"

namespace pinfeed::pipelines {

struct RandomConfig {
  std::string text = {};
  bool replay = false;
  std::string on_bad_sample = "raise";
};

/// Broken images are used only where bad samples are replaced.
enum class Images { healthy, some_broken };

inline std::vector<std::string> loading_steps(Choices& any, SampleState& state) {
  state.is_float = any.chance(0.2);
  state.objects = any.chance(0.92);
  state.masks = state.objects && any.chance(0.4);
  std::vector<std::string> steps = {
      StepText("LoadImageFromFile").key("to_float32", state.is_float).done()};
  if (!state.objects) return steps;
  steps.push_back(StepText("LoadAnnotations")
                      .key("with_bbox", true)
                      .key("with_mask", state.masks)
                      .key("poly2mask", any.chance(0.5))
                      .done());
  return steps;
}

inline void add_steps(std::vector<std::string>& steps, int most, Choices& any, SampleState& state) {
  for (int i = any.whole(0, most); i > 0; --i) steps.push_back(random_step(any, state));
}

// Steps that make all images equal, for collates that stack them.
inline void add_equal_size(std::vector<std::string>& steps, Choices& any) {
  const std::string size = fmt::format("({}, {})", any.whole(1, 150), any.whole(1, 150));
  steps.push_back(StepText("Resize").key("scale", size).done());
}

inline std::string data_set(Choices& any, Images images, const std::vector<std::string>& steps) {
  const bool coco = any.chance(0.5);
  StepText set(coco ? "CocoDataset" : "BaseDetDataset");
  set.name("data_root", "@FOLDER@").key("data_prefix", coco ? "dict(img='')" : "dict(img_path='')");
  const std::string file = images == Images::healthy ? "healthy" : "broken";
  set.name("ann_file", file + (coco ? "_coco.json" : "_records.json"));
  return set.key("metainfo", "dict(classes=('a', 'b'))")
      .key("max_refetch", 40)
      .key("pipeline", listed(steps))
      .done();
}

// Mosaic and MixUp take other samples of an inner data set.
inline std::string mixed_set(Choices& any, const std::string& inner, SampleState& state,
                             const std::string& pack) {
  std::vector<std::string> steps;
  const bool takes_mosaic = state.objects && !state.masks;
  if (takes_mosaic && any.chance(0.8)) steps.push_back(mosaic(any, state));
  add_steps(steps, 2, any, state);
  if (takes_mosaic && !state.is_float && any.chance(0.8)) steps.push_back(mix_up(any, state));
  add_steps(steps, 1, any, state);
  if (pack.starts_with("dict(type='PackInputs'")) add_equal_size(steps, any);
  steps.push_back(pack);
  return StepText("MultiImageMixDataset")
      .key("dataset", inner)
      .key("pipeline", listed(steps))
      .done();
}

inline RandomConfig random_config(std::uint64_t seed, Images images) {
  Choices any(seed);
  RandomConfig config;
  config.replay = any.chance(0.4);
  if (images == Images::some_broken) {
    config.on_bad_sample = any.name_of({"skip", "refetch"});
  }
  SampleState state;
  std::vector<std::string> steps = loading_steps(any, state);
  const bool stacks = any.chance(0.2);
  const std::string pack = StepText(stacks ? "PackInputs" : "PackDetInputs").done();
  add_steps(steps, 5, any, state);
  std::string set;
  if (any.chance(0.25)) {
    set = mixed_set(any, data_set(any, images, steps), state, pack);
  } else {
    if (stacks) add_equal_size(steps, any);
    steps.push_back(pack);
    set = data_set(any, images, steps);
  }
  const std::string collate(
      stacks ? "default_collate" : any.name_of({"pseudo_collate", "pad_collate", "pack_collate"}));
  const int workers = any.whole(0, 3);
  config.text = fmt::format(
      "# seed {}, replay {}, {}\n"
      "train_dataloader = dict(\n    batch_size={}, num_workers={}, persistent_workers={},\n"
      "    sampler=dict(type='DefaultSampler', shuffle={}), collate_fn=dict(type='{}'),\n"
      "    dataset={})\n",
      seed, config.replay, config.on_bad_sample, any.whole(1, 5), workers,
      text(workers > 0 && any.chance(0.5)), text(any.chance(0.7)), collate, set);
  return config;
}

}  // namespace pinfeed::pipelines
