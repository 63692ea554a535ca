// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/packed_samples.h"

#include <cstring>
#include <memory>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/models/device_copies.h"

namespace pinfeed {
namespace {

// Calls `visit(tensor, place)` for every tensor that a sample has. Returns the end of the last one.
template <class Visit>
std::size_t each_tensor(std::vector<DetDataSample>& samples, std::size_t place, Visit visit) {
  for (DetDataSample& sample : samples) {
    for (torch::Tensor* tensor : {&sample.boxes, &sample.labels, &sample.ignored_boxes}) {
      if (!tensor->defined()) continue;
      place = rounded_up(place, cache_line_bytes);
      visit(*tensor, place);
      place += tensor->nbytes();
    }
  }
  return place;
}

}  // namespace

std::size_t end_of_packed(std::vector<DetDataSample>& samples, std::size_t first) {
  return each_tensor(samples, first,
                     [](torch::Tensor& tensor, std::size_t) { tensor = tensor.contiguous(); });
}

void pack(std::vector<DetDataSample>& samples, std::size_t first, std::byte* block) {
  each_tensor(samples, first, [block](const torch::Tensor& tensor, std::size_t place) {
    if (tensor.numel() > 0) std::memcpy(block + place, tensor.const_data_ptr(), tensor.nbytes());
  });
}

void unpack(std::vector<DetDataSample>& samples, std::size_t first, const torch::Tensor& bytes,
            std::size_t begin) {
  for (DetDataSample& sample : samples)
    sample.before_copy = std::make_shared<const DetDataSample>(sample);
  each_tensor(samples, first, [&bytes, begin](torch::Tensor& tensor, std::size_t place) {
    tensor = bytes
                 .narrow(0, static_cast<std::int64_t>(place - begin),
                         static_cast<std::int64_t>(tensor.nbytes()))
                 .view(tensor.scalar_type())
                 .view(tensor.sizes());
  });
}

void move_to(std::vector<DetDataSample>& samples, torch::Device device) {
  const auto bytes = static_cast<std::int64_t>(end_of_packed(samples, 0));
  const torch::Tensor block = torch::empty({bytes}, torch::kByte);
  pack(samples, 0, static_cast<std::byte*>(block.data_ptr()));
  unpack(samples, 0, sent(block, device));
}

}  // namespace pinfeed
