// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

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

/// 1 - generalised IoU.
struct GIoULoss {
  static constexpr auto name = "GIoULoss";
  double eps = 1e-6;
  std::string reduction = "mean";
  double loss_weight = 1.0;
};
void describe(Schema<GIoULoss>& schema);

/// Binary cross-entropy of a logit; detection heads use the sigmoid form only.
struct CrossEntropyLoss {
  static constexpr auto name = "CrossEntropyLoss";
  bool use_sigmoid = false;
  std::string reduction = "mean";
  double loss_weight = 1.0;
};
void describe(Schema<CrossEntropyLoss>& schema);

}  // namespace pinfeed
