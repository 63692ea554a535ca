// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/tensor.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// Copies axis `axis` and all below it; `to` moves on.
void copy_axis(const Tensor& tensor, int axis, const std::byte* from, std::byte*& to) {
  const std::size_t element = size_of(tensor.dtype);
  if (axis == tensor.shape.rank()) {
    std::memcpy(to, from, element);
    to += element;
    return;
  }
  const std::int64_t count = tensor.shape[axis];
  if (axis + 1 == tensor.shape.rank() && tensor.strides[axis] == 1) {
    const std::size_t bytes = static_cast<std::size_t>(count) * element;
    std::memcpy(to, from, bytes);
    to += bytes;
    return;
  }
  const std::int64_t step = tensor.strides[axis] * static_cast<std::int64_t>(element);
  for (std::int64_t i = 0; i < count; ++i) copy_axis(tensor, axis + 1, from + i * step, to);
}

}  // namespace

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::boolean:
    case DType::uint8:
    case DType::int8:
    case DType::float8_e4m3fn:
    case DType::float8_e5m2: return 1;
    case DType::int16:
    case DType::uint16:
    case DType::float16:
    case DType::bfloat16: return 2;
    case DType::int32:
    case DType::uint32:
    case DType::float32: return 4;
    case DType::complex128: return 16;
    case DType::int64:
    case DType::uint64:
    case DType::complex64:
    case DType::float64: break;
  }
  return 8;
}

std::string name_of(DType dtype) {
  switch (dtype) {
    case DType::boolean: return "bool";
    case DType::uint8: return "uint8";
    case DType::int16: return "int16";
    case DType::int32: return "int32";
    case DType::int64: return "int64";
    case DType::float16: return "float16";
    case DType::float32: return "float32";
    case DType::bfloat16: return "bfloat16";
    case DType::int8: return "int8";
    case DType::uint16: return "uint16";
    case DType::uint32: return "uint32";
    case DType::uint64: return "uint64";
    case DType::complex64: return "complex64";
    case DType::complex128: return "complex128";
    case DType::float8_e4m3fn: return "float8_e4m3fn";
    case DType::float8_e5m2: return "float8_e5m2";
    case DType::float64: break;
  }
  return "float64";
}

Shape::Shape(std::initializer_list<std::int64_t> sizes) {
  for (const std::int64_t size : sizes) push_back(size);
}

void Shape::push_back(std::int64_t size) {
  if (rank_ == max_rank) throw Error(ErrorKind::data, "a tensor has at most 8 dimensions");
  sizes_[static_cast<std::size_t>(rank_++)] = size;
}

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t size : *this) product *= size;
  return product;
}

bool Shape::operator==(const Shape& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (int axis = 0; axis < shape.rank(); ++axis) {
    text += (axis == 0 ? "" : ", ") + std::to_string(shape[axis]);
  }
  return text + (shape.rank() == 1 ? ",)" : ")");
}

Shape contiguous_strides(const Shape& shape) {
  Shape strides = shape;
  std::int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

Tensor Tensor::empty(DType dtype, const Shape& shape) {
  const std::size_t bytes = static_cast<std::size_t>(shape.elements()) * size_of(dtype);
  return {dtype, shape, contiguous_strides(shape), allocate_pageable(bytes), 0};
}

bool Tensor::is_contiguous() const {
  std::int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (shape[axis] != 1 && strides[axis] != step) return false;
    step *= shape[axis];
  }
  return true;
}

Tensor contiguous(const Tensor& tensor) {
  if (tensor.is_contiguous()) return tensor;
  Tensor copy = Tensor::empty(tensor.dtype, tensor.shape);
  copy_contiguous(tensor, copy.data());
  return copy;
}

void copy_contiguous(const Tensor& tensor, std::byte* to) {
  if (tensor.elements() > 0) copy_axis(tensor, 0, tensor.data(), to);
}

Tensor select(const Tensor& tensor, std::int64_t index) {
  Tensor chosen{tensor.dtype, {}, {}, tensor.buffer, tensor.offset};
  chosen.offset += static_cast<std::size_t>(index * tensor.strides[0]) * size_of(tensor.dtype);
  for (int axis = 1; axis < tensor.shape.rank(); ++axis) {
    chosen.shape.push_back(tensor.shape[axis]);
    chosen.strides.push_back(tensor.strides[axis]);
  }
  return chosen;
}

}  // namespace pinfeed
