// SPDX-License-Identifier: Apache-2.0
// How heads with anchors or proposals assign, sample and code boxes. The folder of these parts in
// mmdet is task_modules.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "pinfeed/config/one_of.h"

namespace pinfeed {

/// The boxes that a head starts from: some at every position of every level.
struct AnchorGenerator {
  static constexpr auto name = "AnchorGenerator";
  std::vector<int> strides = {};                       // pixels
  std::vector<double> ratios = {};                     // height / width
  std::optional<std::vector<double>> scales = {};      // in base sizes
  std::optional<std::vector<double>> base_sizes = {};  // pixels; the strides if absent
  std::optional<double> octave_base_scale = {};        // with scales_per_octave, instead of scales
  std::optional<int> scales_per_octave = {};
  bool scale_major = true;
  double center_offset = 0.0;  // in base sizes
};
void describe(Schema<AnchorGenerator>& schema);
/// The number of anchors at each position.
int anchors_per_position(const AnchorGenerator& params);

/// Codes a box as its offset and the logarithm of its size, relative to another box.
struct DeltaXYWHBBoxCoder {
  static constexpr auto name = "DeltaXYWHBBoxCoder";
  std::array<double, 4> target_means = {0.0, 0.0, 0.0, 0.0};
  std::array<double, 4> target_stds = {1.0, 1.0, 1.0, 1.0};
  bool clip_border = true;
  bool add_ctr_clamp = false;
  int ctr_clamp = 32;  // pixels
};
void describe(Schema<DeltaXYWHBBoxCoder>& schema);

/// Codes a box as the distances of its sides from a point inside.
struct DistancePointBBoxCoder {
  static constexpr auto name = "DistancePointBBoxCoder";
  bool clip_border = true;
};
void describe(Schema<DistancePointBBoxCoder>& schema);

/// How much two boxes overlap: their IoU, or the part of one that lies in the other.
struct BboxOverlaps2D {
  static constexpr auto name = "BboxOverlaps2D";
};
void describe(Schema<BboxOverlaps2D>& schema);

/// Assigns to each box the object with which it overlaps most.
struct MaxIoUAssigner {
  static constexpr auto name = "MaxIoUAssigner";
  double pos_iou_thr = 0.5;
  std::variant<double, std::array<double, 2>> neg_iou_thr = 0.5;
  double min_pos_iou = 0.0;
  double ignore_iof_thr = -1.0;
  bool ignore_wrt_candidates = true;
  bool match_low_quality = true;
  bool gt_max_assign_all = true;
  OneOf<BboxOverlaps2D> iou_calculator = {};
};
void describe(Schema<MaxIoUAssigner>& schema);

/// Assigns to each object boxes near its centre whose overlap stands out among those near it.
struct ATSSAssigner {
  static constexpr auto name = "ATSSAssigner";
  int topk = 9;
  double ignore_iof_thr = -1.0;
  OneOf<BboxOverlaps2D> iou_calculator = {};
};
void describe(Schema<ATSSAssigner>& schema);

/// Takes a random part of the positive and negative boxes.
struct RandomSampler {
  static constexpr auto name = "RandomSampler";
  int num = 256;
  double pos_fraction = 0.5;
  double neg_pos_ub = -1.0;
  bool add_gt_as_proposals = true;
};
void describe(Schema<RandomSampler>& schema);

/// Takes all boxes.
struct PseudoSampler {
  static constexpr auto name = "PseudoSampler";
};
void describe(Schema<PseudoSampler>& schema);

using BoxSampler = OneOf<RandomSampler, PseudoSampler>;

}  // namespace pinfeed
