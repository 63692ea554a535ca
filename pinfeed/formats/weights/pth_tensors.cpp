// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/weights/pth_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// What the shape and the strides of a tensor need, in elements.
struct Extent {
  std::int64_t elements = 1;
  std::int64_t reach = 1;  // from the first element to the end of the last one
};

// No value if a number does not fit 63 bits.
std::optional<Extent> extent_of(const PickleTensor& tensor) {
  if (std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end()) {
    return Extent{.elements = 0, .reach = 0};
  }
  Extent extent;
  for (int axis = 0; axis < tensor.shape.rank(); ++axis) {
    std::int64_t step = 0;
    if (__builtin_mul_overflow(tensor.shape[axis] - 1, tensor.strides[axis], &step) ||
        __builtin_add_overflow(extent.reach, step, &extent.reach) ||
        __builtin_mul_overflow(extent.elements, tensor.shape[axis], &extent.elements)) {
      return std::nullopt;
    }
  }
  return extent;
}

// The offset of the first element, in bytes. No value if the tensor is not inside its storage.
std::optional<std::size_t> start_of(const PickleTensor& tensor, const PickleStorage& storage,
                                    std::int64_t reach, std::size_t storage_bytes) {
  const auto element = static_cast<std::int64_t>(size_of(tensor.dtype));
  std::int64_t first = 0;
  std::int64_t end = 0;
  if (storage.view_offset < 0 ||
      __builtin_add_overflow(tensor.offset, storage.view_offset, &first) ||
      __builtin_add_overflow(first, reach, &end) || __builtin_mul_overflow(end, element, &end) ||
      static_cast<std::size_t>(end) > storage_bytes) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(first * element);
}

}  // namespace

Tensor PthTensors::view(const PickleTensor& stored) {
  const PickleStorage& storage = container_->tree.storages[stored.storage];
  const std::span<const std::byte> bytes = bytes_of(storage);
  const auto extent = extent_of(stored);
  const auto start = extent ? start_of(stored, storage, extent->reach, bytes.size()) : std::nullopt;
  if (!start) {
    throw Error(
        ErrorKind::data,
        fmt::format("its shape {} with strides {} reaches beyond the {} bytes of its storage",
                    to_string(stored.shape), to_string(stored.strides), bytes.size()));
  }
  if (extent->elements == 0) return Tensor::empty(stored.dtype, stored.shape);
  if (static_cast<std::size_t>(extent->elements) > file_.size) {  // elements that are repeated
    throw Error(ErrorKind::data,
                fmt::format("its shape {} has more elements than the file has bytes",
                            to_string(stored.shape)));
  }
  return {.dtype = stored.dtype,
          .shape = stored.shape,
          .strides = stored.strides,
          .buffer = buffer_of(bytes, stored.dtype),
          .offset = *start};
}

// Bytes of a numpy array are in the pickle, others where the container says.
std::span<const std::byte> PthTensors::bytes_of(const PickleStorage& storage) const {
  if (storage.key.empty()) return storage.bytes;
  const auto found = container_->storages.find(storage.key);
  if (found == container_->storages.end()) {
    throw Error(ErrorKind::data, fmt::format("its storage '{}' is missing", storage.key));
  }
  const std::size_t element = storage.dtype ? size_of(*storage.dtype) : 1;
  if (static_cast<std::uint64_t>(storage.elements) <= found->second.size() / element) {
    return found->second;
  }
  throw Error(ErrorKind::data, fmt::format("its storage '{}' should have {} elements and has {} "
                                           "bytes",
                                           storage.key, storage.elements, found->second.size()));
}

Buffer PthTensors::buffer_of(std::span<const std::byte> bytes, DType dtype) {
  constexpr std::size_t widest_number = 8;  // complex numbers are two numbers
  const std::size_t alignment = std::min(size_of(dtype), widest_number);
  const bool in_file = bytes.data() >= file_.data() && bytes.data() < file_.data() + file_.size;
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment == 0;
  if (in_file && (aligned || unaligned_ == Unaligned::views)) {
    auto* const first = const_cast<std::byte*>(bytes.data());  // the mapping is private
    return {.bytes = std::shared_ptr<std::byte>(file_.bytes, first), .size = bytes.size()};
  }
  Buffer& copy = copies_[bytes.data()];
  if (copy.size < bytes.size()) {
    copy = allocate_pageable(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
  }
  return copy;
}

}  // namespace pinfeed
