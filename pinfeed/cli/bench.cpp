// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>

#include "pinfeed/cli/bench_measure.h"
#include "pinfeed/cli/bench_suggest.h"
#include "pinfeed/cli/bench_text.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/cli/loader_arguments.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/core/trace.h"

namespace pinfeed::cli {
namespace {

struct BenchArguments {
  LoaderArguments loader = {};
  double seconds = 5.0;
  double step_ms = 0.0;
  bool step_computes = false;
  std::string trace = {};
  bool suggest = false;
  bool json = false;

  BenchOptions run() const {
    return {.seconds = seconds, .step_seconds = step_ms * 1e-3, .step_computes = step_computes};
  }
};

// Each of the many settings is measured for a tenth of --seconds.
void run_suggest(const BenchArguments& arguments) {
  BenchOptions run = arguments.run();
  run.seconds = std::max(0.1, run.seconds / 10);
  LoaderArguments loader = arguments.loader;
  const Config config = loader.config.read_to_run();
  const auto measure_setting = [&](const LoaderSetting& setting) {
    loader.threads = setting.threads;
    loader.prefetch = setting.prefetch;
    Measurement measured = measure([&] { return loader.make(config); }, run);
    loader.warns = false;  // the first loader has printed the warnings
    return measured;
  };
  const Suggestion suggestion = suggest(measure_setting, usable_cores());
  const Value* pinfeed = config.root.find("pinfeed");
  print(text_of(suggestion, pinfeed));
  say("put this line into the config; num_workers does not affect the speed, only the random "
      "numbers "
      "of replay");
  const std::string advice = cache_advice(suggestion, pinfeed);
  if (!advice.empty()) say(advice);
}

void run(BenchArguments arguments) {
  if (arguments.suggest) return run_suggest(arguments);
  if (!arguments.trace.empty()) arguments.loader.trace = std::make_shared<Trace>();
  const Measurement result = measure([&] { return arguments.loader.make(); }, arguments.run());
  if (!arguments.trace.empty()) {
    write_atomically(arguments.trace,
                     [&](FileWriter& writer) { writer.write(arguments.loader.trace->json()); });
  }
  print(arguments.json ? json_of(result) : text_of(result));
}

}  // namespace

void add_bench(CLI::App& app) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command =
      app.add_subcommand("bench", "measures the speed of the loader, and finds its slowest stage");
  add_loader_arguments(*command, arguments->loader);
  command->add_option("--seconds", arguments->seconds, "duration of the measurement")
      ->check(at_least(0));
  CLI::Option* step_ms =
      command
          ->add_option("--step-ms", arguments->step_ms,
                       "simulate a training step on a device: sleep this long after each batch")
          ->check(at_least(0));
  command
      ->add_flag("--step-computes", arguments->step_computes,
                 "simulate a step on the CPU: compute for --step-ms instead of sleeping")
      ->needs(step_ms);
  CLI::Option* json = command->add_flag("--json", arguments->json, "print one JSON object");
  CLI::Option* trace =
      command->add_option("--trace", arguments->trace,
                          "write what each thread does to a JSON file for ui.perfetto.dev");
  command
      ->add_flag("--suggest", arguments->suggest,
                 "measure values of threads and prefetch, and print a line for the config")
      ->excludes(json, trace);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli
