// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/report/report_page.h"
#include "pinfeed/train/entry_points.h"
#include "pinfeed/train/logging/run_log.h"
#include "pinfeed/train/loop/coco_evaluator.h"
#include "pinfeed/train/loop/trainer.h"

namespace pinfeed {

/// A training that has ended, by whatever cause.
struct EndedRun {
  const TrainArguments& arguments;
  const Trainer& trainer;
  Loader& loader;
  const CocoEvaluator* evaluator = nullptr;  // null without validation
  std::int64_t seed = 0;
  std::string device = {};
  const Error* error = nullptr;  // that ended it
};

/// Writes the page of the run to report.html in its folder. After a signal the page has no
/// pictures, so that the process ends soon. An error here is a warning in the log, and a section
/// that fails is left out with a sentence.
void report_page(const EndedRun& run, RunLog& log);

/// The page of `pinfeed eval`.
ReportPage evaluation_page(const EvalArguments& arguments, const CocoEvaluator& evaluator,
                           const std::string& device);

}  // namespace pinfeed
