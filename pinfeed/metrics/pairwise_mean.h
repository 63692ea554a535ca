// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace pinfeed {

/// The mean of at least one value, bit by bit equal to numpy.mean: the sum is pairwise, in blocks
/// of 128 values and eight lanes.
double pairwise_mean(std::span<const double> values);

}  // namespace pinfeed
