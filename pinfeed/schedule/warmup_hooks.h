// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "pinfeed/schedule/scheduler_catalog.h"

namespace pinfeed {

/// mmyolo's hook for YOLOv5, which replaces the schedulers: a warm-up of lr and momentum by
/// iterations, in which the lr of biases (the third group) falls from warmup_bias_lr, then a linear
/// or cosine schedule by epochs.
struct YOLOv5ParamSchedulerHook {
  static constexpr std::string_view name = "YOLOv5ParamSchedulerHook";

  std::string scheduler_type = "linear";
  double lr_factor = 0.01;  // fraction of the initial value at the end
  std::int64_t max_epochs = 300;
  double warmup_epochs = 3;
  double warmup_bias_lr = 0.1;
  double warmup_momentum = 0.8;
  std::int64_t warmup_mim_iter = 1000;  // minimum iterations of the warm-up
};
void describe(Schema<YOLOv5ParamSchedulerHook>& schema);

/// mmyolo's hook for PP-YOLOE: a linear warm-up, then half a cosine, both by iterations.
struct PPYOLOEParamSchedulerHook {
  static constexpr std::string_view name = "PPYOLOEParamSchedulerHook";

  std::int64_t warmup_min_iter = 1000;
  double start_factor = 0.0;
  double warmup_epochs = 5;
  double min_lr_ratio = 0.0;  // fraction of the initial value at the end
  std::int64_t total_epochs = 360;
};
void describe(Schema<PPYOLOEParamSchedulerHook>& schema);

/// The stages that are equivalent to the hook, for epochs of `epoch_length` batches. With
/// `has_momentum` a stage changes the momentum too.
std::vector<Stage> stages(const YOLOv5ParamSchedulerHook& hook, std::int64_t epoch_length,
                          bool has_momentum);
std::vector<Stage> stages(const PPYOLOEParamSchedulerHook& hook, std::int64_t epoch_length);

/// Whether a type is one of these hooks.
bool is_warmup_hook(std::string_view type);
/// The stages of the hook in a config. Throws Error(config).
std::vector<Stage> hook_stages(const Value& hook, const std::string& path,
                               const TrainLength& length, bool has_momentum);
/// The documentation that `pinfeed list scheduler` prints.
std::vector<PartDoc> warmup_hook_docs();

}  // namespace pinfeed
