// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/config_note.h"

namespace pinfeed {

/// Logs a line every `interval` iterations.
struct LoggerHook {
  static constexpr auto name = "LoggerHook";
  std::int64_t interval = 10;
  bool ignore_last = true;  // no line for the last, incomplete interval of an epoch
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

  /// The metrics whose best checkpoint is saved; "auto" is the first metric of an evaluation.
  std::vector<std::string> best_metrics() const;
  /// Whether a greater value of this metric is better. Throws Error(config) when neither the rule
  /// nor the name of the metric says so.
  bool greater_is_better(const std::string& metric) const;
  /// "epoch_3.safetensors" or "iter_200.safetensors", for the count `done`.
  std::string file_name(std::int64_t done) const;
};
void describe(Schema<CheckpointHook>& schema);

/// Stops the training at a loss that is inf or nan.
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

/// The hooks of a config: default_hooks, custom_hooks and log_processor.
struct Hooks {
  std::optional<LoggerHook> logger = LoggerHook{};
  std::optional<CheckpointHook> checkpoint = CheckpointHook{.interval = 1};
  std::optional<CheckInvalidLossHook> invalid_loss = {};
  bool step_schedule = true;
  LogProcessor log = {};
};

/// Reads the hooks of a config. A hook whose function is built in is accepted. Throws Error(config)
/// with the reason for one that is not supported, and for a key that a hook does not have.
Hooks read_hooks(const Value& config);

/// A hook for which pinfeed has no parameters.
struct PlainHook {
  std::string_view type = {};
  std::string_view refusal = {};  // the reason; empty: it is accepted
  std::string_view note = {};     // why it is accepted, or what it does not do here
  std::string_view keys = {};     // upstream's keys, a blank before and behind each
  std::string_view asks = {};     // of these keys; true: the hook asks for what it does not do
  bool without_effect = false;    // it does not do what it is for, whatever its keys
};

/// The hook of this type, without its scope; null for a type that is unknown or has parameters.
const PlainHook* plain_hook(std::string_view type);

/// Notes for the hooks of a config that do not do here what they are for.
void note_idle_hooks(const Value& config, ConfigNotes& notes);

}  // namespace pinfeed
