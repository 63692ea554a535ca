// SPDX-License-Identifier: Apache-2.0
// The second stage of a two-stage detector: what is computed for each proposal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/schemas/layer_schemas.h"
#include "pinfeed/schemas/loss_schemas.h"
#include "pinfeed/schemas/task_schemas.h"

namespace pinfeed {

/// Averages a feature map inside a region.
struct RoIAlign {
  static constexpr auto name = "RoIAlign";
  int output_size = 7;     // cells of a side
  int sampling_ratio = 0;  // samples of a cell on each side; 0: one per position of the map
  bool aligned = true;
};
void describe(Schema<RoIAlign>& schema);

/// Cuts the features of each region out of the level that fits its size.
struct SingleRoIExtractor {
  static constexpr auto name = "SingleRoIExtractor";
  OneOf<RoIAlign> roi_layer = {};
  int out_channels = 256;
  std::vector<int> featmap_strides = {};  // pixels
  int finest_scale = 56;                  // pixels
};
void describe(Schema<SingleRoIExtractor>& schema);

/// The normalisations of the convolutions of a RoI head.
using RoINorm = std::optional<OneOf<GN, LN2d>>;

/// The keys of all box heads.
struct BBoxHeadOptions {
  bool with_avg_pool = false;
  int roi_feat_size = 7;
  int in_channels = 256;
  int num_classes = 80;
  OneOf<DeltaXYWHBBoxCoder> bbox_coder = {DeltaXYWHBBoxCoder{.target_stds = {0.1, 0.1, 0.2, 0.2}}};
  bool reg_class_agnostic = false;
  bool reg_decoded_bbox = false;
  int conv_out_channels = 256;
  int fc_out_channels = 1024;
  RoINorm norm_cfg = {};
  std::string predict_box_type = "hbox";
  std::optional<OneOf<Conv2d>> conv_cfg = {};
  OneOf<CrossEntropyLoss> loss_cls = {};
  BoxLoss loss_bbox = {SmoothL1Loss{}};
};
void describe(Schema<BBoxHeadOptions>& schema);

/// Classifies each proposal and refines its box; with convolutions and linear layers that both
/// tasks share, or that one of them has.
struct ConvFCBBoxHead : BBoxHeadOptions {
  static constexpr auto name = "ConvFCBBoxHead";
  int num_shared_convs = 0;
  int num_shared_fcs = 0;
  int num_cls_convs = 0;
  int num_cls_fcs = 0;
  int num_reg_convs = 0;
  int num_reg_fcs = 0;
};
void describe(Schema<ConvFCBBoxHead>& schema);

/// A ConvFCBBoxHead with two linear layers.
struct Shared2FCBBoxHead : BBoxHeadOptions {
  static constexpr auto name = "Shared2FCBBoxHead";
};
void describe(Schema<Shared2FCBBoxHead>& schema);

/// A ConvFCBBoxHead with four convolutions and a linear layer.
struct Shared4Conv1FCBBoxHead : BBoxHeadOptions {
  static constexpr auto name = "Shared4Conv1FCBBoxHead";
};
void describe(Schema<Shared4Conv1FCBBoxHead>& schema);

using BBoxHead = OneOf<Shared2FCBBoxHead, Shared4Conv1FCBBoxHead, ConvFCBBoxHead>;
/// The head as the general one.
ConvFCBBoxHead general(const BBoxHead& head);

/// How the maps of a mask head become larger.
struct Deconv {
  static constexpr auto name = "deconv";
  int scale_factor = 2;
};
void describe(Schema<Deconv>& schema);

/// Predicts the mask of each detection.
struct FCNMaskHead {
  static constexpr auto name = "FCNMaskHead";
  int num_convs = 4;
  int in_channels = 256;
  int conv_kernel_size = 3;
  int conv_out_channels = 256;
  int num_classes = 80;
  bool class_agnostic = false;
  OneOf<Deconv> upsample_cfg = {};
  std::optional<OneOf<Conv2d>> conv_cfg = {};
  RoINorm norm_cfg = {};
  OneOf<CrossEntropyLoss> loss_mask = {CrossEntropyLoss{.use_mask = true}};
};
void describe(Schema<FCNMaskHead>& schema);

/// A part of each stage of a cascade: a list, or one dictionary for all stages.
template <class Part>
struct PerStage {
  std::vector<Part> items = {};
  bool is_list = false;

  /// The part of a stage, from 0.
  const Part& at(std::size_t stage) const { return is_list ? items.at(stage) : items.front(); }
  /// Whether it can serve so many stages.
  bool fits(std::size_t stages) const { return is_list ? items.size() == stages : !items.empty(); }
};

template <class Part>
struct Converter<PerStage<Part>> {
  static PerStage<Part> from(const Value& value, const std::string& path) {
    if (value.is_sequence()) return {convert<std::vector<Part>>(value, path), true};
    return {{convert<Part>(value, path)}, false};
  }
  static std::string wanted() {
    return Converter<Part>::wanted() + " or " + Converter<std::vector<Part>>::wanted();
  }
  static Value shown(const PerStage<Part>& value) {
    if (value.is_list) return Converter<std::vector<Part>>::shown(value.items);
    return value.items.empty() ? Value(Dict{}) : Converter<Part>::shown(value.items.front());
  }
};

/// One box head and, optionally, one mask head.
struct StandardRoIHead {
  static constexpr auto name = "StandardRoIHead";
  OneOf<SingleRoIExtractor> bbox_roi_extractor = {};
  BBoxHead bbox_head = {};
  std::optional<OneOf<SingleRoIExtractor>> mask_roi_extractor = {};  // None: that of the boxes
  std::optional<OneOf<FCNMaskHead>> mask_head = {};
};
void describe(Schema<StandardRoIHead>& schema);

/// Several stages, each of which refines the boxes of the one before.
struct CascadeRoIHead {
  static constexpr auto name = "CascadeRoIHead";
  int num_stages = 3;
  std::vector<double> stage_loss_weights = {};
  PerStage<OneOf<SingleRoIExtractor>> bbox_roi_extractor = {};
  PerStage<BBoxHead> bbox_head = {};
  std::optional<PerStage<OneOf<SingleRoIExtractor>>> mask_roi_extractor = {};
  std::optional<PerStage<OneOf<FCNMaskHead>>> mask_head = {};
};
void describe(Schema<CascadeRoIHead>& schema);

using DetectorRoIHead = OneOf<StandardRoIHead, CascadeRoIHead>;

}  // namespace pinfeed
