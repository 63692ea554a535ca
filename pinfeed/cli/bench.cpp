// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <thread>

#include "pinfeed/cli/bench_measure.h"
#include "pinfeed/cli/bench_suggest.h"
#include "pinfeed/cli/bench_text.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/cli/loader_arguments.h"
#include "pinfeed/core/file.h"
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

  BenchRun run() const {
    return {.seconds = seconds, .step_seconds = step_ms * 1e-3, .step_computes = step_computes};
  }
};

// A part of the time for each of the many runs.
void run_suggest(const BenchArguments& arguments) {
  BenchRun run = arguments.run();
  run.seconds = std::max(0.1, run.seconds / 10);
  const auto make = [&](const LoaderSetting& setting) {
    LoaderArguments loader = arguments.loader;
    loader.threads = setting.threads;
    loader.prefetch = setting.prefetch;
    return loader.make();
  };
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  print(text_of(suggest(make, cores, run)));
  say("the line goes into the config; num_workers has no say, it numbers the streams of replay");
}

void run(BenchArguments arguments) {
  if (arguments.suggest) return run_suggest(arguments);
  if (!arguments.trace.empty()) arguments.loader.trace = std::make_shared<Trace>();
  const Measured result = measure([&] { return arguments.loader.make(); }, arguments.run());
  if (!arguments.trace.empty()) {
    write_atomically(arguments.trace,
                     [&](FileWriter& writer) { writer.write(arguments.loader.trace->json()); });
  }
  print(arguments.json ? json_of(result) : text_of(result));
}

}  // namespace

void add_bench(CLI::App& app) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = app.add_subcommand("bench", "measures the loader: images/s, CPU per image");
  add_loader_arguments(*command, arguments->loader);
  command->add_option("--seconds", arguments->seconds, "how long")->check(at_least(0));
  CLI::Option* step_ms =
      command
          ->add_option(
              "--step-ms", arguments->step_ms,
              "a consumer that takes this long for a batch, as a training step on a device")
          ->check(at_least(0));
  command
      ->add_flag("--step-computes", arguments->step_computes,
                 "... that computes for as long, as a step on the CPU: is it disturbed?")
      ->needs(step_ms);
  CLI::Option* json = command->add_flag("--json", arguments->json, "one JSON object on stdout");
  CLI::Option* trace = command->add_option(
      "--trace", arguments->trace, "what each thread did when: a JSON file for ui.perfetto.dev");
  command
      ->add_flag("--suggest", arguments->suggest,
                 "try values of threads and prefetch, and print the line for the config")
      ->excludes(json, trace);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli
