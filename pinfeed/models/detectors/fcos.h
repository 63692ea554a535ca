// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/models/backbones/vit.h"
#include "pinfeed/models/dense_heads/fcos_head.h"
#include "pinfeed/models/model.h"
#include "pinfeed/models/necks/simple_fpn.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// A ViT with a simple feature pyramid and an FCOS head, named as in mmdet: backbone, neck,
/// bbox_head.
class FcosNet : public Model {
 public:
  explicit FcosNet(const FCOS& params);
  Losses losses(const ModelInput& input) override;
  std::vector<Detections> predict(const ModelInput& input) override;
  std::pair<int, int> layer_depth(const std::string& parameter) const override;

 private:
  FCOS params_;
  std::shared_ptr<VitNet> backbone_ = nullptr;
  std::shared_ptr<FpnNet> neck_ = nullptr;
  std::shared_ptr<FcosHeadNet> bbox_head_ = nullptr;
};

}  // namespace pinfeed
