// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pinfeed/schemas/detector_schema.h"
#include "pinfeed/schemas/roi_schemas.h"

namespace pinfeed {

/// How a RoI head is trained.
struct RcnnTrainCfg {
  static constexpr auto name = "rcnn";
  OneOf<MaxIoUAssigner> assigner = {};
  BoxSampler sampler = {};
  int mask_size = 28;        // cells of a side of the mask targets
  double pos_weight = -1.0;  // 0 or less: 1
};
void describe(Schema<RcnnTrainCfg>& schema);

/// How a two-stage detector is trained.
struct TwoStageTrainCfg {
  static constexpr auto name = "train_cfg";
  AnchorTrainCfg rpn = {};
  std::optional<ProposalCfg> rpn_proposal = {};  // None: test_cfg.rpn
  PerStage<RcnnTrainCfg> rcnn = {};
};
void describe(Schema<TwoStageTrainCfg>& schema);

/// How a two-stage detector detects.
struct TwoStageTestCfg {
  static constexpr auto name = "test_cfg";
  ProposalCfg rpn = {};
  RcnnTestCfg rcnn = {};
};
void describe(Schema<TwoStageTestCfg>& schema);

/// The keys of all two-stage detectors: proposals from an RPN, refined by a RoI head.
struct TwoStageOptions {
  DetectorBackbone backbone = {};
  DetectorNeck neck = {};
  OneOf<RPNHead> rpn_head = {};
  DetectorRoIHead roi_head = {};
  std::optional<TwoStageTrainCfg> train_cfg = {};
  TwoStageTestCfg test_cfg = {};
  std::optional<OneOf<Pretrained>> init_cfg = {};
};
void describe(Schema<TwoStageOptions>& schema);

// As in mmdet these differ only in their names.

struct FasterRCNN : TwoStageOptions {
  static constexpr auto name = "FasterRCNN";
};
void describe(Schema<FasterRCNN>& schema);

struct MaskRCNN : TwoStageOptions {
  static constexpr auto name = "MaskRCNN";
};
void describe(Schema<MaskRCNN>& schema);

struct CascadeRCNN : TwoStageOptions {
  static constexpr auto name = "CascadeRCNN";
};
void describe(Schema<CascadeRCNN>& schema);

/// The stages of a RoI head.
int stages_of(const DetectorRoIHead& head);
/// Whether the RoI head predicts masks.
bool predicts_masks(const DetectorRoIHead& head);

}  // namespace pinfeed
