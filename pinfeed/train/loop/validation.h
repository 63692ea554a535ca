// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/train/logging/log_line.h"

namespace pinfeed {

/// How far a validation is.
struct ValidationStep {
  std::int64_t batch = 0;  // number of batches that are done
  std::int64_t batches = 0;
  double time = 0.0;       // seconds per batch, mean
  double data_time = 0.0;  // of these, waiting for data
};

/// The result of a validation.
struct Validation {
  Scalars metrics = {};
  ValidationStep last_step = {};
};

}  // namespace pinfeed
