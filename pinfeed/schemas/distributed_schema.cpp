// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/runner/runner.py (wrap_model, setup_env),
// mmengine/model/wrappers/distributed.py, mmengine/dist/utils.py (init_dist).
#include "pinfeed/schemas/distributed_schema.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "pinfeed/config/catalog.h"

namespace pinfeed {

void describe(Schema<MMDistributedDataParallel>& schema) {
  using Wrapper = MMDistributedDataParallel;
  schema.summary("Trains the model with several processes, as torch's DistributedDataParallel.")
      .optional("find_unused_parameters", &Wrapper::find_unused_parameters,
                "some parameters have no gradient in some iterations")
      .optional("static_graph", &Wrapper::static_graph, "each iteration uses the same parameters")
      .optional("broadcast_buffers", &Wrapper::broadcast_buffers,
                "all ranks get the buffers of rank 0 before each iteration")
      .accepted("detect_anomalous_params", "an error names find_unused_parameters")
      .accepted("bucket_cap_mb", "buckets have 25 MiB")
      .accepted("gradient_as_bucket_view", "gradients are copied into buckets")
      .accepted("exclude_frozen_parameters", "frozen parameters are not reduced");
}

void describe(Schema<DistCfg>& schema) {
  schema.summary("How the processes of a run find each other.")
      .accepted("backend", "gloo on the host, nccl with CUDA")
      .optional("timeout", &DistCfg::timeout,
                "seconds, of the start and of each operation of all ranks", at_least(1))
      .accepted("port", "MASTER_PORT of the environment")
      .accepted("init_backend", "the processes find each other by c10d's store");
}

namespace {

bool flag_of(const Value& config, const char* key, bool absent) {
  const Value* value = config.find(key);
  return value == nullptr || value->is_none() ? absent : convert<bool>(*value, key);
}

bool has_compression_hook(const Value& config) {
  const Value* hooks = config.find("custom_hooks");
  if (hooks == nullptr || !hooks->is_sequence()) return false;
  return std::any_of(hooks->items().begin(), hooks->items().end(), [](const Value& hook) {
    const std::string type = type_of(hook, "custom_hooks").name;
    return type == "Fp16CompresssionHook" || type == "Fp16CompressionHook";
  });
}

bool wants_sync_bn(const Value& config) {
  const Value* value = config.find("sync_bn");
  if (value == nullptr || value->is_none()) return false;
  if (*value == Value("torch") || *value == Value("mmcv")) return true;
  throw Error(ErrorKind::config,
              "sync_bn is " + repr(*value) + "; it must be 'torch', 'mmcv' or None")
      .at(value->span())
      .inside("sync_bn");
}

void read_wrapper(const Value& config, DistributedSettings& settings) {
  const Value* value = config.find("model_wrapper_cfg");
  if (value == nullptr || value->is_none()) return;
  const std::string path = "model_wrapper_cfg";
  const bool named = value->is_dict() && value->find("type") != nullptr;
  if (const std::string type = named ? type_of(*value, path).name : MMDistributedDataParallel::name;
      type != MMDistributedDataParallel::name) {
    throw Error(ErrorKind::config, type + " is not supported")
        .at(value->find("type")->span())
        .inside(path + ".type")
        .help("several processes train as with MMDistributedDataParallel");
  }
  const auto wrapper = schema_of<MMDistributedDataParallel>().parse(*value, path);
  settings.find_unused_parameters = wrapper.find_unused_parameters;
  settings.static_graph = wrapper.static_graph;
  settings.broadcast_buffers = wrapper.broadcast_buffers;
}

}  // namespace

DistributedSettings read_distributed_settings(const Value& config) {
  DistributedSettings settings;
  settings.find_unused_parameters = flag_of(config, "find_unused_parameters", false);
  settings.broadcast_buffers = flag_of(config, "broadcast_buffers", true);
  read_wrapper(config, settings);
  settings.fp16_compression = has_compression_hook(config);
  settings.synchronized_batch_norm = wants_sync_bn(config);
  const Value* env = config.find("env_cfg");
  const Value* dist = env == nullptr || !env->is_dict() ? nullptr : env->find("dist_cfg");
  if (dist != nullptr && !dist->is_none())
    settings.timeout = schema_of<DistCfg>().parse(*dist, "env_cfg.dist_cfg").timeout;
  return settings;
}

std::string launcher_of(const Value& config) {
  const Value* launcher = config.find("launcher");
  if (launcher == nullptr || launcher->is_none() || *launcher == Value("none")) return "auto";
  for (const std::string_view known : {"pytorch", "slurm", "mpi"}) {
    if (*launcher == Value(std::string(known))) return std::string(known);
  }
  throw Error(ErrorKind::config,
              "launcher is " + repr(*launcher) + "; it must be none, pytorch, slurm or mpi")
      .at(launcher->span())
      .inside("launcher");
}

}  // namespace pinfeed
