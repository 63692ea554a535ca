// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace pinfeed {

/// Who multiplies the matrices of a linear layer on the CPU. Both round to float32; the order of
/// their sums differs.
enum class LinearLibrary {
  torch,    // what torch::linear() calls: MKL where PyTorch was built with it
  one_dnn,  // oneDNN, of which PyTorch has a copy
};

/// The quicker one here: oneDNN on processors of AMD with AVX-512, where MKL uses AVX2 only.
LinearLibrary linear_library();

/// input (..., in) times the transposed weight (out, in), plus bias (out), which may be undefined:
/// (..., out). As torch::linear(); `library` counts for float32 on the CPU without autocast.
at::Tensor linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                  LinearLibrary library = linear_library());
/// The same with the parameters of a layer.
at::Tensor linear(const at::Tensor& input, const torch::nn::LinearImpl& layer);

}  // namespace pinfeed
