// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/build/make_detector.h"

#include <optional>
#include <string>

#include "pinfeed/models/backbones/resnet.h"
#include "pinfeed/models/backbones/vit.h"
#include "pinfeed/models/dense_heads/fcos_head.h"
#include "pinfeed/models/dense_heads/gfl_head.h"
#include "pinfeed/models/dense_heads/retina_head.h"
#include "pinfeed/models/dense_heads/rpn_head.h"
#include "pinfeed/models/detectors/single_stage.h"
#include "pinfeed/models/detectors/two_stage.h"
#include "pinfeed/models/necks/fpn.h"
#include "pinfeed/models/necks/simple_fpn.h"
#include "pinfeed/models/roi_heads/cascade_roi_head.h"
#include "pinfeed/models/roi_heads/standard_roi_head.h"
#include "pinfeed/models/weights.h"

namespace pinfeed {
namespace {

// A type in one of these lists (schemas/detector_schema.h) without a function that builds it does
// not compile.
std::shared_ptr<Backbone> make_part(const DetectorBackbone& config) {
  return std::visit([](const auto& params) { return make_backbone(params); }, config.part);
}

std::shared_ptr<Neck> make_part(const DetectorNeck& config) {
  return std::visit([](const auto& params) { return make_neck(params); }, config.part);
}

std::shared_ptr<DenseHead> make_part(const DetectorHead& config, const DenseTestCfg& test_cfg) {
  return std::visit([&](const auto& params) { return make_dense_head(params, test_cfg); },
                    config.part);
}

std::optional<Pretrained> init_of(const DetectorBackbone& config) {
  const auto* resnet = config.as<ResNet>();
  if (resnet != nullptr && resnet->pretrained) return Pretrained{.checkpoint = *resnet->pretrained};
  const auto init = std::visit([](const auto& params) { return params.init_cfg; }, config.part);
  return init ? std::optional(init->get()) : std::nullopt;
}

// Loads the weights that init_cfg names: of the backbone, then of the whole model.
template <class Params>
void load_initial_weights(const Params& params, Backbone& backbone, Model& model) {
  if (const auto init = init_of(params.backbone)) {
    model.load_messages.push_back(load_named(backbone, *init));
  }
  if (params.init_cfg) {
    model.load_messages.push_back(load_named(model, params.init_cfg->get()));
  }
}

// A one-stage detector whose head has anchors.
template <class Params>
std::shared_ptr<Model> make_with_anchors(const Params& params) {
  const std::shared_ptr<Backbone> backbone = make_part(params.backbone);
  const std::shared_ptr<Neck> neck = make_part(params.neck);
  const std::shared_ptr<DenseHead> head =
      make_dense_head(params.bbox_head.get(), params.train_cfg, params.test_cfg);
  auto model = std::make_shared<SingleStageDetector>(backbone, neck, head);
  load_initial_weights(params, *backbone, *model);
  return model;
}

std::shared_ptr<RoIHead> make_part(const StandardRoIHead& params, const TwoStageOptions& model) {
  std::optional<RcnnTrainCfg> train_cfg;
  if (model.train_cfg) train_cfg = model.train_cfg->rcnn.at(0);
  return std::make_shared<StandardRoIHeadNet>(params, train_cfg, model.test_cfg.rcnn);
}

std::shared_ptr<RoIHead> make_part(const CascadeRoIHead& params, const TwoStageOptions& model) {
  std::optional<PerStage<RcnnTrainCfg>> train_cfg;
  if (model.train_cfg) train_cfg = model.train_cfg->rcnn;
  return std::make_shared<CascadeRoIHeadNet>(params, train_cfg, model.test_cfg.rcnn);
}

std::shared_ptr<Model> make_two_stage(const TwoStageOptions& params) {
  const std::shared_ptr<Backbone> backbone = make_part(params.backbone);
  const std::shared_ptr<Neck> neck = make_part(params.neck);
  std::optional<AnchorTrainCfg> rpn_train;
  ProposalCfg proposals = params.test_cfg.rpn;
  if (params.train_cfg) {
    rpn_train = params.train_cfg->rpn;
    proposals = params.train_cfg->rpn_proposal.value_or(proposals);
  }
  const std::shared_ptr<RpnHeadNet> rpn =
      make_rpn_head(params.rpn_head.get(), rpn_train, params.test_cfg.rpn);
  const std::shared_ptr<RoIHead> roi =
      std::visit([&](const auto& part) { return make_part(part, params); }, params.roi_head.part);
  auto model = std::make_shared<TwoStageDetector>(backbone, neck, rpn, roi, proposals);
  load_initial_weights(params, *backbone, *model);
  return model;
}

}  // namespace

std::shared_ptr<Model> make_network(const FCOS& params) {
  const std::shared_ptr<Backbone> backbone = make_part(params.backbone);
  const std::shared_ptr<Neck> neck = make_part(params.neck);
  const std::shared_ptr<DenseHead> head = make_part(params.bbox_head, params.test_cfg);
  auto model = std::make_shared<SingleStageDetector>(backbone, neck, head);
  load_initial_weights(params, *backbone, *model);
  return model;
}

std::shared_ptr<Model> make_network(const RetinaNet& params) { return make_with_anchors(params); }

std::shared_ptr<Model> make_network(const GFL& params) { return make_with_anchors(params); }

std::shared_ptr<Model> make_network(const FasterRCNN& params) { return make_two_stage(params); }

std::shared_ptr<Model> make_network(const MaskRCNN& params) { return make_two_stage(params); }

std::shared_ptr<Model> make_network(const CascadeRCNN& params) { return make_two_stage(params); }

}  // namespace pinfeed
