// SPDX-License-Identifier: Apache-2.0
// Source of the order of calls: torch/nn/parallel/distributed.py of PyTorch.
#include "pinfeed/train/distributed/gradient_reducer.h"

#include <torch/csrc/autograd/engine.h>
#include <algorithm>
#include <limits>
#include <torch/csrc/distributed/c10d/logger.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>
#include <unordered_map>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/train/distributed/connection.h"

namespace pinfeed {

struct GradientReducer::Parts {
  std::shared_ptr<c10d::Reducer> reducer = {};
  std::shared_ptr<c10d::Logger> logger = {};  // keeps the reducer
};

namespace {

struct NamedParams {
  std::vector<torch::Tensor> params = {};
  std::unordered_map<std::size_t, std::string> names = {};
};

NamedParams trained_params(const torch::nn::Module& model) {
  NamedParams found;
  for (const auto& entry : model.named_parameters()) {
    if (!entry.value().requires_grad()) continue;
    found.names[found.params.size()] = entry.key();
    found.params.push_back(entry.value());
  }
  return found;
}

// With a graph that is the same in each iteration, the first one shows the order in which gradients
// are complete; the buckets are then made again.
std::vector<std::vector<std::size_t>> first_buckets(const std::vector<torch::Tensor>& params,
                                                    bool made_again) {
  std::vector<std::size_t> limits = {c10d::kDefaultFirstBucketBytes, c10d::kDefaultBucketBytesCap};
  if (made_again) limits = {static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max())};
  auto buckets = std::get<0>(c10d::compute_bucket_assignment_by_size(params, limits));
  std::reverse(buckets.begin(), buckets.end());
  return buckets;
}

std::shared_ptr<c10d::Reducer> made_reducer(NamedParams named,
                                            const c10::intrusive_ptr<c10d::ProcessGroup>& group,
                                            const DistributedSettings& settings) {
  const bool made_again = settings.static_graph || !settings.find_unused_parameters;
  const std::size_t count = named.params.size();
  auto buckets = first_buckets(named.params, made_again);
  return std::make_shared<c10d::Reducer>(
      std::move(named.params), std::move(buckets), group, std::vector<bool>(count, false),
      c10d::kDefaultBucketBytesCap, settings.find_unused_parameters,
      /*gradient_as_bucket_view=*/false, std::move(named.names), c10d::kDefaultFirstBucketBytes,
      /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false,
      std::vector<std::int64_t>{});
}

// c10d says it in the iteration after the one that lacked gradients.
Error without_gradient(const std::string& reason) {
  return Error(ErrorKind::config, "a parameter has no gradient on some rank")
      .inside("find_unused_parameters")
      .help(
          "set find_unused_parameters=True if the model does not use all of its parameters in "
          "each iteration; c10d says: " +
          reason.substr(0, reason.find('\n')));
}

}  // namespace

GradientReducer::GradientReducer(std::shared_ptr<ProcessGroup> group, torch::nn::Module& model,
                                 const DistributedSettings& settings)
    : group_(std::move(group)), parts_(std::make_unique<Parts>()), settings_(settings) {
  const auto& connected = group_->connection().group;
  NamedParams named = trained_params(model);
  group_->run([&] {
    try {
      c10d::verify_params_across_processes(connected, named.params, {});
    } catch (const c10::DistError&) {
      throw;
    } catch (const c10::Error& error) {
      throw Error(ErrorKind::config, "the ranks have different models: " +
                                         std::string(error.what_without_backtrace()));
    }
  });
  for (const torch::Tensor& buffer : model.buffers()) buffers_.push_back(buffer);
  std::vector<torch::Tensor> all = buffers_;
  for (const torch::Tensor& param : model.parameters()) all.push_back(param.detach());
  group_->broadcast(all);
  parts_->reducer = made_reducer(std::move(named), connected, settings_);
  parts_->logger = std::make_shared<c10d::Logger>(parts_->reducer);
  parts_->logger->set_construction_data_and_log("Model", {}, -1, settings_.broadcast_buffers,
                                                /*has_sync_bn=*/false, settings_.static_graph);
  parts_->reducer->set_logger(parts_->logger);
  if (settings_.fp16_compression)
    parts_->reducer->register_builtin_comm_hook(c10d::BuiltinCommHookType::FP16_COMPRESS);
  if (settings_.static_graph) parts_->reducer->set_static_graph();
}

GradientReducer::~GradientReducer() = default;

void GradientReducer::share_buffers() {
  if (!buffers_.empty()) group_->broadcast(buffers_);
}

void GradientReducer::before_forward(bool updates) {
  group_->run([&] {
    if (updates) {
      parts_->logger->set_runtime_stats_and_log();
      parts_->reducer->prepare_for_forward();
    }
    parts_->reducer->rebuild_buckets();
  });
  if (updates && settings_.broadcast_buffers) share_buffers();
}

void GradientReducer::before_backward(const torch::Tensor& loss, bool updates) {
  if (!updates) return;
  const bool searched = settings_.find_unused_parameters && !settings_.static_graph;
  try {
    parts_->reducer->prepare_for_backward(searched ? std::vector<torch::Tensor>{loss}
                                                   : std::vector<torch::Tensor>{});
  } catch (const c10::Error& error) {
    throw without_gradient(error.what_without_backtrace());
  }
  if (!settings_.static_graph || std::exchange(delayed_, true)) return;
  // The queue of the engine can only be filled while a backward pass runs.
  loss.register_hook([reducer = parts_->reducer](const torch::Tensor&) {
    torch::autograd::Engine::get_default_engine().queue_callback(
        [reducer] { reducer->delay_all_reduce(); });
  });
}

GradientReducer::Times GradientReducer::times() const {
  const at::DDPLoggingData data = parts_->logger->get_ddp_logging_data();
  const auto milliseconds = [&](const char* name) {
    const auto found = data.ints_map.find(name);
    return found == data.ints_map.end() ? 0.0 : static_cast<double>(found->second) * 1e-6;
  };
  return {milliseconds("avg_backward_comm_time"),
          milliseconds("avg_backward_compute_comm_overlap_time")};
}

}  // namespace pinfeed
