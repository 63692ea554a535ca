// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "pinfeed/train/logging/run_log.h"
#include "pinfeed/train/loop/coco_evaluator.h"
#include "pinfeed/train/loop/trainer.h"

namespace pinfeed {

constexpr double drawn_score = 0.3;      // of a detection that is drawn, at least
constexpr std::size_t drawn_images = 8;  // of the data set

/// Writes what a complete training leaves in its work dir: the curves and, after a validation, the
/// detections as images and as a results file, and the metrics. `evaluator` is null without
/// validation. The training is complete, so an error here is a warning in the log.
void report_training(const Trainer& trainer, const CocoEvaluator* evaluator, RunLog& log);

}  // namespace pinfeed
