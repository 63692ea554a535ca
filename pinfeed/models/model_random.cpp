// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/model_random.h"

#include <numeric>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/random.h"

namespace pinfeed {

torch::Tensor ModelRandom::choose(std::int64_t n, std::int64_t count, std::int64_t sample,
                                  std::string_view module) const {
  if (count > n) throw Error(ErrorKind::bug, "more numbers are chosen than there are");
  if (!key_) return torch::randperm(n, torch::kLong).narrow(0, 0, count);
  Philox generator({.seed = key_->seed,
                    .epoch = key_->iteration,
                    .position = static_cast<std::uint64_t>(key_->first_position + sample),
                    .step = hash32(module, hash32("model."))});
  TorchRandom random{Bits(generator)};
  // The first steps of a shuffle of all numbers.
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(n));
  std::iota(numbers.begin(), numbers.end(), 0);
  for (std::int64_t i = 0; i < count; ++i) {
    std::swap(numbers[static_cast<std::size_t>(i)],
              numbers[static_cast<std::size_t>(random.randint(i, n))]);
  }
  numbers.resize(static_cast<std::size_t>(count));
  return torch::tensor(numbers, torch::kLong);
}

}  // namespace pinfeed
