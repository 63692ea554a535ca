// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/layers/batch_norm.h"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

namespace pinfeed {
namespace {

// Sums over two threads, which stand for two ranks.
class TwoRanks {
 public:
  AllReduce of_rank(int rank) {
    return {.sum =
                [this, rank](const torch::Tensor& numbers) {
                  parts_[rank] = numbers.clone();
                  barrier_.arrive_and_wait();
                  numbers.copy_(parts_[0] + parts_[1]);
                  barrier_.arrive_and_wait();
                },
            .world_size = 2};
  }

 private:
  torch::Tensor parts_[2] = {};
  std::barrier<> barrier_{2};
};

std::shared_ptr<BatchNorm> norm(bool synchronized) {
  return std::make_shared<BatchNorm>(torch::nn::BatchNorm2dOptions(3), synchronized);
}

// A loss whose gradient differs by channel and position.
torch::Tensor loss_of(const torch::Tensor& map) { return (map * map * map).sum() + map.sum(); }

TEST(BatchNorm, NormalizesByTheBatchesOfAllRanks) {
  torch::manual_seed(3);
  const torch::Tensor whole = torch::randn({4, 3, 5, 6}).mul(2).add(1).requires_grad_();
  const auto alone = norm(false);
  const torch::Tensor expected = alone->forward(whole);
  loss_of(expected).backward();

  TwoRanks ranks;
  std::vector<std::shared_ptr<BatchNorm>> norms = {norm(true), norm(true)};
  std::vector<torch::Tensor> parts(2);
  std::vector<torch::Tensor> found(2);
  const auto train = [&](int rank) {
    norms[rank]->set_all_reduce(ranks.of_rank(rank));
    parts[rank] = whole.detach().narrow(0, 2 * rank, 2).clone().requires_grad_();
    found[rank] = norms[rank]->forward(parts[rank]);
    loss_of(found[rank]).backward();
  };
  std::thread second(train, 1);
  train(0);
  second.join();

  EXPECT_TRUE(torch::allclose(torch::cat(found), expected, 1e-5, 1e-6));
  EXPECT_TRUE(
      torch::allclose(torch::cat({parts[0].grad(), parts[1].grad()}), whole.grad(), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(norms[0]->weight.grad() + norms[1]->weight.grad(),
                              alone->weight.grad(), 1e-4, 1e-4));
  for (const auto& one : norms) {
    EXPECT_TRUE(torch::allclose(one->running_mean, alone->running_mean, 1e-5, 1e-6));
    EXPECT_TRUE(torch::allclose(one->running_var, alone->running_var, 1e-5, 1e-6));
    EXPECT_EQ(one->num_batches_tracked.item<std::int64_t>(), 1);
  }
}

TEST(BatchNorm, IsPlainWithOneRankAndInEvaluations) {
  torch::manual_seed(4);
  const torch::Tensor map = torch::randn({2, 3, 4, 4});
  EXPECT_TRUE(norm(true)->forward(map).equal(norm(false)->forward(map)));
  const auto evaluated = norm(true);
  evaluated->set_all_reduce({.sum = [](const torch::Tensor&) { FAIL(); }, .world_size = 2});
  evaluated->eval();
  EXPECT_EQ(evaluated->forward(map).sizes(), map.sizes());
}

TEST(BatchNorm, IsSynchronizedInWholeModels) {
  const auto model = std::make_shared<torch::nn::Module>();
  const auto plain = model->register_module("norm", norm(false));
  synchronize_batch_norms(*model);
  int sums = 0;
  set_all_reduce(*model, {.sum = [&](const torch::Tensor&) { ++sums; }, .world_size = 2});
  (void)plain->forward(torch::randn({2, 3, 4, 4}));
  EXPECT_EQ(sums, 2);
}

}  // namespace
}  // namespace pinfeed
