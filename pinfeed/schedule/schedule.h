// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pinfeed {

class Dict;
class Value;
struct StageSettings;

/// The parameter that a scheduler changes. Momentum is SGD's momentum or betas[0] of the Adam
/// family.
enum class Parameter { lr, momentum, weight_decay };
/// "lr", "momentum", "weight_decay".
std::string name_of(Parameter parameter);

/// The scheduled values of one group of parameters. An initial value is the one before any
/// scheduler changed it; the constructor of Schedule sets those that are empty to the current
/// values.
struct GroupValues {
  double lr = 0.0;
  std::optional<double> momentum = {};  // SGD's momentum, or betas[0] of the Adam family
  std::optional<double> weight_decay = {};
  std::optional<double> initial_lr = {};
  std::optional<double> initial_momentum = {};
  std::optional<double> initial_weight_decay = {};
};
/// Empty if the optimizer does not have this parameter.
std::optional<double> value_of(const GroupValues& group, Parameter parameter);

/// Changes the values of all groups from step n - 1 to step `n` of a stage (0 at its begin), given
/// the initial values. OpenMMLab's rules are relative (x gamma, x ratio), so they need the previous
/// values. Allocates nothing.
using Rule =
    std::function<void(std::int64_t n, std::span<const double> initial, std::span<double> values)>;

/// The state of a stage that follows a metric (ReduceOnPlateau).
struct PlateauState {
  double best = 0.0;
  std::int64_t bad_epochs = 0;  // consecutive validations without an improvement
  std::int64_t cooldown = 0;    // remaining validations to ignore
};
/// Changes the values of all groups after a validation.
using MetricRule =
    std::function<void(double metric, PlateauState& state, std::span<double> values)>;

/// One scheduler: a rule that is applied at steps begin <= step < end, counted in epochs or
/// iterations.
struct Stage {
  std::string type = {};  // "LinearLR"
  Parameter parameter = Parameter::lr;
  bool by_epoch = true;
  double begin = 0.0;
  double end = 1e9;
  std::int64_t last_step = -1;  // steps since begin, of a run that resumes without a state
  Rule rule = {};               // empty: the stage acts after validations only
  double steps = 1e18;          // the rule's last step: OneCycleLR's total_steps
  /// Sets initial values of all groups that differ from the optimizer's; usually empty. Throws
  /// Error(config) when the parameters are for another number of groups.
  std::function<void(std::span<double> initial)> start = {};
  std::string monitor = {};  // the metric that metric_rule reads
  MetricRule metric_rule = {};
  PlateauState plateau = {};                                // before the first validation
  std::shared_ptr<const StageSettings> settings = nullptr;  // for a checkpoint
};

/// The parameter schedulers of a run and the values of an optimizer's groups, equal to OpenMMLab's
/// bit for bit (docs/specs/openmmlab-runtime.md, 1). Iteration k trains with the values after k
/// calls of after_iteration(). Steps allocate nothing. Not thread-safe.
class Schedule {
 public:
  /// Performs step 0 of each stage, in list order. Throws Error(config) when a stage changes a
  /// parameter that a group does not have.
  Schedule(std::vector<Stage> stages, std::vector<GroupValues> groups);

  /// The values of each group for the next iteration.
  const std::vector<GroupValues>& values() const { return now_.values; }
  const std::vector<Stage>& stages() const { return stages_; }
  /// Whether any stage changes this parameter.
  bool moves(Parameter parameter) const;

  /// Steps the stages that count iterations, in list order. At the end of an epoch, call it before
  /// after_epoch(). Throws Error(config) when a rule has no value for the step.
  void after_iteration() { step_all(false); }
  /// Steps the stages that count epochs, in list order.
  void after_epoch() { step_all(true); }
  /// Gives the metrics of a validation to the stages that follow one. Throws Error(config) when the
  /// metric of a stage is missing.
  void after_validation(std::span<const std::pair<std::string, double>> metrics);

  /// The progress of a stage, with upstream's names.
  struct Progress {
    std::int64_t global_step = -1;  // steps so far, outside of the window too
    std::int64_t last_step = -1;    // steps inside the window
    PlateauState plateau = {};
  };
  /// The progress of all stages and the current values. Not for files: see state().
  struct Snapshot {
    std::vector<Progress> progress = {};
    std::vector<GroupValues> values = {};
  };
  const Snapshot& snapshot() const { return now_; }
  /// Continues from a snapshot of this schedule.
  void restore(const Snapshot& snapshot) { now_ = snapshot; }

  /// Everything that later values depend on, as a dictionary of numbers, strings and lists.
  Dict state() const;
  /// Continues from a state, bit for bit. As upstream does, the settings of the state replace those
  /// of the config, stages are paired by index, and surplus states are ignored; a stage without a
  /// state counts from here. Throws Error(data) when the state has other groups or is broken.
  void load(const Value& state);

 private:
  void begin(std::size_t stage);
  void step_all(bool by_epoch);
  void step(std::size_t stage);
  void gather(Parameter parameter);
  void scatter(const Stage& stage);
  void load_stage(std::size_t stage, const Value& state);

  std::vector<Stage> stages_;
  std::vector<std::vector<double>> initial_;  // by stage and group
  Snapshot now_;
  std::vector<double> column_;  // one parameter of all groups, for the rules
};

}  // namespace pinfeed
