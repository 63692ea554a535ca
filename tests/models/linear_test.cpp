// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/ops/linear.h"

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include <vector>

namespace pinfeed::test {
namespace {

struct Results {
  at::Tensor output = {};
  std::vector<at::Tensor> gradients = {};
};

Results results_of(const at::Tensor& input, bool with_bias, LinearLibrary library) {
  torch::manual_seed(1);
  const at::Tensor x = input.clone().requires_grad_();
  const at::Tensor weight = torch::randn({7, input.size(-1)}).requires_grad_();
  const at::Tensor bias = with_bias ? torch::randn({7}).requires_grad_() : at::Tensor();
  Results results{.output = linear(x, weight, bias, library)};
  (results.output * torch::randn_like(results.output)).sum().backward();
  results.gradients = {x.grad(), weight.grad()};
  if (with_bias) results.gradients.push_back(bias.grad());
  return results;
}

void expect_equal(const at::Tensor& input, bool with_bias) {
  const Results expected = results_of(input, with_bias, LinearLibrary::torch);
  const Results found = results_of(input, with_bias, LinearLibrary::one_dnn);
  EXPECT_EQ(found.output.sizes(), expected.output.sizes());
  EXPECT_TRUE(torch::allclose(found.output, expected.output, 1e-5, 1e-5));
  for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
    EXPECT_EQ(found.gradients[i].sizes(), expected.gradients[i].sizes());
    EXPECT_TRUE(torch::allclose(found.gradients[i], expected.gradients[i], 1e-4, 1e-5)) << i;
  }
}

TEST(Linear, IsTheSameWithBothLibraries) {
  torch::manual_seed(0);
  expect_equal(torch::randn({5, 33}), true);
  expect_equal(torch::randn({2, 19, 48}), true);
  expect_equal(torch::randn({2, 3, 5, 16}), false);
  expect_equal(torch::randn({2, 16, 9}).transpose(1, 2), true);
  expect_equal(torch::randn({1, 1}), false);
}

TEST(Linear, TakesNoRows) { expect_equal(torch::zeros({0, 12}), true); }

TEST(Linear, LeavesOtherPrecisionsToTorch) {
  const at::Tensor input = torch::randn({4, 8});
  const at::Tensor weight = torch::randn({3, 8});
  const auto product = [](const at::Tensor& a, const at::Tensor& b) {
    return linear(a, b, {}, LinearLibrary::one_dnn);
  };
  EXPECT_EQ(product(input.to(at::kDouble), weight.to(at::kDouble)).scalar_type(), at::kDouble);
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  EXPECT_EQ(product(input, weight).scalar_type(), at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCPU, false);
  EXPECT_EQ(product(input, weight).scalar_type(), at::kFloat);
}

TEST(Linear, HasGradientsOnlyWhereTheyAreNeeded) {
  const at::Tensor weight = torch::randn({3, 8}).requires_grad_();
  const at::Tensor input = torch::randn({4, 8});
  linear(input, weight, {}, LinearLibrary::one_dnn).sum().backward();
  EXPECT_FALSE(input.grad().defined());
  EXPECT_TRUE(torch::allclose(weight.grad(), input.sum(0).expand({3, 8}), 1e-5, 1e-5));
  const torch::NoGradGuard guard;
  EXPECT_FALSE(linear(input, weight, {}, LinearLibrary::one_dnn).requires_grad());
}

}  // namespace
}  // namespace pinfeed::test
