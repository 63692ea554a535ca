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

/// One step of a pipeline, made by a catalog from a struct of parameters and its `apply`. A value;
/// safe to call from any thread.
struct Transform {
  std::string name = {};
  FieldUse use = {};
  /// Returns false to drop the sample.
  std::function<bool(Sample&, RandomContext&)> apply = {};
  /// The bound of the images after the step, from the bound of those before. If it is null, the
  /// images after a step that changes them have no bound.
  std::function<Bound(const Bound&)> bound = {};
  std::string config_path = {};  // "train_dataloader.dataset.pipeline[2]"
  SourceSpan span = {};          // position in the config
  std::uint32_t step = 0;        // hash of type and occurrence, set by make_pipeline
};

/// Steps in order. Their keys are set.
using Pipeline = std::vector<Transform>;

/// Sets the key of each step. Throws Error(config) with the position of the first step that needs a
/// field which is neither in `given` nor created by an earlier step, and of the first step behind
/// the one that packs the sample that does not work on packed inputs. `owner` is the key of the
/// step that contains the pipeline, 0 at top level.
Pipeline make_pipeline(std::vector<Transform> steps, Fields given, std::uint32_t owner = 0);

/// Runs the steps. Returns false as soon as one drops the sample. Errors get the name of the step
/// and the file as context; a step that leaves lists of objects of different lengths is one.
/// `owner` is the key of the step that contains the pipeline, 0 at top
/// level.
bool run(const Pipeline& pipeline, Sample& sample, RandomContext& random, std::uint32_t owner = 0);

/// Runs one step with this key.
bool run(const Transform& step, std::uint32_t key, Sample& sample, RandomContext& random);

/// The fields that the steps together need, update and create.
FieldUse use_of(const std::vector<Transform>& steps);

/// The bound of the images after the steps.
Bound bound_behind(const std::vector<Transform>& steps, Bound images);

}  // namespace pinfeed
