// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <functional>

namespace pinfeed {

/// Computes forward(input) without keeping what its gradient needs (activation checkpointing): the
/// backward pass computes it once more, with the random numbers and the precision of the first
/// time. Values and gradients are the same to the bit, less memory is needed, and more time.
/// `owner` has all parameters and buffers that `forward` uses; its buffers are updated once.
/// `forward` is kept until the backward pass. Without gradients it is only called.
at::Tensor checkpointed(const torch::nn::Module& owner,
                        std::function<at::Tensor(const at::Tensor&)> forward,
                        const at::Tensor& input);

}  // namespace pinfeed
