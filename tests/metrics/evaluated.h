// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pinfeed/metrics/detection_metric.h"

namespace pinfeed {

/// The values of a metric that has nothing to warn of.
inline MetricValues evaluated(const DetectionMetric& metric) {
  std::vector<std::string> warnings;
  MetricValues values = metric.evaluate(warnings);
  EXPECT_EQ(warnings, std::vector<std::string>());
  return values;
}

}  // namespace pinfeed
