// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/bench_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "pinfeed/core/json_text.h"
#include "pinfeed/report/loader_use.h"

namespace pinfeed::cli {
namespace {

// In the order in which a batch passes the stages. Parts of rendering are indented.
struct Row {
  const char* stage;
  const char* title;
};
constexpr std::array<Row, 9> rows = {{{"plan", "plan"},
                                      {"read", "read"},
                                      {"render", "render"},
                                      {"decode", "  decode"},
                                      {"resample", "  resample"},
                                      {"colour", "  colour"},
                                      {"write", "  write"},
                                      {"slot", "slot"},
                                      {"consumer", "consumer"}}};

int percent(double part, double whole) {
  return whole > 0.0 ? static_cast<int>(std::lround(100 * part / whole)) : 0;
}

// "+12.3 %"; differences below 1 % are within what repeated measurements differ.
std::string slowdown_text(const StepTimes& step) {
  const double slowdown = 100 * (step.with_loader / step.alone - 1);
  return slowdown < 1.0 ? "no longer" : fmt::format("{:+.1f} %", slowdown);
}

double consumer_limit_use(const Measurement& result) {
  return result.images_per_second / *result.cached_images_per_second;
}

}  // namespace

std::string verdict(const Measurement& result) {
  return pinfeed::verdict({.seconds = result.seconds,
                           .waited = result.stages.at("consumer").wait_seconds,
                           .threads = result.threads,
                           .io_threads = result.io_threads,
                           .stages = result.stages},
                          "the consumer");
}

std::string json_of(const Measurement& result) {
  std::string stages;
  for (const auto& [name, times] : result.stages) {
    stages += fmt::format("{}{}: {{\"busy_seconds\": {}, \"wait_seconds\": {}}}",
                          stages.empty() ? "" : ", ", json_string(name),
                          json_number(times.busy_seconds), json_number(times.wait_seconds));
  }
  const std::string cached = result.cached_images_per_second
                                 ? fmt::format("\"cached_images_per_second\": {}, ",
                                               json_number(*result.cached_images_per_second))
                                 : "";
  const std::string step =
      result.step
          ? fmt::format("\"step_seconds_alone\": {}, \"step_seconds\": {}, ",
                        json_number(result.step->alone), json_number(result.step->with_loader))
          : "";
  return fmt::format(
      "{{\"images_per_second\": {}, \"cpu_seconds_per_image\": {}, \"pinned\": {}, "
      "\"first_batch_seconds\": {}, \"peak_rss_bytes\": {}, \"threads\": {}, \"batch_size\": {}, "
      "\"seconds\": {}, {}{}\"stages\": {{{}}}, \"verdict\": {}}}",
      json_number(result.images_per_second), json_number(result.cpu_seconds_per_image),
      result.pinned, json_number(result.first_batch_seconds), result.peak_rss_bytes, result.threads,
      result.batch_size, json_number(result.seconds), cached, step, stages,
      json_string(verdict(result)));
}

std::string text_of(const Measurement& result) {
  std::string text = fmt::format(
      "{:.1f} images/s, {:.2f} CPU-ms per image, {} threads, batch {}\n"
      "first batch after {:.3f} s, peak memory {} MB\n{:<14}{:>10}{:>10}\n",
      result.images_per_second, 1e3 * result.cpu_seconds_per_image, result.threads,
      result.batch_size, result.first_batch_seconds, result.peak_rss_bytes / 1000000, "stage",
      "busy s", "wait s");
  for (const Row& row : rows) {
    const StageTimes& times = result.stages.at(row.stage);
    text += fmt::format("{:<14}{:>10.2f}{:>10.2f}\n", row.title, times.busy_seconds,
                        times.wait_seconds);
  }
  if (result.cached_images_per_second) {
    text += fmt::format(
        "limit of the consumer: {:.1f} images/s with one batch that is reused; the loader "
        "reaches {} % of it\n",
        *result.cached_images_per_second, percent(consumer_limit_use(result), 1.0));
  }
  if (result.step) {
    text += fmt::format("a step of {:.1f} ms takes {:.1f} ms while the loader runs: {}\n",
                        1e3 * result.step->alone, 1e3 * result.step->with_loader,
                        slowdown_text(*result.step));
  }
  return text + verdict(result);
}

}  // namespace pinfeed::cli
