// SPDX-License-Identifier: Apache-2.0
// What libpinfeed_train.so offers the command line.
#include <torch/torch.h>

#include "pinfeed/core/error.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/loop/run.h"

namespace pinfeed {
namespace {

// Errors of torch become ours: nobody above this library knows its types.
template <class Work>
void translated(Work work) {
  try {
    work();
  } catch (const c10::Error& error) {
    if (const std::optional<Error> failure = device_failure(error)) throw Error(*failure);
    throw Error(ErrorKind::bug, std::string("torch: ") + error.what_without_backtrace());
  }
}

}  // namespace
}  // namespace pinfeed

extern "C" {

void pinfeed_train(const pinfeed::TrainArguments& arguments) {
  pinfeed::translated([&] { pinfeed::run_training(arguments); });
}

void pinfeed_eval(const pinfeed::EvalArguments& arguments, pinfeed::EvalReport& report) {
  pinfeed::translated([&] { report = pinfeed::run_evaluation(arguments); });
}

void pinfeed_groups(const pinfeed::Value& config, pinfeed::ModelGroups& groups) {
  pinfeed::translated([&] { groups = pinfeed::model_groups(config); });
}
}
