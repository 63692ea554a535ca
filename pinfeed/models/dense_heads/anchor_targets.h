// SPDX-License-Identifier: Apache-2.0
// What heads with anchors should predict.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/task_modules/anchors.h"
#include "pinfeed/schemas/anchor_head_schemas.h"

namespace pinfeed {

/// The number of anchors of each level.
using AnchorCounts = std::vector<std::int64_t>;

/// How the anchors of a head get their targets.
struct AnchorRules {
  const AnchorGenerator& generator;
  const AnchorUse& use;
  int num_classes = 0;
  std::string module = {};  // names the head for random numbers
  /// The object of each of some anchors (n, 4) of an image: (n) int64, numbers from 1; 0: negative;
  /// -1: not used.
  std::function<torch::Tensor(const torch::Tensor& anchors, const AnchorCounts& per_level,
                              const DetDataSample& sample)>
      assign = {};
};

/// What a head with anchors should predict: of all images, anchors numbered from image to image.
struct AnchorTargets {
  torch::Tensor rows = {};             // (s) the anchors that loss_cls uses
  torch::Tensor labels = {};           // (s) int64; the number of classes: background
  torch::Tensor weights = {};          // (s)
  torch::Tensor positives = {};        // (p) the anchors that have an object
  torch::Tensor positive_priors = {};  // (p, 4)
  torch::Tensor truth_boxes = {};      // (p, 4)
  double divisor = 0.0;
};

/// The objects of the anchors of every image.
struct AssignedAnchors {
  struct Image {
    torch::Tensor numbers = {};  // (n) int64, the anchors that the image may use
    torch::Tensor priors = {};   // (n, 4), their boxes
    torch::Tensor objects = {};  // (n) int64, as AnchorRules::assign gives them
  };
  std::vector<Image> images = {};
  torch::Tensor counts = {};  // (N, 2) int64, sample_counts() of each image
};

/// Assigns the anchors of every image. The host does not wait for the device. Throws Error(data)
/// for an image in which no anchor may be used.
AssignedAnchors assigned_anchors(const AnchorRules& rules, const Anchors& anchors,
                                 const FeatureMaps& levels,
                                 const std::vector<DetDataSample>& samples);

/// Samples the anchors of every image. `counts` are those of `assigned` in memory of the host.
AnchorTargets anchor_targets(const AnchorRules& rules, const Anchors& anchors,
                             const AssignedAnchors& assigned, const torch::Tensor& counts,
                             const std::vector<DetDataSample>& samples, const ModelRandom& random);

/// The labels (count) and weights (count) of all anchors of all images. Those that loss_cls does
/// not use are background with the weight 0.
std::pair<torch::Tensor, torch::Tensor> labels_of_all(const AnchorTargets& targets,
                                                      std::int64_t count, int num_classes);

}  // namespace pinfeed
