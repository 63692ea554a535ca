// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// What is known of one image of a batch: the truth to learn from, and how to undo the resize.
struct Target {
  torch::Tensor boxes = {};          // (n, 4) float32, x1 y1 x2 y2 in pixels of the network's input
  torch::Tensor labels = {};         // (n) int64
  torch::Tensor ignored_boxes = {};  // (m, 4) float32
  std::int64_t img_id = 0;
  Size ori_shape = {};       // of the stored image
  Size img_shape = {};       // of the image inside the padded input
  double scale_width = 1.0;  // input pixels per stored pixel
  double scale_height = 1.0;
};

/// One batch on the model's device.
struct ModelInput {
  torch::Tensor images = {};  // (N, 3, H, W) float32, normalised and padded
  std::vector<Target> targets = {};
};

/// What a detector sees in one image, best first, in pixels of the stored image.
struct Detections {
  torch::Tensor boxes = {};   // (n, 4) float32, x1 y1 x2 y2
  torch::Tensor scores = {};  // (n) float32
  torch::Tensor labels = {};  // (n) int64
};

/// Scalars by name, in the order they are logged. The training loss is the sum of those whose name
/// contains "loss".
using Losses = std::vector<std::pair<std::string, torch::Tensor>>;

/// A network that pinfeed can train. Names of parameters are upstream's, so that checkpoints fit.
class Model : public torch::nn::Module {
 public:
  virtual Losses losses(const ModelInput& input) = 0;
  /// Only detectors. Called in eval mode without gradients.
  virtual std::vector<Detections> predict(const ModelInput& input);
  /// (depth of the layer that owns the parameter, number of depths) for layer-wise decay (
  /// docs/specs/openmmlab-runtime.md, 2.3, docs/specs/openmmlab-data.md, 5.4): the patch embedding
  /// is 0, block i is i + 1, everything else the last.
  virtual std::pair<int, int> layer_depth(const std::string& parameter) const;

  /// What building it has to tell the user: weights that init_cfg asked for, tensors they lack.
  std::vector<std::string> notes = {};
};

}  // namespace pinfeed
