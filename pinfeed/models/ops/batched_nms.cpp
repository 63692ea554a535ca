// SPDX-License-Identifier: Apache-2.0
// Source of the rules: batched_nms, nms and soft_nms of mmcv.
#include "pinfeed/models/ops/batched_nms.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {
namespace {

// A box with its area.
struct NmsBox {
  Box box = {};
  float area = 0.0F;
  float score = 0.0F;
  std::int64_t index = 0;
};

float nms_overlap(const NmsBox& a, const NmsBox& b) {
  const float width = std::max(0.0F, std::min(a.box.x2, b.box.x2) - std::max(a.box.x1, b.box.x1));
  const float height = std::max(0.0F, std::min(a.box.y2, b.box.y2) - std::max(a.box.y1, b.box.y1));
  const float common = width * height;
  return common / (a.area + b.area - common);
}

std::vector<NmsBox> nms_boxes_of(const at::Tensor& boxes, const at::Tensor& scores) {
  const at::Tensor rows = boxes.contiguous();
  const at::Tensor values = scores.contiguous();
  std::vector<NmsBox> found(static_cast<std::size_t>(rows.size(0)));
  const auto* corner = rows.const_data_ptr<float>();
  for (std::size_t i = 0; i < found.size(); ++i, corner += 4) {
    found[i] = {.box = {corner[0], corner[1], corner[2], corner[3]},
                .area = (corner[2] - corner[0]) * (corner[3] - corner[1]),
                .score = values.const_data_ptr<float>()[i],
                .index = static_cast<std::int64_t>(i)};
  }
  return found;
}

Suppressed suppressed_of(const std::vector<NmsBox>& remaining) {
  std::vector<std::int64_t> indices;
  std::vector<float> scores;
  for (const NmsBox& candidate : remaining) {
    indices.push_back(candidate.index);
    scores.push_back(candidate.score);
  }
  return {at::tensor(indices, at::kLong), at::tensor(scores, at::kFloat)};
}

// Boxes of different `groups` do not overlap.
std::vector<NmsBox> without_worse(std::vector<NmsBox> sorted, const at::Tensor& groups,
                                  double threshold, std::int64_t limit) {
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const NmsBox& a, const NmsBox& b) { return a.score > b.score; });
  const auto* group = groups.const_data_ptr<std::int64_t>();
  const auto most = static_cast<float>(threshold);
  std::unordered_map<std::int64_t, std::vector<NmsBox>> better_of;
  std::vector<NmsBox> remaining;
  for (const NmsBox& candidate : sorted) {
    if (limit >= 0 && std::ssize(remaining) >= limit) break;
    std::vector<NmsBox>& better = better_of[group[candidate.index]];
    const bool covered = std::any_of(better.begin(), better.end(), [&](const NmsBox& other) {
      return nms_overlap(other, candidate) > most;
    });
    if (covered) continue;
    better.push_back(candidate);
    remaining.push_back(candidate);
  }
  return remaining;
}

float soft_weight(const SoftNms& params, float overlap) {
  if (params.method == "gaussian")
    return std::exp(-(overlap * overlap) / static_cast<float>(params.sigma));
  if (!(overlap >= static_cast<float>(params.iou_threshold))) return 1.0F;
  return params.method == "linear" ? 1.0F - overlap : 0.0F;
}

// Takes the best box, lowers the scores of the others by their overlap with it, and repeats. The
// first of several equal scores is the best.
std::vector<NmsBox> with_lower_scores(std::vector<NmsBox> boxes, const SoftNms& params) {
  const auto least = static_cast<float>(params.min_score);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto first = boxes.begin() + static_cast<std::ptrdiff_t>(i);
    const auto best = std::max_element(
        first, boxes.end(), [](const NmsBox& a, const NmsBox& b) { return a.score < b.score; });
    std::iter_swap(first, best);
    for (std::size_t k = i + 1; k < boxes.size();) {
      boxes[k].score *= soft_weight(params, nms_overlap(boxes[i], boxes[k]));
      if (boxes[k].score >= least) {
        ++k;
        continue;
      }
      std::swap(boxes[k], boxes.back());
      boxes.pop_back();
    }
  }
  return boxes;
}

// The boxes with those of each label in a place of their own.
at::Tensor moved_apart(const at::Tensor& boxes, const at::Tensor& labels) {
  const at::Tensor offset = labels.to(boxes.scalar_type()) * (boxes.max() + 1.0);
  return boxes + offset.unsqueeze(1);
}

}  // namespace

Suppressed batched_nms(const Suppression& params, const at::Tensor& boxes, const at::Tensor& scores,
                       const at::Tensor& labels, std::int64_t limit) {
  if (boxes.size(0) == 0) return {at::empty({0}, at::kLong), at::empty({0}, at::kFloat)};
  const bool agnostic =
      std::visit([](const auto& part) { return part.class_agnostic; }, params.part);
  const std::vector<NmsBox> candidates =
      nms_boxes_of(agnostic ? boxes : moved_apart(boxes, labels), scores);
  if (const auto* soft = params.as<SoftNms>()) {
    std::vector<NmsBox> remaining = with_lower_scores(candidates, *soft);
    if (limit >= 0 && std::ssize(remaining) > limit)
      remaining.resize(static_cast<std::size_t>(limit));
    return suppressed_of(remaining);
  }
  // Boxes left of or above the image may overlap with those of another label also when moved apart.
  const bool together = agnostic || boxes.min().item<float>() < 0.0F;
  const at::Tensor groups = together ? at::zeros_like(labels) : labels.contiguous();
  return suppressed_of(without_worse(candidates, groups, params.as<Nms>()->iou_threshold, limit));
}

}  // namespace pinfeed
