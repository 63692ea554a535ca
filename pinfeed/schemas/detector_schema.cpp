// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's FCOS, FCOSHead and RetinaNet.
#include "pinfeed/schemas/detector_schema.h"

#include <fmt/format.h>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void check_head(const FCOSHead& head) {
  if (head.strides.size() != head.regress_ranges.size()) {
    throw_config_error(
        fmt::format("there are {} strides and {} regress_ranges; every level needs one of each",
                    head.strides.size(), head.regress_ranges.size()));
  }
  check_groups(head.norm_cfg, head.feat_channels, "feat_channels");
  const auto* bias = std::get_if<std::string>(&head.conv_bias);
  if (bias != nullptr && *bias != "auto") {
    throw_config_error("conv_bias is '" + *bias + "'; it must be True, False or 'auto'");
  }
  if (!head.loss_centerness.get().use_sigmoid) {
    throw_config_error("use_sigmoid of loss_centerness is False; centre-ness is one logit");
  }
}

void check_levels(const FCOS& model) {
  const FCOSHead& head = *model.bbox_head.as<FCOSHead>();
  check_dense_levels(levels_of(model.backbone, model.neck), head.strides, head.in_channels,
                     "bbox_head.strides", "bbox_head.in_channels");
}

void check_retina_levels(const RetinaNet& model) {
  const RetinaHead& head = model.bbox_head.get();
  check_dense_levels(levels_of(model.backbone, model.neck), head.anchor_generator.get().strides,
                     head.in_channels, "bbox_head.anchor_generator.strides",
                     "bbox_head.in_channels");
}

}  // namespace

FeatureShapes levels_of(const DetectorBackbone& backbone, const DetectorNeck& neck) {
  const FeatureShapes maps =
      std::visit([](const auto& part) { return output_shapes(part); }, backbone.part);
  return std::visit([&](const auto& part) { return output_shapes(part, maps); }, neck.part);
}

void check_dense_levels(const FeatureShapes& levels, const std::vector<int>& strides,
                        int in_channels, const std::string& strides_key,
                        const std::string& channels_key) {
  if (levels.strides != strides) {
    throw Error(ErrorKind::config,
                fmt::format("{} is [{}]; the neck makes levels of strides [{}]", strides_key,
                            fmt::join(strides, ", "), fmt::join(levels.strides, ", ")))
        .help(
            "strides follow from the backbone (of a ViT: patch_size / 4), start_level and "
            "num_outs");
  }
  for (const int channels : levels.channels) {
    if (channels == in_channels) continue;
    throw_config_error(fmt::format("{} is {}; the neck's out_channels is {}", channels_key,
                                   in_channels, channels));
  }
}

void describe(Schema<FCOSHead>& schema) {
  schema.summary("Anchor-free head: classes, distances to the four sides, and centre-ness.")
      .required("num_classes", &FCOSHead::num_classes, "classes without background", at_least(1))
      .required("in_channels", &FCOSHead::in_channels, "channels of every level", at_least(1))
      .optional("feat_channels", &FCOSHead::feat_channels, "channels of the convolutions",
                at_least(1))
      .optional("stacked_convs", &FCOSHead::stacked_convs, "convolutions of each branch",
                at_least(1))
      .optional("strides", &FCOSHead::strides, "stride of every level, pixels")
      .optional("regress_ranges", &FCOSHead::regress_ranges,
                "(min, max) distance to a side that each level predicts, pixels")
      .optional("center_sampling", &FCOSHead::center_sampling,
                "only points near the centre of a box are positive")
      .optional("center_sample_radius", &FCOSHead::center_sample_radius,
                "radius of center_sampling, in strides", at_least(0))
      .optional("norm_on_bbox", &FCOSHead::norm_on_bbox, "predict distances in units of the stride")
      .optional("centerness_on_reg", &FCOSHead::centerness_on_reg,
                "predict centre-ness in the box branch")
      .optional("conv_bias", &FCOSHead::conv_bias, "True, False or 'auto': only without norm_cfg")
      .optional("norm_cfg", &FCOSHead::norm_cfg, "normalisation of the convolutions, or None")
      .optional("loss_cls", &FCOSHead::loss_cls, "classification loss")
      .optional("loss_bbox", &FCOSHead::loss_bbox, "box regression loss")
      .optional("loss_centerness", &FCOSHead::loss_centerness, "centre-ness loss")
      .optional("conv_cfg", &FCOSHead::conv_cfg, "None or Conv2d")
      .refused("dcn_on_last_conv", "deformable convolutions are not implemented")
      .refused("train_cfg", "give it on the model")
      .refused("test_cfg", "give it on the model")
      .refused("bbox_coder", "boxes are always coded as distances")
      .refused("init_cfg",
               "weights are initialised normal with std 0.01, the class bias to probability 0.01")
      .check(check_head);
}

void describe(Schema<FCOS>& schema) {
  schema.summary("One-stage detector without anchors.")
      .required("backbone", &FCOS::backbone, "the encoder")
      .required("neck", &FCOS::neck, "the pyramid")
      .required("bbox_head", &FCOS::bbox_head, "the head")
      .required("test_cfg", &FCOS::test_cfg, "how points become detections")
      .optional("init_cfg", &FCOS::init_cfg, "Pretrained: weights of the whole detector")
      .accepted("data_preprocessor", "the trainer builds it")
      .refused("train_cfg", "points are assigned by regress_ranges and center_sampling")
      .check(check_levels);
}

void describe(Schema<RetinaNet>& schema) {
  schema.summary("One-stage detector with anchors.")
      .required("backbone", &RetinaNet::backbone, "the encoder")
      .required("neck", &RetinaNet::neck, "the pyramid")
      .required("bbox_head", &RetinaNet::bbox_head, "the head")
      .optional("train_cfg", &RetinaNet::train_cfg, "how it is trained; not needed to detect")
      .required("test_cfg", &RetinaNet::test_cfg, "how anchors become detections")
      .optional("init_cfg", &RetinaNet::init_cfg, "Pretrained: weights of the whole detector")
      .accepted("data_preprocessor", "the trainer builds it")
      .check(check_retina_levels);
}

}  // namespace pinfeed
