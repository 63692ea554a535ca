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

// The exported struct and everything that it refers to.
struct ExportedTensor {
  DLManagedTensor managed = {};
  Tensor tensor = {};
  std::shared_ptr<void> keeper = nullptr;
  std::vector<std::int64_t> shape = {};
  std::vector<std::int64_t> strides = {};
};

struct DTypeCode {
  DType dtype;
  std::uint8_t code;
  std::uint8_t bits;
};

constexpr std::array<DTypeCode, 8> codes = {{{DType::uint8, kDLUInt, 8},
                                             {DType::int16, kDLInt, 16},
                                             {DType::int32, kDLInt, 32},
                                             {DType::int64, kDLInt, 64},
                                             {DType::float16, kDLFloat, 16},
                                             {DType::float32, kDLFloat, 32},
                                             {DType::float64, kDLFloat, 64},
                                             {DType::bfloat16, kDLBfloat, 16}}};

DLDataType code_of(DType dtype) {
  if (dtype == DType::boolean) dtype = DType::uint8;
  for (const DTypeCode& code : codes) {
    if (code.dtype == dtype) return {code.code, code.bits, 1};
  }
  throw Error(ErrorKind::bug, "the dtype has no DLPack code");
}

DType dtype_of(const DLDataType& type) {
  for (const DTypeCode& code : codes) {
    if (type.lanes == 1 && code.code == type.code && code.bits == type.bits) return code.dtype;
  }
  throw Error(ErrorKind::data, "DLPack's type (code " + std::to_string(type.code) + ", " +
                                   std::to_string(type.bits) + " bits, " +
                                   std::to_string(type.lanes) + " lanes) is not supported");
}

// With the host back end, device and pinned memory is ordinary memory to other libraries.
DLDevice device_of_buffer(const Buffer& buffer) {
  if (backend() == "host" || buffer.kind == MemoryKind::pageable) return {kDLCPU, 0};
  if (buffer.kind == MemoryKind::pinned) return {kDLCUDAHost, 0};
  return {kDLCUDA, device_of(buffer.data())};
}

MemoryKind memory_kind(const DLDevice& device) {
  if (device.device_type == kDLCPU) return MemoryKind::pageable;
  if (device.device_type == kDLCUDAHost) return MemoryKind::pinned;
  if (device.device_type == kDLCUDA && backend() == "cuda") return MemoryKind::device;
  throw Error(ErrorKind::device,
              "DLPack's device type " + std::to_string(device.device_type) +
                  " is not supported by this build (back end: " + std::string(backend()) + ")");
}

Tensor viewed(const DLTensor& from) {
  Tensor view{.dtype = dtype_of(from.dtype)};
  for (int axis = 0; axis < from.ndim; ++axis) view.shape.push_back(from.shape[axis]);
  view.strides = contiguous_strides(view.shape);
  for (int axis = 0; from.strides != nullptr && axis < from.ndim; ++axis) {
    view.strides[axis] = from.strides[axis];
  }
  view.buffer.kind = memory_kind(from.device);
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
  auto exported = std::make_unique<ExportedTensor>();
  exported->tensor = tensor;
  exported->keeper = std::move(keeper);
  exported->shape.assign(tensor.shape.begin(), tensor.shape.end());
  exported->strides.assign(tensor.strides.begin(), tensor.strides.end());
  exported->managed = {.dl_tensor = {.data = tensor.buffer.data(),
                                     .device = device_of_buffer(tensor.buffer),
                                     .ndim = tensor.shape.rank(),
                                     .dtype = code_of(tensor.dtype),
                                     .shape = exported->shape.data(),
                                     .strides = exported->strides.data(),
                                     .byte_offset = tensor.offset},
                       .manager_ctx = exported.get(),
                       .deleter = [](DLManagedTensor* self) {
                         delete static_cast<ExportedTensor*>(self->manager_ctx);
                       }};
  return &exported.release()->managed;
}

Tensor from_dlpack(DLManagedTensor* managed) {
  const auto call_deleter = [](DLManagedTensor* tensor) {
    if (tensor->deleter != nullptr) tensor->deleter(tensor);
  };
  const std::shared_ptr<DLManagedTensor> owner(managed, call_deleter);
  Tensor view = viewed(managed->dl_tensor);
  view.buffer.bytes =
      std::shared_ptr<std::byte>(owner, static_cast<std::byte*>(managed->dl_tensor.data));
  view.buffer.size = extent_of(view);
  return view;
}

}  // namespace pinfeed
