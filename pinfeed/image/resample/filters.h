// SPDX-License-Identifier: Apache-2.0
// Resizes that need the whole image: Pillow's filters; OpenCV's bicubic, Lanczos and area filters,
// and its bilinear rule in float64.
#pragma once

#include <cstdint>
#include <vector>

#include "pinfeed/image/image.h"
#include "pinfeed/image/image_options.h"
#include "pinfeed/image/resample/filter_kernels.h"
#include "pinfeed/image/resample/resample.h"

namespace pinfeed::image {

/// Working memory of one thread.
struct FilterWorkspace {
  std::vector<FilterTap> taps = {};  // of each output position
  std::vector<double> shares = {};
  std::vector<std::int32_t> weights = {};     // the taps point into it
  std::vector<std::uint8_t> joined = {};      // four rows as one
  std::vector<std::uint8_t> first_pass = {};  // the image filtered along one axis
  std::vector<std::int32_t> wide_sums = {};   // the same in 1/2048
  std::vector<float> float_sums = {};         // the same for float32 pixels
  std::vector<Tap> column_taps = {};
  std::vector<Tap> row_taps = {};
};

/// Resizes uint8 pixels as Pillow does: a filter that is widened by the shrink factor, one axis
/// after the other, each pass rounded to bytes. An axis whose size does not change is copied.
void resize_as_pillow(const ImageView& in, Interpolation filter, const ImageView& out,
                      FilterWorkspace& workspace);

/// Resizes uint8 or float32 pixels by OpenCV's INTER_CUBIC (bicubic) or INTER_LANCZOS4 (lanczos).
void resize_windowed(const ImageView& in, Interpolation filter, const ImageView& out,
                     FilterWorkspace& workspace);

/// Resizes uint8 or float32 pixels by OpenCV's INTER_AREA: the mean of the area that each output
/// pixel covers, or a variant of bilinear if a side grows.
void resize_by_area(const ImageView& in, const ImageView& out);

/// Resizes uint8 pixels by OpenCV's bilinear rule for float64 and truncates the results, as MixUp
/// does with its second image.
void resize_in_doubles(const ImageView& in, const ImageView& out, FilterWorkspace& workspace);

/// Writes the mean of two uint8 images into the second, rounded down.
void blend(const ImageView& first, const ImageView& second);

}  // namespace pinfeed::image
