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

// The keys that all losses of heads have.
template <class Loss>
Schema<Loss>& add_loss_keys(Schema<Loss>& schema) {
  return schema.optional("reduction", &Loss::reduction, "must be 'mean'")
      .optional("loss_weight", &Loss::loss_weight, "factor of this loss", at_least(0))
      .check([](const Loss& loss) { require_mean(loss.reduction); });
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
      .refused("activated", "the head gives logits, not probabilities")
      .check([](const FocalLoss& loss) {
        require(loss.use_sigmoid, "use_sigmoid is False; focal loss has only the sigmoid form");
      });
  add_loss_keys(schema);
}

void describe(Schema<QualityFocalLoss>& schema) {
  schema.summary("Sigmoid focal loss whose target of a positive is the IoU of its box.")
      .optional("use_sigmoid", &QualityFocalLoss::use_sigmoid, "must be True")
      .optional("beta", &QualityFocalLoss::beta,
                "power of the distance from the target, by which each class is weighted",
                at_least(0))
      .refused("activated", "the head gives logits, not probabilities")
      .check([](const QualityFocalLoss& loss) {
        require(loss.use_sigmoid, "use_sigmoid is False; this loss has only the sigmoid form");
      });
  add_loss_keys(schema);
}

void describe(Schema<DistributionFocalLoss>& schema) {
  add_loss_keys(schema.summary("Cross-entropy of the two whole numbers around a distance."));
}

void describe(Schema<IoULoss>& schema) {
  schema.summary("Overlap loss of boxes: -log(IoU), 1 - IoU or 1 - IoU^2.")
      .optional("linear", &IoULoss::linear, "deprecated form of mode='linear'")
      .optional("eps", &IoULoss::eps, "minimum IoU inside the logarithm", at_least(0))
      .optional("mode", &IoULoss::mode, "'log', 'linear' or 'square'")
      .check([](const IoULoss& loss) {
        require(loss.mode == "log" || loss.mode == "linear" || loss.mode == "square",
                "mode is '" + loss.mode + "'; it must be 'log', 'linear' or 'square'");
      });
  add_loss_keys(schema);
}

void describe(Schema<OverlapLoss>& schema) {
  schema.optional("eps", &OverlapLoss::eps, "added to what is divided by", at_least(0));
  add_loss_keys(schema);
}

void describe(Schema<GIoULoss>& schema) {
  schema.summary("Overlap loss of boxes: 1 - generalised IoU.")
      .include<OverlapLoss>()
      .meaning("eps", "minimum of an area that is divided by");
}

void describe(Schema<DIoULoss>& schema) {
  schema.summary("Overlap loss of boxes with the distance of their centres.")
      .include<OverlapLoss>();
}

void describe(Schema<CIoULoss>& schema) {
  schema.summary("Overlap loss of boxes with the distance of their centres and their shapes.")
      .include<OverlapLoss>();
}

void describe(Schema<L1Loss>& schema) {
  add_loss_keys(schema.summary("Absolute difference of codes of boxes."));
}

void describe(Schema<SmoothL1Loss>& schema) {
  schema.summary("Absolute difference of codes of boxes, quadratic near 0.")
      .optional("beta", &SmoothL1Loss::beta, "difference below which it is quadratic",
                at_least(1e-12));
  add_loss_keys(schema);
}

bool needs_decoded_boxes(const BoxLoss& loss) {
  return loss.as<L1Loss>() == nullptr && loss.as<SmoothL1Loss>() == nullptr;
}

void describe(Schema<CrossEntropyLoss>& schema) {
  schema.summary("Cross-entropy of classes, of single logits, or of masks.")
      .optional("use_sigmoid", &CrossEntropyLoss::use_sigmoid, "each class is a logit of its own")
      .optional("use_mask", &CrossEntropyLoss::use_mask, "the loss of a mask head")
      .optional("class_weight", &CrossEntropyLoss::class_weight,
                "weight of each class, the background last")
      .refused("ignore_index", "no label is ignored")
      .accepted("avg_non_ignore", "no label is ignored")
      .check([](const CrossEntropyLoss& loss) {
        require(!loss.use_sigmoid || !loss.use_mask,
                "use_sigmoid and use_mask are both True; keep one");
        require(!loss.use_mask || !loss.class_weight, "class_weight has no meaning with use_mask");
      });
  add_loss_keys(schema);
}

}  // namespace pinfeed
