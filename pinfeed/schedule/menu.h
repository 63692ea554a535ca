// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "pinfeed/config/catalog.h"
#include "pinfeed/config/schema.h"
#include "pinfeed/schedule/schedule.h"

namespace pinfeed {

/// How long a run trains: what default ends and counts of epochs are turned into.
struct TrainLength {
  bool by_epoch = true;  // an epoch loop; an iteration loop counts as one epoch
  std::int64_t max_epochs = 1;
  std::optional<std::int64_t> max_iters = {};     // of an iteration loop
  std::optional<std::int64_t> epoch_length = {};  // batches of the train loader
};

/// When a scheduler acts: the keys that all of them have.
struct Window {
  static constexpr double forever = 1e9;

  double begin = 0.0;    // first step, in epochs or iterations
  double end = forever;  // first step after
  bool by_epoch = true;
  bool convert_to_iter_based = false;
  std::int64_t last_step = -1;

  /// Steps from the first to the last: end - begin - 1.
  double last() const { return end - begin - 1; }
};
void describe(Schema<Window>& schema);

// Each scheduler comes as XxxLR, XxxMomentum and XxxParamScheduler (with param_name). A new one is
// a struct, describe, rule, its place in the list; in_iterations() too if it has counts of its own.

/// Multiplies by `factor` at begin, and takes that back at the last step of the window.
struct ConstantParamScheduler {
  static constexpr std::string_view family = "Constant";

  double factor = 1.0 / 3.0;
  Window window = {};
};
void describe(Schema<ConstantParamScheduler>& schema);
Rule rule(const ConstantParamScheduler& params);

/// A straight line from start_factor to end_factor, reached at the last step of the window.
struct LinearParamScheduler {
  static constexpr std::string_view family = "Linear";

  double start_factor = 1.0 / 3.0;
  double end_factor = 1.0;
  Window window = {};
};
void describe(Schema<LinearParamScheduler>& schema);
Rule rule(const LinearParamScheduler& params);

/// Half a cosine from the value found at begin towards eta_min, T_max steps after begin.
struct CosineAnnealingParamScheduler {
  static constexpr std::string_view family = "CosineAnnealing";

  std::optional<double> T_max = {};          // None or 0: end - begin
  std::optional<double> eta_min = {};        // 0 if neither is given
  std::optional<double> eta_min_ratio = {};  // of the initial value
  Window window = {};
};
void describe(Schema<CosineAnnealingParamScheduler>& schema);
Rule rule(const CosineAnnealingParamScheduler& params);
void in_iterations(CosineAnnealingParamScheduler& params, double epoch_length);

/// Multiplies by gamma at each milestone, counted from begin; twice at one written twice.
struct MultiStepParamScheduler {
  static constexpr std::string_view family = "MultiStep";

  std::vector<double> milestones = {};
  double gamma = 0.1;
  Window window = {};
};
void describe(Schema<MultiStepParamScheduler>& schema);
Rule rule(const MultiStepParamScheduler& params);
void in_iterations(MultiStepParamScheduler& params, double epoch_length);

using BuiltinSchedulers = std::tuple<ConstantParamScheduler, LinearParamScheduler,
                                     CosineAnnealingParamScheduler, MultiStepParamScheduler>;

}  // namespace pinfeed
