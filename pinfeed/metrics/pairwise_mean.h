// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace pinfeed {

/// The sum of the values, bit by bit equal to numpy.sum: it is pairwise, in blocks of 128 values
/// and eight lanes.
double pairwise_sum(std::span<const double> values);

/// The mean of at least one value, bit by bit equal to numpy.mean.
double pairwise_mean(std::span<const double> values);
float pairwise_mean(std::span<const float> values);

}  // namespace pinfeed
