// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "pinfeed/models/detector_parts.h"

namespace pinfeed {

/// A model made of a backbone, a neck and heads, which a derived class adds. The parts have mmdet's
/// names: "backbone", "neck".
class Detector : public Model {
 public:
  /// `neck` may be null: then the heads read the maps of the backbone.
  Detector(std::shared_ptr<Backbone> backbone, std::shared_ptr<Neck> neck);

  /// The backbone decides for its parameters; all others have the last depth and weight decay.
  LayerDepth layer_depth(const std::string& parameter) const override;
  bool has_weight_decay(const std::string& parameter) const override;

  /// The levels that the heads read.
  FeatureMaps extract_features(const ModelInput& input);
  Backbone& backbone() { return *backbone_; }

 private:
  std::shared_ptr<Backbone> backbone_;
  std::shared_ptr<Neck> neck_;
};

}  // namespace pinfeed
