// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3's test_cfg; mmcv's nms and soft_nms.
#include "pinfeed/schemas/detection_schemas.h"

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void check_method(const SoftNms& params) {
  const std::string& method = params.method;
  if (method == "naive" || method == "linear" || method == "gaussian") return;
  throw_config_error("method is '" + method + "'; it must be 'naive', 'linear' or 'gaussian'");
}

}  // namespace

void describe(Schema<Nms>& schema) {
  schema.summary("Non-maximum suppression, class by class.")
      .required("iou_threshold", &Nms::iou_threshold,
                "a detection with a larger IoU to a better one is removed", between(0, 1))
      .optional("class_agnostic", &Nms::class_agnostic, "detections of all classes compete")
      .accepted("split_thr", "the result does not depend on how boxes are grouped");
}

void describe(Schema<SoftNms>& schema) {
  schema.summary("Non-maximum suppression that lowers scores.")
      .optional("iou_threshold", &SoftNms::iou_threshold,
                "IoU from which the score of the worse detection is lowered", between(0, 1))
      .optional("sigma", &SoftNms::sigma, "width of method='gaussian'", at_least(1e-9))
      .optional("min_score", &SoftNms::min_score, "detections with a lower score are removed",
                at_least(0))
      .optional("method", &SoftNms::method, "'naive', 'linear' or 'gaussian'")
      .optional("class_agnostic", &SoftNms::class_agnostic, "detections of all classes compete")
      .accepted("split_thr", "the result does not depend on how boxes are grouped")
      .check(check_method);
}

void describe(Schema<DenseTestCfg>& schema) {
  schema.summary("How points become detections.")
      .optional("nms_pre", &DenseTestCfg::nms_pre, "candidates kept per level; -1: all",
                at_least(-1))
      .optional("min_bbox_size", &DenseTestCfg::min_bbox_size,
                "minimum side, pixels of the original image; negative: none")
      .optional("score_thr", &DenseTestCfg::score_thr, "minimum class score of a candidate")
      .required("nms", &DenseTestCfg::nms, "how duplicates are removed")
      .optional("max_per_img", &DenseTestCfg::max_per_img, "detections kept; -1: all",
                at_least(-1));
}

void describe(Schema<ProposalCfg>& schema) {
  schema.summary("How anchors become proposals.")
      .optional("nms_pre", &ProposalCfg::nms_pre, "candidates kept per level; -1: all",
                at_least(-1))
      .optional("min_bbox_size", &ProposalCfg::min_bbox_size,
                "minimum side, pixels of the input; negative: none")
      .required("nms", &ProposalCfg::nms, "how duplicates are removed")
      .optional("max_per_img", &ProposalCfg::max_per_img, "proposals kept; -1: all", at_least(-1));
}

void describe(Schema<RcnnTestCfg>& schema) {
  schema.summary("How proposals become detections.")
      .required("score_thr", &RcnnTestCfg::score_thr, "minimum class score")
      .required("nms", &RcnnTestCfg::nms, "how duplicates are removed")
      .required("max_per_img", &RcnnTestCfg::max_per_img, "detections kept; -1: all", at_least(-1))
      .optional("mask_thr_binary", &RcnnTestCfg::mask_thr_binary,
                "probability from which a pixel belongs to a mask", between(0, 1));
}

}  // namespace pinfeed
