// SPDX-License-Identifier: Apache-2.0
// Checkpoints of torch.save: the container, the pickle in it, and the places of the tensors.
#include "pinfeed/formats/weights/weights_file.h"
#include "tests/fuzz/memory_file.h"

namespace pinfeed::fuzz {
namespace {

// Every element of a tensor is inside of its bytes.
void check(const Tensor& tensor) {
  std::uint64_t last = 0;
  for (int i = 0; i < tensor.shape.rank(); ++i) {
    if (tensor.shape[i] == 0) return;
    if (tensor.strides[i] < 0) std::abort();
    last += static_cast<std::uint64_t>(tensor.shape[i] - 1) *
            static_cast<std::uint64_t>(tensor.strides[i]);
  }
  const std::uint64_t end = tensor.offset + (last + 1) * size_of(tensor.dtype);
  if (end > tensor.buffer.size) std::abort();
}

void read(const std::string& path) {
  const WeightsFile weights = read_weights_file(path);
  for (const auto& [name, tensor] : weights.weights) check(tensor);
  for (const auto& [name, tensor] : weights.others) check(tensor);
}

}  // namespace
}  // namespace pinfeed::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return pinfeed::fuzz::read_or_refuse(data, size, pinfeed::fuzz::read);
}
