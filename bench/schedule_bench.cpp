// SPDX-License-Identifier: Apache-2.0
// The reference schedule of 400 epochs (warm-up, then a cosine) over many groups of parameters.
#include <benchmark/benchmark.h>

#include "pinfeed/schedule/schedulers.h"

namespace pinfeed {
namespace {

constexpr std::int64_t iterations = 1'000'000;

Schedule reference_schedule(std::int64_t groups) {
  const double warmup = iterations / 10;
  const Window first = {.begin = 0, .end = warmup, .by_epoch = false};
  const Window second = {.begin = warmup, .end = iterations, .by_epoch = false};
  const std::vector<Stage> stages = {
      stage(LinearParamScheduler{.start_factor = 0.001, .window = first}),
      stage(CosineAnnealingParamScheduler{.eta_min = 4e-5, .window = second})};
  std::vector<GroupValues> values(static_cast<std::size_t>(groups), {.lr = 1.5e-4});
  return Schedule(stages, std::move(values));
}

void steps(benchmark::State& state) {
  for (auto _ : state) {
    Schedule schedule = reference_schedule(state.range(0));
    for (std::int64_t k = 0; k < iterations; ++k) schedule.after_iteration();
    benchmark::DoNotOptimize(schedule.values()[0].lr);
  }
  state.SetItemsProcessed(state.iterations() * iterations);
}
BENCHMARK(steps)->Arg(1)->Arg(200)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pinfeed

BENCHMARK_MAIN();
