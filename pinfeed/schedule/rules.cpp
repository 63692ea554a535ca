// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py (specs runtime 1.4). The order
// of the floating-point operations is upstream's: another order gives other last digits.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pinfeed/schedule/menu.h"

namespace pinfeed {
namespace {

void multiply(std::span<double> values, double factor) {
  for (double& value : values) value = value * factor;
}

Error division_by_zero(const std::string& key, const std::string& step) {
  return Error(ErrorKind::config, key + " is 0: the rule divides by it at " + step);
}

// How much of the way to the lowest value is left at step n, as a part of what was left before.
double cosine_ratio(double n, double T) {
  constexpr double pi = std::numbers::pi;
  return (1 + std::cos(pi * n / T)) / (1 + std::cos(pi * (n - 1) / T));
}

}  // namespace

Rule rule(const ConstantParamScheduler& params) {
  const double factor = params.factor;
  const double last = params.window.last();
  if (factor == 0 && last > 0 && params.window.end < Window::forever) {
    throw division_by_zero("factor", "the last step of the window")
        .help("end the window after one step, or use a small factor");
  }
  return [factor, last](std::int64_t n, std::span<const double>, std::span<double> values) {
    if (n == 0) {
      multiply(values, factor);
    } else if (static_cast<double>(n) == last) {
      multiply(values, 1.0 / factor);
    }
  };
}

Rule rule(const LinearParamScheduler& params) {
  const double start = params.start_factor;
  const double rise = params.end_factor - params.start_factor;
  const double last = params.window.last();
  if (start == 0 && last > 0) {
    throw division_by_zero("start_factor", "the second step of the window")
        .help("use a small start_factor, such as 1e-6");
  }
  return [start, rise, last](std::int64_t n, std::span<const double>, std::span<double> values) {
    const double done = static_cast<double>(n - 1);
    multiply(values, n == 0 ? start : 1 + rise / (last * start + done * rise));
  };
}

Rule rule(const CosineAnnealingParamScheduler& params) {
  const Window& window = params.window;
  const bool given = params.T_max.value_or(0) != 0;
  const double T = given ? *params.T_max : window.end - window.begin;
  const double eta_min = params.eta_min.value_or(0);
  const auto ratio = params.eta_min_ratio;
  return [T, eta_min, ratio](std::int64_t n, std::span<const double> initial,
                             std::span<double> values) {
    if (n == 0) return;
    const double step = static_cast<double>(n);
    // At the lowest point the ratio is 0 / 0: upstream leaves it by a formula of the initial value.
    const bool at_bottom = std::fmod(step - 1 - T, 2 * T) == 0;
    const double left = at_bottom ? 0 : cosine_ratio(step, T);
    const double rise = 1 - std::cos(std::numbers::pi / T);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double low = ratio ? initial[i] * *ratio : eta_min;
      values[i] =
          at_bottom ? values[i] + (initial[i] - low) * rise / 2 : left * (values[i] - low) + low;
    }
  };
}

Rule rule(const MultiStepParamScheduler& params) {
  return [milestones = params.milestones, gamma = params.gamma](
             std::int64_t n, std::span<const double>, std::span<double> values) {
    const auto times = std::count(milestones.begin(), milestones.end(), static_cast<double>(n));
    if (times > 0) multiply(values, std::pow(gamma, static_cast<double>(times)));
  };
}

}  // namespace pinfeed
