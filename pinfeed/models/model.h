// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/image/draw/run_mask.h"
#include "pinfeed/models/model_random.h"
#include "pinfeed/models/truth_masks.h"

namespace pinfeed {

/// Ground truth and metadata of one image, as mmdet's class of this name.
struct DetDataSample {
  torch::Tensor boxes = {};          // (n, 4) float32, x1 y1 x2 y2 in pixels of the network's input
  torch::Tensor labels = {};         // (n) int64
  torch::Tensor ignored_boxes = {};  // (m, 4) float32
  std::int64_t img_id = 0;
  bool has_img_id = false;
  Size ori_shape = {};       // of the stored image
  Size img_shape = {};       // of the image inside the padded input
  Size pad_shape = {};       // with the padding of its own; no size: the whole input
  double scale_width = 1.0;  // input pixels per stored pixel
  double scale_height = 1.0;
  bool has_truth = true;  // boxes and labels were loaded, even if there are none
  std::shared_ptr<const TruthMasks> masks = {};  // one for each box; null: not loaded

  // The sample as it was before its tensors were copied to a device; null: they are on the host.
  std::shared_ptr<const DetDataSample> before_copy = {};

  /// The sample with tensors of the host.
  const DetDataSample& on_host() const { return before_copy ? *before_copy : *this; }
};

/// One batch on the model's device.
struct ModelInput {
  torch::Tensor images = {};  // (N, 3, H, W) float32, normalised and padded
  std::vector<DetDataSample> data_samples = {};
  ModelRandom random = {};  // for the random numbers of this step
};

/// Detections in one image, best first, in pixels of the stored image.
struct Detections {
  torch::Tensor boxes = {};         // (n, 4) float32, x1 y1 x2 y2
  torch::Tensor scores = {};        // (n) float32
  torch::Tensor labels = {};        // (n) int64
  std::vector<RunMask> masks = {};  // n, of the stored image's size; none without a mask head
};

/// Scalars by name, in the order they are logged. The training loss is the sum of those whose name
/// contains "loss".
using Losses = std::vector<std::pair<std::string, torch::Tensor>>;

/// The depth of the layer that owns a parameter, 0 <= depth < count, for layer-wise decay of the
/// learning rate. The last depth (count - 1) has the full rate.
struct LayerDepth {
  int depth = 0;
  int count = 1;

  bool operator==(const LayerDepth&) const = default;
};

/// What the user should know about weights that were loaded from a file.
struct LoadMessages {
  std::string summary = {};  // one line
  std::vector<std::string> warnings = {};
};

/// A network that pinfeed can train. Parameters have upstream's names, so that checkpoints fit.
class Model : public torch::nn::Module {
 public:
  virtual Losses losses(const ModelInput& input) = 0;
  /// The detections in each image. Called in eval mode without gradients. Throws Error(config) for
  /// a model that is not a detector.
  virtual std::vector<Detections> predict(const ModelInput& input);
  /// What a self-supervised model makes of images, as columns of a picture: each (N, 3, H, W) and
  /// normalised as the input. MAE gives the images, the visible patches, and the reconstruction.
  /// Empty for other models, of which has_pictures() is false.
  virtual std::vector<torch::Tensor> pictures(const ModelInput&) { return {}; }
  virtual bool has_pictures() const { return false; }
  /// See docs/specs/openmmlab-runtime.md, 2.3. One depth for all parameters unless overridden.
  virtual LayerDepth layer_depth(const std::string& parameter) const;
  /// False for parameters that mmdet's layer-wise decay exempts from weight decay
  /// (docs/specs/openmmlab-data.md, 5.4).
  virtual bool has_weight_decay(const std::string& parameter) const;

  /// The full name that upstream's model gives to a parameter; keys of configs that contain parts
  /// of names are matched with it. The same name unless overridden.
  virtual std::string upstream_name(const std::string& parameter) const;

  /// Of each file that init_cfg loaded.
  std::vector<LoadMessages> load_messages = {};
};

}  // namespace pinfeed
