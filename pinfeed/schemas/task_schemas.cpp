// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's task_modules.
#include "pinfeed/schemas/task_schemas.h"

#include <fmt/format.h>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void require_positive(const char* key, const std::vector<double>& numbers) {
  for (const double number : numbers) {
    if (number > 0) continue;
    throw_config_error(fmt::format("{} has {}; it must be greater than 0", key, number));
  }
}

void check_anchors(const AnchorGenerator& params) {
  const bool octaves = params.octave_base_scale && params.scales_per_octave;
  if (octaves == params.scales.has_value()) {
    throw_config_error(
        "either scales, or octave_base_scale and scales_per_octave must be given, and not both");
  }
  if (params.base_sizes && params.base_sizes->size() != params.strides.size()) {
    throw_config_error(fmt::format("there are {} base_sizes and {} strides; each level needs one",
                                   params.base_sizes->size(), params.strides.size()));
  }
  if (params.strides.empty() || params.ratios.empty() ||
      (params.scales && params.scales->empty())) {
    throw_config_error("strides, ratios and scales must not be empty");
  }
  require_positive("strides", {params.strides.begin(), params.strides.end()});
  require_positive("ratios", params.ratios);
  require_positive("scales", params.scales.value_or(std::vector<double>{}));
  require_positive("base_sizes", params.base_sizes.value_or(std::vector<double>{}));
  require_positive("octave_base_scale", {params.octave_base_scale.value_or(1.0)});
}

void check_coder(const DeltaXYWHBBoxCoder& params) {
  for (const double std : params.target_stds) {
    if (std == 0.0) throw_config_error("target_stds contains a 0, which would divide by zero");
  }
}

void check_assigner(const MaxIoUAssigner& params) {
  if (!params.gt_max_assign_all) {
    throw_config_error("gt_max_assign_all is False; all boxes with the largest overlap are taken");
  }
}

}  // namespace

void describe(Schema<AnchorGenerator>& schema) {
  schema.summary("Anchors of some sizes and shapes at every position of every level.")
      .required("strides", &AnchorGenerator::strides, "stride of every level, pixels")
      .required("ratios", &AnchorGenerator::ratios, "height / width of the anchors")
      .optional("scales", &AnchorGenerator::scales, "sizes of the anchors, in base sizes")
      .optional("base_sizes", &AnchorGenerator::base_sizes,
                "base size of every level, pixels; None: the strides")
      .optional("scale_major", &AnchorGenerator::scale_major,
                "order of the anchors of a position: scales within ratios, or the reverse")
      .optional("octave_base_scale", &AnchorGenerator::octave_base_scale,
                "smallest scale of an octave, instead of scales")
      .optional("scales_per_octave", &AnchorGenerator::scales_per_octave, "scales of an octave",
                at_least(1))
      .optional("center_offset", &AnchorGenerator::center_offset,
                "offset of the centres, in base sizes", between(0, 1))
      .refused("centers", "the centres follow from center_offset")
      .accepted("use_box_type", "boxes are plain tensors")
      .check(check_anchors);
}

int anchors_per_position(const AnchorGenerator& params) {
  const int scales = params.scales ? static_cast<int>(params.scales->size())
                                   : params.scales_per_octave.value_or(1);
  return scales * static_cast<int>(params.ratios.size());
}

void describe(Schema<DeltaXYWHBBoxCoder>& schema) {
  schema.summary("Codes boxes as offsets and logarithms of sizes, relative to other boxes.")
      .optional("target_means", &DeltaXYWHBBoxCoder::target_means, "subtracted from the codes")
      .optional("target_stds", &DeltaXYWHBBoxCoder::target_stds, "divides the codes")
      .optional("clip_border", &DeltaXYWHBBoxCoder::clip_border,
                "cut decoded boxes at the border of the image")
      .optional("add_ctr_clamp", &DeltaXYWHBBoxCoder::add_ctr_clamp,
                "limit the offset of the centre to ctr_clamp")
      .optional("ctr_clamp", &DeltaXYWHBBoxCoder::ctr_clamp,
                "largest offset of the centre with add_ctr_clamp, pixels", at_least(0))
      .accepted("use_box_type", "boxes are plain tensors")
      .check(check_coder);
}

void describe(Schema<DistancePointBBoxCoder>& schema) {
  schema.summary("Codes a box as the distances of its sides from a point inside.")
      .optional("clip_border", &DistancePointBBoxCoder::clip_border,
                "cut decoded boxes at the border of the image")
      .accepted("use_box_type", "boxes are plain tensors");
}

void describe(Schema<BboxOverlaps2D>& schema) {
  schema.summary("The IoU of boxes, in float32.")
      .accepted("scale", "it has an effect with dtype='fp16' only")
      .refused("dtype", "overlaps are computed in float32");
}

void describe(Schema<MaxIoUAssigner>& schema) {
  schema.summary("Assigns to each box the object with which it overlaps most.")
      .required("pos_iou_thr", &MaxIoUAssigner::pos_iou_thr,
                "a box with this IoU or more is positive")
      .required("neg_iou_thr", &MaxIoUAssigner::neg_iou_thr,
                "a box with less IoU is negative; (min, max): with an IoU from min to below max")
      .optional("min_pos_iou", &MaxIoUAssigner::min_pos_iou,
                "smallest IoU of the best boxes of an object (match_low_quality)")
      .optional("gt_max_assign_all", &MaxIoUAssigner::gt_max_assign_all,
                "must be True: all boxes with the largest IoU of an object are taken")
      .optional("ignore_iof_thr", &MaxIoUAssigner::ignore_iof_thr,
                "a box whose part inside ignored objects is larger is not used; 0 or less: off")
      .optional("ignore_wrt_candidates", &MaxIoUAssigner::ignore_wrt_candidates,
                "the part is one of the box; False: of the ignored object")
      .optional("match_low_quality", &MaxIoUAssigner::match_low_quality,
                "the best boxes of every object are positive, also below pos_iou_thr")
      .accepted("gpu_assign_thr", "overlaps are computed in parts that need little memory")
      .optional("iou_calculator", &MaxIoUAssigner::iou_calculator, "how overlaps are computed")
      .refused("perm_repeat_gt_cfg", "repeated boxes are not moved")
      .check(check_assigner);
}

void describe(Schema<ATSSAssigner>& schema) {
  schema.summary("Assigns to each object boxes near its centre, by the spread of their overlaps.")
      .required("topk", &ATSSAssigner::topk,
                "boxes of each level, nearest to the centre, that an object may have", at_least(1))
      .optional("ignore_iof_thr", &ATSSAssigner::ignore_iof_thr,
                "a box whose part inside ignored objects is larger is not used; 0 or less: off")
      .optional("iou_calculator", &ATSSAssigner::iou_calculator, "how overlaps are computed")
      .refused("alpha", "the cost of classes, which only DDOD has, is not implemented");
}

void describe(Schema<RandomSampler>& schema) {
  schema.summary("Takes a random part of the positive and negative boxes.")
      .required("num", &RandomSampler::num, "boxes of an image", at_least(1))
      .required("pos_fraction", &RandomSampler::pos_fraction, "largest part of positives",
                between(0, 1))
      .optional("neg_pos_ub", &RandomSampler::neg_pos_ub,
                "most negatives for each positive; negative: no limit")
      .optional("add_gt_as_proposals", &RandomSampler::add_gt_as_proposals,
                "the boxes of the truth are candidates too");
}

void describe(Schema<PseudoSampler>& schema) { schema.summary("Takes all boxes."); }

}  // namespace pinfeed
