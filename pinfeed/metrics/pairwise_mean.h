// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace pinfeed {

/// The mean, added up in numpy's order (pairwise, blocks of 128 in eight lanes), so that it equals
/// numpy.mean to the last bit. At least one value.
double pairwise_mean(std::span<const double> values);

}  // namespace pinfeed
