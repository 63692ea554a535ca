// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/scalars_of_ranks.h"

#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/train/loop/detection_bytes.h"

namespace pinfeed {

Scalars broadcast(ProcessGroup& group, const Scalars& numbers) {
  std::string bytes;
  for (const auto& [name, value] : numbers) {
    append_text(bytes, name);
    append_text(bytes, {reinterpret_cast<const char*>(&value), sizeof(value)});
  }
  const std::string received = group.broadcast(bytes);
  Scalars all;
  for (std::string_view rest = received; !rest.empty();) {
    const std::string name(take_text(rest));
    double value = 0.0;
    std::memcpy(&value, take_text(rest).data(), sizeof(value));
    all.emplace_back(name, value);
  }
  return all;
}

Scalars mean_over_ranks(ProcessGroup& group, Scalars numbers) {
  torch::Tensor values = torch::empty({std::ssize(numbers)}, torch::kDouble);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    values.mutable_data_ptr<double>()[i] = numbers[i].second;
  try {
    group.all_reduce(values);
  } catch (const Error&) {
    if (!group.failed()) throw;
    return numbers;
  }
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i].second = values.const_data_ptr<double>()[i] / group.world_size();
  return numbers;
}

}  // namespace pinfeed
