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

/// What a scheduler moves. Momentum is SGD's momentum or betas[0] of the Adam family.
enum class Parameter { lr, momentum, weight_decay };
/// "lr", "momentum", "weight_decay".
std::string name_of(Parameter parameter);

/// The scheduled values of one group of parameters. A value before any scheduler touched it is its
/// initial one; left empty, construction of a Schedule fills it from the value itself.
struct GroupValues {
  double lr = 0.0;
  std::optional<double> momentum = {};  // SGD's momentum, or betas[0] of the Adam family
  std::optional<double> weight_decay = {};
  std::optional<double> initial_lr = {};
  std::optional<double> initial_momentum = {};
  std::optional<double> initial_weight_decay = {};
};
/// Empty where the optimizer has none.
std::optional<double> value_of(const GroupValues& group, Parameter parameter);

/// Moves the values of all groups to step `n` of a stage (0 at its begin), from the values just
/// before and the initial ones. OpenMMLab's rules are relative (x gamma, x ratio). Allocates
/// nothing.
using Rule =
    std::function<void(std::int64_t n, std::span<const double> initial, std::span<double> values)>;

/// What a stage that waits for a metric remembers of it.
struct Watch {
  double best = 0.0;
  std::int64_t bad_epochs = 0;  // validations in a row that were no better
  std::int64_t cooldown = 0;    // validations still to be left out
};
/// Moves the values of all groups after a validation.
using MetricRule = std::function<void(double metric, Watch& watch, std::span<double> values)>;

/// One scheduler: a rule that acts at steps begin <= step < end, counted in epochs or iterations.
struct Stage {
  std::string type = {};  // "LinearLR"
  Parameter parameter = Parameter::lr;
  bool by_epoch = true;
  double begin = 0.0;
  double end = 1e9;
  std::int64_t last_step = -1;  // of a run resumed without a state: steps taken since begin
  Rule rule = {};               // empty: the stage acts after validations only
  double steps = 1e18;          // behind this step the rule has no value: OneCycleLR's total_steps
  /// Rules that bring initial values of their own, all groups at once; usually empty. Throws
  /// Error(config) when it is meant for another number of groups.
  std::function<void(std::span<double> initial)> start = {};
  std::string monitor = {};  // the metric that metric_rule reads
  MetricRule metric_rule = {};
  Watch watch = {};                                         // before the first validation
  std::shared_ptr<const StageSettings> settings = nullptr;  // what a checkpoint keeps
};

/// The parameter schedulers of a run over the groups of an optimizer, with OpenMMLab's recursions
/// bit for bit (docs/specs/openmmlab-runtime.md, 1). Iteration k trains with the values after k
/// calls of after_iteration(). Steps allocate nothing. One thread.
class Schedule {
 public:
  /// Performs step 0 of each stage, in list order. Throws Error(config) when a stage moves a value
  /// that a group does not have.
  Schedule(std::vector<Stage> stages, std::vector<GroupValues> groups);

  /// The values to train the next iteration with, a group each.
  const std::vector<GroupValues>& values() const { return now_.values; }
  const std::vector<Stage>& stages() const { return stages_; }
  /// Whether any stage moves this parameter.
  bool moves(Parameter parameter) const;

  /// Steps the stages that count iterations, in list order. At the end of an epoch this comes
  /// first. Throws Error(config) when a rule has no value for the step.
  void after_iteration() { step_all(false); }
  /// Steps the stages that count epochs, in list order.
  void after_epoch() { step_all(true); }
  /// Tells the stages that wait for a metric. Throws Error(config) when theirs is not there.
  void after_validation(std::span<const std::pair<std::string, double>> metrics);

  /// How far each stage is, and the values. Small: to go back to, not to keep in a file.
  struct Progress {
    std::int64_t step = -1;   // calls so far; upstream's _global_step
    std::int64_t taken = -1;  // steps inside the window; upstream's last_step
    Watch watch = {};
  };
  struct Moment {
    std::vector<Progress> progress = {};
    std::vector<GroupValues> values = {};
  };
  const Moment& moment() const { return now_; }
  /// Goes on from a moment of this schedule.
  void go_to(const Moment& moment) { now_ = moment; }

  /// Everything that the coming values depend on; a dictionary of numbers, strings and lists.
  Dict state() const;
  /// Continues from a state, bit for bit. As upstream does, the state's settings win over the
  /// config's, stages are paired by position and a longer list is cut: a stage without a state
  /// counts from here. Throws Error(data) when the state is of other groups or broken.
  void load(const Value& state);

 private:
  void begin(std::size_t stage);
  void step_all(bool by_epoch);
  void step(std::size_t stage);
  void gather(Parameter parameter);
  void scatter(const Stage& stage);
  void load_stage(std::size_t stage, const Value& state);

  std::vector<Stage> stages_;
  std::vector<std::vector<double>> initial_;  // of each stage: a value per group
  Moment now_;
  std::vector<double> column_;  // one parameter of all groups
};

}  // namespace pinfeed
