// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/build/make_detector.h"

#include <optional>
#include <string>

#include "pinfeed/models/backbones/resnet.h"
#include "pinfeed/models/backbones/vit.h"
#include "pinfeed/models/dense_heads/fcos_head.h"
#include "pinfeed/models/detectors/single_stage.h"
#include "pinfeed/models/necks/fpn.h"
#include "pinfeed/models/necks/simple_fpn.h"
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

}  // namespace

std::shared_ptr<Model> make_network(const FCOS& params) {
  const std::shared_ptr<Backbone> backbone = make_part(params.backbone);
  const std::shared_ptr<Neck> neck = make_part(params.neck);
  const std::shared_ptr<DenseHead> head = make_part(params.bbox_head, params.test_cfg);
  auto model = std::make_shared<SingleStageDetector>(backbone, neck, head);
  if (const auto init = init_of(params.backbone)) {
    model->load_messages.push_back(load_named(*backbone, *init));
  }
  if (params.init_cfg) {
    model->load_messages.push_back(load_named(*model, params.init_cfg->get()));
  }
  return model;
}

}  // namespace pinfeed
