// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, DeltaXYWHBBoxCoder and DistancePointBBoxCoder.
#include "pinfeed/models/task_modules/box_coder.h"

#include <cmath>

#include "pinfeed/models/device_copies.h"

namespace pinfeed {
namespace {

const double largest_log_ratio = std::fabs(std::log(16.0 / 1000.0));

torch::Tensor four(const std::array<double, 4>& values, const torch::Tensor& like) {
  const torch::Tensor numbers = torch::tensor(torch::ArrayRef<double>(values.data(), values.size()),
                                              torch::TensorOptions(torch::kFloat));
  return sent(numbers, like.device()).view({1, 4});
}

struct Placed {
  torch::Tensor center = {};  // (n, 2)
  torch::Tensor sides = {};   // (n, 2)
};

Placed placed(const torch::Tensor& boxes) {
  const torch::Tensor low = boxes.narrow(1, 0, 2);
  const torch::Tensor high = boxes.narrow(1, 2, 2);
  return {(low + high) * 0.5, high - low};
}

torch::Tensor clipped(const torch::Tensor& low, const torch::Tensor& high, Size border) {
  const torch::Tensor sides =
      torch::tensor({border.width, border.height}, torch::TensorOptions(torch::kFloat));
  const torch::Tensor most = sent(sides, low.device());
  const torch::Tensor least = torch::zeros_like(most);
  return torch::cat({low.clamp(least, most), high.clamp(least, most)}, 1);
}

}  // namespace

torch::Tensor encoded_boxes(const DeltaXYWHBBoxCoder& params, const torch::Tensor& priors,
                            const torch::Tensor& boxes) {
  const Placed from = placed(priors);
  const Placed to = placed(boxes);
  const torch::Tensor codes =
      torch::cat({(to.center - from.center) / from.sides, (to.sides / from.sides).log()}, 1);
  return (codes - four(params.target_means, codes)) / four(params.target_stds, codes);
}

torch::Tensor decoded_boxes(const DeltaXYWHBBoxCoder& params, const torch::Tensor& priors,
                            const torch::Tensor& codes, Size border) {
  const std::int64_t per_prior = codes.size(1) / 4;
  const torch::Tensor rows = codes.to(torch::kFloat).reshape({-1, 4});
  const torch::Tensor plain =
      rows * four(params.target_stds, rows) + four(params.target_means, rows);
  const Placed from = placed(priors.repeat_interleave(per_prior, 0));
  torch::Tensor offset = from.sides * plain.narrow(1, 0, 2);
  torch::Tensor ratio = plain.narrow(1, 2, 2);
  if (params.add_ctr_clamp) {
    offset = offset.clamp(-params.ctr_clamp, params.ctr_clamp);
    ratio = ratio.clamp_max(largest_log_ratio);
  } else {
    ratio = ratio.clamp(-largest_log_ratio, largest_log_ratio);
  }
  const torch::Tensor center = from.center + offset;
  const torch::Tensor half = from.sides * ratio.exp() * 0.5;
  const torch::Tensor low = center - half;
  const torch::Tensor high = center + half;
  const bool cut = params.clip_border && border != Size{};
  return (cut ? clipped(low, high, border) : torch::cat({low, high}, 1))
      .reshape({codes.size(0), codes.size(1)});
}

torch::Tensor encoded_boxes(const torch::Tensor& points, const torch::Tensor& boxes, double most) {
  const torch::Tensor distances =
      torch::cat({points - boxes.narrow(1, 0, 2), boxes.narrow(1, 2, 2) - points}, 1);
  return distances.clamp(0, most - 0.1);
}

torch::Tensor decoded_boxes(const DistancePointBBoxCoder& params, const torch::Tensor& points,
                            const torch::Tensor& distances, Size border) {
  const torch::Tensor low = points - distances.narrow(1, 0, 2);
  const torch::Tensor high = points + distances.narrow(1, 2, 2);
  const bool cut = params.clip_border && border != Size{};
  return cut ? clipped(low, high, border) : torch::cat({low, high}, 1);
}

}  // namespace pinfeed
