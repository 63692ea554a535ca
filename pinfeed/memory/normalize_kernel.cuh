// SPDX-License-Identifier: Apache-2.0
// The normalisation on a device. Every operation is rounded as on the host, so that both compute
// the same bits.
// Whoever includes this file has included CUDA's headers, or the stand-in for them.
//
// One warp computes one row of the result. A thread reads the pixels of 16 bytes of a plane, 4 of
// float32 or 8 of 16 bits, and writes them at once where the address is a multiple of 16. Channels
// last, it writes the values of these pixels, which are neighbours, in as many stores of 16 bytes
// as there are channels.
#pragma once

#include <cmath>
#include <cstring>

#include "pinfeed/memory/kernels.h"

namespace pinfeed {

/// PixelRule in the order of the channels of the images.
struct DeviceRule {
  float mean[4];
  float std[4];
  float reciprocal[4];  // of std
  float pad_value;
  bool normalize;
  bool reverse_channels;
};

constexpr int warp_lanes = 32;
constexpr int warps_per_block = 8;

/// The pixels that a thread computes at once.
template <class Value>
constexpr int pixels_per_thread = static_cast<int>(16 / sizeof(Value));

__device__ inline void convert(float value, float& to) { to = value; }
__device__ inline void convert(float value, __half& to) { to = __float2half_rn(value); }
__device__ inline void convert(float value, __nv_bfloat16& to) { to = __float2bfloat16_rn(value); }

__device__ inline uint4 packed(const float* v, const float*) {
  return make_uint4(__float_as_uint(v[0]), __float_as_uint(v[1]), __float_as_uint(v[2]),
                    __float_as_uint(v[3]));
}
__device__ inline unsigned pair(float low, float high, const __half*) {
  const __half2 two = __floats2half2_rn(low, high);
  unsigned bits = 0;
  memcpy(&bits, &two, sizeof bits);
  return bits;
}
__device__ inline unsigned pair(float low, float high, const __nv_bfloat16*) {
  const __nv_bfloat162 two = __floats2bfloat162_rn(low, high);
  unsigned bits = 0;
  memcpy(&bits, &two, sizeof bits);
  return bits;
}
template <class Value>
__device__ inline uint4 packed(const float* v, const Value* type) {
  return make_uint4(pair(v[0], v[1], type), pair(v[2], v[3], type), pair(v[4], v[5], type),
                    pair(v[6], v[7], type));
}

__device__ inline bool is_aligned(const void* address, unsigned bytes) {
  return (reinterpret_cast<std::uintptr_t>(address) & (bytes - 1)) == 0;
}

/// Writes `size` values, a multiple of 16 bytes, of which only the first `wanted` belong to the
/// result. `whole`: all of them do, and the address is a multiple of 16.
template <int size, class Value>
__device__ inline void write(const float (&values)[size], Value* to, int wanted, bool whole) {
  constexpr int step = pixels_per_thread<Value>;
  if (whole) {
    for (int i = 0; i < size; i += step)
      __stcg(reinterpret_cast<uint4*>(to + i), packed(values + i, static_cast<const Value*>(to)));
    return;
  }
  for (int i = 0; i < size; ++i)
    if (i < wanted) convert(values[i], to[i]);
}

/// Reads `bytes` bytes of a row, of which the first `valid` are inside of it; zeros behind them.
template <int bytes>
__device__ inline void read(const std::uint8_t* from, int valid, bool aligned,
                            unsigned (&words)[bytes / 4]) {
  if (aligned && valid >= bytes) {
    const auto* whole = reinterpret_cast<const unsigned*>(from);
    for (int i = 0; i < bytes / 4; ++i) words[i] = __ldg(whole + i);
    return;
  }
  for (int i = 0; i < bytes / 4; ++i) words[i] = 0;
  for (int i = 0; i < bytes; ++i)
    if (i < valid) words[i / 4] |= static_cast<unsigned>(__ldg(from + i)) << (8 * (i % 4));
}

/// (byte - mean) / std, as a product with the rounded reciprocal that is corrected once
/// (Markstein). is_exact() has compared it with the division for all bytes.
__device__ inline float normalized(unsigned byte, const DeviceRule& rule, int channel) {
  const auto value = static_cast<float>(byte);
  if (!rule.normalize) return value;
  const float centred = __fsub_rn(value, rule.mean[channel]);
  const float quotient = __fmul_rn(centred, rule.reciprocal[channel]);
  const float rest = __fmaf_rn(-quotient, rule.std[channel], centred);
  return __fmaf_rn(rest, rule.reciprocal[channel], quotient);
}

/// The pixels of one image; `valid` pixels of this row, from `x` on, are inside of it.
template <class Value, int channels, bool channels_last>
__device__ inline void normalize_group(const unsigned* words, int valid, const DeviceRule& rule,
                                       const FloatBatch& to, Value* row, std::int64_t plane,
                                       int x) {
  constexpr int pixels = pixels_per_thread<Value>;
  const int left = static_cast<int>(to.width) - x;
  float values[channels][pixels];
  for (int c = 0; c < channels; ++c) {
    for (int p = 0; p < pixels; ++p) {
      const int byte = p * channels + c;
      const float value = normalized((words[byte / 4] >> (8 * (byte % 4))) & 0xFFU, rule, c);
      values[c][p] = p < valid ? value : rule.pad_value;
    }
  }
  if constexpr (!channels_last) {
    for (int c = 0; c < channels; ++c) {
      Value* at = row + (rule.reverse_channels ? channels - 1 - c : c) * plane + x;
      write(values[c], at, left, left >= pixels && is_aligned(at, 16));
    }
  } else {
    float mixed[channels * pixels];
    for (int i = 0; i < channels * pixels; ++i) {
      const int c = i % channels;
      mixed[i] =
          rule.reverse_channels ? values[channels - 1 - c][i / channels] : values[c][i / channels];
    }
    Value* at = row + static_cast<std::int64_t>(x) * channels;
    write(mixed, at, left * channels, left >= pixels && is_aligned(at, 16));
  }
}

/// Blocks in y are images, in x parts of their rows.
template <class Value, int channels, bool channels_last>
__global__ void __launch_bounds__(warps_per_block* warp_lanes, 2)
    normalize_rows(PixelBatch from, DeviceRule rule, FloatBatch to) {
  constexpr int pixels = pixels_per_thread<Value>;
  const int lane = static_cast<int>(threadIdx.x) % warp_lanes;
  const int first = static_cast<int>(blockIdx.x * warps_per_block + threadIdx.x / warp_lanes);
  const int step = static_cast<int>(gridDim.x) * warps_per_block;
  const std::int64_t plane = to.height * to.width;
  for (std::int64_t image = blockIdx.y; image < from.count; image += gridDim.y) {
    int height = static_cast<int>(from.height);
    int width = static_cast<int>(from.width);
    if (from.valid != nullptr) {
      height = from.valid[image].height;
      width = from.valid[image].width;
    }
    for (int y = first; y < static_cast<int>(to.height); y += step) {
      const std::uint8_t* in = from.pixels + (image * from.height + y) * from.width * channels;
      const bool aligned = is_aligned(in, 4);
      Value* row = static_cast<Value*>(to.values) + image * channels * plane +
                   y * to.width * (channels_last ? channels : 1);
      for (int x = pixels * lane; x < static_cast<int>(to.width); x += pixels * warp_lanes) {
        const int valid = y < height ? width - x : 0;
        unsigned words[channels * pixels / 4];
        read<channels * pixels>(in + static_cast<std::int64_t>(x) * channels, valid * channels,
                                aligned, words);
        normalize_group<Value, channels, channels_last>(words, valid, rule, to, row, plane, x);
      }
    }
  }
}

/// values[i], without an address that depends on i: that would put the values into local memory.
__device__ inline float chosen(const float (&values)[4], int i) {
  const float low = i == 0 ? values[0] : values[1];
  const float high = i == 2 ? values[2] : values[3];
  return i < 2 ? low : high;
}

/// For rules whose quotients the other kernel does not round as a division does, because a
/// reciprocal or a quotient is infinite or subnormal: a value at a time, with a division.
template <class Value>
__global__ void __launch_bounds__(warps_per_block* warp_lanes)
    divide_rows(PixelBatch from, DeviceRule rule, FloatBatch to) {
  const auto channels = static_cast<int>(from.channels);
  const auto step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  const std::int64_t plane = to.height * to.width;
  for (std::int64_t image = blockIdx.y; image < from.count; image += gridDim.y) {
    const std::int64_t height = from.valid != nullptr ? from.valid[image].height : from.height;
    const std::int64_t width = from.valid != nullptr ? from.valid[image].width : from.width;
    Value* out = static_cast<Value*>(to.values) + image * channels * plane;
    for (auto i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
         i < channels * plane; i += step) {
      const std::int64_t at = i / channels;  // in a plane
      const auto c = static_cast<int>(i - at * channels);
      const std::int64_t y = at / to.width;
      const std::int64_t x = at - y * to.width;
      float value = rule.pad_value;
      if (y < height && x < width) {
        const std::int64_t pixel = (image * from.height + y) * from.width + x;
        const auto byte = static_cast<float>(from.pixels[pixel * channels + c]);
        value = __fdiv_rn(__fsub_rn(byte, chosen(rule.mean, c)), chosen(rule.std, c));
      }
      const int to_c = rule.reverse_channels ? channels - 1 - c : c;
      convert(value, out[to.channels_last ? at * channels + to_c : to_c * plane + at]);
    }
  }
}

/// Whether the kernel without a division gives the bits of the division for all bytes.
inline bool is_exact(const PixelRule& rule, int channels) {
  for (int c = 0; rule.normalize && c < channels; ++c) {
    const auto at = static_cast<std::size_t>(c);
    const float reciprocal = 1.0F / rule.std[at];
    for (int byte = 0; byte < 256; ++byte) {
      const float centred = static_cast<float>(byte) - rule.mean[at];
      const float quotient = centred * reciprocal;
      const float rest = std::fma(-quotient, rule.std[at], centred);
      if (!(std::fma(rest, reciprocal, quotient) == centred / rule.std[at])) return false;
    }
  }
  return true;
}

inline DeviceRule device_rule(const PixelRule& rule, int channels) {
  DeviceRule made = {};
  made.pad_value = rule.pad_value;
  made.normalize = rule.normalize;
  made.reverse_channels = rule.reverse_channels;
  for (int c = 0; c < channels; ++c) {
    const auto at = static_cast<std::size_t>(rule.reverse_channels ? channels - 1 - c : c);
    made.mean[c] = rule.mean[at];
    made.std[c] = rule.std[at];
    made.reciprocal[c] = 1.0F / rule.std[at];
  }
  return made;
}

/// Calls start(kernel, grid) with the kernel for these channels and this rule.
template <class Value, int channels, class Start>
void choose_kernel(const PixelRule& rule, bool channels_last, dim3 grid, const Start& start) {
  if (!is_exact(rule, channels)) return start(divide_rows<Value>, grid);
  if (channels_last) return start(normalize_rows<Value, channels, true>, grid);
  start(normalize_rows<Value, channels, false>, grid);
}

template <class Value, class Start>
void choose_channels(const PixelBatch& from, const PixelRule& rule, bool last, dim3 grid,
                     const Start& start) {
  switch (from.channels) {
    case 1: return choose_kernel<Value, 1>(rule, last, grid, start);
    case 2: return choose_kernel<Value, 2>(rule, last, grid, start);
    case 3: return choose_kernel<Value, 3>(rule, last, grid, start);
    default: return choose_kernel<Value, 4>(rule, last, grid, start);
  }
}

/// Calls start(kernel, grid) with the kernel for these images; nothing for an empty result.
template <class Start>
void start_normalization(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                         const Start& start) {
  constexpr std::int64_t most_images = 65535;  // blocks in y
  constexpr std::int64_t most_blocks = 1 << 20;
  if (from.count == 0 || to.height == 0 || to.width == 0) return;
  const std::int64_t blocks = (to.height + warps_per_block - 1) / warps_per_block;
  const dim3 grid(static_cast<unsigned>(blocks < most_blocks ? blocks : most_blocks),
                  static_cast<unsigned>(from.count < most_images ? from.count : most_images));
  const bool last = to.channels_last;
  if (to.dtype == DType::float16) return choose_channels<__half>(from, rule, last, grid, start);
  if (to.dtype == DType::bfloat16)
    return choose_channels<__nv_bfloat16>(from, rule, last, grid, start);
  choose_channels<float>(from, rule, last, grid, start);
}

}  // namespace pinfeed
