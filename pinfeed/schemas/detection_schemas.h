// SPDX-License-Identifier: Apache-2.0
// How predictions become detections: mmdet's test_cfg.
#pragma once

#include <string>

#include "pinfeed/config/one_of.h"

namespace pinfeed {

/// Non-maximum suppression per class.
struct Nms {
  static constexpr auto name = "nms";
  double iou_threshold = 0.5;
  bool class_agnostic = false;
};
void describe(Schema<Nms>& schema);

/// Suppression that lowers the scores of overlapping boxes instead of removing them.
struct SoftNms {
  static constexpr auto name = "soft_nms";
  double iou_threshold = 0.3;
  double sigma = 0.5;
  double min_score = 1e-3;
  std::string method = "linear";
  bool class_agnostic = false;
};
void describe(Schema<SoftNms>& schema);

using Suppression = OneOf<Nms, SoftNms>;

/// Postprocessing of a dense head. -1 removes a limit.
struct DenseTestCfg {
  static constexpr auto name = "test_cfg";
  int nms_pre = -1;             // candidates per level
  double min_bbox_size = -1.0;  // pixels of the original image
  double score_thr = 0.0;
  Suppression nms = {};
  int max_per_img = 100;
};
void describe(Schema<DenseTestCfg>& schema);

/// How the proposals of an RPN are made. -1 removes a limit.
struct ProposalCfg {
  static constexpr auto name = "rpn_proposal";
  int nms_pre = -1;             // candidates per level
  double min_bbox_size = -1.0;  // pixels of the input
  Suppression nms = {};
  int max_per_img = 1000;
};
void describe(Schema<ProposalCfg>& schema);

/// Postprocessing of a RoI head. -1 removes a limit.
struct RcnnTestCfg {
  static constexpr auto name = "rcnn";
  double score_thr = 0.05;
  Suppression nms = {};
  int max_per_img = 100;
  double mask_thr_binary = 0.5;
};
void describe(Schema<RcnnTestCfg>& schema);

}  // namespace pinfeed
