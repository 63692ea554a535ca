// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/models/model.h"
#include "pinfeed/schemas/precision_schema.h"

namespace pinfeed {

/// What a device computes forward passes in, when the config asks for 16 bits.
struct ForwardType {
  torch::Dtype dtype = torch::kFloat32;
  std::string warning = {};  // what differs from upstream, with the reason; may be empty
};

/// float16 on CUDA unless the plan names bfloat16; on the CPU bfloat16 if it has bf16
/// instructions, else float32: without them float16 takes 60 times and bfloat16 4 times as long.
ForwardType forward_type(const MixedPrecisionPlan& plan, torch::Device device, bool cpu_has_bf16);

/// Whether this CPU multiplies bfloat16 numbers in hardware.
bool cpu_has_bf16();

/// Computes losses in 16 bits and keeps float16 gradients in range by a factor of the loss
/// (torch.amp.GradScaler). The default computes in float32 and scales nothing. One thread.
class MixedPrecision {
 public:
  MixedPrecision() = default;
  MixedPrecision(const MixedPrecisionPlan& plan, torch::Device device);

  /// One line for the log; empty if there is nothing to say.
  const std::string& warning() const { return type_.warning; }

  /// The losses of a batch, computed in the type of the device.
  Losses losses(Model& model, const ModelInput& input) const;
  /// Adds the gradients of the scaled loss.
  void backward(const torch::Tensor& loss) const;
  /// Divides the gradients by the scale. False when one of them is inf or nan: then the step is
  /// skipped. Adapts the scale.
  bool unscale(const std::vector<torch::Tensor>& params);

  /// The scale as a checkpoint stores it; None without scaling.
  Value state() const;
  /// Continues with the state of a checkpoint; null: the scale of the config.
  void load(const Value* state);

 private:
  torch::Device device_ = torch::kCPU;
  ForwardType type_ = {};
  std::optional<LossScale> scale_ = {};
  double factor_ = 1.0;
  std::int64_t good_steps_ = 0;  // since the factor has changed
};

}  // namespace pinfeed
