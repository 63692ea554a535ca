// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/loss_schemas.h"

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void require(bool condition, const std::string& text) {
  if (!condition) throw_config_error(text);
}

// The head divides by the number of positives, so the reduction is always the mean.
void require_mean(const std::string& reduction) {
  require(reduction == "mean", "reduction is '" + reduction + "'; it must be 'mean'");
}

}  // namespace

void describe(Schema<PixelReconstructionLoss>& schema) {
  schema.summary("Error of reconstructed pixels, averaged over the removed patches.")
      .required("criterion", &PixelReconstructionLoss::criterion, "'L1' or 'L2'")
      .refused("channel", "the error of a patch is a mean over its pixels and channels")
      .check([](const PixelReconstructionLoss& loss) {
        require(loss.criterion == "L1" || loss.criterion == "L2",
                "criterion is '" + loss.criterion + "'; it must be 'L1' or 'L2'");
      });
}

void describe(Schema<FocalLoss>& schema) {
  schema.summary("Sigmoid focal loss.")
      .optional("use_sigmoid", &FocalLoss::use_sigmoid, "must be True")
      .optional("gamma", &FocalLoss::gamma,
                "focusing parameter: reduces the weight of easy examples", at_least(0))
      .optional("alpha", &FocalLoss::alpha, "weight of positives", between(0, 1))
      .optional("reduction", &FocalLoss::reduction, "must be 'mean'")
      .optional("loss_weight", &FocalLoss::loss_weight, "factor of this loss", at_least(0))
      .refused("activated", "the head gives logits, not probabilities")
      .check([](const FocalLoss& loss) {
        require(loss.use_sigmoid, "use_sigmoid is False; focal loss has only the sigmoid form");
        require_mean(loss.reduction);
      });
}

void describe(Schema<IoULoss>& schema) {
  schema.summary("Overlap loss of boxes: -log(IoU), 1 - IoU or 1 - IoU^2.")
      .optional("linear", &IoULoss::linear, "deprecated form of mode='linear'")
      .optional("eps", &IoULoss::eps, "minimum IoU inside the logarithm", at_least(0))
      .optional("reduction", &IoULoss::reduction, "must be 'mean'")
      .optional("loss_weight", &IoULoss::loss_weight, "factor of this loss", at_least(0))
      .optional("mode", &IoULoss::mode, "'log', 'linear' or 'square'")
      .check([](const IoULoss& loss) {
        require(loss.mode == "log" || loss.mode == "linear" || loss.mode == "square",
                "mode is '" + loss.mode + "'; it must be 'log', 'linear' or 'square'");
        require_mean(loss.reduction);
      });
}

void describe(Schema<GIoULoss>& schema) {
  schema.summary("Overlap loss of boxes: 1 - generalised IoU.")
      .optional("eps", &GIoULoss::eps, "minimum of an area that is divided by", at_least(0))
      .optional("reduction", &GIoULoss::reduction, "must be 'mean'")
      .optional("loss_weight", &GIoULoss::loss_weight, "factor of this loss", at_least(0));
  schema.check([](const GIoULoss& loss) { require_mean(loss.reduction); });
}

void describe(Schema<CrossEntropyLoss>& schema) {
  schema.summary("Binary cross-entropy of a logit.")
      .optional("use_sigmoid", &CrossEntropyLoss::use_sigmoid, "must be True")
      .optional("reduction", &CrossEntropyLoss::reduction, "must be 'mean'")
      .optional("loss_weight", &CrossEntropyLoss::loss_weight, "factor of this loss", at_least(0))
      .refused("use_mask", "boxes have no masks")
      .refused("class_weight", "centre-ness has no classes")
      .refused("ignore_index", "no point is ignored")
      .refused("avg_non_ignore", "no point is ignored")
      .check([](const CrossEntropyLoss& loss) {
        require(loss.use_sigmoid, "use_sigmoid is False; centre-ness is one logit, set it to True");
        require_mean(loss.reduction);
      });
}

}  // namespace pinfeed
