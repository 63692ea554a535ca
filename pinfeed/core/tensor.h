// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

enum class DType : std::uint8_t {
  boolean,
  uint8,
  int16,
  int32,
  int64,
  float16,
  float32,
  float64,
  bfloat16,
  // Only in files of weights; batches do not have them.
  int8,
  uint16,
  uint32,
  uint64,
  complex64,
  complex128,
  float8_e4m3fn,
  float8_e5m2
};

/// Bytes of one element.
std::size_t size_of(DType dtype);
/// The name in numpy and torch: "uint8", "float32", "bool".
std::string name_of(DType dtype);

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<bool>() {
  return DType::boolean;
}
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::uint8;
}
template <>
constexpr DType dtype_of<std::int16_t>() {
  return DType::int16;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::int32;
}
template <>
constexpr DType dtype_of<std::int64_t>() {
  return DType::int64;
}
template <>
constexpr DType dtype_of<float>() {
  return DType::float32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::float64;
}

/// Up to 8 numbers: the sizes or the strides of a tensor. Never allocates.
class Shape {
 public:
  static constexpr int max_rank = 8;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> sizes);

  int rank() const { return rank_; }
  std::int64_t operator[](int axis) const { return sizes_[static_cast<std::size_t>(axis)]; }
  std::int64_t& operator[](int axis) { return sizes_[static_cast<std::size_t>(axis)]; }
  const std::int64_t* begin() const { return sizes_.data(); }
  const std::int64_t* end() const { return sizes_.data() + rank_; }
  /// Throws Error(data) beyond max_rank.
  void push_back(std::int64_t size);
  /// The product of the sizes: torch's numel(). 1 for rank 0.
  std::int64_t elements() const;
  bool operator==(const Shape& other) const;

 private:
  std::array<std::int64_t, max_rank> sizes_ = {};
  int rank_ = 0;
};

/// "(2, 3, 640, 480)".
std::string to_string(const Shape& shape);
/// Row-major strides, in elements.
Shape contiguous_strides(const Shape& shape);

/// A strided view of a buffer. Copies share the bytes. The offset is in bytes, the strides are in
/// elements. Any strides are allowed: N x H x W x C bytes can be viewed as N x C x H x W.
struct Tensor {
  DType dtype = DType::uint8;
  Shape shape = {};
  Shape strides = {};
  Buffer buffer = {};
  std::size_t offset = 0;

  /// An uninitialised contiguous tensor in pageable memory.
  static Tensor empty(DType dtype, const Shape& shape);

  std::byte* data() const { return buffer.data() + offset; }
  template <class T>
  T* data_as() const {
    return reinterpret_cast<T*>(data());
  }
  std::int64_t elements() const { return shape.elements(); }
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * size_of(dtype); }
  bool is_contiguous() const;
};

/// `tensor` itself if it is contiguous (row-major), else a contiguous copy in pageable memory.
Tensor contiguous(const Tensor& tensor);
/// Writes the elements in row-major order to `to`, a buffer of at least tensor.bytes() bytes.
void copy_contiguous(const Tensor& tensor, std::byte* to);
/// The slice at `index` of the first axis, which shares the bytes.
Tensor select(const Tensor& tensor, std::int64_t index);

}  // namespace pinfeed
