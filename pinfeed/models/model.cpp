// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/model.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

std::vector<Detections> Model::predict(const ModelInput&) {
  throw Error(ErrorKind::config, "this model detects nothing, so it cannot be evaluated")
      .help("train a detector from its weights: backbone.init_cfg=dict(type='Pretrained', ...)");
}

LayerDepth Model::layer_depth(const std::string&) const { return {}; }

bool Model::has_weight_decay(const std::string&) const { return true; }

std::string Model::upstream_name(const std::string& parameter) const { return parameter; }

}  // namespace pinfeed
