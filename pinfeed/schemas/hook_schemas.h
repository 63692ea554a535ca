// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/config/schema.h"

namespace pinfeed {

class Hook;

/// When a hook is called among the others: 0 (first) to 100 (last), or one of HIGHEST, VERY_HIGH,
/// HIGH, ABOVE_NORMAL, NORMAL, BELOW_NORMAL, LOW, VERY_LOW, LOWEST. Absent: the default of its
/// type.
using HookPriority = std::optional<std::variant<std::int64_t, std::string>>;
inline constexpr auto priority_meaning =
    "when it is called among the hooks: 0 (first) to 100 (last), or HIGHEST, VERY_HIGH, HIGH, "
    "ABOVE_NORMAL, NORMAL, BELOW_NORMAL, LOW, VERY_LOW, LOWEST; if absent, the default of its type";
/// The number of a priority. Throws Error(config) for any other.
int priority_number(const HookPriority& priority, int default_priority);

/// Whether a greater value of a metric is better, by `rule` ('greater' or 'less') or else by the
/// name of the metric. Throws Error(config) for another rule, and when the name does not say so.
bool greater_is_better(const std::string& metric, const std::optional<std::string>& rule);

/// Logs a line every `interval` iterations.
struct LoggerHook {
  static constexpr auto name = "LoggerHook";
  static constexpr int default_priority = 60;

  HookPriority priority = {};
  std::int64_t interval = 10;
  bool ignore_last = true;  // no line for the last, incomplete interval of an epoch
  std::int64_t interval_exp_name = 1000;
  bool log_metric_by_epoch = true;
};
void describe(Schema<LoggerHook>& schema);
std::unique_ptr<Hook> make_hook(const LoggerHook& params);

/// Saves checkpoints.
struct CheckpointHook {
  static constexpr auto name = "CheckpointHook";
  static constexpr int default_priority = 90;

  HookPriority priority = {};
  std::int64_t interval = -1;  // epochs or iterations; below 1: never
  bool by_epoch = true;
  bool save_optimizer = true;
  std::int64_t max_keep_ckpts = -1;  // below 1: all
  bool save_last = true;
  std::optional<std::variant<std::string, std::vector<std::string>>> save_best = {};
  std::optional<std::variant<std::string, std::vector<std::string>>> rule = {};
  std::optional<std::vector<std::string>> greater_keys = {};
  std::optional<std::vector<std::string>> less_keys = {};
  std::optional<std::string> filename_tmpl = {};
  std::int64_t save_begin = 0;
  std::optional<std::variant<std::string, std::vector<std::string>>> published_keys = {};

  /// The metrics whose best checkpoint is saved; "auto" is the first metric of an evaluation.
  std::vector<std::string> best_metrics() const;
  /// What is published of the last and the best checkpoints after the training; none: nothing.
  std::vector<std::string> published() const;
  /// Whether a greater value of this metric is better. Throws Error(config) when neither the rule
  /// nor the name of the metric says so.
  bool greater_is_better(const std::string& metric) const;
  /// "epoch_3.safetensors" or "iter_200.safetensors", for the count `done`.
  std::string file_name(std::int64_t done) const;
};
void describe(Schema<CheckpointHook>& schema);
std::unique_ptr<Hook> make_hook(const CheckpointHook& params);

/// Stops the training at a loss that is inf or nan.
struct CheckInvalidLossHook {
  static constexpr auto name = "CheckInvalidLossHook";
  static constexpr int default_priority = 50;

  HookPriority priority = {};
  std::int64_t interval = 50;
};
void describe(Schema<CheckInvalidLossHook>& schema);
std::unique_ptr<Hook> make_hook(const CheckInvalidLossHook& params);

/// How logged numbers are smoothed and written.
struct LogProcessor {
  static constexpr auto name = "LogProcessor";
  std::int64_t window_size = 10;
  bool by_epoch = true;
  std::int64_t num_digits = 4;
  std::optional<std::string> mean_pattern = {};
};
void describe(Schema<LogProcessor>& schema);

}  // namespace pinfeed
