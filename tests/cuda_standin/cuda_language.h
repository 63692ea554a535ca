// SPDX-License-Identifier: Apache-2.0
// The part of CUDA's language and device functions that memory/normalize_kernel.cuh uses, for a
// build without CUDA: kernels are functions that are called once for each thread of a grid.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "pinfeed/core/float16.h"

// NOLINTBEGIN: the names are those of CUDA.
#define __device__
#define __global__
#define __launch_bounds__(...)

struct dim3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
  dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
inline thread_local dim3 threadIdx;
inline thread_local dim3 blockIdx;
inline thread_local dim3 blockDim;
inline thread_local dim3 gridDim;

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

// Ends the program where a GPU would stop with a misaligned address.
inline void __stcg(uint4* to, uint4 value) {
  if (reinterpret_cast<std::uintptr_t>(to) % sizeof(uint4) != 0) std::abort();
  std::memcpy(to, &value, sizeof value);
}
template <class T>
T __ldg(const T* from) {
  if (reinterpret_cast<std::uintptr_t>(from) % sizeof(T) != 0) std::abort();
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline unsigned __float_as_uint(float value) {
  unsigned bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }

struct __half {
  std::uint16_t bits;
};
struct alignas(4) __half2 {
  __half x, y;
};
struct __nv_bfloat16 {
  std::uint16_t bits;
};
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};
inline __half __float2half_rn(float value) { return {pinfeed::to_half(value)}; }
inline __half2 __floats2half2_rn(float low, float high) {
  return {__float2half_rn(low), __float2half_rn(high)};
}
inline __nv_bfloat16 __float2bfloat16_rn(float value) { return {pinfeed::to_bfloat16(value)}; }
inline __nv_bfloat162 __floats2bfloat162_rn(float low, float high) {
  return {__float2bfloat16_rn(low), __float2bfloat16_rn(high)};
}
// NOLINTEND
