// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <span>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/models/model.h"

namespace pinfeed {

/// The detections of one image in the memory of the host. They refer to the masks of `found`.
class HostDetections {
 public:
  explicit HostDetections(const Detections& found);

  const std::vector<Box>& boxes() const { return boxes_; }
  std::span<const float> scores() const { return {scores_.const_data_ptr<float>(), boxes_.size()}; }
  std::span<const std::int64_t> labels() const {
    return {labels_.const_data_ptr<std::int64_t>(), boxes_.size()};
  }
  std::span<const RunMask> masks() const { return masks_; }

 private:
  torch::Tensor scores_;
  torch::Tensor labels_;
  std::vector<Box> boxes_ = {};
  std::span<const RunMask> masks_ = {};
};

}  // namespace pinfeed
