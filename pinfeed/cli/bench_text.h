// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/cli/bench_measure.h"

namespace pinfeed::cli {

/// Names the stage that limits the speed, in one sentence.
std::string verdict(const Measurement& result);

/// One JSON object. Its keys must not change: scripts read them.
std::string json_of(const Measurement& result);

/// The numbers, a table of the stages, and the verdict.
std::string text_of(const Measurement& result);

}  // namespace pinfeed::cli
