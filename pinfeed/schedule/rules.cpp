// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py
// (docs/specs/openmmlab-runtime.md, 1.4). The order of the floating-point operations is upstream's:
// another order gives other last digits.
#include <algorithm>
#include <cmath>

#include "pinfeed/core/error.h"
#include "pinfeed/schedule/schedulers.h"

namespace pinfeed {
namespace {

void multiply(std::span<double> values, double factor) {
  for (double& value : values) value = value * factor;
}

Error division_by_zero(const std::string& key, const std::string& step) {
  return Error(ErrorKind::config, key + " is 0: the rule divides by it at " + step);
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

Rule rule(const ExponentialParamScheduler& params) {
  return [gamma = params.gamma](std::int64_t n, std::span<const double>, std::span<double> values) {
    if (n > 0) multiply(values, gamma);
  };
}

Rule rule(const MultiStepParamScheduler& params) {
  return [milestones = params.milestones, gamma = params.gamma](
             std::int64_t n, std::span<const double>, std::span<double> values) {
    const auto times = std::count(milestones.begin(), milestones.end(), static_cast<double>(n));
    if (times > 0) multiply(values, std::pow(gamma, static_cast<double>(times)));
  };
}

void in_iterations(MultiStepParamScheduler& params, double epoch_length) {
  for (double& milestone : params.milestones) milestone = milestone * epoch_length;
}

Rule rule(const StepParamScheduler& params) {
  if (params.step_size == 0) {
    throw division_by_zero("step_size", "the second step of the window")
        .help("step_size=1 multiplies at every step");
  }
  return [size = params.step_size, gamma = params.gamma](std::int64_t n, std::span<const double>,
                                                         std::span<double> values) {
    if (n > 0 && std::fmod(static_cast<double>(n), size) == 0) multiply(values, gamma);
  };
}

void in_iterations(StepParamScheduler& params, double epoch_length) {
  params.step_size = params.step_size * epoch_length;
}

Rule rule(const PolyParamScheduler& params) {
  return [last = params.window.last(), low = params.eta_min, power = params.power](
             std::int64_t n, std::span<const double>, std::span<double> values) {
    if (n == 0) return;
    const double left = std::pow(1 - 1 / (last - static_cast<double>(n) + 1), power);
    for (double& value : values) value = (value - low) * left + low;
  };
}

Rule rule(const QuadraticWarmupParamScheduler& params) {
  if (params.window.end >= Window::forever) {
    throw Error(ErrorKind::config, "a quadratic warm-up needs an end")
        .help("give end, in epochs or iterations");
  }
  const double steps = params.window.end - params.window.begin;
  return [square = steps * steps](std::int64_t n, std::span<const double> initial,
                                  std::span<double> values) {
    const double odd = static_cast<double>(2 * n + 1);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double rise = initial[i] * odd / square;
      values[i] = n == 0 ? rise : values[i] + rise;
    }
  };
}

}  // namespace pinfeed
