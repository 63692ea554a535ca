// SPDX-License-Identifier: Apache-2.0
// The losses of heads with anchors or proposals. All are sums, divided by `divisor`.
#pragma once

#include <ATen/ATen.h>

#include "pinfeed/schemas/loss_schemas.h"

namespace pinfeed {

/// The distance of predictions (n, 4) from their targets: codes of boxes, or boxes x1 y1 x2 y2.
/// With `weights` (n), rows of a loss of boxes are weighted.
at::Tensor box_loss(const BoxLoss& params, const at::Tensor& predicted, const at::Tensor& target,
                    double divisor, const at::Tensor& weights = {});

/// Softmax cross-entropy of `logits` (n, classes + 1) and `labels` (n); a sigmoid of each class
/// with use_sigmoid, (n, classes), where the number of classes means none. `weights` is (n).
at::Tensor class_loss(const CrossEntropyLoss& params, const at::Tensor& logits,
                      const at::Tensor& labels, const at::Tensor& weights, double divisor);
/// Focal loss; undefined weights are 1.
at::Tensor class_loss(const FocalLoss& params, const at::Tensor& logits, const at::Tensor& labels,
                      const at::Tensor& weights, double divisor);

/// Quality focal loss: the class of a row should have the probability `quality` (n), all others 0.
at::Tensor quality_loss(const QualityFocalLoss& params, const at::Tensor& logits,
                        const at::Tensor& labels, const at::Tensor& quality,
                        const at::Tensor& weights, double divisor);

/// The loss of distributions over 0 .. k - 1, `logits` (n, k), whose means should be `targets` (n),
/// 0 <= target < k - 1. `weights` is (n).
at::Tensor distribution_loss(const DistributionFocalLoss& params, const at::Tensor& logits,
                             const at::Tensor& targets, const at::Tensor& weights, double divisor);

/// Binary cross-entropy of the masks of the own classes: `logits` (n, c, h, w), `targets` (n, h,
/// w), `labels` (n). The mean over all cells.
at::Tensor mask_loss(const CrossEntropyLoss& params, const at::Tensor& logits,
                     const at::Tensor& targets, const at::Tensor& labels);

/// The percentage of rows (n, classes) whose largest logit is the label's; 0 without rows.
at::Tensor accuracy_of(const at::Tensor& logits, const at::Tensor& labels);

}  // namespace pinfeed
