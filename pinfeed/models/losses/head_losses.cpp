// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, losses/. Upstream adds the epsilon of float32 to each divisor.
#include "pinfeed/models/losses/head_losses.h"

#include <limits>
#include <numbers>

#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/losses/box_losses.h"

namespace pinfeed {
namespace {

at::Tensor mean_of(const at::Tensor& losses, double weight, double divisor) {
  return losses.sum() / (divisor + static_cast<double>(std::numeric_limits<float>::epsilon())) *
         weight;
}

at::Tensor losses_of(const L1Loss&, const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs();
}

at::Tensor losses_of(const SmoothL1Loss& params, const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor distance = (a - b).abs();
  return at::where(distance < params.beta, 0.5 * distance * distance / params.beta,
                   distance - 0.5 * params.beta);
}

at::Tensor area_between(const at::Tensor& low, const at::Tensor& high) {
  return area_of((high - low).clamp_min(0));
}

// Two boxes of each row, x1 y1 x2 y2.
struct BoxPair {
  at::Tensor a_low, a_high, b_low, b_high;

  BoxPair(const at::Tensor& a, const at::Tensor& b)
      : a_low(a.narrow(1, 0, 2)),
        a_high(a.narrow(1, 2, 2)),
        b_low(b.narrow(1, 0, 2)),
        b_high(b.narrow(1, 2, 2)) {}

  at::Tensor common() const {
    return area_between(at::maximum(a_low, b_low), at::minimum(a_high, b_high));
  }
  at::Tensor both(const at::Tensor& common_area) const {
    return area_of(a_high - a_low) + area_of(b_high - b_low) - common_area;
  }
  at::Tensor enclosing_sides() const {
    return (at::maximum(a_high, b_high) - at::minimum(a_low, b_low)).clamp_min(0);
  }
};

at::Tensor losses_of(const IoULoss& params, const at::Tensor& a, const at::Tensor& b) {
  const BoxPair pair(a, b);
  const at::Tensor common = pair.common();
  const at::Tensor iou = (common / pair.both(common).clamp_min(1e-6)).clamp_min(params.eps);
  const std::string mode = params.linear ? "linear" : params.mode;
  if (mode == "linear") return 1 - iou;
  if (mode == "square") return 1 - iou * iou;
  return -iou.log();
}

at::Tensor losses_of(const GIoULoss& params, const at::Tensor& a, const at::Tensor& b) {
  const BoxPair pair(a, b);
  const at::Tensor common = pair.common();
  const at::Tensor whole = pair.both(common).clamp_min(params.eps);
  const at::Tensor enclosing = area_of(pair.enclosing_sides()).clamp_min(params.eps);
  return 1 - (common / whole - (enclosing - whole) / enclosing);
}

// The overlap and the distance of the centres, in diagonals of the enclosing box, both squared.
struct CenterDistance {
  at::Tensor iou = {};
  at::Tensor distance = {};
};

CenterDistance center_distance(const BoxPair& pair, double eps) {
  const at::Tensor common = pair.common();
  const at::Tensor diagonal = pair.enclosing_sides().square().sum(1) + eps;
  const at::Tensor between =
      ((pair.b_low + pair.b_high) - (pair.a_low + pair.a_high)).square().sum(1) / 4;
  return {common / (pair.both(common) + eps), between / diagonal};
}

at::Tensor losses_of(const DIoULoss& params, const at::Tensor& a, const at::Tensor& b) {
  const CenterDistance found = center_distance(BoxPair(a, b), params.eps);
  return 1 - (found.iou - found.distance);
}

at::Tensor shape_angle(const at::Tensor& low, const at::Tensor& high, double eps) {
  const at::Tensor sides = high - low;
  return (sides.select(1, 0) / (sides.select(1, 1) + eps)).atan();
}

at::Tensor losses_of(const CIoULoss& params, const at::Tensor& a, const at::Tensor& b) {
  const BoxPair pair(a, b);
  const CenterDistance found = center_distance(pair, params.eps);
  const at::Tensor turn = shape_angle(pair.b_low, pair.b_high, params.eps) -
                          shape_angle(pair.a_low, pair.a_high, params.eps);
  const at::Tensor shape = turn.square() * (4 / (std::numbers::pi * std::numbers::pi));
  const at::Tensor iou = found.iou.detach();
  const at::Tensor constant = shape.detach();
  const at::Tensor factor = (iou > 0.5).to(iou.scalar_type()) * constant / (1 - iou + constant);
  return 1 - (found.iou - (found.distance + factor * shape)).clamp(-1.0, 1.0);
}

at::Tensor class_weights(const CrossEntropyLoss& params, const at::Tensor& like) {
  if (!params.class_weight) return {};
  return sent(at::tensor(*params.class_weight, at::kFloat), like.device());
}

// 1 where a row has the class, (n, classes).
at::Tensor one_hot(const at::Tensor& labels, const at::Tensor& logits) {
  return at::zeros({logits.size(0), logits.size(1) + 1}, logits.options())
      .scatter_(1, labels.unsqueeze(1), 1.0)
      .narrow(1, 0, logits.size(1));
}

}  // namespace

at::Tensor box_loss(const BoxLoss& params, const at::Tensor& predicted, const at::Tensor& target,
                    double divisor, const at::Tensor& weights) {
  return std::visit(
      [&](const auto& part) {
        const at::Tensor losses = losses_of(part, predicted, target);
        return mean_of(weights.defined() ? losses * weights : losses, part.loss_weight, divisor);
      },
      params.part);
}

at::Tensor class_loss(const CrossEntropyLoss& params, const at::Tensor& logits,
                      const at::Tensor& labels, const at::Tensor& weights, double divisor) {
  if (params.use_sigmoid) {
    const at::Tensor losses = at::binary_cross_entropy_with_logits(
        logits, one_hot(labels, logits), {}, class_weights(params, logits), at::Reduction::None);
    return mean_of(losses * weights.unsqueeze(1), params.loss_weight, divisor);
  }
  const at::Tensor losses =
      at::cross_entropy_loss(logits, labels, class_weights(params, logits), at::Reduction::None);
  return mean_of(losses * weights, params.loss_weight, divisor);
}

at::Tensor class_loss(const FocalLoss& params, const at::Tensor& logits, const at::Tensor& labels,
                      const at::Tensor& weights, double divisor) {
  const at::Tensor losses = focal_losses(params, logits, labels);
  return mean_of(weights.defined() ? losses * weights.unsqueeze(1) : losses, params.loss_weight,
                 divisor);
}

at::Tensor quality_loss(const QualityFocalLoss& params, const at::Tensor& logits,
                        const at::Tensor& labels, const at::Tensor& quality,
                        const at::Tensor& weights, double divisor) {
  const at::Tensor wanted = one_hot(labels, logits) * quality.unsqueeze(1);
  const at::Tensor distance = (wanted - logits.sigmoid()).abs();
  const at::Tensor losses =
      at::binary_cross_entropy_with_logits(logits, wanted, {}, {}, at::Reduction::None) *
      distance.pow(params.beta);
  return mean_of(losses * weights.unsqueeze(1), params.loss_weight, divisor);
}

at::Tensor distribution_loss(const DistributionFocalLoss& params, const at::Tensor& logits,
                             const at::Tensor& targets, const at::Tensor& weights, double divisor) {
  const at::Tensor below = targets.to(at::kLong);
  const at::Tensor part = targets - below;
  const auto entropy = [&](const at::Tensor& numbers) {
    return at::cross_entropy_loss(logits, numbers, {}, at::Reduction::None);
  };
  const at::Tensor losses = entropy(below) * (1 - part) + entropy(below + 1) * part;
  return mean_of(losses * weights, params.loss_weight, divisor);
}

at::Tensor mask_loss(const CrossEntropyLoss& params, const at::Tensor& logits,
                     const at::Tensor& targets, const at::Tensor& labels) {
  const at::Tensor rows = at::arange(logits.size(0), labels.options());
  const at::Tensor own = logits.index({rows, labels});
  return at::binary_cross_entropy_with_logits(own, targets, {}, {}, at::Reduction::Mean) *
         params.loss_weight;
}

at::Tensor accuracy_of(const at::Tensor& logits, const at::Tensor& labels) {
  if (logits.size(0) == 0) return at::zeros({}, logits.options());
  return (logits.argmax(1) == labels).to(at::kFloat).mean() * 100.0;
}

}  // namespace pinfeed
