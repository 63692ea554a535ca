// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/detector.h"

#include <optional>
#include <utility>

namespace pinfeed {
namespace {

// The name inside the backbone; empty for a parameter of another part.
std::optional<std::string> name_in_backbone(const std::string& parameter) {
  const std::string prefix = "backbone.";
  if (!parameter.starts_with(prefix)) return std::nullopt;
  return parameter.substr(prefix.size());
}

}  // namespace

Detector::Detector(std::shared_ptr<Backbone> backbone, std::shared_ptr<Neck> neck)
    : backbone_(register_module("backbone", std::move(backbone))), neck_(std::move(neck)) {
  if (neck_) register_module("neck", neck_);
}

LayerDepth Detector::layer_depth(const std::string& parameter) const {
  if (const auto inner = name_in_backbone(parameter)) return backbone_->layer_depth(*inner);
  const int count = backbone_->layer_depth("").count;
  return {.depth = count - 1, .count = count};
}

bool Detector::has_weight_decay(const std::string& parameter) const {
  const auto inner = name_in_backbone(parameter);
  return !inner || backbone_->has_weight_decay(*inner);
}

FeatureMaps Detector::extract_features(const ModelInput& input) {
  FeatureMaps maps = backbone_->forward(input.images, input.random);
  return neck_ ? neck_->forward(maps) : maps;
}

}  // namespace pinfeed
