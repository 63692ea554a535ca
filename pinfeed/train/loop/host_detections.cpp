// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/host_detections.h"

namespace pinfeed {

HostDetections::HostDetections(const Detections& found)
    : scores_(found.scores.to(torch::kCPU, torch::kFloat).contiguous()),
      labels_(found.labels.to(torch::kCPU, torch::kLong).contiguous()),
      masks_(found.masks) {
  const torch::Tensor boxes = found.boxes.to(torch::kCPU, torch::kFloat).contiguous();
  const auto* corners = boxes.const_data_ptr<float>();
  for (std::int64_t i = 0; i < scores_.numel(); ++i, corners += 4)
    boxes_.push_back({corners[0], corners[1], corners[2], corners[3]});
}

}  // namespace pinfeed
