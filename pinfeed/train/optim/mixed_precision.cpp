// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine's AmpOptimWrapper; torch.amp.autocast and GradScaler.
#include "pinfeed/train/optim/mixed_precision.h"

#include <ATen/autocast_mode.h>

#include "pinfeed/config/convert.h"
#include "pinfeed/core/error.h"
#include "pinfeed/models/processor.h"

namespace pinfeed {
namespace {

// While it lives, torch computes the operations that allow it in `dtype`.
class Autocast {
 public:
  Autocast(torch::DeviceType device, torch::Dtype dtype)
      : device_(device), before_(at::autocast::get_autocast_dtype(device)) {
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::set_autocast_dtype(device_, dtype);
    at::autocast::increment_nesting();
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;
  // The casts of weights are kept for the forward pass; a step changes the weights.
  ~Autocast() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_dtype(device_, before_);
    at::autocast::set_autocast_enabled(device_, false);
  }

 private:
  torch::DeviceType device_;
  torch::Dtype before_;
};

bool all_finite(const std::vector<torch::Tensor>& gradients) {
  torch::Tensor finite;
  for (const torch::Tensor& gradient : gradients) {
    const torch::Tensor own = torch::isfinite(gradient).all();
    finite = finite.defined() ? finite.logical_and(own) : own;
  }
  return !finite.defined() || finite.item<bool>();
}

}  // namespace

ForwardType forward_type(const MixedPrecisionPlan& plan, torch::Device device, bool cpu_has_bf16) {
  if (!device.is_cpu()) {
    return {.dtype = plan.dtype == "bfloat16" ? torch::kBFloat16 : torch::kFloat16};
  }
  const std::string no_scale = "; loss_scale has no effect";
  if (cpu_has_bf16) {
    return {torch::kBFloat16,
            "AmpOptimWrapper computes in bfloat16, because this CPU has bf16 instructions and none "
            "for float16" +
                no_scale};
  }
  return {torch::kFloat32,
          "AmpOptimWrapper computes in float32, because this CPU has no bf16 instructions: float16 "
          "would take 60 times and bfloat16 4 times as long" +
              no_scale};
}

bool cpu_has_bf16() {
  return processor_has("avx512_bf16") || processor_has("amx_bf16") || processor_has("bf16");
}

MixedPrecision::MixedPrecision(const MixedPrecisionPlan& plan, torch::Device device)
    : device_(device), type_(forward_type(plan, device, cpu_has_bf16())) {
  if (device.is_cpu() || !plan.scale.enabled) return;
  scale_ = plan.scale;
  factor_ = scale_->init_scale;
}

Losses MixedPrecision::losses(Model& model, const ModelInput& input) const {
  if (type_.dtype == torch::kFloat32) return model.losses(input);
  const Autocast computes(device_.type(), type_.dtype);
  return model.losses(input);
}

void MixedPrecision::backward(const torch::Tensor& loss) const {
  (scale_ ? loss * factor_ : loss).backward();
}

bool MixedPrecision::unscale(const std::vector<torch::Tensor>& params) {
  if (!scale_) return true;
  const torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& param : params) {
    if (param.grad().defined()) gradients.push_back(param.grad());
  }
  if (!gradients.empty()) at::_foreach_mul_(gradients, 1.0 / factor_);
  const bool finite = all_finite(gradients);
  if (!scale_->dynamic) return finite;
  if (!finite) {
    factor_ *= scale_->backoff_factor;
    good_steps_ = 0;
  } else if (++good_steps_ == scale_->growth_interval) {
    factor_ *= scale_->growth_factor;
    good_steps_ = 0;
  }
  return finite;
}

Value MixedPrecision::state() const {
  if (!scale_) return {};
  Dict state;
  state.set("scale", factor_);
  state.set("good_steps", good_steps_);
  return state;
}

void MixedPrecision::load(const Value* state) {
  if (!scale_ || state == nullptr || !state->is_dict()) return;
  if (const Value* factor = state->find("scale")) factor_ = convert<double>(*factor, "loss_scale");
  if (const Value* steps = state->find("good_steps"))
    good_steps_ = convert<std::int64_t>(*steps, "loss_scale");
}

}  // namespace pinfeed
