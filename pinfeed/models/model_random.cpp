// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/model_random.h"

#include <numeric>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/models/device_copies.h"

namespace pinfeed {

// Of the numbers that a module draws for a sample. There is a key.
Philox ModelRandom::generator(std::int64_t sample, std::string_view module) const {
  return Philox(
      {.seed = key_->seed,
       .epoch = key_->iteration,
       .position = static_cast<std::uint64_t>(key_->first_position + sample * key_->position_step),
       .step = hash32(module, hash32("model."))});
}

torch::Tensor ModelRandom::choose(std::int64_t n, std::int64_t count, std::int64_t sample,
                                  std::string_view module) const {
  if (count > n) throw Error(ErrorKind::bug, "more numbers are chosen than there are");
  if (!key_) return torch::randperm(n, torch::kLong).narrow(0, 0, count);
  Philox generator = this->generator(sample, module);
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

torch::Tensor ModelRandom::uniform(torch::IntArrayRef sizes, const torch::TensorOptions& options,
                                   std::string_view module) const {
  if (!key_) return torch::rand(sizes, options);
  const torch::Tensor numbers = torch::empty(sizes, torch::kFloat32);
  const std::int64_t of_sample = sizes[0] == 0 ? 0 : numbers.numel() / sizes[0];
  float* next = numbers.data_ptr<float>();
  for (std::int64_t sample = 0; sample < sizes[0]; ++sample) {
    Philox generator = this->generator(sample, module);
    TorchRandom random{Bits(generator)};
    for (std::int64_t i = 0; i < of_sample; ++i) *next++ = random.rand();
  }
  return sent(numbers, options.device()).to(torch::typeMetaToScalarType(options.dtype()));
}

}  // namespace pinfeed
