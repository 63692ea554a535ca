// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/train/loop/hook.h"
#include "pinfeed/train/loop/validation.h"

namespace pinfeed {

class Evaluator;
struct Runner;

/// Runs the model of a run on all batches of an evaluator, with the stages of the hooks before and
/// after each, and gives the metrics. Throws Error(interrupted) as Runner::stop_if_requested().
Validation evaluate(Runner& runner, Evaluator& evaluator, void (Hook::*before_iter)(Runner&),
                    void (Hook::*after_iter)(Runner&, const ValidationStep&));

/// Evaluates the model on a test set and calls the `test` stages of the hooks.
Validation test(Runner& runner, Evaluator& evaluator);

}  // namespace pinfeed
