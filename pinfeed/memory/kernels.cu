// SPDX-License-Identifier: Apache-2.0
// The kernels on the device. Every operation is rounded as on the host (no fused multiply-add, no
// fast division), so that both compute the same bits.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/kernels.h"

namespace pinfeed {
namespace {

constexpr int threads_per_block = 256;
constexpr int pixels_per_thread = 4;

__device__ void convert(float value, float& to) { to = value; }
__device__ void convert(float value, __half& to) { to = __float2half_rn(value); }
__device__ void convert(float value, __nv_bfloat16& to) { to = __float2bfloat16_rn(value); }

// Four values that are stored at once.
template <class Value>
struct alignas(4 * sizeof(Value)) Four {
  Value values[4];
};

// Four pixels: with 32-bit loads, one per channel, if the address is aligned.
template <int channels>
__device__ void load_pixels(const std::uint8_t* from, std::int64_t pixels, bool aligned,
                            std::uint8_t (&bytes)[4 * channels]) {
  if (aligned && pixels >= 4) {
    auto* words = reinterpret_cast<const std::uint32_t*>(from);
#pragma unroll
    for (int i = 0; i < channels; ++i) {
      const std::uint32_t word = __ldg(words + i);
      for (int j = 0; j < 4; ++j) bytes[4 * i + j] = static_cast<std::uint8_t>(word >> (8 * j));
    }
    return;
  }
  for (int i = 0; i < 4 * channels; ++i) bytes[i] = i < pixels * channels ? from[i] : 0;
}

template <int channels>
__device__ float normalized(const PixelRule& rule, const std::uint8_t* pixel, int channel) {
  const auto value =
      static_cast<float>(pixel[rule.reverse_channels ? channels - 1 - channel : channel]);
  if (!rule.normalize) return value;
  return __fdiv_rn(__fsub_rn(value, rule.mean[channel]), rule.std[channel]);
}

// Four pixels of a row, or as many as remain.
template <class Value, int channels>
__device__ void write_pixels(const Value (&values)[channels][4], const FloatBatch& to,
                             std::int64_t image, std::int64_t y, std::int64_t x) {
  const std::int64_t plane = to.height * to.width;
  const std::int64_t left = to.width - x;
  auto* start = static_cast<Value*>(to.values) + image * channels * plane;
  if (to.channels_last) {
    Value* out = start + (y * to.width + x) * channels;
    for (int p = 0; p < 4 && p < left; ++p) {
      for (int c = 0; c < channels; ++c) out[p * channels + c] = values[c][p];
    }
    return;
  }
  const bool whole = left >= 4 && to.width % 4 == 0;
#pragma unroll
  for (int c = 0; c < channels; ++c) {
    Value* out = start + c * plane + y * to.width + x;
    if (whole) {
      Four<Value> four;
      for (int p = 0; p < 4; ++p) four.values[p] = values[c][p];
      *reinterpret_cast<Four<Value>*>(out) = four;
    } else {
      for (int p = 0; p < 4 && p < left; ++p) out[p] = values[c][p];
    }
  }
}

// A grid-stride loop: each step of a thread computes four neighbouring pixels of the result.
template <class Value, int channels>
__global__ void normalize_kernel(PixelBatch from, PixelRule rule, FloatBatch to) {
  const std::int64_t groups = (to.width + pixels_per_thread - 1) / pixels_per_thread;
  const std::int64_t all = from.count * to.height * groups;
  const auto stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  const bool aligned = from.width % 4 == 0;
  for (auto i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < all;
       i += stride) {
    const std::int64_t row = i / groups;
    const std::int64_t x = (i - row * groups) * pixels_per_thread;
    const std::int64_t image = row / to.height;
    const std::int64_t y = row - image * to.height;
    const std::int64_t height = from.valid != nullptr ? from.valid[image].height : from.height;
    const std::int64_t width = from.valid != nullptr ? from.valid[image].width : from.width;
    const std::int64_t valid = y < height ? width - x : 0;  // pixels from x on
    std::uint8_t bytes[4 * channels] = {};
    if (valid > 0) {
      const std::int64_t start = ((image * from.height + y) * from.width + x) * channels;
      load_pixels<channels>(from.pixels + start, valid, aligned, bytes);
    }
    Value values[channels][4];
#pragma unroll
    for (int c = 0; c < channels; ++c) {
      for (int p = 0; p < 4; ++p) {
        const float value = normalized<channels>(rule, bytes + p * channels, c);
        convert(p < valid ? value : rule.pad_value, values[c][p]);
      }
    }
    write_pixels<Value, channels>(values, to, image, y, x);
  }
}

void check_launch(const char* kernel) {
  const cudaError_t result = cudaGetLastError();
  if (result == cudaSuccess) return;
  throw Error(ErrorKind::device,
              std::string("CUDA could not start ") + kernel + ": " + cudaGetErrorString(result));
}

unsigned blocks_for(std::int64_t threads, std::int64_t most) {
  const std::int64_t blocks = (threads + threads_per_block - 1) / threads_per_block;
  return static_cast<unsigned>(std::clamp<std::int64_t>(blocks, 1, most));
}

template <class Value>
void start_normalize(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                     cudaStream_t stream) {
  const std::int64_t groups = (to.width + pixels_per_thread - 1) / pixels_per_thread;
  const unsigned blocks = blocks_for(from.count * to.height * groups, 8 * 1024);
  switch (from.channels) {
    case 1:
      normalize_kernel<Value, 1><<<blocks, threads_per_block, 0, stream>>>(from, rule, to);
      break;
    case 2:
      normalize_kernel<Value, 2><<<blocks, threads_per_block, 0, stream>>>(from, rule, to);
      break;
    case 3:
      normalize_kernel<Value, 3><<<blocks, threads_per_block, 0, stream>>>(from, rule, to);
      break;
    default: normalize_kernel<Value, 4><<<blocks, threads_per_block, 0, stream>>>(from, rule, to);
  }
  check_launch("the normalisation");
}

}  // namespace

void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      const Stream& stream) {
  auto* native = static_cast<cudaStream_t>(stream.native());
  if (from.count == 0 || to.height == 0 || to.width == 0) return;
  if (to.dtype == DType::float16) return start_normalize<__half>(from, rule, to, native);
  if (to.dtype == DType::bfloat16) return start_normalize<__nv_bfloat16>(from, rule, to, native);
  start_normalize<float>(from, rule, to, native);
}

}  // namespace pinfeed
