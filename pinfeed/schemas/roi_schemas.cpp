// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's roi_heads and of mmcv's RoIAlign.
#include "pinfeed/schemas/roi_schemas.h"

#include <fmt/format.h>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void check_box_head(const BBoxHeadOptions& head) {
  check_groups(head.norm_cfg, head.conv_out_channels, "conv_out_channels");
  if (head.predict_box_type != "hbox") {
    throw_config_error("predict_box_type is '" + head.predict_box_type +
                       "'; only horizontal boxes, 'hbox', are implemented");
  }
  const CrossEntropyLoss& loss = head.loss_cls.get();
  if (loss.use_sigmoid || loss.use_mask) {
    throw_config_error("loss_cls of a box head must have use_sigmoid=False and use_mask=False");
  }
  const auto classes = static_cast<std::size_t>(head.num_classes) + 1;
  if (loss.class_weight && loss.class_weight->size() != classes) {
    throw_config_error(
        fmt::format("class_weight has {} values; {} classes and the background need {}",
                    loss.class_weight->size(), head.num_classes, classes));
  }
  if (!head.reg_decoded_bbox && needs_decoded_boxes(head.loss_bbox)) {
    throw Error(ErrorKind::config, "loss_bbox compares boxes, the head predicts codes of boxes")
        .help("set reg_decoded_bbox=True");
  }
}

void check_layers(const ConvFCBBoxHead& head) {
  const int layers = head.num_shared_convs + head.num_shared_fcs + head.num_cls_convs +
                     head.num_cls_fcs + head.num_reg_convs + head.num_reg_fcs;
  if (layers == 0) throw_config_error("the head has no layers; set num_shared_fcs for example");
  if (head.num_shared_fcs > 0 && head.num_cls_convs + head.num_reg_convs > 0) {
    throw_config_error("num_cls_convs and num_reg_convs need num_shared_fcs=0");
  }
}

void check_mask_head(const FCNMaskHead& head) {
  check_groups(head.norm_cfg, head.conv_out_channels, "conv_out_channels");
  if (!head.loss_mask.get().use_mask) {
    throw_config_error("loss_mask of a mask head must have use_mask=True");
  }
  if (head.conv_kernel_size % 2 == 0) throw_config_error("conv_kernel_size must be odd");
}

template <class Part>
void require_stages(const Part& part, int stages, const std::string& key) {
  if (part.fits(static_cast<std::size_t>(stages))) return;
  throw_config_error(
      fmt::format("{} has {} entries; num_stages is {}", key, part.items.size(), stages));
}

void check_cascade(const CascadeRoIHead& head) {
  require_stages(head.bbox_roi_extractor, head.num_stages, "bbox_roi_extractor");
  require_stages(head.bbox_head, head.num_stages, "bbox_head");
  if (head.mask_roi_extractor)
    require_stages(*head.mask_roi_extractor, head.num_stages, "mask_roi_extractor");
  if (head.mask_head) require_stages(*head.mask_head, head.num_stages, "mask_head");
  if (std::ssize(head.stage_loss_weights) != head.num_stages) {
    throw_config_error(fmt::format("stage_loss_weights has {} entries; num_stages is {}",
                                   head.stage_loss_weights.size(), head.num_stages));
  }
}

}  // namespace

void describe(Schema<RoIAlign>& schema) {
  schema.summary("Averages of a feature map in the cells of a region.")
      .required("output_size", &RoIAlign::output_size, "cells of a side", at_least(1))
      .optional("sampling_ratio", &RoIAlign::sampling_ratio,
                "samples of a cell in each direction; 0: one per position of the map", at_least(0))
      .optional("aligned", &RoIAlign::aligned,
                "positions are the centres of pixels; False: half a pixel off, as older models")
      .refused("use_torchvision", "there is one implementation")
      .refused("pool_mode", "cells are averages");
}

void describe(Schema<SingleRoIExtractor>& schema) {
  schema.summary("Cuts the features of each region out of the level that fits its size.")
      .required("roi_layer", &SingleRoIExtractor::roi_layer, "how features are cut out")
      .required("out_channels", &SingleRoIExtractor::out_channels, "channels of the levels",
                at_least(1))
      .required("featmap_strides", &SingleRoIExtractor::featmap_strides,
                "strides of the levels that are used, pixels")
      .optional("finest_scale", &SingleRoIExtractor::finest_scale,
                "regions below twice this size use the first level, pixels", at_least(1))
      .refused("init_cfg", "it has no weights")
      .check([](const SingleRoIExtractor& params) {
        if (params.featmap_strides.empty()) throw_config_error("featmap_strides is empty");
      });
}

void describe(Schema<BBoxHeadOptions>& schema) {
  schema.optional("with_avg_pool", &BBoxHeadOptions::with_avg_pool, "average over the region first")
      .optional("roi_feat_size", &BBoxHeadOptions::roi_feat_size, "cells of a side of a region",
                at_least(1))
      .optional("in_channels", &BBoxHeadOptions::in_channels, "channels of the regions",
                at_least(1))
      .optional("num_classes", &BBoxHeadOptions::num_classes, "classes without background",
                at_least(1))
      .optional("bbox_coder", &BBoxHeadOptions::bbox_coder, "how boxes are coded")
      .optional("reg_class_agnostic", &BBoxHeadOptions::reg_class_agnostic,
                "one box for all classes")
      .optional("reg_decoded_bbox", &BBoxHeadOptions::reg_decoded_bbox,
                "loss_bbox compares boxes instead of codes")
      .optional("conv_out_channels", &BBoxHeadOptions::conv_out_channels,
                "channels of the convolutions", at_least(1))
      .optional("fc_out_channels", &BBoxHeadOptions::fc_out_channels, "width of the linear layers",
                at_least(1))
      .optional("norm_cfg", &BBoxHeadOptions::norm_cfg,
                "normalisation of the convolutions, or None")
      .optional("conv_cfg", &BBoxHeadOptions::conv_cfg, "None or Conv2d")
      .optional("loss_cls", &BBoxHeadOptions::loss_cls, "classification loss")
      .optional("loss_bbox", &BBoxHeadOptions::loss_bbox, "box regression loss")
      .optional("predict_box_type", &BBoxHeadOptions::predict_box_type,
                "must be 'hbox': boxes are horizontal")
      .refused("reg_predictor_cfg", "the last layers are linear")
      .refused("cls_predictor_cfg", "the last layers are linear")
      .refused("init_cfg", "weights are initialised as upstream does by default")
      .check(check_box_head);
}

void describe(Schema<ConvFCBBoxHead>& schema) {
  schema.summary("Classifies each proposal and refines its box.")
      .optional("num_shared_convs", &ConvFCBBoxHead::num_shared_convs, "convolutions of both tasks",
                at_least(0))
      .optional("num_shared_fcs", &ConvFCBBoxHead::num_shared_fcs, "linear layers of both tasks",
                at_least(0))
      .optional("num_cls_convs", &ConvFCBBoxHead::num_cls_convs, "convolutions of the classes",
                at_least(0))
      .optional("num_cls_fcs", &ConvFCBBoxHead::num_cls_fcs, "linear layers of the classes",
                at_least(0))
      .optional("num_reg_convs", &ConvFCBBoxHead::num_reg_convs, "convolutions of the boxes",
                at_least(0))
      .optional("num_reg_fcs", &ConvFCBBoxHead::num_reg_fcs, "linear layers of the boxes",
                at_least(0))
      .include<BBoxHeadOptions>()
      .check(check_layers);
}

void describe(Schema<Shared2FCBBoxHead>& schema) {
  schema.summary("A ConvFCBBoxHead with two linear layers for both tasks.")
      .include<BBoxHeadOptions>();
}

void describe(Schema<Shared4Conv1FCBBoxHead>& schema) {
  schema.summary("A ConvFCBBoxHead with four convolutions and a linear layer for both tasks.")
      .include<BBoxHeadOptions>();
}

ConvFCBBoxHead general(const BBoxHead& head) {
  if (const auto* full = head.as<ConvFCBBoxHead>()) return *full;
  ConvFCBBoxHead result;
  if (const auto* linear = head.as<Shared2FCBBoxHead>()) {
    static_cast<BBoxHeadOptions&>(result) = *linear;
    result.num_shared_fcs = 2;
  }
  if (const auto* convolutions = head.as<Shared4Conv1FCBBoxHead>()) {
    static_cast<BBoxHeadOptions&>(result) = *convolutions;
    result.num_shared_convs = 4;
    result.num_shared_fcs = 1;
  }
  return result;
}

void describe(Schema<Deconv>& schema) {
  schema.summary("A transposed convolution that enlarges the maps of a mask head.")
      .optional("scale_factor", &Deconv::scale_factor, "factor of each side", at_least(1));
}

void describe(Schema<FCNMaskHead>& schema) {
  schema.summary("Predicts the mask of each detection with convolutions.")
      .optional("num_convs", &FCNMaskHead::num_convs, "convolutions before the enlargement",
                at_least(0))
      .accepted("roi_feat_size", "the size of the regions follows from the extractor")
      .optional("in_channels", &FCNMaskHead::in_channels, "channels of the regions", at_least(1))
      .optional("conv_kernel_size", &FCNMaskHead::conv_kernel_size, "side of the convolutions",
                at_least(1))
      .optional("conv_out_channels", &FCNMaskHead::conv_out_channels,
                "channels of the convolutions", at_least(1))
      .optional("num_classes", &FCNMaskHead::num_classes, "classes without background", at_least(1))
      .optional("class_agnostic", &FCNMaskHead::class_agnostic, "one mask for all classes")
      .optional("upsample_cfg", &FCNMaskHead::upsample_cfg, "how the maps are enlarged")
      .optional("conv_cfg", &FCNMaskHead::conv_cfg, "None or Conv2d")
      .optional("norm_cfg", &FCNMaskHead::norm_cfg, "normalisation of the convolutions, or None")
      .optional("loss_mask", &FCNMaskHead::loss_mask, "loss of the masks")
      .refused("predictor_cfg", "the last layer is a convolution")
      .refused("init_cfg", "weights are initialised as upstream does")
      .check(check_mask_head);
}

void describe(Schema<StandardRoIHead>& schema) {
  schema.summary("The second stage of a detector: boxes and, optionally, masks of proposals.")
      .required("bbox_roi_extractor", &StandardRoIHead::bbox_roi_extractor,
                "how the features of a proposal are cut out")
      .required("bbox_head", &StandardRoIHead::bbox_head, "classes and boxes")
      .optional("mask_roi_extractor", &StandardRoIHead::mask_roi_extractor,
                "the same for masks; None: that of the boxes")
      .optional("mask_head", &StandardRoIHead::mask_head, "masks, or None")
      .refused("shared_head", "heads share no layers")
      .refused("train_cfg", "give it on the model")
      .refused("test_cfg", "give it on the model")
      .refused("init_cfg", "weights are initialised as upstream does by default");
}

void describe(Schema<CascadeRoIHead>& schema) {
  schema.summary("Stages that refine the boxes of the stage before.")
      .required("num_stages", &CascadeRoIHead::num_stages, "stages", at_least(1))
      .required("stage_loss_weights", &CascadeRoIHead::stage_loss_weights,
                "factor of the losses of each stage")
      .required("bbox_roi_extractor", &CascadeRoIHead::bbox_roi_extractor,
                "how the features of a proposal are cut out; one, or one for each stage")
      .required("bbox_head", &CascadeRoIHead::bbox_head,
                "classes and boxes; one, or one for each stage")
      .optional("mask_roi_extractor", &CascadeRoIHead::mask_roi_extractor,
                "the same for masks; None: that of the boxes")
      .optional("mask_head", &CascadeRoIHead::mask_head,
                "masks, or None; one, or one for each stage")
      .refused("shared_head", "heads share no layers")
      .refused("train_cfg", "give it on the model")
      .refused("test_cfg", "give it on the model")
      .refused("init_cfg", "weights are initialised as upstream does by default")
      .check(check_cascade);
}

}  // namespace pinfeed
