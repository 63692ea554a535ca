// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/loader_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace pinfeed {
namespace {

int percent(double part, double whole) {
  return whole > 0.0 ? static_cast<int>(std::lround(100 * part / whole)) : 0;
}

// "decoding is 61 % of it": the largest part of rendering.
std::string largest_part(const LoaderUse& use) {
  constexpr std::array<std::pair<const char*, const char*>, 4> parts = {
      {{"decode", "decoding"},
       {"resample", "resampling"},
       {"colour", "arithmetic on pixels"},
       {"write", "copying and filling"}}};
  const auto seconds = [&](const auto& part) { return use.stages.at(part.first).busy_seconds; };
  const auto largest =
      *std::max_element(parts.begin(), parts.end(),
                        [&](const auto& a, const auto& b) { return seconds(a) < seconds(b); });
  return fmt::format("{} is {} % of it", largest.second,
                     percent(seconds(largest), use.stages.at("render").busy_seconds));
}

}  // namespace

double LoaderUse::busy(const std::string& stage, int stage_threads) const {
  return seconds > 0.0 ? stages.at(stage).busy_seconds / (seconds * stage_threads) : 0.0;
}

std::string verdict(const LoaderUse& use, const std::string& consumer) {
  constexpr double nearly_all = 0.85;
  if (use.waited < 0.05 * use.seconds) {
    return fmt::format("{} is the bottleneck: it waits for a batch {} % of the time", consumer,
                       percent(use.waited, use.seconds));
  }
  const double render = use.busy("render", use.threads);
  if (render > nearly_all) {
    return fmt::format("rendering is the bottleneck: {1} threads are busy {0} % of the time, {2}",
                       percent(render, 1.0), use.threads, largest_part(use));
  }
  if (use.busy("plan", 1) > nearly_all) {
    return "planning is the bottleneck: its thread is always busy";
  }
  if (use.busy("read", use.io_threads) > nearly_all) {
    return fmt::format("reading files is the bottleneck: its {} threads are always busy",
                       use.io_threads);
  }
  const double no_slot = use.stages.at("slot").wait_seconds / use.seconds;
  if (no_slot > 0.3) {
    return fmt::format(
        "batch slots are the bottleneck: a batch waits for a free one {} % of the time",
        percent(no_slot, 1.0));
  }
  return fmt::format("the render threads wait for files or cores: they are busy {} % of the time",
                     percent(render, 1.0));
}

}  // namespace pinfeed
