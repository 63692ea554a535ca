// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/ops/linear.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string_view>

#include "pinfeed/models/processor.h"

namespace pinfeed {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

// The operator with which PyTorch's compiler calls oneDNN; it takes tensors with any strides.
using LinearOfOneDnn = at::Tensor(const at::Tensor& input, const at::Tensor& weight,
                                  const OptionalTensor& bias, std::string_view after,
                                  c10::List<std::optional<at::Scalar>> numbers,
                                  std::optional<std::string_view> algorithm);

// Empty where PyTorch was built without oneDNN.
const std::optional<c10::TypedOperatorHandle<LinearOfOneDnn>>& one_dnn() {
  static const auto found = []() -> std::optional<c10::TypedOperatorHandle<LinearOfOneDnn>> {
    const auto any = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    if (!any || !any->hasKernelForDispatchKey(c10::DispatchKey::CPU)) return std::nullopt;
    return any->typed<LinearOfOneDnn>();
  }();
  return found;
}

// a (..., k) times the transposed b (n, k), plus bias (n).
at::Tensor product(const at::Tensor& a, const at::Tensor& b, const OptionalTensor& bias) {
  return one_dnn()->call(a, b, bias, "none", c10::List<std::optional<at::Scalar>>(), std::nullopt);
}

at::Tensor rows_of(const at::Tensor& tensor) { return tensor.reshape({-1, tensor.size(-1)}); }

struct LinearByOneDnn : torch::autograd::Function<LinearByOneDnn> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weight, const OptionalTensor& bias) {
    context->saved_data["bias"] = bias.has_value();
    context->save_for_backward({input, weight});
    return product(input, weight, bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor& gradient = gradients[0];
    torch::autograd::variable_list results(3);
    if (context->needs_input_grad(0)) results[0] = product(gradient, saved[1].t(), std::nullopt);
    const at::Tensor rows = rows_of(gradient);
    if (context->needs_input_grad(1))
      results[1] = product(rows.t(), rows_of(saved[0]).t(), std::nullopt);
    if (context->saved_data["bias"].toBool() && context->needs_input_grad(2))
      results[2] = rows.sum(0);
    return results;
  }
};

bool one_dnn_takes(const at::Tensor& tensor) {
  return !tensor.defined() || (tensor.is_cpu() && tensor.scalar_type() == at::kFloat);
}

}  // namespace

LinearLibrary linear_library() {
  static const bool amd = processor_has("AuthenticAMD") && processor_has("avx512f");
  return amd ? LinearLibrary::one_dnn : LinearLibrary::torch;
}

at::Tensor linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                  LinearLibrary library) {
  if (library == LinearLibrary::torch || input.numel() == 0 || !one_dnn_takes(input) ||
      !one_dnn_takes(weight) || !one_dnn_takes(bias) ||
      at::autocast::is_autocast_enabled(at::kCPU) || !at::globalContext().userEnabledMkldnn() ||
      !one_dnn()) {
    return torch::linear(input, weight, bias);
  }
  return LinearByOneDnn::apply(input, weight, bias.defined() ? OptionalTensor(bias) : std::nullopt);
}

at::Tensor linear(const at::Tensor& input, const torch::nn::LinearImpl& layer) {
  return linear(input, layer.weight, layer.bias);
}

}  // namespace pinfeed
