// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/schemas/hook_schemas.h"

#include <algorithm>
#include <array>

#include "pinfeed/config/catalog.h"
#include "pinfeed/core/text.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

using Names = std::optional<std::variant<std::string, std::vector<std::string>>>;

std::vector<std::string> names_of(const Names& value) {
  if (!value) return {};
  if (const auto* one = std::get_if<std::string>(&*value)) return {*one};
  return std::get<std::vector<std::string>>(*value);
}

bool contains_any(const std::string& metric, const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return lower_case(metric).find(lower_case(part)) != std::string::npos;
  });
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_published_key(const std::string& key) {
  if (key == "state_dict" || key == "meta") return;
  throw Error(ErrorKind::config, "published_keys has '" + key +
                                     "'; a published checkpoint has "
                                     "'state_dict', 'meta', or both");
}

void check_file_name(const std::string& pattern) {
  const std::size_t count = pattern.find("{}");
  if (count == std::string::npos) {
    throw_config_error("filename_tmpl is '" + pattern + "'; it must contain {}");
  }
  if (pattern.find_first_of("{}", count + 2) != std::string::npos ||
      pattern.find_first_of("{}") != count) {
    throw_config_error("filename_tmpl is '" + pattern +
                       "'; it must contain {} once, and no other brace");
  }
  if (pattern.find_first_of(std::string("/\0", 2)) != std::string::npos) {
    throw_config_error("filename_tmpl is '" + pattern +
                       "'; it must be a file name: checkpoints go to the work dir");
  }
  constexpr std::size_t longest = 150;  // bytes; the names of the best checkpoints contain it
  if (pattern.size() > longest) {
    throw_config_error("filename_tmpl has " + std::to_string(pattern.size()) +
                       " bytes; it may have " + std::to_string(longest));
  }
}

}  // namespace

bool greater_is_better(const std::string& metric, const std::optional<std::string>& rule) {
  if (rule) {
    if (*rule == "greater" || *rule == "less") return *rule == "greater";
    throw Error(ErrorKind::config, "rule is '" + *rule + "'; it must be 'greater' or 'less'");
  }
  if (contains_any(metric, {"acc", "top", "AR@", "auc", "precision", "mAP", "mDice", "mIoU"}))
    return true;
  if (contains_any(metric, {"loss"})) return false;
  throw Error(ErrorKind::config,
              "cannot tell whether a greater or a smaller '" + metric + "' is better")
      .help("set rule='greater' or rule='less'");
}

int priority_number(const HookPriority& priority, int default_priority) {
  if (!priority) return default_priority;
  constexpr std::array<std::pair<std::string_view, int>, 9> names = {{{"HIGHEST", 0},
                                                                      {"VERY_HIGH", 10},
                                                                      {"HIGH", 30},
                                                                      {"ABOVE_NORMAL", 40},
                                                                      {"NORMAL", 50},
                                                                      {"BELOW_NORMAL", 60},
                                                                      {"LOW", 70},
                                                                      {"VERY_LOW", 90},
                                                                      {"LOWEST", 100}}};
  if (const auto* number = std::get_if<std::int64_t>(&*priority)) {
    if (*number >= 0 && *number <= 100) return static_cast<int>(*number);
    throw_config_error("priority is " + std::to_string(*number) + "; it must be from 0 to 100");
  }
  std::string text = std::get<std::string>(*priority);
  for (const auto& [name, number] : names) {
    if (lower_case(text) == lower_case(std::string(name))) return number;
  }
  throw Error(ErrorKind::config, "there is no priority '" + text + "'").help(priority_meaning);
}

std::vector<std::string> CheckpointHook::best_metrics() const { return names_of(save_best); }

std::vector<std::string> CheckpointHook::published() const { return names_of(published_keys); }

bool CheckpointHook::greater_is_better(const std::string& metric) const {
  const std::vector<std::string> rules = names_of(rule);
  const std::vector<std::string> metrics = best_metrics();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const bool applies = rules.size() == 1 || (i < metrics.size() && metrics[i] == metric);
    if (applies) return rules[i] == "greater";
  }
  if (has(greater_keys.value_or(std::vector<std::string>{}), metric)) return true;
  if (has(less_keys.value_or(std::vector<std::string>{}), metric)) return false;
  try {
    return pinfeed::greater_is_better(metric, std::nullopt);
  } catch (Error& error) {
    throw error.inside("default_hooks.checkpoint.rule");
  }
}

std::string CheckpointHook::file_name(std::int64_t done) const {
  const std::string pattern = filename_tmpl.value_or(by_epoch ? "epoch_{}" : "iter_{}");
  const std::size_t count = pattern.find("{}");
  const std::string behind = pattern.substr(count + 2);
  // A dot before the count belongs to the name.
  return pattern.substr(0, count) + std::to_string(done) + behind.substr(0, behind.rfind('.')) +
         std::string(checkpoint_ending);
}

void describe(Schema<LoggerHook>& schema) {
  schema.summary("Logs a line every so many iterations.")
      .optional("interval", &LoggerHook::interval, "iterations between lines", at_least(1))
      .optional("ignore_last", &LoggerHook::ignore_last,
                "no line for the last, incomplete interval of an epoch")
      .optional("interval_exp_name", &LoggerHook::interval_exp_name,
                "iterations between lines with the name of the experiment", at_least(1))
      .optional("log_metric_by_epoch", &LoggerHook::log_metric_by_epoch,
                "metrics are logged with the epoch, not the iteration")
      .accepted("backend_args", "logs go to the work dir")
      .refused("out_dir", "logs go to the work dir")
      .refused("file_client_args", "logs go to the work dir")
      .accepted("out_suffix", "nothing is uploaded")
      .accepted("keep_local", "nothing is uploaded")
      .optional("priority", &LoggerHook::priority, priority_meaning);
}

void describe(Schema<CheckpointHook>& schema) {
  schema.summary("Saves checkpoints.")
      .optional("interval", &CheckpointHook::interval, "epochs or iterations; below 1: never")
      .optional("by_epoch", &CheckpointHook::by_epoch, "interval counts epochs")
      .optional("save_optimizer", &CheckpointHook::save_optimizer, "save what resuming needs")
      .optional("max_keep_ckpts", &CheckpointHook::max_keep_ckpts,
                "number of newest checkpoints to keep; below 1: all")
      .optional("save_last", &CheckpointHook::save_last,
                "also save after the last epoch or iteration")
      .optional("save_best", &CheckpointHook::save_best,
                "metrics whose best checkpoint is saved; 'auto': the first metric")
      .optional("rule", &CheckpointHook::rule,
                "'greater' or 'less'; if absent, the name of the metric decides")
      .optional("greater_keys", &CheckpointHook::greater_keys,
                "metrics of which greater values are better")
      .optional("less_keys", &CheckpointHook::less_keys,
                "metrics of which smaller values are better")
      .optional("filename_tmpl", &CheckpointHook::filename_tmpl,
                "'epoch_{}.pth': {} is the count; the extension becomes .safetensors")
      .optional("save_begin", &CheckpointHook::save_begin, "first epoch or iteration to save",
                at_least(0))
      .optional("published_keys", &CheckpointHook::published_keys,
                "after the training the last and the best checkpoints are also written with these "
                "parts only, 'state_dict' and 'meta', and the start of their SHA-256 in the name")
      .accepted("save_param_scheduler", "a checkpoint contains the schedule")
      .accepted("backend_args", "checkpoints go to the work dir")
      .refused("out_dir", "checkpoints go to the work dir")
      .refused("file_client_args", "checkpoints go to the work dir")
      .optional("priority", &CheckpointHook::priority, priority_meaning)
      .check([](const CheckpointHook& params) {
        for (const std::string& key : params.published()) check_published_key(key);
        if (params.filename_tmpl) check_file_name(*params.filename_tmpl);
        for (const std::string& rule : names_of(params.rule)) {
          if (rule == "greater" || rule == "less") continue;
          throw Error(ErrorKind::config, "rule is '" + rule + "'; it must be 'greater' or 'less'");
        }
      });
}

void describe(Schema<CheckInvalidLossHook>& schema) {
  schema.summary("Stops the training at a loss that is inf or nan.")
      .optional("interval", &CheckInvalidLossHook::interval,
                "iterations between checks on a CUDA device; on the CPU each is checked",
                at_least(1))
      .optional("priority", &CheckInvalidLossHook::priority, priority_meaning);
}

void describe(Schema<LogProcessor>& schema) {
  schema.summary("Smoothing and format of logged numbers.")
      .optional("window_size", &LogProcessor::window_size,
                "iterations over which the mean is taken", at_least(1))
      .optional("by_epoch", &LogProcessor::by_epoch, "log lines show the epoch")
      .optional("num_digits", &LogProcessor::num_digits, "digits after the decimal point",
                between(0, 17))
      .optional("mean_pattern", &LogProcessor::mean_pattern,
                "regular expression of the names to smooth; if absent: losses, times and grad_norm")
      .refused("custom_cfg", "smoothed numbers are always the mean over window_size")
      .accepted("log_with_hierarchy", "names are always logged in full");
}

}  // namespace pinfeed
