// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's AnchorHead, RPNHead and RetinaHead.
#include "pinfeed/schemas/anchor_head_schemas.h"

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void check_anchor_head(const AnchorHeadOptions& head) {
  const auto* entropy = head.loss_cls.as<CrossEntropyLoss>();
  if (entropy != nullptr && entropy->use_mask) {
    throw_config_error("loss_cls has use_mask=True; a head with anchors predicts no masks");
  }
  if (entropy != nullptr && entropy->class_weight) {
    throw_config_error("loss_cls of a head with anchors must not have class_weight");
  }
  if (!head.reg_decoded_bbox && needs_decoded_boxes(head.loss_bbox)) {
    throw Error(ErrorKind::config, "loss_bbox compares boxes, the head predicts codes of boxes")
        .help("set reg_decoded_bbox=True");
  }
}

}  // namespace

void describe(Schema<AnchorUse>& schema) {
  schema.optional("sampler", &AnchorUse::sampler, "which anchors are used")
      .required("allowed_border", &AnchorUse::allowed_border,
                "how far an anchor may reach out of the image, pixels; negative: any distance")
      .required("pos_weight", &AnchorUse::pos_weight,
                "weight of positives in loss_cls; 0 or less: 1")
      .accepted("debug", "it prints nothing");
}

void describe(Schema<AnchorTrainCfg>& schema) {
  schema.summary("How anchors are assigned and sampled.")
      .required("assigner", &AnchorTrainCfg::assigner, "which anchors have which object")
      .include<AnchorUse>();
}

void describe(Schema<AnchorHeadOptions>& schema) {
  schema
      .required("in_channels", &AnchorHeadOptions::in_channels, "channels of every level",
                at_least(1))
      .optional("feat_channels", &AnchorHeadOptions::feat_channels, "channels of the convolutions",
                at_least(1))
      .required("anchor_generator", &AnchorHeadOptions::anchor_generator, "the anchors")
      .optional("bbox_coder", &AnchorHeadOptions::bbox_coder, "how boxes are coded")
      .optional("reg_decoded_bbox", &AnchorHeadOptions::reg_decoded_bbox,
                "loss_bbox compares boxes instead of codes")
      .optional("loss_cls", &AnchorHeadOptions::loss_cls, "classification loss")
      .optional("loss_bbox", &AnchorHeadOptions::loss_bbox, "box regression loss")
      .refused("train_cfg", "give it on the model")
      .refused("test_cfg", "give it on the model")
      .refused("init_cfg", "weights are initialised normal with std 0.01")
      .check(check_anchor_head);
}

bool uses_sigmoid(const AnchorHeadOptions& params) {
  const auto* entropy = params.loss_cls.as<CrossEntropyLoss>();
  return entropy == nullptr || entropy->use_sigmoid;
}

void describe(Schema<RPNHead>& schema) {
  schema.summary("Proposes regions that contain an object of any class.")
      .include<AnchorHeadOptions>()
      .optional("num_convs", &RPNHead::num_convs, "convolutions before the predictions",
                at_least(1))
      .optional("num_classes", &RPNHead::num_classes, "must be 1", between(1, 1));
}

void describe(Schema<RetinaHead>& schema) {
  schema.summary("Dense head with anchors and a tower of convolutions for each task.")
      .required("num_classes", &RetinaHead::num_classes, "classes without background", at_least(1))
      .include<AnchorHeadOptions>()
      .optional("stacked_convs", &RetinaHead::stacked_convs, "convolutions of each tower",
                at_least(0))
      .optional("norm_cfg", &RetinaHead::norm_cfg, "normalisation of the convolutions, or None")
      .optional("conv_cfg", &RetinaHead::conv_cfg, "None or Conv2d")
      .meaning("init_cfg",
               "weights are initialised normal with std 0.01, the class bias to probability 0.01")
      .check([](const RetinaHead& head) {
        check_groups(head.norm_cfg, head.feat_channels, "feat_channels");
      });
}

}  // namespace pinfeed
