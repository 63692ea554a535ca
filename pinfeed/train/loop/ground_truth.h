// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/metrics/coco_masks.h"
#include "pinfeed/metrics/voc_metric.h"
#include "pinfeed/schemas/metric_schema.h"

namespace pinfeed {

/// What an evaluation compares detections with.
struct GroundTruth {
  std::shared_ptr<const CocoFile> file = {};
  std::vector<std::int64_t> category_ids = {};  // in `file`, of each label of the data set
  MaskReader masks = {};                        // of the annotations; empty without metric 'segm'
};

/// The ground truth of a val_evaluator, or of a test_evaluator with the split "test"
/// (docs/specs/openmmlab-data.md, 6.7): its ann_file, or the COCO file of the data set, or the
/// objects of the data set's records, with the indices of the classes as category ids and the area
/// of the box as area. Categories of a file are found by the names of the classes. Throws
/// Error(data) with the position of ann_file when the file cannot be read, Error(config) when it
/// does not have a class, and for a data set whose records have no ids, no classes or no objects.
/// The labels and ids of a data set are those of its records. With metric 'segm' every object needs
/// a segmentation: throws Error(data) naming one that has none.
GroundTruth ground_truth(const CocoMetricParams& params, const Dataset& dataset,
                         const std::string& split = "val");

/// The objects of the data set's records, for Pascal VOC. Throws Error(config) for a data set whose
/// records have no ids or no classes.
VocTruth voc_truth(const Dataset& dataset, const std::string& split = "val");

/// Adds a warning when a label means another class in the data set of the validation than in that
/// of the training.
void warn_of_other_labels(const Metainfo& trained, const Metainfo& evaluated,
                          std::vector<std::string>& warnings);

}  // namespace pinfeed
