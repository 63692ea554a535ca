// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/all_reduce.h"

#include <memory>

namespace pinfeed {
namespace {

// If each rank has its own loss and the sum of them is minimised, as in data-parallel training, the
// gradient of a sum over the ranks is the sum of the gradients of all ranks.
struct SumOverRanks : torch::autograd::Function<SumOverRanks> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& numbers, const AllReduce* all_reduce) {
    context->saved_data["all_reduce"] = reinterpret_cast<std::int64_t>(all_reduce);
    torch::Tensor total = numbers.detach().clone();
    all_reduce->sum(total);
    return total;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto* all_reduce =
        reinterpret_cast<const AllReduce*>(context->saved_data["all_reduce"].toInt());
    torch::Tensor total = gradients[0].contiguous().clone();
    all_reduce->sum(total);
    return {total, torch::Tensor()};
  }
};

}  // namespace

torch::Tensor AllReduce::mean(const torch::Tensor& numbers) const {
  if (!several()) return numbers;
  torch::Tensor total = numbers.detach().clone();
  sum(total);
  return total / world_size;
}

torch::Tensor AllReduce::differentiable_sum(const torch::Tensor& numbers) const {
  return several() ? SumOverRanks::apply(numbers, this) : numbers;
}

void set_all_reduce(torch::nn::Module& model, const AllReduce& all_reduce) {
  for (const auto& module : model.modules()) {
    if (auto* user = dynamic_cast<UsesAllReduce*>(module.get())) user->set_all_reduce(all_reduce);
  }
}

}  // namespace pinfeed
