// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/optim/mixed_precision.h"

#include <gtest/gtest.h>

#include "pinfeed/config/read.h"
#include "pinfeed/schemas/optim_wrapper_schema.h"
#include "tests/models/test_folder.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

OptimizerPlan plan_of(const std::string& keys) {
  const std::string text = "optim_wrapper = dict(type='AmpOptimWrapper', " + keys +
                           "optimizer=dict(type='AdamW', lr=0.1), "
                           "clip_grad=dict(max_norm=1.0))";
  return read_optim_wrapper(read_config_text(text, "c.py").root);
}

TEST(AmpOptimWrapper, HasTheKeysOfOptimWrapperToo) {
  const OptimizerPlan plan = plan_of("loss_scale='dynamic', ");
  ASSERT_TRUE(plan.precision);
  EXPECT_TRUE(plan.precision->scale.dynamic);
  EXPECT_EQ(plan.precision->scale.init_scale, 65536.0);
  EXPECT_EQ(plan.clip_grad->max_norm, 1.0);
  EXPECT_FALSE(read_optim_wrapper(read_config_text("optim_wrapper = dict(type='OptimWrapper', "
                                                   "optimizer=dict(type='SGD', lr=1.0))",
                                                   "c.py")
                                      .root)
                   .precision);
}

TEST(AmpOptimWrapper, ReadsEveryKindOfLossScale) {
  EXPECT_FALSE(plan_of("loss_scale=512., ").precision->scale.dynamic);
  EXPECT_EQ(plan_of("loss_scale=512, ").precision->scale.init_scale, 512.0);
  const LossScale scale =
      plan_of("loss_scale=dict(init_scale=1024., growth_interval=5), ").precision->scale;
  EXPECT_TRUE(scale.dynamic);
  EXPECT_EQ(scale.growth_interval, 5);
  EXPECT_EQ(plan_of("dtype='bfloat16', ").precision->dtype, "bfloat16");
}

TEST(AmpOptimWrapper, RefusesOtherValues) {
  const auto first_line = [](const std::string& keys) {
    const std::string text = failure_of([&] { plan_of(keys); });
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(first_line("loss_scale='static', "),
            "error: loss_scale is 'static'; it must be 'dynamic', a number above 0 or a dict");
  EXPECT_EQ(first_line("loss_scale=-1, "),
            "error: loss_scale is -1; it must be 'dynamic', a number above 0 or a dict");
  EXPECT_EQ(first_line("loss_scale=dict(growth_factor=0.5), "),
            "error: growth_factor must be above 1");
  EXPECT_EQ(first_line("dtype='float8', "),
            "error: dtype is 'float8'; it must be 'float16' or 'bfloat16', or None");
}

TEST(ForwardType, DependsOnTheDevice) {
  const torch::Device cuda(torch::kCUDA, 0);
  EXPECT_EQ(forward_type({}, cuda, false).dtype, torch::kFloat16);
  EXPECT_EQ(forward_type({.dtype = "bfloat16"}, cuda, false).dtype, torch::kBFloat16);
  EXPECT_EQ(forward_type({}, cuda, false).warning, "");
  EXPECT_EQ(forward_type({}, torch::kCPU, true).dtype, torch::kBFloat16);
  EXPECT_EQ(forward_type({}, torch::kCPU, true).warning,
            "AmpOptimWrapper computes in bfloat16, because this CPU has bf16 instructions and none "
            "for float16; loss_scale has no effect");
  EXPECT_EQ(forward_type({}, torch::kCPU, false).dtype, torch::kFloat32);
  EXPECT_EQ(forward_type({}, torch::kCPU, false).warning,
            "AmpOptimWrapper computes in float32, because this CPU has no bf16 instructions: "
            "float16 would take 60 times and bfloat16 4 times as long; loss_scale has no effect");
}

// The device decides only whether the loss is scaled, so a scale can be tested without a GPU.
MixedPrecision scaled(const LossScale& scale) {
  return {{.scale = scale}, torch::Device(torch::kCUDA, 0)};
}

torch::Tensor weight_with_gradient(MixedPrecision& precision, double factor) {
  torch::Tensor weight = torch::ones({2}).requires_grad_(true);
  precision.backward((weight * factor).sum());
  return weight;
}

TEST(LossScaling, DividesGradientsByTheScale) {
  MixedPrecision precision = scaled({.init_scale = 8.0});
  const torch::Tensor weight = weight_with_gradient(precision, 3.0);
  EXPECT_EQ(weight.grad()[0].item<double>(), 24.0);
  EXPECT_TRUE(precision.unscale({weight}));
  EXPECT_EQ(weight.grad()[0].item<double>(), 3.0);
}

TEST(LossScaling, SkipsStepsWithInfAndAdaptsTheScale) {
  MixedPrecision precision = scaled({.init_scale = 8.0, .growth_interval = 2});
  const auto scale = [&] { return precision.state().find("scale")->real(); };
  EXPECT_FALSE(precision.unscale({weight_with_gradient(precision, INFINITY)}));
  EXPECT_EQ(scale(), 4.0);
  EXPECT_TRUE(precision.unscale({weight_with_gradient(precision, 1.0)}));
  EXPECT_EQ(scale(), 4.0);
  EXPECT_TRUE(precision.unscale({weight_with_gradient(precision, 1.0)}));
  EXPECT_EQ(scale(), 8.0);
  const Value state = precision.state();
  MixedPrecision other = scaled({.init_scale = 2.0});
  other.load(&state);
  EXPECT_EQ(other.state().find("scale")->real(), 8.0);
}

TEST(LossScaling, KeepsAScaleThatIsANumber) {
  MixedPrecision precision = scaled({.init_scale = 8.0, .dynamic = false});
  EXPECT_FALSE(precision.unscale({weight_with_gradient(precision, INFINITY)}));
  EXPECT_EQ(precision.state().find("scale")->real(), 8.0);
}

TEST(LossScaling, HasNoEffectOnTheCpu) {
  MixedPrecision precision({.scale = {.init_scale = 8.0}}, torch::kCPU);
  const torch::Tensor weight = weight_with_gradient(precision, 3.0);
  EXPECT_TRUE(precision.unscale({weight}));
  EXPECT_EQ(weight.grad()[0].item<double>(), 3.0);
  EXPECT_TRUE(precision.state().is_none());
}

// A model that tells the type of its product.
class TypeModel : public Model {
 public:
  TypeModel() { linear = register_module("linear", torch::nn::Linear(4, 4)); }
  Losses losses(const ModelInput& input) override {
    const torch::Tensor product = linear(input.images);
    dtype = product.scalar_type();
    return {{"loss", product.to(torch::kFloat32).square().mean()}};
  }
  torch::nn::Linear linear = nullptr;
  torch::Dtype dtype = torch::kFloat32;
};

TEST(MixedPrecision, ComputesForwardPassesInTheTypeOfTheCpu) {
  TypeModel model;
  const ModelInput input = {.images = torch::ones({2, 4})};
  MixedPrecision precision(MixedPrecisionPlan{}, torch::kCPU);
  const Losses losses = precision.losses(model, input);
  EXPECT_EQ(model.dtype, cpu_has_bf16() ? torch::kBFloat16 : torch::kFloat32);
  precision.backward(losses.front().second);
  EXPECT_EQ(model.linear->weight.grad().scalar_type(), torch::kFloat32);
  MixedPrecision().losses(model, input);
  EXPECT_EQ(model.dtype, torch::kFloat32) << "the type is that of one forward pass";
}

}  // namespace
}  // namespace pinfeed
