// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, focal_loss.py and iou_loss.py.
#include "pinfeed/models/losses/box_losses.h"

namespace pinfeed {
namespace {

torch::Tensor area_of(const torch::Tensor& sides) { return sides.prod(1); }

// Width and height (n, 2) of boxes given as left, top, right, bottom of a point inside.
torch::Tensor sides_of(const torch::Tensor& distances) {
  return distances.narrow(1, 0, 2) + distances.narrow(1, 2, 2);
}

struct Overlap {
  torch::Tensor iou = {};
  torch::Tensor together = {};  // area of the union
};

Overlap overlap(const torch::Tensor& a, const torch::Tensor& b, double eps) {
  const torch::Tensor common = area_of(sides_of(torch::minimum(a, b)).clamp_min(0));
  const torch::Tensor together =
      (area_of(sides_of(a)) + area_of(sides_of(b)) - common).clamp_min(eps);
  return {common / together, together};
}

}  // namespace

torch::Tensor focal_sum(const FocalLoss& params, const torch::Tensor& logits,
                        const torch::Tensor& labels) {
  const torch::Tensor truth = torch::zeros({logits.size(0), logits.size(1) + 1}, logits.options())
                                  .scatter_(1, labels.unsqueeze(1), 1.0)
                                  .narrow(1, 0, logits.size(1));
  const torch::Tensor p = logits.sigmoid();
  const torch::Tensor miss = p + truth - 2 * p * truth;  // 1 - p where true, p elsewhere
  const torch::Tensor weight = truth * (2 * params.alpha - 1) + (1 - params.alpha);
  const torch::Tensor entropy =
      torch::binary_cross_entropy_with_logits(logits, truth, {}, {}, at::Reduction::None);
  return (entropy * weight * miss.pow(params.gamma)).sum();
}

torch::Tensor giou_losses(const torch::Tensor& a, const torch::Tensor& b, double eps) {
  const Overlap shared = overlap(a, b, eps);
  const torch::Tensor around = area_of(sides_of(torch::maximum(a, b)).clamp_min(0)).clamp_min(eps);
  return 1 - shared.iou + (around - shared.together) / around;
}

torch::Tensor iou_losses(const IoULoss& params, const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor iou = overlap(a, b, 1e-6).iou.clamp_min(params.eps);
  const std::string mode = params.linear ? "linear" : params.mode;
  if (mode == "linear") return 1 - iou;
  if (mode == "square") return 1 - iou * iou;
  return -iou.log();
}

}  // namespace pinfeed
