// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pinfeed/train/loop/validation.h"

namespace pinfeed {

class Model;

/// Evaluates a model on a validation set: begin(), then step() until it is empty, then finish().
/// One thread.
class Evaluator {
 public:
  Evaluator() = default;
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;
  virtual ~Evaluator() = default;

  /// Discards the results so far; the next step reads the first batch.
  virtual void begin() = 0;
  /// Runs the model, which must be in eval mode, on one batch. Empty when there is no batch left.
  virtual std::optional<ValidationStep> step(Model& model) = 0;
  /// The metrics of all batches since begin().
  virtual Validation finish() = 0;
};

}  // namespace pinfeed
