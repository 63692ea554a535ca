// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/ops/nms.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <vector>

namespace pinfeed {
namespace {

std::vector<std::int64_t> remaining(const torch::Tensor& boxes, std::vector<float> scores,
                                    std::vector<std::int64_t> labels, double threshold = 0.5) {
  const torch::Tensor indices =
      nms(boxes.to(torch::kFloat32), torch::tensor(scores), torch::tensor(labels), threshold);
  return {indices.data_ptr<std::int64_t>(), indices.data_ptr<std::int64_t>() + indices.size(0)};
}

TEST(Nms, KeepsTheBestOfBoxesThatOverlapMoreThanTheThreshold) {
  const auto boxes = torch::tensor({{0, 0, 10, 10}, {0, 0, 10, 8}, {20, 0, 30, 10}});
  EXPECT_EQ(remaining(boxes, {0.5F, 0.9F, 0.7F}, {0, 0, 0}), (std::vector<std::int64_t>{1, 2}));
}

TEST(Nms, KeepsBoxesThatOverlapExactlyAsMuchAsTheThreshold) {
  const auto boxes = torch::tensor({{0, 0, 10, 10}, {0, 0, 10, 5}});
  EXPECT_EQ(remaining(boxes, {0.9F, 0.5F}, {0, 0}, 0.5), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(remaining(boxes, {0.9F, 0.5F}, {0, 0}, 0.49), (std::vector<std::int64_t>{0}));
}

TEST(Nms, ComparesOnlyBoxesOfOneLabel) {
  const auto boxes = torch::tensor({{0, 0, 10, 10}, {0, 0, 10, 10}});
  EXPECT_EQ(remaining(boxes, {0.5F, 0.9F}, {0, 1}), (std::vector<std::int64_t>{1, 0}));
}

TEST(Nms, ASuppressedBoxSuppressesNothing) {
  const auto boxes = torch::tensor({{0, 0, 10, 10}, {4, 0, 14, 10}, {8, 0, 18, 10}});
  EXPECT_EQ(remaining(boxes, {0.9F, 0.8F, 0.7F}, {0, 0, 0}, 0.3),
            (std::vector<std::int64_t>{0, 2}));
}

TEST(Nms, KeepsTheOrderOfEqualScores) {
  const auto boxes = torch::tensor({{0, 0, 1, 1}, {5, 5, 6, 6}, {9, 9, 10, 10}});
  EXPECT_EQ(remaining(boxes, {0.5F, 0.5F, 0.5F}, {0, 0, 0}), (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(Nms, OfNothingIsNothing) { EXPECT_TRUE(remaining(torch::zeros({0, 4}), {}, {}).empty()); }

}  // namespace
}  // namespace pinfeed
