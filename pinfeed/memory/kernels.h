// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pinfeed/core/tensor.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// The part of a padded image that has pixels, from its top left corner.
struct ValidSize {
  std::int32_t width = 0;
  std::int32_t height = 0;
};

/// The images in a batch slot: `count` images of height x width x channels bytes, rows without
/// gaps.
struct PixelBatch {
  const std::uint8_t* pixels = nullptr;
  std::int64_t count = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 3;         // 1 to 4
  const ValidSize* valid = nullptr;  // of each image; null: all of it
};

/// How bytes become the input of a model: float32(byte) - mean, divided by std, each step rounded
/// to float32 (docs/specs/openmmlab-data.md, 4.17), then converted to the result's dtype.
struct PixelRule {
  bool normalize = false;
  bool reverse_channels = false;   // BGR to RGB, before mean and std
  std::array<float, 4> mean = {};  // in the order of the result's channels
  std::array<float, 4> std = {1, 1, 1, 1};
  float pad_value = 0.0F;  // outside the valid part, in the units of the result
};

/// The result: count x channels x height x width, or channels last. It may be larger than the
/// images; the rest is pad_value.
struct FloatBatch {
  void* values = nullptr;
  DType dtype = DType::float32;  // or float16, bfloat16
  bool channels_last = false;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// Computes rows `first` to `last` - 1 of the result's count x height rows, on the calling thread.
/// Equals the device's result bit for bit in every dtype.
void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      std::int64_t first, std::int64_t last);
/// Computes all rows as work of `stream`; all pointers are device pointers. Throws Error(device).
void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      const Stream& stream);

}  // namespace pinfeed
