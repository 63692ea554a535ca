// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/loop_hooks.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

class RuntimeInfo : public Hook {
 public:
  void before_train_iter(Runner& runner, const ModelInput&) override {
    const std::vector<GroupValues>& values = runner.training->schedule.values();
    runner.message_hub.rates.assign(values.begin(), values.end());
  }

  void after_train_iter(Runner& runner, const ModelInput&, const StepResult& result) override {
    Smoothing& scalars = runner.message_hub.scalars;
    if (result.grad_norm.defined()) scalars.add("grad_norm", result.grad_norm);
    scalars.add("loss", result.loss);
    for (const auto& [name, value] : result.losses) {
      if (name != "loss") scalars.add(name, value);
    }
  }
};

}  // namespace

std::unique_ptr<Hook> make_hook(const RuntimeInfoHook&) { return std::make_unique<RuntimeInfo>(); }

}  // namespace pinfeed
