// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/metrics/coco_cells.h"
#include "pinfeed/metrics/coco_eval.h"
#include "pinfeed/metrics/coco_groups.h"
#include "pinfeed/metrics/coco_match.h"

namespace pinfeed {

/// The rows of one image and category, detections by falling score, and what a thread computes for
/// them.
struct GroupWork {
  std::span<const std::uint32_t> truth_rows = {};
  std::span<const std::uint32_t> detection_rows = {};
  std::vector<double> areas = {};  // of the detections
  std::vector<double> ious = {};   // detections x truths
  std::vector<MatchTruth> truths = {};
  std::vector<MatchDetection> detections = {};
};

/// Sets the areas and IoUs of a group, whose rows and truths are set. Called on several threads.
using CompareGroup = std::function<void(GroupWork&)>;

/// Which flag of an annotation makes a ground truth one that does not count: for COCO 'iscrowd',
/// whose IoU is then the fraction of the detection that it covers, for LVIS 'ignore'. The other
/// flag changes nothing.
enum class TruthFlags { crowd, ignore };

struct CellOptions {
  std::array<int, max_count> maxima = {};  // of detections, ascending
  Pooling pooling = Pooling::none;
  std::optional<int> threads = {};  // without a number, as many as the process has cores
  std::string results = "detections";
  TruthFlags flags = TruthFlags::crowd;
  /// What an unmatched detection of an image and category is; empty: always wrong.
  std::function<Unmatched(std::int64_t image_id, std::int64_t category_id)> unmatched = {};
};

struct EvaluatedCells {
  std::vector<CocoCategory> categories = {};  // by id, ascending; none with Pooling::categories
  std::vector<CategoryCells> cells = {};      // of each category, or one for all

  /// Those of all categories.
  std::vector<const CategoryCells*> all() const;
};

/// Matches and accumulates all groups, on several threads. Throws Error(data) for a detection of an
/// image that `truth` does not have, and what `compare` throws.
EvaluatedCells evaluated_cells(const CocoFile& truth, std::span<const CocoDetection> detections,
                               const CellOptions& options, const CompareGroup& compare);

/// Compares boxes. Areas of detections are those of their boxes, or given. All arguments must
/// outlive the function.
CompareGroup compare_boxes(const CocoFile& truth, std::span<const CocoDetection> detections,
                           std::span<const double> areas);
/// Compares masks. Adds to `other_size` the detections whose mask has not the size of all masks
/// that it is compared with.
CompareGroup compare_masks(const MaskReader& truth_masks, std::span<const CocoDetection> detections,
                           const MaskReader& detection_masks, DetectionArea area,
                           std::atomic<std::int64_t>& other_size);

}  // namespace pinfeed
