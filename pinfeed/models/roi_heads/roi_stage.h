// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/models/roi_heads/bbox_head.h"
#include "pinfeed/models/roi_heads/mask_head.h"
#include "pinfeed/schemas/two_stage_schema.h"

namespace pinfeed {

/// One stage of a RoI head: a box head, optionally a mask head, and what they read.
struct RoIStageNet {
  SingleRoIExtractor box_extractor = {};
  std::shared_ptr<BoxHeadNet> box_head = nullptr;
  SingleRoIExtractor mask_extractor = {};
  std::shared_ptr<MaskHeadNet> mask_head = nullptr;  // null: no masks
  bool shares_regions = false;  // masks read the regions that were cut out for the boxes
  std::optional<RcnnTrainCfg> train_cfg = {};
  std::string module = {};  // for random numbers

  /// Assigns objects to the proposals of each image and samples them, on the host. Throws
  /// Error(config) without train_cfg.
  std::vector<SampledBoxes> sample(const std::vector<Detections>& proposals,
                                   const std::vector<DetDataSample>& samples,
                                   const ModelRandom& random) const;
  /// The prediction for regions (K, 5) of the host, on the device of the maps.
  BoxPrediction predict_boxes(const FeatureMaps& levels, const torch::Tensor& regions) const;
  /// The probabilities (K, classes, h, w) of masks in regions (K, 5) of the host.
  torch::Tensor predict_masks(const FeatureMaps& levels, const torch::Tensor& regions) const;

  /// What a stage computes in training.
  struct Trained {
    Losses losses = {};
    BoxPrediction boxes = {};
  };
  Trained train(const FeatureMaps& levels, const std::vector<SampledBoxes>& sampled,
                const std::vector<DetDataSample>& samples) const;
};

/// The detections with masks in the pixels of the stored image; their boxes are in pixels of the
/// input and become those of the stored image. `probabilities` (K, h, w) are of all images.
void add_masks(std::vector<Detections>& found, const torch::Tensor& probabilities,
               const std::vector<DetDataSample>& samples, double threshold);

/// The boxes of each image.
std::vector<torch::Tensor> boxes_of(const std::vector<Detections>& found);

}  // namespace pinfeed
