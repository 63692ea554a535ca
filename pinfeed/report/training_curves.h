// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/plot/plot.h"
#include "pinfeed/report/report_page.h"

namespace pinfeed {

/// The numbers that the runs of a work dir logged in scalars.json, by name, over the iterations. A
/// resumed run continues the curves; a run replaces the points of earlier runs from its first
/// iteration on. Numbers that are not finite, and -1 of a metric, are gaps; curves without a value
/// and the times of validations are left out. Throws Error(system).
std::vector<Series> training_curves(const std::string& work_dir);

/// Charts of these curves: losses, the metrics of each evaluator and of classes, learning rate, and
/// what else was logged.
std::vector<PageChart> training_charts(const std::vector<Series>& curves);

/// The chart of the time of an iteration and of the wait for its data; none without these curves.
std::vector<PageChart> time_charts(const std::vector<Series>& curves);

}  // namespace pinfeed
