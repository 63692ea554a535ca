// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/schema.h"
#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// How the processes of a run find each other: env_cfg.dist_cfg.
struct DistCfg {
  static constexpr auto name = "dist_cfg";
  double timeout = 1800.0;
};
void describe(Schema<DistCfg>& schema);

/// The wrapper of a model that several processes train: model_wrapper_cfg.
struct MMDistributedDataParallel {
  static constexpr auto name = "MMDistributedDataParallel";
  bool find_unused_parameters = false;
  bool static_graph = false;
  bool broadcast_buffers = true;
};
void describe(Schema<MMDistributedDataParallel>& schema);

/// How several processes train one model: the keys of mmengine's Runner and of the wrapper
/// MMDistributedDataParallel (mmengine/runner/runner.py, wrap_model).
struct DistributedSettings {
  bool find_unused_parameters = false;
  bool static_graph = false;
  bool broadcast_buffers = true;
  bool fp16_compression = false;         // Fp16CompresssionHook: gradients are reduced as float16
  bool synchronized_batch_norm = false;  // sync_bn: every BN is a SyncBN
  double timeout = 1800.0;               // seconds, of the start and of each operation of all ranks
};

/// Reads find_unused_parameters, model_wrapper_cfg, broadcast_buffers, sync_bn, env_cfg.dist_cfg,
/// and looks for Fp16CompresssionHook. Throws Error(config).
DistributedSettings read_distributed_settings(const Value& config);

/// The launcher that a config names: 'auto' for None, 'none' or nothing, because every dumped
/// config has launcher='none'. Throws Error(config) for an unknown one.
std::string launcher_of(const Value& config);

}  // namespace pinfeed
