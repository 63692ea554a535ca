// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/trial.h"

#include <algorithm>
#include <vector>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void train_once(TrainParts& parts, const ModelInput& input) {
  const torch::Tensor loss = sum_of_losses(parts.precision.losses(*parts.model, input));
  parts.precision.backward(loss);
  (void)parts.update();
  (void)loss.item<double>();  // waits for the device
}

std::uint64_t bytes_of(const Tensors& tensors) {
  std::uint64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) bytes += tensor.nbytes();
  return bytes;
}

// The batches that were made before the first one was taken are not counted.
double seconds_per_batch(Feed& feed, double seconds) {
  constexpr int ahead = 4;
  for (int i = 0; i < ahead; ++i) (void)feed.next();
  const double start = clock_seconds();
  int loaded = 0;
  while (loaded < 2 || clock_seconds() - start < seconds) {
    if (feed.next()) ++loaded;
  }
  return (clock_seconds() - start) / loaded;
}

}  // namespace

void measure_trial(TrainParts& parts, double seconds, TrialReport& report) {
  report.batch_seconds = seconds_per_batch(*parts.feed, seconds / 3);
  std::optional<ModelInput> input;
  while (!input) input = parts.feed->next();
  parts.model->train();
  train_once(parts, *input);  // the first iteration allocates
  std::vector<double> times;
  for (double spent = 0.0; times.empty() || spent < seconds * 2 / 3; spent += times.back()) {
    const double start = clock_seconds();
    train_once(parts, *input);
    times.push_back(clock_seconds() - start);
  }
  report.step_seconds = median(times);
  for (const torch::Tensor& param : parts.optimizer.params()) report.parameters += param.numel();
  const std::uint64_t weights = bytes_of(named_tensors(*parts.model));
  const bool averaged = parts.hooks.find<EMAHook>() != nullptr;
  report.checkpoint_bytes = (averaged ? 2 : 1) * weights + bytes_of(parts.optimizer.state());
}

}  // namespace pinfeed
