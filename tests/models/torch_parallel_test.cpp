// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/torch_parallel.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pinfeed {
namespace {

class InParallel : public testing::Test {
 protected:
  InParallel() { at::set_num_threads(2); }
  ~InParallel() override { at::set_num_threads(before_); }

 private:
  int before_ = at::get_num_threads();
};

TEST_F(InParallel, GivesEachThreadAPart) {
  std::atomic<int> parts = 0;
  std::vector<int> calls(10);
  in_parallel(10, 1, [&](std::int64_t first, std::int64_t last) {
    ++parts;
    for (std::int64_t i = first; i < last; ++i) ++calls[static_cast<std::size_t>(i)];
  });
  EXPECT_EQ(parts, 2);
  EXPECT_EQ(calls, std::vector<int>(10, 1));
}

TEST_F(InParallel, DoesNotDivideAGrain) {
  std::vector<std::pair<std::int64_t, std::int64_t>> parts;
  in_parallel(16, 16,
              [&](std::int64_t first, std::int64_t last) { parts.emplace_back(first, last); });
  EXPECT_EQ(parts, (std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 16}}));
}

TEST_F(InParallel, ThrowsWhatAPartThrew) {
  const auto work = [](std::int64_t first, std::int64_t) {
    if (first > 0) throw std::runtime_error("the second part");
  };
  EXPECT_THROW(in_parallel(2, 1, work), std::runtime_error);
}

}  // namespace
}  // namespace pinfeed
