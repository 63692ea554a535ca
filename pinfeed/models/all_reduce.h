// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <functional>

namespace pinfeed {

/// What a module needs to compute with those of the other ranks. Without `sum` there is one rank.
struct AllReduce {
  /// Replaces the numbers on every rank by their sums over the ranks. Called by all ranks in the
  /// same order, with the same shape.
  std::function<void(const torch::Tensor&)> sum = {};
  int world_size = 1;

  bool several() const { return world_size > 1; }
  /// The mean of the numbers over the ranks, without gradients; with one rank the numbers.
  torch::Tensor mean(const torch::Tensor& numbers) const;
  /// The sum over the ranks; the gradient is summed too.
  torch::Tensor differentiable_sum(const torch::Tensor& numbers) const;
};

/// A module whose losses or statistics are those of all ranks.
class UsesAllReduce {
 public:
  UsesAllReduce() = default;
  UsesAllReduce(const UsesAllReduce&) = default;
  UsesAllReduce& operator=(const UsesAllReduce&) = default;
  virtual ~UsesAllReduce() = default;

  void set_all_reduce(const AllReduce& all_reduce) { all_reduce_ = all_reduce; }

 protected:
  const AllReduce& all_reduce() const { return all_reduce_; }

 private:
  AllReduce all_reduce_ = {};
};

/// Gives it to all modules of a model that use it.
void set_all_reduce(torch::nn::Module& model, const AllReduce& all_reduce);

}  // namespace pinfeed
