// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py, and mmpretrain's
// weight_decay_scheduler.py (docs/specs/openmmlab-runtime.md, 1.4, 1.11). The order of the
// floating-point operations is upstream's.
#include <cmath>
#include <numbers>

#include "pinfeed/core/error.h"
#include "pinfeed/schedule/schedulers.h"

namespace pinfeed {
namespace {

constexpr double pi = std::numbers::pi;

// The distance to the lowest value at step n, divided by that at step n - 1.
double cosine_ratio(double n, double T) {
  return (1 + std::cos(pi * n / T)) / (1 + std::cos(pi * (n - 1) / T));
}

// The lowest value of each group.
struct Lowest {
  double eta_min = 0.0;
  std::optional<double> ratio = {};

  double of(double initial) const { return ratio ? initial * *ratio : eta_min; }
};

template <class Cosine>
Rule cosine_rule(const Cosine& params, bool zero_stays) {
  const bool given = params.T_max.value_or(0) != 0;
  const double T = given ? *params.T_max : params.window.end - params.window.begin;
  const Lowest lowest = {params.eta_min.value_or(0), params.eta_min_ratio};
  return [T, lowest, zero_stays](std::int64_t n, std::span<const double> initial,
                                 std::span<double> values) {
    if (n == 0) return;
    const double step = static_cast<double>(n);
    // After the lowest point the ratio would be x / 0. Upstream computes this step from the initial
    // value instead.
    const bool at_bottom = std::fmod(step - 1 - T, 2 * T) == 0;
    const double left = at_bottom ? 0 : cosine_ratio(step, T);
    const double rise = 1 - std::cos(pi / T);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (zero_stays && initial[i] == 0) continue;
      const double low = lowest.of(initial[i]);
      values[i] =
          at_bottom ? values[i] + (initial[i] - low) * rise / 2 : left * (values[i] - low) + low;
    }
  };
}

template <class Cosine>
void convert_T_max(Cosine& params, double epoch_length) {
  if (params.T_max) params.T_max = *params.T_max * epoch_length;
}

}  // namespace

Rule rule(const CosineAnnealingParamScheduler& params) { return cosine_rule(params, false); }

void in_iterations(CosineAnnealingParamScheduler& params, double epoch_length) {
  convert_T_max(params, epoch_length);
}

Rule rule(const CosineAnnealingWeightDecay& params) { return cosine_rule(params, true); }

void in_iterations(CosineAnnealingWeightDecay& params, double epoch_length) {
  convert_T_max(params, epoch_length);
}

Rule rule(const CosineRestartParamScheduler& params) {
  const Lowest lowest = {params.eta_min.value_or(0), params.eta_min_ratio};
  return [periods = params.periods, weights = params.restart_weights, lowest](
             std::int64_t n, std::span<const double> initial, std::span<double> values) {
    const double step = static_cast<double>(n);
    double start = 0;
    std::size_t period = 0;
    while (period < periods.size() && step >= start + periods[period]) start += periods[period++];
    if (period == periods.size()) return;
    const bool restarts = step == start;
    const double left = restarts ? 0 : cosine_ratio(step - start, periods[period]);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double low = lowest.of(initial[i]);
      values[i] = restarts ? initial[i] * weights[period] : left * (values[i] - low) + low;
    }
  };
}

void in_iterations(CosineRestartParamScheduler& params, double epoch_length) {
  for (double& period : params.periods) period = period * epoch_length;
}

}  // namespace pinfeed
