// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/coco_file.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/train/log_line.h"

namespace pinfeed {

/// Draws loss and learning rate, and metrics if there are any, out of the JSON lines of a run, as
/// an SVG file. Throws Error(system).
void draw_curves(const std::string& scalars_path, const std::string& svg_path);

/// Draws the detections with a score of at least `score` on the first `count` images of a data set,
/// as <folder>/<image id>.png. Returns the files. Throws Error(system), Error(data).
std::vector<std::string> draw_detections(const Dataset& dataset,
                                         const std::vector<CocoDetection>& detections, double score,
                                         std::size_t count, const std::string& folder);

/// Writes metrics as one JSON object, with numbers in 17 digits.
void write_metrics(const Scalars& metrics, const std::string& path);

}  // namespace pinfeed
