// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's GFL and GFLHead. Of its defaults,
// loss_cls, loss_bbox and anchor_generator are those of AnchorHead, which GFLHead cannot use.
#include "pinfeed/schemas/gfl_schema.h"

#include <fmt/format.h>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void check_gfl_head(const GFLHead& head) {
  const int anchors = anchors_per_position(head.anchor_generator.get());
  if (anchors != 1) {
    throw_config_error(fmt::format(
        "anchor_generator makes {} anchors at each position; GFLHead has one", anchors));
  }
  if (!needs_decoded_boxes(head.loss_bbox))
    throw_config_error("loss_bbox compares codes of boxes; GFLHead compares boxes");
  check_groups(head.norm_cfg, head.feat_channels, "feat_channels");
}

void check_gfl_levels(const GFL& model) {
  const GFLHead& head = model.bbox_head.get();
  check_dense_levels(levels_of(model.backbone, model.neck), head.anchor_generator.get().strides,
                     head.in_channels, "bbox_head.anchor_generator.strides",
                     "bbox_head.in_channels");
}

void check_gfl_sampler(const GFLTrainCfg& train_cfg) {
  if (train_cfg.sampler.as<PseudoSampler>() == nullptr)
    throw_config_error("sampler of GFLHead must be PseudoSampler: it uses all anchors");
}

}  // namespace

void describe(Schema<GFLTrainCfg>& schema) {
  schema.summary("How the anchors of GFLHead are assigned.")
      .required("assigner", &GFLTrainCfg::assigner, "which anchors have which object")
      .include<AnchorUse>()
      .check(check_gfl_sampler);
}

void describe(Schema<GFLHead>& schema) {
  schema.summary("Dense head: classes with the quality of their boxes, distances as distributions.")
      .required("num_classes", &GFLHead::num_classes, "classes without background", at_least(1))
      .required("in_channels", &GFLHead::in_channels, "channels of every level", at_least(1))
      .optional("feat_channels", &GFLHead::feat_channels, "channels of the convolutions",
                at_least(1))
      .optional("stacked_convs", &GFLHead::stacked_convs, "convolutions of each tower", at_least(1))
      .optional("reg_max", &GFLHead::reg_max, "largest distance to a side, in strides", at_least(1))
      .required("anchor_generator", &GFLHead::anchor_generator, "one anchor at each position")
      .optional("bbox_coder", &GFLHead::bbox_coder, "how boxes are coded")
      .required("loss_cls", &GFLHead::loss_cls, "loss of classes and quality")
      .optional("loss_dfl", &GFLHead::loss_dfl, "loss of the distributions")
      .required("loss_bbox", &GFLHead::loss_bbox, "loss of the boxes")
      .optional("norm_cfg", &GFLHead::norm_cfg, "normalisation of the convolutions, or None")
      .optional("conv_cfg", &GFLHead::conv_cfg, "None or Conv2d")
      .accepted("reg_decoded_bbox", "boxes are always compared")
      .refused("train_cfg", "give it on the model")
      .refused("test_cfg", "give it on the model")
      .refused("init_cfg",
               "weights are initialised normal with std 0.01, the class bias to probability 0.01")
      .check(check_gfl_head);
}

void describe(Schema<GFL>& schema) {
  schema.summary("One-stage detector with generalized focal losses.")
      .required("backbone", &GFL::backbone, "the encoder")
      .required("neck", &GFL::neck, "the pyramid")
      .required("bbox_head", &GFL::bbox_head, "the head")
      .optional("train_cfg", &GFL::train_cfg, "how it is trained; not needed to detect")
      .required("test_cfg", &GFL::test_cfg, "how positions become detections")
      .optional("init_cfg", &GFL::init_cfg, "Pretrained: weights of the whole detector")
      .accepted("data_preprocessor", "the trainer builds it")
      .check(check_gfl_levels);
}

}  // namespace pinfeed
