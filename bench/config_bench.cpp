// SPDX-License-Identifier: Apache-2.0
// The speed of reading configs: one config of the repository, a long generated text, and the text
// of all configs of the repository repeated.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "pinfeed/config/read.h"

namespace pinfeed {
namespace {

void one_config(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(read_config("configs/mae_vit_b_400e.py"));
}
BENCHMARK(one_config)->Unit(benchmark::kMicrosecond);

// The usual constructs of configs, thousands of times.
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

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Comments, long names and wrapped lines, as in real configs.
std::string written_text() {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator("configs")) {
      if (entry.path().extension() == ".py") text += text_of(entry.path());
    }
  }
  return text;
}

void read_all(benchmark::State& state, std::string (*made)()) {
  const std::string text = made();
  for (auto _ : state) benchmark::DoNotOptimize(read_config_text(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(read_all, dense, long_text)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_all, as_written, written_text)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pinfeed

BENCHMARK_MAIN();
