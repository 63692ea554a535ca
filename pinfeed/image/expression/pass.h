// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "pinfeed/image/codec/codec_parts.h"
#include "pinfeed/image/color/tone_kernels.h"
#include "pinfeed/image/expression/image_expr.h"
#include "pinfeed/image/expression/render_clock.h"
#include "pinfeed/image/resample/resample.h"
#include "pinfeed/image/resample/row_kernels.h"

namespace pinfeed::image {

/// A part of the result that is one colour, over what the source gives there. Per channel, as it is
/// written.
struct Fill {
  Rect rect = {};
  std::array<float, 4> value = {};
};

/// What can be computed while the source is read once from top to bottom:
/// source -> window -> flip -> resize -> window -> flip -> placed on a canvas -> float.
struct Pass {
  static constexpr int max_fills = 8;

  Encoded* encoded = nullptr;    // a JPEG whose rows are shown as they are stored, or ...
  ImageView pixels = {};         // ... plain pixels; also says channels and dtype of both
  Rect window = {};              // of the source
  bool window_mirrored = false;  // left to right
  bool window_upturned = false;  // top to bottom; plain pixels only
  std::optional<Interpolation> resize = {};
  Size resized = {};  // the window's size where nothing is resized
  Rect kept = {};     // of the resized image; empty where only fills are left
  bool mirrored = false;
  bool upturned = false;
  Size canvas = {};
  int x = 0;  // of what is kept, on the canvas
  int y = 0;
  std::array<Fill, max_fills> fills = {};
  int fill_count = 0;
  bool to_float = false;
  std::optional<Normalization> normalization = {};
  bool past_caches = false;  // writing the result through them would drive out what is read again

  DType result_dtype() const { return to_float ? DType::float32 : pixels.dtype; }
};

/// Buffers of one thread, kept between passes.
struct Workspace {
  RenderClock clock = {};
  JpegRows jpeg = {};
  std::array<std::vector<std::byte>, mixed_together> rows = {};          // the last rows decoded
  std::array<std::vector<std::int16_t>, mixed_together + 1> mixed = {};  // resampled sideways
  std::array<std::vector<float>, mixed_together + 1> mixed_float = {};
  std::vector<std::byte> line = {};  // one row of the result before it becomes float
  std::vector<Tap> columns = {};
  std::vector<Tap> lines = {};
  MixTable table = {};
  std::optional<Normalization> rule_of = {};
  ChannelRule rule = {};  // of rule_of
  std::vector<int> column_positions = {};
  std::vector<int> line_positions = {};
};

/// Writes the colour.
void write_fill(const Fill& part, const ImageView& out, bool past_caches = false);

/// Computes the pass into `out`, which has the canvas' size and the result's dtype.
void run(const Pass& pass, const ImageView& out, Workspace& space);

}  // namespace pinfeed::image
