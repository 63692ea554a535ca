// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "pinfeed/schemas/distributed_schema.h"
#include "pinfeed/train/distributed/process_group.h"

namespace pinfeed {

/// Averages gradients over the ranks while the backward pass runs, as torch's
/// DistributedDataParallel: gradients are collected in buckets of 25 MiB (the first of 1 MiB), and
/// a bucket is reduced when its gradients are complete (c10d::Reducer). Only the gradients of an
/// update are reduced: with accumulation the iterations before it are added on each rank.
class GradientReducer {
 public:
  /// Gives all ranks the parameters and buffers of rank 0. `names` are those of `params`, for
  /// errors. Throws Error(config) when the ranks have different parameters.
  GradientReducer(std::shared_ptr<ProcessGroup> group, torch::nn::Module& model,
                  const DistributedSettings& settings);
  ~GradientReducer();

  /// Before the forward pass of an iteration that `updates` the parameters or not. Gives all ranks
  /// the buffers of rank 0, with broadcast_buffers.
  void before_forward(bool updates);
  /// Between the passes. Throws Error(config) when a parameter had no gradient in the iteration
  /// before.
  void before_backward(const torch::Tensor& loss, bool updates);
  /// Gives all ranks the buffers of rank 0.
  void share_buffers();
  /// Milliseconds per iteration that gradients were being reduced, and how many of them
  /// overlapped with the backward pass: means of the last iterations that c10d has measured.
  struct Times {
    double reducing = 0.0;
    double overlapped = 0.0;
  };
  Times times() const;

 private:
  struct Parts;
  std::shared_ptr<ProcessGroup> group_;
  std::unique_ptr<Parts> parts_;
  DistributedSettings settings_;
  std::vector<torch::Tensor> buffers_ = {};
  bool delayed_ = false;  // static_graph: the first iteration reduces after the backward pass
};

}  // namespace pinfeed
