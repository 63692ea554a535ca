// SPDX-License-Identifier: Apache-2.0
// Activation checkpointing. The first pass runs without gradients, so that only its input is kept.
// The backward pass restores the generators of random numbers and autocast, runs the layers again
// with gradients, and asks for those of the input and of the parameters. The parameters are inputs
// of the function, so that gradients take the usual way through the graph.
#include "pinfeed/models/ops/activation_checkpoint.h"

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <mutex>
#include <utility>
#include <vector>

namespace pinfeed {
namespace {

// The states of torch's generators for the host and for the device of a tensor.
class GeneratorStates {
 public:
  explicit GeneratorStates(torch::Device device) {
    keep(at::globalContext().defaultGenerator(torch::kCPU));
    if (!device.is_cpu()) keep(at::globalContext().defaultGenerator(device));
  }
  void restore() const {
    for (const auto& [generator, state] : states_) {
      at::Generator target = generator;
      const std::scoped_lock lock(target.mutex());
      target.set_state(state);
    }
  }

 private:
  void keep(at::Generator generator) {
    const std::scoped_lock lock(generator.mutex());
    states_.emplace_back(generator, generator.get_state());
  }

  std::vector<std::pair<at::Generator, at::Tensor>> states_ = {};
};

// Whether operations of a device are computed with fewer bits, and with how many.
struct Precision {
  torch::DeviceType device = torch::kCPU;
  bool enabled = false;
  at::ScalarType dtype = at::kFloat;
};

Precision current_precision(torch::DeviceType device) {
  return {device, at::autocast::is_autocast_enabled(device),
          at::autocast::get_autocast_dtype(device)};
}

void set_precision(const Precision& precision) {
  at::autocast::set_autocast_enabled(precision.device, precision.enabled);
  at::autocast::set_autocast_dtype(precision.device, precision.dtype);
}

// What the second run needs, and the place to return to after it.
struct Rerun : torch::CustomClassHolder {
  Rerun(std::function<at::Tensor(const at::Tensor&)> layers, std::vector<at::Tensor> own_buffers,
        torch::Device device)
      : forward(std::move(layers)),
        buffers(std::move(own_buffers)),
        generators(device),
        precision(current_precision(device.type())) {}

  std::function<at::Tensor(const at::Tensor&)> forward;
  std::vector<at::Tensor> buffers;
  GeneratorStates generators;
  Precision precision;
};

// Gives buffers their values back when it ends: the first run has updated them.
class KeptBuffers {
 public:
  explicit KeptBuffers(const std::vector<at::Tensor>& buffers) : buffers_(buffers) {
    for (const at::Tensor& buffer : buffers) values_.push_back(buffer.clone());
  }
  KeptBuffers(const KeptBuffers&) = delete;
  KeptBuffers& operator=(const KeptBuffers&) = delete;
  ~KeptBuffers() {
    const torch::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < values_.size(); ++i) at::Tensor(buffers_[i]).copy_(values_[i]);
  }

 private:
  std::vector<at::Tensor> buffers_;
  std::vector<at::Tensor> values_ = {};
};

// While it lives, generators and precision are those of the first run.
class AsInFirstRun {
 public:
  explicit AsInFirstRun(const Rerun& rerun, torch::Device device)
      : generators_(device), precision_(current_precision(device.type())) {
    rerun.generators.restore();
    set_precision(rerun.precision);
    at::autocast::increment_nesting();
    at::autocast::clear_cache();  // of casts that were made without gradients
  }
  AsInFirstRun(const AsInFirstRun&) = delete;
  AsInFirstRun& operator=(const AsInFirstRun&) = delete;
  ~AsInFirstRun() {
    at::autocast::clear_cache();
    at::autocast::decrement_nesting();
    set_precision(precision_);
    generators_.restore();
  }

 private:
  GeneratorStates generators_;
  Precision precision_;
};

struct Checkpointed : torch::autograd::Function<Checkpointed> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            at::TensorList parameters, const c10::intrusive_ptr<Rerun>& rerun) {
    std::vector<at::Tensor> saved = {input};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    context->save_for_backward(std::move(saved));
    context->saved_data["rerun"] = c10::IValue::make_capsule(rerun);
    const at::Tensor output = rerun->forward(input);
    // Casts without gradients must not be found by operations that need gradients.
    if (rerun->precision.enabled) at::autocast::clear_cache();
    return output;
  }

  static std::vector<at::Tensor> backward(torch::autograd::AutogradContext* context,
                                          const std::vector<at::Tensor>& gradients) {
    std::vector<at::Tensor> inputs = context->get_saved_variables();
    const bool input_has_gradient = inputs[0].requires_grad();
    inputs[0] = inputs[0].detach().requires_grad_(input_has_gradient);
    const auto rerun =
        c10::static_intrusive_pointer_cast<Rerun>(context->saved_data["rerun"].toCapsule());
    const KeptBuffers buffers(rerun->buffers);  // until the gradients, which read them, are done
    at::Tensor output;
    {
      const torch::AutoGradMode with_gradients(true);
      const AsInFirstRun first(*rerun, inputs[0].device());
      output = rerun->forward(inputs[0]);
    }
    const std::vector<at::Tensor> wanted(inputs.begin() + (input_has_gradient ? 0 : 1),
                                         inputs.end());
    std::vector<at::Tensor> found =
        torch::autograd::grad({output}, wanted, {gradients[0]}, {}, false, true);
    if (!input_has_gradient) found.insert(found.begin(), at::Tensor());
    found.emplace_back();  // of `rerun`
    return found;
  }
};

}  // namespace

at::Tensor checkpointed(const torch::nn::Module& owner,
                        std::function<at::Tensor(const at::Tensor&)> forward,
                        const at::Tensor& input) {
  std::vector<at::Tensor> parameters;
  for (const at::Tensor& parameter : owner.parameters())
    if (parameter.requires_grad()) parameters.push_back(parameter);
  const bool needed = input.requires_grad() || !parameters.empty();
  if (!torch::GradMode::is_enabled() || !needed) return forward(input);
  return Checkpointed::apply(
      input, at::TensorList(parameters),
      c10::make_intrusive<Rerun>(std::move(forward), owner.buffers(), input.device()));
}

}  // namespace pinfeed
