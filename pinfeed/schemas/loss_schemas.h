// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/config/one_of.h"

namespace pinfeed {

/// Squared (L2) or absolute (L1) error per patch, averaged over the removed patches.
struct PixelReconstructionLoss {
  static constexpr auto name = "PixelReconstructionLoss";
  std::string criterion = "L2";
};
void describe(Schema<PixelReconstructionLoss>& schema);

/// Sigmoid focal loss over all points and classes.
struct FocalLoss {
  static constexpr auto name = "FocalLoss";
  bool use_sigmoid = true;
  double gamma = 2.0;
  double alpha = 0.25;
  std::string reduction = "mean";
  double loss_weight = 1.0;
};
void describe(Schema<FocalLoss>& schema);

/// Sigmoid focal loss whose target of a positive is the IoU of its predicted box.
struct QualityFocalLoss {
  static constexpr auto name = "QualityFocalLoss";
  bool use_sigmoid = true;
  double beta = 2.0;
  std::string reduction = "mean";
  double loss_weight = 1.0;
};
void describe(Schema<QualityFocalLoss>& schema);

/// Cross-entropy of the two whole numbers around a distance.
struct DistributionFocalLoss {
  static constexpr auto name = "DistributionFocalLoss";
  std::string reduction = "mean";
  double loss_weight = 1.0;
};
void describe(Schema<DistributionFocalLoss>& schema);

/// -log(IoU), 1 - IoU or 1 - IoU^2.
struct IoULoss {
  static constexpr auto name = "IoULoss";
  bool linear = false;
  double eps = 1e-6;
  std::string reduction = "mean";
  double loss_weight = 1.0;
  std::string mode = "log";
};
void describe(Schema<IoULoss>& schema);

/// The keys of the losses below.
struct OverlapLoss {
  double eps = 1e-6;
  std::string reduction = "mean";
  double loss_weight = 1.0;
};
void describe(Schema<OverlapLoss>& schema);

/// 1 - generalised IoU.
struct GIoULoss : OverlapLoss {
  static constexpr auto name = "GIoULoss";
};
void describe(Schema<GIoULoss>& schema);

/// 1 - (IoU - squared distance of the centres / squared diagonal of the enclosing box).
struct DIoULoss : OverlapLoss {
  static constexpr auto name = "DIoULoss";
};
void describe(Schema<DIoULoss>& schema);

/// DIoULoss with a term for the ratio of the sides.
struct CIoULoss : OverlapLoss {
  static constexpr auto name = "CIoULoss";
};
void describe(Schema<CIoULoss>& schema);

/// Absolute difference.
struct L1Loss {
  static constexpr auto name = "L1Loss";
  std::string reduction = "mean";
  double loss_weight = 1.0;
};
void describe(Schema<L1Loss>& schema);

/// Absolute difference, quadratic below beta.
struct SmoothL1Loss {
  static constexpr auto name = "SmoothL1Loss";
  double beta = 1.0;
  std::string reduction = "mean";
  double loss_weight = 1.0;
};
void describe(Schema<SmoothL1Loss>& schema);

/// The losses of the boxes of heads with anchors or proposals.
using BoxLoss = OneOf<L1Loss, SmoothL1Loss, IoULoss, GIoULoss, DIoULoss, CIoULoss>;
/// Whether the loss compares boxes; else it compares their codes.
bool needs_decoded_boxes(const BoxLoss& loss);

/// Cross-entropy: of classes by softmax, of single logits (use_sigmoid), or of masks (use_mask).
struct CrossEntropyLoss {
  static constexpr auto name = "CrossEntropyLoss";
  bool use_sigmoid = false;
  bool use_mask = false;
  std::string reduction = "mean";
  std::optional<std::vector<double>> class_weight = {};
  double loss_weight = 1.0;
};
void describe(Schema<CrossEntropyLoss>& schema);

}  // namespace pinfeed
