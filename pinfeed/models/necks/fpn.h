// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/layers/conv.h"
#include "pinfeed/schemas/fpn_schema.h"

namespace pinfeed {

/// Feature pyramid network. Parameters have the names of mmdet's FPN.
class PyramidNet : public Neck {
 public:
  explicit PyramidNet(const FPN& params);
  /// The maps of the backbone -> num_outs levels.
  FeatureMaps forward(const FeatureMaps& maps) override;
  std::vector<std::int64_t> out_channels() const override;

 private:
  FeatureMaps laterals(const FeatureMaps& maps);
  void add_extra_levels(const FeatureMaps& maps, const torch::Tensor& last_lateral,
                        FeatureMaps& levels);

  FPN params_;
  std::vector<std::shared_ptr<ConvNorm>> lateral_ = {};
  std::vector<std::shared_ptr<ConvNorm>> smooth_ = {};  // and those of extra levels
};

std::shared_ptr<Neck> make_neck(const FPN& params);

}  // namespace pinfeed
