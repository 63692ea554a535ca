// SPDX-License-Identifier: Apache-2.0
// Losses and gradients of small models against mmpretrain and mmdet (tools/golden_models.py).
#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "pinfeed/train/optim/optimizer.h"
#include "tests/models/golden_model.h"

namespace pinfeed {
namespace {

void expect_close(const torch::Tensor& have, const torch::Tensor& want, const std::string& what) {
  ASSERT_TRUE(have.defined()) << what;
  ASSERT_EQ(have.sizes(), want.sizes()) << what;
  const double norm = want.norm().item<double>();
  EXPECT_LE((have - want).norm().item<double>(), 1e-4 * norm) << what;
  EXPECT_GT(norm, 0.0) << what;
}

class GoldenModel : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenModel, HasTheLossesAndGradientsOfUpstream) {
  GoldenModelFile golden = read_golden(GetParam());
  golden.model->train();
  torch::manual_seed(7);
  torch::Tensor sum = torch::zeros({});
  for (const auto& [name, value] : golden.model->losses(golden.input)) {
    const auto want = golden.tensor("losses." + name).item<double>();
    EXPECT_NEAR(value.item<double>() / want, 1.0, 1e-5) << name;
    sum = sum + value;
  }
  sum.backward();
  for (const auto& parameter : golden.model->named_parameters()) {
    const std::string name = "grads." + golden.model->upstream_name(parameter.key());
    EXPECT_EQ(parameter.value().requires_grad(), golden.file.find(name) != nullptr) << name;
    if (parameter.value().requires_grad())
      expect_close(parameter.value().grad(), golden.tensor(name), name);
  }
}

// Mixed precision must not meet an operation that refuses two types.
TEST_P(GoldenModel, ComputesInBfloat16Too) {
  GoldenModelFile golden = read_golden(GetParam());
  golden.model->train();
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  torch::manual_seed(7);
  const torch::Tensor sum = sum_of(golden.model->losses(golden.input));
  at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(at::kCPU, false);
  EXPECT_EQ(sum.scalar_type(), torch::kFloat32);
  double want = 0.0;
  for (const auto& [name, tensor] : golden.file.tensors)
    want += name.starts_with("losses.") ? to_torch(tensor).item<double>() : 0.0;
  EXPECT_NEAR(sum.item<double>() / want, 1.0, 0.05);
  sum.backward();
  for (const auto& parameter : golden.model->named_parameters()) {
    if (!parameter.value().requires_grad()) continue;
    EXPECT_TRUE(parameter.value().grad().isfinite().all().item<bool>()) << parameter.key();
  }
}

TEST_P(GoldenModel, HasEveryTensorOfUpstreamAndNoOther) {
  const GoldenModelFile golden = read_golden(GetParam());
  std::size_t weights = 0;
  for (const auto& [name, tensor] : golden.file.tensors)
    weights += name.rfind("weights.", 0) == 0 ? 1 : 0;
  EXPECT_EQ(named_tensors(*golden.model).size(), weights);
}

class GoldenStepsOfModel : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenStepsOfModel, FollowTheLossOfUpstream) {
  GoldenModelFile golden = read_golden(GetParam());
  golden.model->train();
  const OptimizerPlan plan = {
      .optimizer = {.rule = UpdateRule::adamw, .defaults = {.lr = 2e-4, .weight_decay = 0.05}}};
  Optimizer optimizer(plan.optimizer, param_groups(plan, *golden.model));
  const torch::Tensor want = golden.tensor("steps");
  torch::manual_seed(7);
  for (std::int64_t i = 0; i < want.size(0); ++i) {
    const torch::Tensor loss = sum_of(golden.model->losses(golden.input));
    ASSERT_NEAR(loss.item<double>() / want[i].item<double>(), 1.0, 1e-3) << "step " << i;
    loss.backward();
    optimizer.step();
    optimizer.zero_grad();
  }
  EXPECT_LT(want[-1].item<double>(), want[0].item<double>());
}

TEST_P(GoldenStepsOfModel, BeginWithTheDetectionsOfUpstream) {
  GoldenModelFile golden = read_golden(GetParam());
  if (golden.file.find("0.found.bboxes") == nullptr) return;  // a MAE detects nothing
  const auto size = golden.input.images.sizes();
  for (DetDataSample& sample : golden.input.data_samples) {
    sample.img_shape = {static_cast<int>(size[3]), static_cast<int>(size[2])};
    sample.scale_width = 1.25;
    sample.scale_height = 0.8;
  }
  golden.model->eval();
  const torch::NoGradGuard no_gradients;
  const std::vector<Detections> found = golden.model->predict(golden.input);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string name = std::to_string(i) + ".found.";
    EXPECT_TRUE(torch::equal(found[i].labels, golden.tensor(name + "labels")));
    EXPECT_TRUE(torch::allclose(found[i].scores, golden.tensor(name + "scores"), 1e-4, 1e-6));
    EXPECT_TRUE(torch::allclose(found[i].boxes, golden.tensor(name + "bboxes"), 1e-4, 1e-3));
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenModel,
                         ::testing::Values("mae", "mae_drop_path", "fcos_plain", "fcos_windows",
                                           "fcos_r50_caffe", "fcos_r18", "fcos_r34_dilated"),
                         [](const auto& test) { return test.param; });

INSTANTIATE_TEST_SUITE_P(All, GoldenStepsOfModel,
                         ::testing::Values("mae", "fcos_windows", "fcos_r18"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace pinfeed
