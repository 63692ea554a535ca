// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/schemas/layer_schemas.h"
#include "pinfeed/schemas/loss_schemas.h"

namespace pinfeed {

/// Plain backbone of a detector (docs/specs/openmmlab-data.md, 5.3): one map, stride patch_size, no
/// final norm.
struct ViT {
  static constexpr auto name = "ViT";
  int img_size = 1024;  // the size that global relative positions are made for
  int patch_size = 16;
  int in_chans = 3;
  int embed_dim = 768;
  int depth = 12;
  int num_heads = 12;
  double mlp_ratio = 4.0;
  bool qkv_bias = true;
  double drop_path_rate = 0.0;
  OneOf<LN> norm_cfg = {};
  OneOf<GELU> act_cfg = {};
  bool use_abs_pos = true;
  bool use_rel_pos = false;
  bool rel_pos_zero_init = true;
  int window_size = 0;  // tokens; 0: every block is global
  std::vector<int> window_block_indexes = {0, 1, 3, 4, 6, 7, 9, 10};
  int pretrain_img_size = 224;  // decides the number of stored positions
  bool pretrain_use_cls_token = true;
  std::optional<OneOf<Pretrained>> init_cfg = {};
};
void describe(Schema<ViT>& schema);

/// Feature pyramid from one map: x4, x2, x1, /2, then stride-2 subsampling up to num_outs.
struct SimpleFPN {
  static constexpr auto name = "SimpleFPN";
  int backbone_channel = 768;
  std::vector<int> in_channels = {192, 384, 768, 768};
  int out_channels = 256;
  int num_outs = 4;
  std::optional<OneOf<LN2d>> norm_cfg = {};
  std::optional<OneOf<Conv2d>> conv_cfg = {};
};
void describe(Schema<SimpleFPN>& schema);

/// The channels and strides (in pixels) of feature maps, finest first.
struct FeatureShapes {
  std::vector<int> channels = {};
  std::vector<int> strides = {};
};
/// The maps that a backbone gives.
FeatureShapes output_shapes(const ViT& params);
/// The levels that a neck makes of maps. Throws Error(config) for maps that it does not accept.
FeatureShapes output_shapes(const SimpleFPN& params, const FeatureShapes& input);

/// Non-maximum suppression, class by class.
struct Nms {
  static constexpr auto name = "nms";
  double iou_threshold = 0.5;
};
void describe(Schema<Nms>& schema);

/// How points become detections. -1 lifts a limit.
struct DenseTestCfg {
  static constexpr auto name = "test_cfg";
  int nms_pre = -1;            // candidates kept per level
  double min_bbox_size = 0.0;  // pixels of the stored image
  double score_thr = 0.05;
  OneOf<Nms> nms = {};
  int max_per_img = 100;
};
void describe(Schema<DenseTestCfg>& schema);

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
using DetectorBackbone = OneOf<ViT>;
using DetectorNeck = OneOf<SimpleFPN>;
using DetectorHead = OneOf<FCOSHead>;

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

}  // namespace pinfeed
