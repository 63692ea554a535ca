// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/copy_together.h"

#include <gtest/gtest.h>

#include <vector>

namespace pinfeed::test {
namespace {

std::vector<at::Tensor> tensors_of(at::Device device) {
  torch::manual_seed(0);
  std::vector<at::Tensor> made = {torch::randn({3, 4}),
                                  torch::randn({}),
                                  torch::zeros({0, 5}),
                                  torch::randn({6, 2}).t(),
                                  torch::arange(7),
                                  torch::randn({5}).to(at::kBFloat16),
                                  torch::randn({2, 8}).to(at::kDouble),
                                  torch::ones({3}, at::kBool),
                                  torch::arange(9)};
  for (at::Tensor& tensor : made)
    tensor = tensor.to(device).requires_grad_(tensor.is_floating_point());
  return made;
}

void expect_copied(at::Device device, std::size_t group_bytes) {
  const std::vector<at::Tensor> tensors = tensors_of(device);
  std::vector<CopyToHost> copies;
  for (const at::Tensor& tensor : tensors)
    copies.push_back(
        {tensor,
         torch::empty(tensor.sizes(), tensor.options().device(at::kCPU).requires_grad(false))});
  copy_together(copies, group_bytes);
  for (const CopyToHost& copy : copies) EXPECT_TRUE(torch::equal(copy.to, copy.from.cpu()));
}

TEST(CopyTogether, EqualsEachTensor) {
  expect_copied(at::kCPU, std::size_t{64} << 20U);
  expect_copied(at::kCPU, 40);  // several groups
  expect_copied(at::kCPU, 0);
  copy_together({});
}

TEST(CopyTogether, EqualsEachTensorOfADevice) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "there is no GPU";
  expect_copied(at::Device(at::kCUDA, 0), 40);
}

}  // namespace
}  // namespace pinfeed::test
