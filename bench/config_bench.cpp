// SPDX-License-Identifier: Apache-2.0
// How fast configs are read: one of ours with its bases, and a long text.
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include "pinfeed/config/read.h"

namespace pinfeed {
namespace {

void one_config(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(read_config("configs/mae_vit_b_400e.py"));
}
BENCHMARK(one_config)->Unit(benchmark::kMicrosecond);

// What configs are made of, thousands of times.
std::string long_text() {
  std::string text;
  for (int i = 0; i < 4000; ++i) {
    text += fmt::format(
        "part_{0} = dict(\n    type='RandomResize',\n    scale=[(1333, 800), (1333, 640)],\n"
        "    ratio={1}.5e-3,\n    keep_ratio=True,\n    nested=dict(name='stage_{0}', depth={0} + "
        "1, "
        "other=None))\n",
        i, i % 9);
  }
  return text;
}

void long_config(benchmark::State& state) {
  const std::string text = long_text();
  for (auto _ : state) benchmark::DoNotOptimize(read_config_text(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(long_config)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pinfeed

BENCHMARK_MAIN();
