// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/loader_arguments.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/json_text.h"

namespace pinfeed::cli {
namespace {

using Now = std::chrono::steady_clock;

struct BenchArguments {
  LoaderArguments loader = {};
  double seconds = 5.0;
  bool json = false;
};

struct Measured {
  double images_per_second = 0.0;
  double cpu_seconds_per_image = 0.0;
  double first_batch_seconds = 0.0;
  double seconds = 0.0;
  std::int64_t peak_rss_bytes = 0;
  int threads = 0;
  std::int64_t batch_size = 0;
  bool pinned = false;
  std::map<std::string, StageTimes> stages = {};
};

double seconds_since(Now::time_point start) {
  return std::chrono::duration<double>(Now::now() - start).count();
}

rusage usage() {
  rusage used = {};
  ::getrusage(RUSAGE_SELF, &used);
  return used;
}

double cpu_seconds(const rusage& used) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Runs the loader for some seconds over as many epochs as it takes; returns the images seen.
std::int64_t drive(Loader& loader, double seconds) {
  std::int64_t images = 0;
  const Now::time_point start = Now::now();
  while (images == 0 || seconds_since(start) < seconds) {
    const std::optional<Batch> batch = loader.next();
    if (batch) images += static_cast<std::int64_t>(batch->samples().size());
  }
  return images;
}

std::map<std::string, StageTimes> difference(std::map<std::string, StageTimes> after,
                                             const std::map<std::string, StageTimes>& before) {
  for (auto& [name, times] : after) {
    times.busy_seconds -= before.at(name).busy_seconds;
    times.wait_seconds -= before.at(name).wait_seconds;
  }
  return after;
}

Measured measure(const BenchArguments& arguments) {
  const Now::time_point start = Now::now();
  Loader loader = arguments.loader.make();
  if (loader.batches_per_epoch() == 0) {
    throw Error(ErrorKind::data, "the data set is empty: there is nothing to measure");
  }
  while (!loader.next()) continue;
  Measured result{.first_batch_seconds = seconds_since(start)};
  drive(loader, std::min(0.5, arguments.seconds / 4));  // caches and seats are warm after it
  const auto stages = loader.stages();
  const double cpu = cpu_seconds(usage());
  const Now::time_point from = Now::now();
  const auto images = static_cast<double>(drive(loader, arguments.seconds));
  result.seconds = seconds_since(from);
  result.images_per_second = images / result.seconds;
  result.cpu_seconds_per_image = (cpu_seconds(usage()) - cpu) / images;
  result.stages = difference(loader.stages(), stages);
  result.peak_rss_bytes = std::int64_t{usage().ru_maxrss} * 1024;
  result.threads = loader.threads();
  result.batch_size = loader.batch_size();
  result.pinned = loader.pinned();
  return result;
}

// Which stage is the narrow one, in one sentence.
std::string verdict(const Measured& result) {
  const StageTimes& render = result.stages.at("render");
  const double capacity = result.seconds * result.threads;
  const double share = capacity > 0 ? render.busy_seconds / capacity : 0.0;
  const int percent = static_cast<int>(std::lround(100 * share));
  if (share > 0.85) {
    return fmt::format("decoding and resampling decide: {} % of {} render threads' time is work",
                       percent, result.threads);
  }
  const StageTimes& plan = result.stages.at("plan");
  if (plan.busy_seconds > 0.8 * result.seconds) {
    return "planning decides: its one thread is never idle";
  }
  return fmt::format(
      "the render threads wait for files, seats or cores: {} % of their time is work", percent);
}

std::string as_json(const Measured& result) {
  std::string stages;
  for (const auto& [name, times] : result.stages) {
    stages += fmt::format("{}{}: {{\"busy_seconds\": {}, \"wait_seconds\": {}}}",
                          stages.empty() ? "" : ", ", json_string(name),
                          json_number(times.busy_seconds), json_number(times.wait_seconds));
  }
  return fmt::format(
      "{{\"images_per_second\": {}, \"cpu_seconds_per_image\": {}, \"pinned\": {}, "
      "\"first_batch_seconds\": {}, \"peak_rss_bytes\": {}, \"threads\": {}, \"batch_size\": {}, "
      "\"seconds\": {}, \"stages\": {{{}}}, \"verdict\": {}}}",
      json_number(result.images_per_second), json_number(result.cpu_seconds_per_image),
      result.pinned, json_number(result.first_batch_seconds), result.peak_rss_bytes, result.threads,
      result.batch_size, json_number(result.seconds), stages, json_string(verdict(result)));
}

void show(const Measured& result) {
  print(fmt::format("{:.1f} images/s, {:.2f} CPU-ms per image, {} threads, batch {}",
                    result.images_per_second, 1e3 * result.cpu_seconds_per_image, result.threads,
                    result.batch_size));
  print(fmt::format("first batch after {:.3f} s, peak memory {} MB", result.first_batch_seconds,
                    result.peak_rss_bytes / 1000000));
  print(fmt::format("{:<10}{:>10}{:>10}", "stage", "busy s", "wait s"));
  for (const auto& [name, times] : result.stages) {
    print(fmt::format("{:<10}{:>10.2f}{:>10.2f}", name, times.busy_seconds, times.wait_seconds));
  }
  print(verdict(result));
}

void run(const BenchArguments& arguments) {
  const Measured result = measure(arguments);
  if (arguments.json) {
    print(as_json(result));
  } else {
    show(result);
  }
}

}  // namespace

void add_bench(CLI::App& app) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = app.add_subcommand("bench", "measures the loader: images/s, CPU per image");
  add_loader_arguments(*command, arguments->loader);
  command->add_option("--seconds", arguments->seconds, "how long")->check(at_least(0));
  command->add_flag("--json", arguments->json, "one JSON object on stdout");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli
