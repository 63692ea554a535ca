// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pinfeed/core/tensor.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// The width and height of what is valid in a place for an image.
struct ValidSize {
  std::int32_t width = 0;
  std::int32_t height = 0;
};

/// What a loader's slot holds: `count` places of height x width x channels bytes, rows without
/// gaps.
struct PixelBatch {
  const std::uint8_t* pixels = nullptr;
  std::int64_t count = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 3;         // 1 to 4
  const ValidSize* valid = nullptr;  // of each place, where the pixels are; null: all of it
};

/// From bytes to what a model reads: float32(byte) - mean, divided by std, each rounded to float32
/// (docs/specs/openmmlab-data.md, 4.17), then to the dtype wanted.
struct PixelRule {
  bool normalize = false;
  bool reverse_channels = false;   // BGR to RGB, before mean and std
  std::array<float, 4> mean = {};  // of the channels as they come out
  std::array<float, 4> std = {1, 1, 1, 1};
  float pad_value = 0.0F;  // outside the valid size, in the result's units
};

/// Where the result goes: count x channels x height x width, or channels last. It may be larger
/// than the places; the rest is pad_value.
struct FloatBatch {
  void* values = nullptr;
  DType dtype = DType::float32;  // or float16, bfloat16
  bool channels_last = false;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// One pass over the bytes, on the calling thread: of the result's count x height rows those from
/// `first` to `last` - 1. Any dtype equals the device's result bit for bit.
void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      std::int64_t first, std::int64_t last);
/// The same for all images as work of `stream`; all pointers are of the device. Throws
/// Error(device).
void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      const Stream& stream);

/// Images cut into square patches, a row each, values in the order row, column, channel (
/// docs/specs/openmmlab-data.md, 5.1).
struct PatchRule {
  std::int64_t count = 0;
  std::int64_t channels = 3;
  std::int64_t height = 0;  // multiples of the patch's size
  std::int64_t width = 0;
  std::int64_t patch = 16;
  bool normalize = false;  // each patch to mean 0 and variance 1: (x - mean) / sqrt(var + 1e-6)
};

/// float32 N,C,H,W to N, patches, patch * patch * channels, on the calling thread. Sums are taken
/// in an order that host and device share: bit-equal.
void patchify(const float* images, const PatchRule& rule, float* patches);
/// The same as work of `stream`, all pointers of the device. Throws Error(device).
void patchify(const float* images, const PatchRule& rule, float* patches, const Stream& stream);

}  // namespace pinfeed
