// SPDX-License-Identifier: Apache-2.0
// The contracts of the parts of a detector. A part has a parameter struct in schemas/ and a class
// here; a `make_...` function in the header of the class builds it from the struct.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "pinfeed/models/model.h"

namespace pinfeed {

/// Feature maps of a batch, finest first, each (N, channels, H, W).
using FeatureMaps = std::vector<torch::Tensor>;

/// Turns images into feature maps.
class Backbone : public torch::nn::Module {
 public:
  /// `images` is (N, 3, H, W). `random` is for drop path in training. Throws Error(data) for a size
  /// that the backbone does not take.
  virtual FeatureMaps forward(const torch::Tensor& images, const ModelRandom& random) = 0;
  /// The channels of each map.
  virtual std::vector<std::int64_t> out_channels() const = 0;
  /// The depth of a parameter, named without the prefix "backbone.". Any other name, also the empty
  /// one, has the last depth.
  virtual LayerDepth layer_depth(const std::string&) const { return {}; }
  /// As Model::has_weight_decay().
  virtual bool has_weight_decay(const std::string&) const { return true; }
};

/// Turns the maps of a backbone into the levels that the heads read.
class Neck : public torch::nn::Module {
 public:
  virtual FeatureMaps forward(const FeatureMaps& maps) = 0;
  /// The channels of each level.
  virtual std::vector<std::int64_t> out_channels() const = 0;
};

/// Predicts at every position of every level: the head of a one-stage detector, or an RPN head.
class DenseHead : public torch::nn::Module {
 public:
  virtual Losses losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                        const ModelRandom& random) = 0;
  /// The detections in each image of `samples`.
  virtual std::vector<Detections> predict(const FeatureMaps& levels,
                                          const std::vector<DetDataSample>& samples) = 0;
};

/// Refines proposals: the second stage of a two-stage detector. `proposals` has one entry per
/// image, in pixels of the network's input. They are in memory of the host, where NMS made them;
/// so is what a head derives from them: assigned objects, samples, targets and levels.
class RoIHead : public torch::nn::Module {
 public:
  virtual Losses losses(const FeatureMaps& levels, const std::vector<Detections>& proposals,
                        const std::vector<DetDataSample>& samples, const ModelRandom& random) = 0;
  virtual std::vector<Detections> predict(const FeatureMaps& levels,
                                          const std::vector<Detections>& proposals,
                                          const std::vector<DetDataSample>& samples) = 0;
};

}  // namespace pinfeed
