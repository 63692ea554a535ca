// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pinfeed/config/schema.h"

namespace pinfeed {

/// Writes a line about the training every `interval` iterations.
struct LoggerHook {
  static constexpr auto name = "LoggerHook";
  std::int64_t interval = 10;
  bool ignore_last = true;  // no line for the rest of an epoch
  std::int64_t interval_exp_name = 1000;
  bool log_metric_by_epoch = true;
};
void describe(Schema<LoggerHook>& schema);

/// Saves checkpoints.
struct CheckpointHook {
  static constexpr auto name = "CheckpointHook";
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

  /// The metrics to save the best of; "auto" stands for the first of an evaluation.
  std::vector<std::string> best_metrics() const;
  /// Whether more of this metric is better. Throws Error(config) when nothing tells.
  bool greater_is_better(const std::string& metric) const;
  /// "epoch_3" or "iter_200", with the ending of a checkpoint.
  std::string file_name(std::int64_t done) const;
};
void describe(Schema<CheckpointHook>& schema);

/// Stops at a loss that is not a number.
struct CheckInvalidLossHook {
  static constexpr auto name = "CheckInvalidLossHook";
  std::int64_t interval = 50;
};
void describe(Schema<CheckInvalidLossHook>& schema);

/// How logged numbers are smoothed and written.
struct LogProcessor {
  static constexpr auto name = "LogProcessor";
  std::int64_t window_size = 10;
  bool by_epoch = true;
  std::int64_t num_digits = 4;
  std::optional<std::string> mean_pattern = {};
};
void describe(Schema<LogProcessor>& schema);

/// What happens around the steps: default_hooks, custom_hooks and log_processor of a config.
struct Hooks {
  std::optional<LoggerHook> logger = LoggerHook{};
  std::optional<CheckpointHook> checkpoint = CheckpointHook{.interval = 1};
  std::optional<CheckInvalidLossHook> invalid_loss = {};
  bool step_schedule = true;
  LogProcessor log = {};
};

/// Reads them. A hook that does what pinfeed does anyway is accepted; one that it cannot do is an
/// Error(config) that says why.
Hooks read_hooks(const Value& config);

/// Why a hook without parameters of its own is refused, empty where it is accepted; nothing for a
/// type that is unknown or has parameters.
std::optional<std::string_view> plain_hook(std::string_view type);

}  // namespace pinfeed
