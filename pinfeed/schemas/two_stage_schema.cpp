// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's TwoStageDetector.
#include "pinfeed/schemas/two_stage_schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

constexpr auto box_extractor_key = "roi_head.bbox_roi_extractor";
constexpr auto mask_extractor_key = "roi_head.mask_roi_extractor";
constexpr auto box_key = "roi_head.bbox_head";
constexpr auto mask_key = "roi_head.mask_head";

void check_extractor(const SingleRoIExtractor& extractor, const FeatureShapes& levels,
                     const char* key) {
  const auto count = extractor.featmap_strides.size();
  if (count > levels.strides.size() ||
      !std::equal(extractor.featmap_strides.begin(), extractor.featmap_strides.end(),
                  levels.strides.begin())) {
    throw Error(
        ErrorKind::config,
        fmt::format("{}.featmap_strides is [{}]; the neck makes levels of strides [{}]", key,
                    fmt::join(extractor.featmap_strides, ", "), fmt::join(levels.strides, ", ")))
        .help("it must name the first of these levels");
  }
  if (extractor.out_channels == levels.channels.front()) return;
  throw_config_error(fmt::format("{}.out_channels is {}; the levels have {} channels", key,
                                 extractor.out_channels, levels.channels.front()));
}

void check_box_stage(const SingleRoIExtractor& extractor, const BBoxHead& box_head) {
  const ConvFCBBoxHead head = general(box_head);
  const int side = extractor.roi_layer.get().output_size;
  if (head.in_channels != extractor.out_channels) {
    throw_config_error(fmt::format("{}.in_channels is {}; {} gives {}", box_key, head.in_channels,
                                   box_extractor_key, extractor.out_channels));
  }
  if (head.roi_feat_size == side) return;
  throw_config_error(fmt::format("{}.roi_feat_size is {}; {} gives {}", box_key, head.roi_feat_size,
                                 box_extractor_key, side));
}

void check_mask_stage(const SingleRoIExtractor& extractor, const FCNMaskHead& head,
                      const RcnnTrainCfg* train) {
  if (head.in_channels != extractor.out_channels) {
    throw_config_error(fmt::format("{}.in_channels is {}; {} gives {}", mask_key, head.in_channels,
                                   mask_extractor_key, extractor.out_channels));
  }
  const int side = extractor.roi_layer.get().output_size * head.upsample_cfg.get().scale_factor;
  if (train == nullptr || train->mask_size == side) return;
  throw_config_error(
      fmt::format("train_cfg.rcnn.mask_size is {}; the mask head predicts {} x {} cells",
                  train->mask_size, side, side));
}

// All heads number the classes of the first box head. A mask head with class_agnostic has none.
void check_classes(const BBoxHead& head, const FCNMaskHead* masks, int want) {
  const int have = general(head).num_classes;
  if (have != want) {
    throw_config_error(
        fmt::format("{}.num_classes is {}; that of the first stage is {}", box_key, have, want));
  }
  if (masks == nullptr || masks->class_agnostic || masks->num_classes == want) return;
  throw_config_error(fmt::format("{}.num_classes is {}; {}.num_classes is {}", mask_key,
                                 masks->num_classes, box_key, want));
}

// The parts of one stage of any RoI head.
struct RoIStage {
  const SingleRoIExtractor* box_extractor = nullptr;
  const BBoxHead* box_head = nullptr;
  const SingleRoIExtractor* mask_extractor = nullptr;
  const FCNMaskHead* mask_head = nullptr;  // null: no masks
};

RoIStage stage_of(const StandardRoIHead& head, std::size_t) {
  const auto& boxes = head.bbox_roi_extractor.get();
  return {&boxes, &head.bbox_head,
          head.mask_roi_extractor ? &head.mask_roi_extractor->get() : &boxes,
          head.mask_head ? &head.mask_head->get() : nullptr};
}

RoIStage stage_of(const CascadeRoIHead& head, std::size_t stage) {
  const auto& boxes = head.bbox_roi_extractor.at(stage).get();
  return {&boxes, &head.bbox_head.at(stage),
          head.mask_roi_extractor ? &head.mask_roi_extractor->at(stage).get() : &boxes,
          head.mask_head ? &head.mask_head->at(stage).get() : nullptr};
}

void check_roi_head(const TwoStageOptions& model, const FeatureShapes& levels) {
  const auto stages = static_cast<std::size_t>(stages_of(model.roi_head));
  if (model.train_cfg && !model.train_cfg->rcnn.fits(stages)) {
    throw_config_error(fmt::format("train_cfg.rcnn has {} entries; the RoI head has {} stages",
                                   model.train_cfg->rcnn.items.size(), stages));
  }
  int classes = 0;
  for (std::size_t i = 0; i < stages; ++i) {
    const RoIStage stage =
        std::visit([i](const auto& head) { return stage_of(head, i); }, model.roi_head.part);
    check_extractor(*stage.box_extractor, levels, box_extractor_key);
    check_box_stage(*stage.box_extractor, *stage.box_head);
    if (i == 0) classes = general(*stage.box_head).num_classes;
    check_classes(*stage.box_head, stage.mask_head, classes);
    if (stage.mask_head == nullptr) continue;
    check_extractor(*stage.mask_extractor, levels, mask_extractor_key);
    check_mask_stage(*stage.mask_extractor, *stage.mask_head,
                     model.train_cfg ? &model.train_cfg->rcnn.at(i) : nullptr);
  }
}

void check_two_stage(const TwoStageOptions& model) {
  const FeatureShapes levels = levels_of(model.backbone, model.neck);
  const RPNHead& rpn = model.rpn_head.get();
  check_dense_levels(levels, rpn.anchor_generator.get().strides, rpn.in_channels,
                     "rpn_head.anchor_generator.strides", "rpn_head.in_channels");
  check_roi_head(model, levels);
}

}  // namespace

int stages_of(const DetectorRoIHead& head) {
  const auto* cascade = head.as<CascadeRoIHead>();
  return cascade != nullptr ? cascade->num_stages : 1;
}

bool predicts_masks(const DetectorRoIHead& head) {
  return std::visit([](const auto& part) { return part.mask_head.has_value(); }, head.part);
}

void describe(Schema<RcnnTrainCfg>& schema) {
  schema.summary("How proposals are assigned and sampled.")
      .required("assigner", &RcnnTrainCfg::assigner, "which proposals have which object")
      .required("sampler", &RcnnTrainCfg::sampler, "which proposals are used")
      .optional("mask_size", &RcnnTrainCfg::mask_size, "cells of a side of the mask targets",
                at_least(1))
      .required("pos_weight", &RcnnTrainCfg::pos_weight,
                "weight of positives in loss_cls; 0 or less: 1")
      .refused("soft_mask_target", "mask targets are 0 or 1")
      .accepted("debug", "it prints nothing");
}

void describe(Schema<TwoStageTrainCfg>& schema) {
  schema.summary("How a two-stage detector is trained.")
      .required("rpn", &TwoStageTrainCfg::rpn, "how the anchors of the RPN are used")
      .optional("rpn_proposal", &TwoStageTrainCfg::rpn_proposal,
                "how proposals are made; None: as test_cfg.rpn")
      .required("rcnn", &TwoStageTrainCfg::rcnn,
                "how proposals are used; of a cascade a list with one entry for each stage");
}

void describe(Schema<TwoStageTestCfg>& schema) {
  schema.summary("How a two-stage detector detects.")
      .required("rpn", &TwoStageTestCfg::rpn, "how proposals are made")
      .required("rcnn", &TwoStageTestCfg::rcnn, "how proposals become detections");
}

void describe(Schema<TwoStageOptions>& schema) {
  schema.required("backbone", &TwoStageOptions::backbone, "the encoder")
      .required("neck", &TwoStageOptions::neck, "the pyramid")
      .required("rpn_head", &TwoStageOptions::rpn_head, "the first stage: proposals")
      .required("roi_head", &TwoStageOptions::roi_head, "the second stage: boxes and masks")
      .optional("train_cfg", &TwoStageOptions::train_cfg, "how it is trained; not needed to detect")
      .required("test_cfg", &TwoStageOptions::test_cfg, "how it detects")
      .optional("init_cfg", &TwoStageOptions::init_cfg, "Pretrained: weights of the whole detector")
      .accepted("data_preprocessor", "the trainer builds it")
      .check(check_two_stage);
}

void describe(Schema<FasterRCNN>& schema) {
  schema.summary("Two-stage detector: proposals of an RPN, refined by a RoI head.")
      .include<TwoStageOptions>();
}

void describe(Schema<MaskRCNN>& schema) {
  schema.summary("FasterRCNN with a mask head.").include<TwoStageOptions>();
}

void describe(Schema<CascadeRCNN>& schema) {
  schema.summary("FasterRCNN with several stages of refinement.").include<TwoStageOptions>();
}

}  // namespace pinfeed
