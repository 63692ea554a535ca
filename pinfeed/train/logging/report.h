// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/train/logging/log_line.h"

namespace pinfeed {

/// Draws loss, learning rate and metrics from the JSON lines of all runs in a work dir as an SVG
/// file. False when there are no lines. A resumed run continues the curves.
/// Throws Error(system).
bool draw_curves(const std::string& work_dir, const std::string& svg_path);

/// Draws the first `count` images of a data set, each with its annotated objects and beside it with
/// the detections of a score of at least `score`, as <folder>/<image id>.png. Returns the files.
/// Images that cannot be read are left out. Throws Error(system).
std::vector<std::string> draw_detections(const Dataset& dataset,
                                         const std::vector<CocoDetection>& detections, double score,
                                         std::size_t count, const std::string& folder);

/// The path <folder>/<stem>.png, with a number where `taken` has it.
std::string numbered_path(const std::string& folder, const std::string& stem,
                          const std::vector<std::string>& taken);

/// Writes metrics as one JSON object. Numbers have 17 digits.
void write_metrics(const Scalars& metrics, const std::string& path);

}  // namespace pinfeed
