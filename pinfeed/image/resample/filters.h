// SPDX-License-Identifier: Apache-2.0
// Resizing that looks at whole images: Pillow's filters, and OpenCV's bilinear in doubles.
#pragma once

#include <cstdint>
#include <vector>

#include "pinfeed/image/image.h"
#include "pinfeed/image/image_options.h"
#include "pinfeed/image/resample/filter_kernels.h"
#include "pinfeed/image/resample/resample.h"

namespace pinfeed::image {

/// Working memory of one thread.
struct FilterSpace {
  std::vector<FilterTap> taps = {};  // of each output position
  std::vector<double> shares = {};
  std::vector<std::int32_t> weights = {};   // what the taps point to
  std::vector<std::uint8_t> joined = {};    // four rows as one
  std::vector<std::uint8_t> middle = {};    // filtered along one axis
  std::vector<std::int32_t> sideways = {};  // the same in 1/2048
  std::vector<float> floats = {};           // the same of float32 pixels
  std::vector<Tap> columns = {};
  std::vector<Tap> lines = {};
};

/// Resizes uint8 pixels as Pillow does: a filter as wide as the shrinking, one axis after the
/// other, each pass rounded to bytes. Equal sizes of one axis are copied.
void resize_as_pillow(const ImageView& in, Interpolation filter, const ImageView& out,
                      FilterSpace& space);

/// Resizes uint8 or float32 pixels by OpenCV's INTER_CUBIC (bicubic) or INTER_LANCZOS4 (lanczos).
void resize_windowed(const ImageView& in, Interpolation filter, const ImageView& out,
                     FilterSpace& space);

/// Resizes uint8 or float32 pixels by OpenCV's INTER_AREA: means over what each output pixel
/// covers, and where a side grows a kind of bilinear.
void resize_by_area(const ImageView& in, const ImageView& out);

/// Resizes uint8 pixels as OpenCV's bilinear rule resizes them as float64, and cuts the fractions
/// off: what MixUp does to its second image.
void resize_in_doubles(const ImageView& in, const ImageView& out, FilterSpace& space);

/// Half of each, into the second, of uint8 pixels; fractions are cut off.
void blend(const ImageView& first, const ImageView& second);

}  // namespace pinfeed::image
