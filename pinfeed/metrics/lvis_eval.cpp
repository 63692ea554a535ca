// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.10.
//
// LVIS has far more categories than anyone can look for in one image. A detection counts only if
// its category was looked for there: if the image has an object of it, or lists it as absent.
// Where the objects of a category are not all marked, a detection without a match is ignored. The
// rest is COCOeval (coco_work.h), without crowds and with one limit for all detections of an image.
#include "pinfeed/metrics/lvis_eval.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/metrics/coco_statistics.h"
#include "pinfeed/metrics/coco_work.h"

namespace pinfeed {
namespace {

bool has_id(const std::vector<std::int64_t>& ids, std::int64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;  // image, category

// Sorted.
Pairs annotated_pairs(const CocoFile& truth) {
  Pairs pairs;
  pairs.reserve(truth.annotations.size());
  for (const CocoAnnotation& one : truth.annotations)
    pairs.emplace_back(one.image_id, one.category_id);
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// The indices of the best detections of each image, in their order.
std::vector<std::uint32_t> best_of_images(std::span<const CocoDetection> detections) {
  std::map<std::int64_t, std::vector<std::uint32_t>> images;
  for (std::size_t i = 0; i < detections.size(); ++i) {
    images[detections[i].image_id].push_back(static_cast<std::uint32_t>(i));
  }
  std::vector<std::uint32_t> best;
  for (auto& [id, rows] : images) {
    if (rows.size() > lvis_max_detections) {
      std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        return ranking_score(detections[a].score) > ranking_score(detections[b].score);
      });
      rows.resize(lvis_max_detections);
    }
    best.insert(best.end(), rows.begin(), rows.end());
  }
  std::sort(best.begin(), best.end());
  return best;
}

// The indices of the detections that count.
std::vector<std::uint32_t> counting_rows(const CocoFile& truth, const LvisRules& rules,
                                         std::span<const CocoDetection> detections,
                                         const std::string& results) {
  const Pairs annotated = annotated_pairs(truth);
  std::vector<std::uint32_t> rows;
  for (const std::uint32_t row : best_of_images(detections)) {
    const CocoDetection& one = detections[row];
    const auto image = rules.images.find(one.image_id);
    if (image == rules.images.end()) {
      throw Error(ErrorKind::data, fmt::format("{}[{}] is of image {}, which {} does not have",
                                               results, row, id_text(one.image_id), truth.path));
    }
    if (has_id(image->second.absent, one.category_id) ||
        std::binary_search(annotated.begin(), annotated.end(),
                           std::pair(one.image_id, one.category_id))) {
      rows.push_back(row);
    }
  }
  return rows;
}

std::vector<CocoDetection> selected(std::span<const CocoDetection> detections,
                                    const std::vector<std::uint32_t>& rows) {
  std::vector<CocoDetection> chosen;
  chosen.reserve(rows.size());
  for (const std::uint32_t row : rows) chosen.push_back(detections[row]);
  return chosen;
}

CellOptions cell_options(const LvisRules& rules, const LvisOptions& options) {
  return {.maxima = {lvis_max_detections, lvis_max_detections, lvis_max_detections},
          .threads = options.threads,
          .results = options.results,
          .flags = TruthFlags::ignore,
          .unmatched = [&rules](std::int64_t image_id, std::int64_t category_id) {
            const bool complete = !has_id(rules.images.at(image_id).incomplete, category_id);
            return complete ? Unmatched::wrong : Unmatched::ignored;
          }};
}

double frequency_precision(const EvaluatedCells& evaluated, const LvisRules& rules,
                           LvisFrequency frequency) {
  std::vector<const CategoryCells*> cells;
  for (std::size_t i = 0; i < evaluated.cells.size(); ++i) {
    const auto known = rules.frequencies.find(evaluated.categories[i].id);
    if (known != rules.frequencies.end() && known->second == frequency)
      cells.push_back(&evaluated.cells[i]);
  }
  return mean_precision(cells, 0, 0, iou_thresholds);
}

LvisEvaluation summarized(IouType type, EvaluatedCells evaluated, const LvisRules& rules) {
  const std::vector<const CategoryCells*> cells = evaluated.all();
  LvisEvaluation evaluation{
      .iou_type = type,
      .stats = {
          mean_precision(cells, 0, 0, iou_thresholds), mean_precision(cells, 0, 0, 1),
          mean_precision(cells, 0, 5, 6), mean_precision(cells, 1, 0, iou_thresholds),
          mean_precision(cells, 2, 0, iou_thresholds), mean_precision(cells, 3, 0, iou_thresholds),
          frequency_precision(evaluated, rules, LvisFrequency::rare),
          frequency_precision(evaluated, rules, LvisFrequency::common),
          frequency_precision(evaluated, rules, LvisFrequency::frequent), mean_recall(cells, 0),
          mean_recall(cells, 1), mean_recall(cells, 2), mean_recall(cells, 3)}};
  for (const CategoryCells* one : cells) evaluation.category_ap.push_back(category_precision(*one));
  evaluation.categories = std::move(evaluated.categories);
  return evaluation;
}

}  // namespace

std::vector<std::string> lvis_item_names() {
  return {"AP",  "AP50", "AP75",   "APs",     "APm",     "APl",    "APr",
          "APc", "APf",  "AR@300", "ARs@300", "ARm@300", "ARl@300"};
}

LvisEvaluation evaluate_lvis_boxes(const CocoFile& truth, const LvisRules& rules,
                                   std::span<const CocoDetection> detections,
                                   const LvisOptions& options) {
  const auto chosen =
      selected(detections, counting_rows(truth, rules, detections, options.results));
  return summarized(IouType::bbox,
                    evaluated_cells(truth, chosen, cell_options(rules, options),
                                    compare_boxes(truth, chosen, {})),
                    rules);
}

LvisEvaluation evaluate_lvis_masks(const CocoFile& truth, const LvisRules& rules,
                                   const MaskReader& truth_masks,
                                   std::span<const CocoDetection> detections,
                                   const MaskReader& detection_masks, DetectionArea area,
                                   const LvisOptions& options) {
  const std::vector<std::uint32_t> rows = counting_rows(truth, rules, detections, options.results);
  const std::vector<CocoDetection> chosen = selected(detections, rows);
  const MaskReader masks = [&](std::size_t index) { return detection_masks(rows[index]); };
  std::atomic<std::int64_t> other_size = 0;
  LvisEvaluation evaluation =
      summarized(IouType::segm,
                 evaluated_cells(truth, chosen, cell_options(rules, options),
                                 compare_masks(truth_masks, chosen, masks, area, other_size)),
                 rules);
  evaluation.masks_of_other_size = other_size;
  return evaluation;
}

}  // namespace pinfeed
