// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/dlpack.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {
namespace {

// What the taker's pointer points to, and all it refers to.
struct Handed {
  DLManagedTensor managed = {};
  Tensor tensor = {};
  std::shared_ptr<void> keeper = nullptr;
  std::vector<std::int64_t> shape = {};
  std::vector<std::int64_t> strides = {};
};

struct Code {
  DType dtype;
  std::uint8_t code;
  std::uint8_t bits;
};

constexpr std::array<Code, 8> codes = {{{DType::uint8, kDLUInt, 8},
                                        {DType::int16, kDLInt, 16},
                                        {DType::int32, kDLInt, 32},
                                        {DType::int64, kDLInt, 64},
                                        {DType::float16, kDLFloat, 16},
                                        {DType::float32, kDLFloat, 32},
                                        {DType::float64, kDLFloat, 64},
                                        {DType::bfloat16, kDLBfloat, 16}}};

DLDataType code_of(DType dtype) {
  if (dtype == DType::boolean) dtype = DType::uint8;
  for (const Code& code : codes) {
    if (code.dtype == dtype) return {code.code, code.bits, 1};
  }
  throw Error(ErrorKind::bug, "a dtype without a place in the table");
}

DType dtype_of(const DLDataType& type) {
  for (const Code& code : codes) {
    if (type.lanes == 1 && code.code == type.code && code.bits == type.bits) return code.dtype;
  }
  throw Error(ErrorKind::data, "DLPack's type (code " + std::to_string(type.code) + ", " +
                                   std::to_string(type.bits) + " bits, " +
                                   std::to_string(type.lanes) + " lanes) is none of pinfeed's");
}

// The host back end's devices and locked pages are ordinary memory to everybody else.
DLDevice owner_of(const Buffer& buffer) {
  if (backend() == "host" || buffer.kind == MemoryKind::pageable) return {kDLCPU, 0};
  if (buffer.kind == MemoryKind::pinned) return {kDLCUDAHost, 0};
  return {kDLCUDA, device_of(buffer.data())};
}

MemoryKind place_of(const DLDevice& device) {
  if (device.device_type == kDLCPU) return MemoryKind::pageable;
  if (device.device_type == kDLCUDAHost) return MemoryKind::pinned;
  if (device.device_type == kDLCUDA && backend() == "cuda") return MemoryKind::device;
  throw Error(ErrorKind::device, "DLPack's device type " + std::to_string(device.device_type) +
                                     " is not the host's nor this pinfeed's (" +
                                     std::string(backend()) + ")");
}

Tensor viewed(const DLTensor& from) {
  Tensor view{.dtype = dtype_of(from.dtype)};
  for (int axis = 0; axis < from.ndim; ++axis) view.shape.push_back(from.shape[axis]);
  view.strides = contiguous_strides(view.shape);
  for (int axis = 0; from.strides != nullptr && axis < from.ndim; ++axis) {
    view.strides[axis] = from.strides[axis];
  }
  view.buffer.kind = place_of(from.device);
  view.offset = from.byte_offset;
  return view;
}

// Bytes from the start of the buffer to the end of the last element.
std::size_t extent_of(const Tensor& tensor) {
  std::int64_t last = 0;
  for (int axis = 0; axis < tensor.shape.rank(); ++axis) {
    if (tensor.shape[axis] == 0) return tensor.offset;
    last += (tensor.shape[axis] - 1) * std::max<std::int64_t>(tensor.strides[axis], 0);
  }
  return tensor.offset + static_cast<std::size_t>(last + 1) * size_of(tensor.dtype);
}

}  // namespace

DLManagedTensor* to_dlpack(const Tensor& tensor, std::shared_ptr<void> keeper) {
  auto handed = std::make_unique<Handed>();
  handed->tensor = tensor;
  handed->keeper = std::move(keeper);
  handed->shape.assign(tensor.shape.begin(), tensor.shape.end());
  handed->strides.assign(tensor.strides.begin(), tensor.strides.end());
  handed->managed = {
      .dl_tensor = {.data = tensor.buffer.data(),
                    .device = owner_of(tensor.buffer),
                    .ndim = tensor.shape.rank(),
                    .dtype = code_of(tensor.dtype),
                    .shape = handed->shape.data(),
                    .strides = handed->strides.data(),
                    .byte_offset = tensor.offset},
      .manager_ctx = handed.get(),
      .deleter = [](DLManagedTensor* self) { delete static_cast<Handed*>(self->manager_ctx); }};
  return &handed.release()->managed;
}

Tensor from_dlpack(DLManagedTensor* managed) {
  const auto give_back = [](DLManagedTensor* taken) {
    if (taken->deleter != nullptr) taken->deleter(taken);
  };
  const std::shared_ptr<DLManagedTensor> taken(managed, give_back);
  Tensor view = viewed(managed->dl_tensor);
  view.buffer.bytes =
      std::shared_ptr<std::byte>(taken, static_cast<std::byte*>(managed->dl_tensor.data));
  view.buffer.size = extent_of(view);
  return view;
}

}  // namespace pinfeed
