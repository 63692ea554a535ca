// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/metrics/object_pairs.h"
#include "pinfeed/report/report_page.h"

namespace pinfeed {

/// Detections of a data set, and what they are compared with. All of it must outlive the call.
struct EvaluatedDetections {
  const CocoFile& truth;
  std::span<const CocoDetection> detections;
  const Dataset& dataset;                                    // whose images are drawn
  std::vector<std::pair<std::string, double>> metrics = {};  // as they were logged
  PairRule rule = {};                                        // of the confusion matrix
};

/// What the page shows of an evaluation: precision over recall and AP of each class by the rules of
/// COCO for boxes, the confusion matrix, and pictures of the images with most errors. Images that
/// cannot be read have no picture.
PageEvaluation evaluation_report(const EvaluatedDetections& found);

/// The part of the matrix with the `most` classes that are taken for other classes most often; all
/// of it when there are no more classes.
PageConfusion confusion_of(const ConfusionMatrix& matrix, std::size_t most);

}  // namespace pinfeed
