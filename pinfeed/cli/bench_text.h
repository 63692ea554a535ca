// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/cli/bench_measure.h"

namespace pinfeed::cli {

/// Which stage is the narrow one, in one sentence.
std::string verdict(const Measured& result);

/// One JSON object, as scripts expect it.
std::string json_of(const Measured& result);

/// The numbers, a table of the stages, and the verdict, for people.
std::string text_of(const Measured& result);

}  // namespace pinfeed::cli
