// SPDX-License-Identifier: Apache-2.0
// The functions of libpinfeed_train.so that the command line calls (train/entry_points.h).
#include <torch/torch.h>

#include "pinfeed/core/error.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/run/predict.h"
#include "pinfeed/train/run/run.h"

namespace pinfeed {
namespace {

// Throws errors of torch as Error: the caller does not know the types of torch.
template <class Work>
void with_own_errors(Work work) {
  try {
    work();
  } catch (const c10::Error& error) {
    if (const std::optional<Error> failure = device_failure(error)) throw Error(*failure);
    if (const std::optional<Error> failure = host_memory_failure(error)) throw Error(*failure);
    throw Error(ErrorKind::bug, std::string("torch: ") + error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    throw out_of_host_memory("an allocation failed");
  }
}

}  // namespace
}  // namespace pinfeed

extern "C" {

void pinfeed_train(const pinfeed::TrainArguments& arguments) {
  pinfeed::with_own_errors([&] { pinfeed::run_training(arguments); });
}

void pinfeed_eval(const pinfeed::EvalArguments& arguments, pinfeed::EvalReport& report) {
  pinfeed::with_own_errors([&] { report = pinfeed::run_evaluation(arguments); });
}

void pinfeed_trial(const pinfeed::TrainArguments& arguments, double seconds,
                   pinfeed::TrialReport& report) {
  pinfeed::with_own_errors([&] { report = pinfeed::try_training(arguments, seconds); });
}

void pinfeed_predict(const pinfeed::PredictArguments& arguments, pinfeed::PredictReport& report) {
  pinfeed::with_own_errors([&] { report = pinfeed::predict_images(arguments); });
}

void pinfeed_groups(const pinfeed::Value& config, const pinfeed::ModelCatalog& added,
                    pinfeed::ModelGroups& groups) {
  pinfeed::with_own_errors([&] { groups = pinfeed::model_groups(config, added); });
}
}
