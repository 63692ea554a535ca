// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/ops/nms.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {
namespace {

float area(const Box& box) { return (box.x2 - box.x1) * (box.y2 - box.y1); }

float iou(const Box& a, const Box& b) {
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (width <= 0.0F || height <= 0.0F) return 0.0F;
  const float common = width * height;
  return common / (area(a) + area(b) - common);
}

std::vector<std::int64_t> best_first(const at::Tensor& scores) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(scores.size(0)));
  std::iota(order.begin(), order.end(), 0);
  const float* score = scores.const_data_ptr<float>();
  std::stable_sort(order.begin(), order.end(),
                   [score](auto a, auto b) { return score[a] > score[b]; });
  return order;
}

}  // namespace

at::Tensor nms(const at::Tensor& boxes, const at::Tensor& scores, const at::Tensor& labels,
               double threshold) {
  const at::Tensor rows = boxes.contiguous();
  const at::Tensor classes = labels.contiguous();
  const float limit = static_cast<float>(threshold);
  std::unordered_map<std::int64_t, std::vector<Box>> better_of;
  std::vector<std::int64_t> remaining;
  for (const std::int64_t i : best_first(scores.contiguous())) {
    const float* row = rows.const_data_ptr<float>() + 4 * i;
    const Box box = {row[0], row[1], row[2], row[3]};
    std::vector<Box>& better = better_of[classes.const_data_ptr<std::int64_t>()[i]];
    const auto covers = [&](const Box& other) { return iou(other, box) > limit; };
    if (std::any_of(better.begin(), better.end(), covers)) continue;
    better.push_back(box);
    remaining.push_back(i);
  }
  return at::tensor(remaining, at::kLong);
}

}  // namespace pinfeed
