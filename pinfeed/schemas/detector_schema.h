// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/schemas/anchor_head_schemas.h"
#include "pinfeed/schemas/detection_schemas.h"
#include "pinfeed/schemas/feature_shapes.h"
#include "pinfeed/schemas/fpn_schema.h"
#include "pinfeed/schemas/layer_schemas.h"
#include "pinfeed/schemas/loss_schemas.h"
#include "pinfeed/schemas/resnet_schema.h"
#include "pinfeed/schemas/simple_fpn_schema.h"
#include "pinfeed/schemas/vit_schema.h"

namespace pinfeed {

/// Anchor-free head: every point of a level predicts classes, four distances and centre-ness.
struct FCOSHead {
  static constexpr auto name = "FCOSHead";
  int num_classes = 0;
  int in_channels = 0;
  int feat_channels = 256;
  int stacked_convs = 4;
  std::vector<int> strides = {4, 8, 16, 32, 64};
  std::vector<std::array<double, 2>> regress_ranges = {
      {-1, 64}, {64, 128}, {128, 256}, {256, 512}, {512, 1e8}};
  bool center_sampling = false;
  double center_sample_radius = 1.5;
  bool norm_on_bbox = false;
  bool centerness_on_reg = false;
  std::variant<bool, std::string> conv_bias = "auto";
  std::optional<OneOf<GN>> norm_cfg = OneOf<GN>{};
  OneOf<FocalLoss> loss_cls = {};
  OneOf<IoULoss, GIoULoss> loss_bbox = {};
  OneOf<CrossEntropyLoss> loss_centerness = {CrossEntropyLoss{.use_sigmoid = true}};
  std::optional<OneOf<Conv2d>> conv_cfg = {};
};
void describe(Schema<FCOSHead>& schema);

/// The parts that a detector can be made of. A new backbone, neck or head joins its list here;
/// models/build/make_detector.cpp builds it by make_backbone(), make_neck() or make_dense_head(),
/// and output_shapes() lets the config be checked without torch.
using DetectorBackbone = OneOf<ViT, ResNet>;
using DetectorNeck = OneOf<SimpleFPN, FPN>;
using DetectorHead = OneOf<FCOSHead>;

/// The levels that the neck makes of the backbone's maps. Throws Error(config) for parts that do
/// not fit together.
FeatureShapes levels_of(const DetectorBackbone& backbone, const DetectorNeck& neck);

/// Throws Error(config) unless a dense head fits these levels. The keys are those of its strides
/// and channels, for the message.
void check_dense_levels(const FeatureShapes& levels, const std::vector<int>& strides,
                        int in_channels, const std::string& strides_key,
                        const std::string& channels_key);

/// FCOS: a one-stage detector without anchors.
struct FCOS {
  static constexpr auto name = "FCOS";
  DetectorBackbone backbone = {};
  DetectorNeck neck = {};
  DetectorHead bbox_head = {};
  DenseTestCfg test_cfg = {};
  std::optional<OneOf<Pretrained>> init_cfg = {};
};
void describe(Schema<FCOS>& schema);

/// RetinaNet: a one-stage detector with anchors.
struct RetinaNet {
  static constexpr auto name = "RetinaNet";
  DetectorBackbone backbone = {};
  DetectorNeck neck = {};
  OneOf<RetinaHead> bbox_head = {};
  std::optional<AnchorTrainCfg> train_cfg = {};
  DenseTestCfg test_cfg = {};
  std::optional<OneOf<Pretrained>> init_cfg = {};
};
void describe(Schema<RetinaNet>& schema);

}  // namespace pinfeed
