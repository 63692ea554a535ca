// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/data/bound.h"
#include "pinfeed/data/field.h"
#include "pinfeed/data/random_context.h"
#include "pinfeed/data/sample.h"

namespace pinfeed {

/// A step that enlarges an image makes no more pixels than this.
constexpr std::int64_t most_step_pixels = std::int64_t{1} << 28U;

/// One step of a pipeline, ready to run. Made by a catalog from a struct of parameters and its
/// `apply`; a value, safe to call from any thread.
struct Transform {
  std::string name = {};
  FieldUse use = {};
  /// False: drop this sample.
  std::function<bool(Sample&, RandomContext&)> apply = {};
  /// The bound of the images that come out, by that of those that go in. Without it the images
  /// of a step that changes them have none.
  std::function<Bound(const Bound&)> bound = {};
  std::string config_path = {};  // "train_dataloader.dataset.pipeline[2]"
  SourceSpan span = {};          // where the config writes it
  std::uint32_t step = 0;        // hash of type and occurrence, set by make_pipeline
};

/// Steps in order, with their keys.
using Pipeline = std::vector<Transform>;

/// Gives each step its key and checks it: a step that needs a field which neither `given` nor a
/// step before it creates is Error(config), with its place. `owner` names the pipeline ("" at top).
Pipeline make_pipeline(std::vector<Transform> steps, Fields given, std::uint32_t owner = 0);

/// Runs the steps. False as soon as one drops the sample. An error is given the step it came from.
/// `owner` is the step that the pipeline belongs to, if any.
bool run(const Pipeline& pipeline, Sample& sample, RandomContext& random, std::uint32_t owner = 0);

/// One step, entered under this key.
bool run(const Transform& step, std::uint32_t key, Sample& sample, RandomContext& random);

/// What steps, one after the other, need, update and create.
FieldUse use_of(const std::vector<Transform>& steps);

/// The bound of the images behind the steps.
Bound bound_behind(const std::vector<Transform>& steps, Bound images);

}  // namespace pinfeed
