// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/model.h"

#include "pinfeed/config/catalog.h"
#include "pinfeed/train/models/fcos_net.h"
#include "pinfeed/train/models/mae_net.h"

namespace pinfeed {
namespace {

struct NoContext {};

// The networks of the menu: a new one needs its line here.
Catalog<std::shared_ptr<Model>, NoContext> networks() {
  Catalog<std::shared_ptr<Model>, NoContext> catalog("model");
  catalog.add_with<MAE>(
      [](const MAE& params, NoContext) { return std::make_shared<MaeNet>(params); });
  catalog.add_with<FCOS>(
      [](const FCOS& params, NoContext) { return std::make_shared<FcosNet>(params); });
  return catalog;
}

}  // namespace

std::vector<Detections> Model::predict(const ModelInput&) {
  throw Error(ErrorKind::config, "this model detects nothing, so it cannot be evaluated")
      .help("train a detector from its weights: backbone.init_cfg=dict(type='Pretrained', ...)");
}

std::pair<int, int> Model::layer_depth(const std::string&) const { return {0, 1}; }

std::shared_ptr<Model> make_model(const Value& model, const std::string& path) {
  return networks().make(model, path, {});
}

}  // namespace pinfeed
