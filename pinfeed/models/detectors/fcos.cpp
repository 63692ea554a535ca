// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/detectors/fcos.h"

#include "pinfeed/models/detectors/detections.h"
#include "pinfeed/models/weights.h"

namespace pinfeed {

FcosNet::FcosNet(const FCOS& params) : params_(params) {
  backbone_ = register_module("backbone", std::make_shared<VitNet>(params.backbone.get()));
  neck_ = register_module("neck", std::make_shared<FpnNet>(params.neck.get()));
  bbox_head_ = register_module("bbox_head", std::make_shared<FcosHeadNet>(params.bbox_head.get()));
  const std::optional<OneOf<Pretrained>>& backbone_init = params.backbone.get().init_cfg;
  if (backbone_init) notes.push_back(load_named(*backbone_, backbone_init->get().checkpoint));
  if (params.init_cfg) notes.push_back(load_named(*this, params.init_cfg->get().checkpoint));
}

Losses FcosNet::losses(const ModelInput& input) {
  return bbox_head_->losses(neck_->forward(backbone_->forward(input.images)), input.targets);
}

std::vector<Detections> FcosNet::predict(const ModelInput& input) {
  const std::vector<torch::Tensor> levels = neck_->forward(backbone_->forward(input.images));
  const DensePrediction said = bbox_head_->forward(levels);
  const Points points = points_of(levels, params_.bbox_head.get());
  std::vector<Detections> found;
  for (const Target& target : input.targets) {
    found.push_back(detections_of(said, points, std::ssize(found), target, params_));
  }
  return found;
}

std::pair<int, int> FcosNet::layer_depth(const std::string& parameter) const {
  const std::string prefix = "backbone.";
  const bool inside = parameter.rfind(prefix, 0) == 0;
  return vit_layer_depth(inside ? parameter.substr(prefix.size()) : parameter,
                         params_.backbone.get().depth);
}

}  // namespace pinfeed
