// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, focal_loss.py and iou_loss.py.
#include "pinfeed/models/losses/box_losses.h"

namespace pinfeed {
namespace {

// Width and height (n, 2) of boxes given as left, top, right, bottom of a point inside.
at::Tensor sides_of(const at::Tensor& distances) {
  return distances.narrow(1, 0, 2) + distances.narrow(1, 2, 2);
}

struct Overlap {
  at::Tensor iou = {};
  at::Tensor union_area = {};
};

Overlap overlap(const at::Tensor& a, const at::Tensor& b, double eps) {
  const at::Tensor common = area_of(sides_of(at::minimum(a, b)).clamp_min(0));
  const at::Tensor union_area =
      (area_of(sides_of(a)) + area_of(sides_of(b)) - common).clamp_min(eps);
  return {common / union_area, union_area};
}

}  // namespace

at::Tensor area_of(const at::Tensor& sides) { return sides.select(1, 0) * sides.select(1, 1); }

at::Tensor focal_losses(const FocalLoss& params, const at::Tensor& logits,
                        const at::Tensor& labels) {
  const at::Tensor truth = at::zeros({logits.size(0), logits.size(1) + 1}, logits.options())
                               .scatter_(1, labels.unsqueeze(1), 1.0)
                               .narrow(1, 0, logits.size(1));
  const at::Tensor p = logits.sigmoid();
  const at::Tensor miss = p + truth - 2 * p * truth;  // 1 - p where true, p elsewhere
  const at::Tensor weight = truth * (2 * params.alpha - 1) + (1 - params.alpha);
  const at::Tensor entropy =
      at::binary_cross_entropy_with_logits(logits, truth, {}, {}, at::Reduction::None);
  return entropy * weight * miss.pow(params.gamma);
}

at::Tensor giou_losses(const at::Tensor& a, const at::Tensor& b, double eps) {
  const Overlap shared = overlap(a, b, eps);
  const at::Tensor enclosing = area_of(sides_of(at::maximum(a, b)).clamp_min(0)).clamp_min(eps);
  return 1 - shared.iou + (enclosing - shared.union_area) / enclosing;
}

at::Tensor iou_losses(const IoULoss& params, const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor iou = overlap(a, b, 1e-6).iou.clamp_min(params.eps);
  const std::string mode = params.linear ? "linear" : params.mode;
  if (mode == "linear") return 1 - iou;
  if (mode == "square") return 1 - iou * iou;
  return -iou.log();
}

}  // namespace pinfeed
