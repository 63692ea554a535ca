// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's FCOS and FCOSHead.
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
  if (head.norm_cfg && head.feat_channels % head.norm_cfg->get().num_groups != 0) {
    throw_config_error(fmt::format("num_groups {} does not divide feat_channels {}",
                                   head.norm_cfg->get().num_groups, head.feat_channels));
  }
  const auto* bias = std::get_if<std::string>(&head.conv_bias);
  if (bias != nullptr && *bias != "auto") {
    throw_config_error("conv_bias is '" + *bias + "'; it must be True, False or 'auto'");
  }
}

FeatureShapes levels_of(const FCOS& model) {
  const FeatureShapes maps =
      std::visit([](const auto& backbone) { return output_shapes(backbone); }, model.backbone.part);
  return std::visit([&](const auto& neck) { return output_shapes(neck, maps); }, model.neck.part);
}

void check_levels(const FCOS& model) {
  const FeatureShapes levels = levels_of(model);
  const FCOSHead& head = *model.bbox_head.as<FCOSHead>();
  if (levels.strides != head.strides) {
    throw Error(ErrorKind::config,
                fmt::format("bbox_head.strides is [{}]; the neck makes levels of strides [{}]",
                            fmt::join(head.strides, ", "), fmt::join(levels.strides, ", ")))
        .help(model.neck.as<SimpleFPN>() != nullptr
                  ? "strides follow from patch_size / 4 and num_outs"
                  : "strides follow from the backbone, start_level and num_outs");
  }
  for (const int channels : levels.channels) {
    if (channels == head.in_channels) continue;
    throw_config_error(fmt::format("bbox_head.in_channels is {}; the neck's out_channels is {}",
                                   head.in_channels, channels));
  }
}

}  // namespace

void describe(Schema<Nms>& schema) {
  schema.summary("Non-maximum suppression, class by class.")
      .required("iou_threshold", &Nms::iou_threshold,
                "a detection with a larger IoU to a better one is removed", between(0, 1))
      .refused("class_agnostic", "suppression is per class");
}

void describe(Schema<DenseTestCfg>& schema) {
  schema.summary("How points become detections.")
      .optional("nms_pre", &DenseTestCfg::nms_pre, "candidates kept per level; -1: all",
                at_least(-1))
      .optional("min_bbox_size", &DenseTestCfg::min_bbox_size,
                "minimum side, pixels of the original image")
      .optional("score_thr", &DenseTestCfg::score_thr, "minimum class score of a candidate")
      .required("nms", &DenseTestCfg::nms, "how duplicates are removed")
      .optional("max_per_img", &DenseTestCfg::max_per_img, "detections kept; -1: all",
                at_least(-1));
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

}  // namespace pinfeed
