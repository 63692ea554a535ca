// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pinfeed/schemas/anchor_head_schemas.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// How GFLHead is trained.
struct GFLTrainCfg : AnchorUse {
  static constexpr auto name = "train_cfg";
  OneOf<ATSSAssigner> assigner = {};
};
void describe(Schema<GFLTrainCfg>& schema);

/// Dense head with one anchor at each position: the probability of a class is the IoU of its box,
/// and each distance to a side is a distribution over 0 .. reg_max strides.
struct GFLHead {
  static constexpr auto name = "GFLHead";
  int num_classes = 0;
  int in_channels = 0;
  int feat_channels = 256;
  int stacked_convs = 4;
  int reg_max = 16;  // strides
  OneOf<AnchorGenerator> anchor_generator = {};
  OneOf<DistancePointBBoxCoder> bbox_coder = {};
  OneOf<QualityFocalLoss> loss_cls = {};
  OneOf<DistributionFocalLoss> loss_dfl = {DistributionFocalLoss{.loss_weight = 0.25}};
  BoxLoss loss_bbox = {GIoULoss{}};
  std::optional<OneOf<GN>> norm_cfg = OneOf<GN>{};
  std::optional<OneOf<Conv2d>> conv_cfg = {};
};
void describe(Schema<GFLHead>& schema);

/// GFL: a one-stage detector with generalized focal losses.
struct GFL {
  static constexpr auto name = "GFL";
  DetectorBackbone backbone = {};
  DetectorNeck neck = {};
  OneOf<GFLHead> bbox_head = {};
  std::optional<GFLTrainCfg> train_cfg = {};
  DenseTestCfg test_cfg = {};
  std::optional<OneOf<Pretrained>> init_cfg = {};
};
void describe(Schema<GFL>& schema);

}  // namespace pinfeed
