// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "pinfeed/image/codec/jpeg/jpeg_pixels.h"
#include "pinfeed/image/color/tone_kernels.h"
#include "pinfeed/image/expression/image_expr.h"
#include "pinfeed/image/expression/render_clock.h"
#include "pinfeed/image/resample/resample.h"
#include "pinfeed/image/resample/row_kernels.h"

namespace pinfeed::image {

/// A rectangle of the result that has one colour, written over the source's pixels. One value per
/// channel, as it is stored in the result.
struct Fill {
  Rect rect = {};
  std::array<float, 4> value = {};
};

/// What can be computed while the source is read once from top to bottom, in this order:
/// window -> window flips -> resize -> crop -> flips -> placement on a canvas -> float -> fills.
struct Pass {
  static constexpr int max_fills = 8;

  Encoded* encoded = nullptr;  // a JPEG that is decoded row by row, without orientation; or null
  ImageView pixels = {};       // plain pixels, if not encoded; channels and dtype of both
  Rect window = {};            // of the source
  bool window_flipped_horizontally = false;
  bool window_flipped_vertically = false;  // plain pixels only
  std::optional<Interpolation> resize = {};
  Size resized = {};  // the window's size if nothing is resized
  Rect crop = {};     // of the resized image; empty if the result consists of fills
  bool flipped_horizontally = false;
  bool flipped_vertically = false;
  Size canvas = {};
  int x = 0;  // of the cropped pixels on the canvas
  int y = 0;
  std::array<Fill, max_fills> fills = {};
  int fill_count = 0;
  bool to_float = false;
  std::optional<Normalization> normalization = {};
  bool bypass_cache = false;  // write with non-temporal stores

  DType result_dtype() const { return to_float ? DType::float32 : pixels.dtype; }
};

/// Buffers of one thread, which keep their memory between passes.
struct Workspace {
  RenderClock clock = {};
  jpeg::JpegPixels jpeg = {};
  std::array<std::vector<std::byte>, row_group_size> decoded_rows = {};  // the last ones
  std::array<std::vector<std::int16_t>, row_group_size + 1> mixed_rows = {};
  std::array<std::vector<float>, row_group_size + 1> mixed_float_rows = {};
  std::vector<std::byte> unconverted_row = {};  // of the result, before it becomes float
  std::vector<Tap> column_taps = {};
  std::vector<Tap> row_taps = {};
  MixTable table = {};
  std::optional<Normalization> rule_source = {};
  ChannelRule rule = {};  // of rule_source
  std::vector<int> column_positions = {};
  std::vector<int> row_positions = {};
};

/// Fills the rectangle.
void write_fill(const Fill& part, const ImageView& out, bool bypass_cache = false);

/// Computes the pass into `out`, which has the canvas' size and the result's dtype.
void run(const Pass& pass, const ImageView& out, Workspace& workspace);

}  // namespace pinfeed::image
