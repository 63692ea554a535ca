// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <span>

#include "pinfeed/core/buffer.h"
#include "pinfeed/core/tensor.h"
#include "pinfeed/formats/weights/pth_container.h"

namespace pinfeed {

/// Makes the tensors of a checkpoint: views of the mapped file. Numpy arrays, which are part of the
/// pickle, are copied once, and so are storages that are not aligned in the file if `unaligned`
/// says so.
class PthTensors {
 public:
  PthTensors(const PthContainer& container, Buffer file, Unaligned unaligned)
      : container_(&container), file_(std::move(file)), unaligned_(unaligned) {}

  /// Throws Error(data) for a tensor that reaches beyond its storage, is larger than the file, or
  /// whose storage is missing or cut short.
  Tensor view(const PickleTensor& stored);

 private:
  std::span<const std::byte> bytes_of(const PickleStorage& storage) const;
  Buffer buffer_of(std::span<const std::byte> bytes, DType dtype);

  const PthContainer* container_;
  Buffer file_;
  Unaligned unaligned_;
  std::map<const std::byte*, Buffer> copies_ = {};
};

}  // namespace pinfeed
