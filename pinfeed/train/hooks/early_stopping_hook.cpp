// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/early_stopping_hook.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "pinfeed/core/error.h"
#include "pinfeed/core/text.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

class EarlyStopping : public Hook {
 public:
  explicit EarlyStopping(const EarlyStoppingHook& params)
      : params_(params),
        greater_(params.greater_is_better()),
        min_delta_(greater_ ? params.min_delta : -params.min_delta),
        best_(greater_ ? -std::numeric_limits<double>::infinity()
                       : std::numeric_limits<double>::infinity()) {}

  // A run that ended early and is resumed ends at once.
  void before_train(Runner& runner) override { runner.stop_reason = reason_; }

  void after_val_epoch(Runner& runner, const Validation& result) override {
    const double* score = value_of(result.metrics, params_.monitor);
    if (score == nullptr) return missing(runner, result.metrics);
    reason_ = reason_to_stop(*score);
    if (!reason_.empty()) runner.stop_reason = reason_;
  }

  std::string state_name() const override { return EarlyStoppingHook::name; }
  Dict state() const override {
    Dict state;
    state.set("best_score", std::isfinite(best_) ? Value(best_) : Value());
    state.set("wait_count", waited_);
    state.set("stop_reason", reason_);
    return state;
  }
  void load(const Value& state) override {
    best_ = value_in<std::optional<double>>(state, "best_score").value_or(best_);
    waited_ = value_in<std::int64_t>(state, "wait_count");
    reason_ = value_in<std::string>(state, "stop_reason");
  }

 private:
  bool better(double a, double b) const { return greater_ ? a > b : a < b; }

  void missing(Runner& runner, const Scalars& metrics) const {
    const std::string text = "EarlyStoppingHook: the validation has no '" + params_.monitor + "'";
    const std::string known = "the metrics are " + joined(names_of(metrics));
    if (params_.strict) throw Error(ErrorKind::config, text).inside("custom_hooks").help(known);
    runner.log->warning(text + "; the training goes on; " + known);
  }

  std::string reason_to_stop(double score) {
    if (params_.check_finite && !std::isfinite(score))
      return fmt::format("{} is {}; its best value was {:.3f}", params_.monitor,
                         without_nan_sign(score), best_);
    if (params_.stopping_threshold && better(score, *params_.stopping_threshold)) {
      best_ = score;
      return fmt::format("{} is {}, which is {} than the stopping_threshold {}", params_.monitor,
                         score, greater_ ? "greater" : "less", *params_.stopping_threshold);
    }
    if (!better(best_ + min_delta_, score)) {
      best_ = score;
      waited_ = 0;
      return {};
    }
    if (++waited_ < params_.patience) return {};
    return fmt::format(
        "{} has not improved by {} in the last {} validation{}; its best value was {:.3f}",
        params_.monitor, params_.min_delta, waited_, waited_ == 1 ? "" : "s", best_);
  }

  EarlyStoppingHook params_;
  bool greater_;
  double min_delta_;
  double best_;
  std::int64_t waited_ = 0;  // validations without an improvement
  std::string reason_ = {};  // not empty: the training has ended
};

}  // namespace

std::unique_ptr<Hook> make_hook(const EarlyStoppingHook& params) {
  return std::make_unique<EarlyStopping>(params);
}

}  // namespace pinfeed
