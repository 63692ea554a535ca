// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmyolo/engine/hooks/yolov5_param_scheduler_hook.py and
// ppyoloe_param_scheduler_hook.py (docs/specs/openmmlab-runtime.md, 1.11). The hooks set values
// before an iteration and after an epoch. These depend on the iteration only, so each hook becomes
// rules that count iterations. The order of the floating-point operations is upstream's.
#include "pinfeed/schedule/warmup_hooks.h"

#include <cmath>
#include <numbers>

namespace pinfeed {
namespace {

constexpr std::size_t bias_group = 2;

// Half to even, as Python's round().
std::int64_t warmup_iterations(double epochs, std::int64_t epoch_length, std::int64_t least) {
  const double whole = std::nearbyint(epochs * static_cast<double>(epoch_length));
  return std::max(static_cast<std::int64_t>(whole), least);
}

// numpy.interp between (0, from) and (last, to).
double on_line(std::int64_t k, std::int64_t last, double from, double to) {
  if (k >= last) return to;
  return (to - from) / static_cast<double>(last) * static_cast<double>(k) + from;
}

// The factor of the initial value in an epoch.
double epoch_factor(const YOLOv5ParamSchedulerHook& hook, double epoch) {
  const double epochs = static_cast<double>(hook.max_epochs);
  if (hook.scheduler_type == "linear") {
    return (1 - epoch / epochs) * (1.0 - hook.lr_factor) + hook.lr_factor;
  }
  return ((1 - std::cos(epoch * std::numbers::pi / epochs)) / 2) * (hook.lr_factor - 1) + 1;
}

Rule lr_rule(const YOLOv5ParamSchedulerHook& hook, std::int64_t epoch_length, std::int64_t warmup) {
  return [hook, epoch_length, warmup](std::int64_t k, std::span<const double> initial,
                                      std::span<double> values) {
    const bool warms_up = k <= warmup;
    // After the warm-up, the end of an epoch sets the value for the number of that epoch.
    const bool epoch_begins = k % epoch_length == 0 && k - 1 > warmup;
    if (!warms_up && !epoch_begins) return;
    const std::int64_t epoch = k / epoch_length - (warms_up ? 0 : 1);
    const double factor = epoch_factor(hook, static_cast<double>(epoch));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double from = i == bias_group ? hook.warmup_bias_lr : 0.0;
      const double to = initial[i] * factor;
      values[i] = warms_up ? on_line(k, warmup, from, to) : to;
    }
  };
}

Rule momentum_rule(double from, std::int64_t warmup) {
  return [from, warmup](std::int64_t k, std::span<const double> initial, std::span<double> values) {
    if (k > warmup) return;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = on_line(k, warmup, from, initial[i]);
  };
}

Rule lr_rule(const PPYOLOEParamSchedulerHook& hook, std::int64_t epoch_length,
             std::int64_t warmup) {
  const std::int64_t total = hook.total_epochs * epoch_length;
  return [hook, total, warmup](std::int64_t k, std::span<const double> initial,
                               std::span<double> values) {
    const double step = static_cast<double>(k);
    const double alpha = step / static_cast<double>(warmup);
    const double factor = hook.start_factor * (1 - alpha) + alpha;
    const double angle =
        static_cast<double>(k - warmup) * std::numbers::pi / static_cast<double>(total - warmup);
    const double wave = std::cos(angle) + 1.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double low = initial[i] * hook.min_lr_ratio;
      values[i] = k <= warmup ? initial[i] * factor : low + (initial[i] - low) * 0.5 * wave;
    }
  };
}

template <class Hook>
Stage hook_stage(const Hook& hook, Parameter parameter, Rule rule) {
  const Schema<Hook> schema = schema_of<Hook>();
  Stage made{.type = std::string(Hook::name),
             .parameter = parameter,
             .by_epoch = false,
             .rule = std::move(rule)};
  made.settings = std::make_shared<const StageSettings>(
      StageSettings{.keys = schema.shown(hook), .make = [made](const Value&) { return made; }});
  return made;
}

template <class Hook>
Hook read(const Value& hook, const std::string& path) {
  return schema_of<Hook>().parse(hook, path);
}

}  // namespace

void describe(Schema<YOLOv5ParamSchedulerHook>& schema) {
  using Hook = YOLOv5ParamSchedulerHook;
  schema
      .summary(
          "mmyolo's schedule of YOLOv5 in default_hooks.param_scheduler: warm-up, then a line or "
          "cosine.")
      .optional("scheduler_type", &Hook::scheduler_type, "'linear' or 'cosine'")
      .optional("lr_factor", &Hook::lr_factor, "fraction of the initial value at the end")
      .optional("max_epochs", &Hook::max_epochs, "epochs until the end", count_from(1))
      .optional("warmup_epochs", &Hook::warmup_epochs, "epochs of the warm-up", count_from(0))
      .optional("warmup_bias_lr", &Hook::warmup_bias_lr,
                "lr of the third group (biases) at the start")
      .optional("warmup_momentum", &Hook::warmup_momentum, "momentum at the start")
      .optional("warmup_mim_iter", &Hook::warmup_mim_iter, "minimum iterations of the warm-up",
                count_from(0))
      .accepted("priority", "it acts before each iteration in any case")
      .check([](const Hook& hook) {
        if (hook.scheduler_type == "linear" || hook.scheduler_type == "cosine") return;
        throw Error(ErrorKind::config, "scheduler_type is '" + hook.scheduler_type +
                                           "'; it must be 'linear' or 'cosine'");
      });
}

void describe(Schema<PPYOLOEParamSchedulerHook>& schema) {
  using Hook = PPYOLOEParamSchedulerHook;
  schema.summary("mmyolo's schedule of PP-YOLOE in default_hooks.param_scheduler: warm-up, cosine.")
      .optional("warmup_min_iter", &Hook::warmup_min_iter, "minimum iterations of the warm-up",
                count_from(1))
      .optional("start_factor", &Hook::start_factor, "factor at the start")
      .optional("warmup_epochs", &Hook::warmup_epochs, "epochs of the warm-up", count_from(0))
      .optional("min_lr_ratio", &Hook::min_lr_ratio, "fraction of the initial value at the end")
      .optional("total_epochs", &Hook::total_epochs, "epochs until the end", count_from(1))
      .accepted("priority", "it acts before each iteration in any case");
}

std::vector<Stage> stages(const YOLOv5ParamSchedulerHook& hook, std::int64_t epoch_length,
                          bool has_momentum) {
  const std::int64_t warmup =
      warmup_iterations(hook.warmup_epochs, epoch_length, hook.warmup_mim_iter);
  std::vector<Stage> made = {hook_stage(hook, Parameter::lr, lr_rule(hook, epoch_length, warmup))};
  if (!has_momentum) return made;
  made.push_back(
      hook_stage(hook, Parameter::momentum, momentum_rule(hook.warmup_momentum, warmup)));
  return made;
}

std::vector<Stage> stages(const PPYOLOEParamSchedulerHook& hook, std::int64_t epoch_length) {
  const std::int64_t warmup =
      warmup_iterations(hook.warmup_epochs, epoch_length, hook.warmup_min_iter);
  if (warmup >= hook.total_epochs * epoch_length) {
    throw Error(ErrorKind::config, "the warm-up of " + std::to_string(warmup) +
                                       " iterations is as long as the training of " +
                                       std::to_string(hook.total_epochs * epoch_length))
        .help("lower warmup_min_iter or warmup_epochs");
  }
  return {hook_stage(hook, Parameter::lr, lr_rule(hook, epoch_length, warmup))};
}

bool is_warmup_hook(std::string_view type) {
  return type == YOLOv5ParamSchedulerHook::name || type == PPYOLOEParamSchedulerHook::name;
}

std::vector<Stage> hook_stages(const Value& hook, const std::string& path,
                               const TrainLength& length, bool has_momentum) try {
  const std::int64_t batches = known_epoch_length(length);
  if (type_of(hook, path).name == PPYOLOEParamSchedulerHook::name) {
    return stages(read<PPYOLOEParamSchedulerHook>(hook, path), batches);
  }
  return stages(read<YOLOv5ParamSchedulerHook>(hook, path), batches, has_momentum);
} catch (Error& error) {
  throw error.at(hook.span()).inside(path);
}

std::vector<PartDoc> warmup_hook_docs() {
  return {schema_of<YOLOv5ParamSchedulerHook>().doc(),
          schema_of<PPYOLOEParamSchedulerHook>().doc()};
}

}  // namespace pinfeed
