// SPDX-License-Identifier: Apache-2.0
// Dense heads that refine anchors.
#pragma once

#include <optional>

#include "pinfeed/schemas/detection_schemas.h"
#include "pinfeed/schemas/layer_schemas.h"
#include "pinfeed/schemas/loss_schemas.h"
#include "pinfeed/schemas/task_schemas.h"

namespace pinfeed {

/// Which anchors a head is trained with.
struct AnchorUse {
  BoxSampler sampler = {PseudoSampler{}};
  int allowed_border = -1;   // pixels; negative: anchors outside the image are used
  double pos_weight = -1.0;  // 0 or less: 1
};
void describe(Schema<AnchorUse>& schema);

/// How a head with anchors is trained.
struct AnchorTrainCfg : AnchorUse {
  static constexpr auto name = "train_cfg";
  OneOf<MaxIoUAssigner> assigner = {};
};
void describe(Schema<AnchorTrainCfg>& schema);

/// The keys of all heads with anchors.
struct AnchorHeadOptions {
  int in_channels = 0;
  int feat_channels = 256;
  OneOf<AnchorGenerator> anchor_generator = {};
  OneOf<DeltaXYWHBBoxCoder> bbox_coder = {};
  bool reg_decoded_bbox = false;
  OneOf<CrossEntropyLoss, FocalLoss> loss_cls = {CrossEntropyLoss{.use_sigmoid = true}};
  BoxLoss loss_bbox = {SmoothL1Loss{.beta = 1.0 / 9.0}};
};
void describe(Schema<AnchorHeadOptions>& schema);
/// Whether classes are predicted by sigmoids: without a channel for the background.
bool uses_sigmoid(const AnchorHeadOptions& params);

/// Proposes regions that contain an object of any class.
struct RPNHead : AnchorHeadOptions {
  static constexpr auto name = "RPNHead";
  int num_convs = 1;
  int num_classes = 1;
};
void describe(Schema<RPNHead>& schema);

/// The head of RetinaNet: a tower of convolutions for classes and one for boxes.
struct RetinaHead : AnchorHeadOptions {
  static constexpr auto name = "RetinaHead";
  int num_classes = 0;
  int stacked_convs = 4;
  std::optional<OneOf<GN>> norm_cfg = {};
  std::optional<OneOf<Conv2d>> conv_cfg = {};
};
void describe(Schema<RetinaHead>& schema);

}  // namespace pinfeed
