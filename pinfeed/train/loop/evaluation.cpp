// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/evaluation.h"

#include "pinfeed/train/loop/model_evaluator.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {

Validation evaluate(Runner& runner, Evaluator& evaluator, void (Hook::*before_iter)(Runner&),
                    void (Hook::*after_iter)(Runner&, const ValidationStep&)) {
  evaluator.begin();
  for (;;) {
    runner.call(before_iter);
    const auto done = evaluator.step(*runner.model);
    if (!done) return evaluator.finish();
    runner.call(after_iter, *done);
    runner.stop_if_requested();
  }
}

Validation test(Runner& runner, Evaluator& evaluator) {
  runner.call(&Hook::before_run);
  runner.call(&Hook::before_test);
  runner.model->eval();
  runner.call(&Hook::before_test_epoch);
  const Validation result =
      evaluate(runner, evaluator, &Hook::before_test_iter, &Hook::after_test_iter);
  runner.call(&Hook::after_test_epoch, result);
  runner.call(&Hook::after_test);
  runner.call(&Hook::after_run);
  return result;
}

}  // namespace pinfeed
