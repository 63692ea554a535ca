// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/pass.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/core/stream_copy.h"
#include "pinfeed/image/expression/bilinear.h"
#include "pinfeed/image/expression/rows.h"

namespace pinfeed::image {
namespace {

void copy_bytes(std::byte* to, const std::byte* from, std::size_t bytes) {
  std::memcpy(to, from, bytes);
}

// Writes the first row pixel by pixel and copies it to the others.
template <class T>
void fill(const Fill& fill, const ImageView& out, bool bypass_cache) {
  const auto channels = static_cast<std::size_t>(out.channels);
  const std::size_t values = static_cast<std::size_t>(fill.rect.width) * channels;
  const auto row = [&](int y) {
    return reinterpret_cast<T*>(out.row(fill.rect.y + y)) +
           static_cast<std::size_t>(fill.rect.x) * channels;
  };
  T* first = row(0);
  for (std::size_t i = 0; i < values; i += channels) {
    for (std::size_t c = 0; c < channels; ++c) first[i + c] = static_cast<T>(fill.value[c]);
  }
  constexpr std::size_t min_streamed = 1024;  // bytes
  const std::size_t bytes = values * sizeof(T);
  const bool streams = bypass_cache && bytes >= min_streamed;
  const auto copy = streams ? stream_copy_unfenced : copy_bytes;
  for (int y = 1; y < fill.rect.height; ++y)
    copy(reinterpret_cast<std::byte*>(row(y)), reinterpret_cast<const std::byte*>(first), bytes);
  if (streams) finish_streams();
}

// For passes without a resize: whole rows, possibly reversed.
void copy_rows(const Pass& pass, SourceRows& source, ResultRows& result) {
  const std::size_t pixel = pixel_bytes(pass);
  const auto width = static_cast<std::size_t>(pass.crop.width);
  const auto skipped = static_cast<std::size_t>(pass.crop.x) * pixel;
  for (int y = 0; y < pass.crop.height; ++y) {
    const std::byte* row = source.row(pass.crop.y + y) + skipped;
    std::byte* to = result.begin(y);
    if (pass.flipped_horizontally) {
      reverse_pixels(reinterpret_cast<const std::uint8_t*>(row),
                     reinterpret_cast<std::uint8_t*>(to), width);
    } else {
      std::memcpy(to, row, width * pixel);
    }
    result.end(y);
  }
}

// Copies pixel by pixel: a nearest resize, or a flip of pixels of other than 3 bytes.
void copy_pixels(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& workspace) {
  nearest_positions({pass.window.width, pass.resized.width, pass.crop.x, pass.crop.width},
                    workspace.column_positions);
  nearest_positions({pass.window.height, pass.resized.height, pass.crop.y, pass.crop.height},
                    workspace.row_positions);
  if (pass.flipped_horizontally)
    std::reverse(workspace.column_positions.begin(), workspace.column_positions.end());
  const std::size_t pixel = pixel_bytes(pass);
  for (int y = 0; y < pass.crop.height; ++y) {
    const std::byte* row = source.row(workspace.row_positions[static_cast<std::size_t>(y)]);
    std::byte* to = result.begin(y);
    for (const int x : workspace.column_positions) {
      std::memcpy(to, row + static_cast<std::size_t>(stored_column(pass, x)) * pixel, pixel);
      to += pixel;
    }
    result.end(y);
  }
}

void write_pixels(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& workspace) {
  const RenderClock::Part part(workspace.clock,
                               pass.resize ? RenderStage::resample : RenderStage::write);
  const bool by_rows = !pass.resize && (!pass.flipped_horizontally || pixel_bytes(pass) == 3);
  if (by_rows)
    copy_rows(pass, source, result);
  else if (pass.resize == Interpolation::bilinear)
    resize_bilinear(pass, source, result, workspace);
  else
    copy_pixels(pass, source, result, workspace);
}

}  // namespace

void write_fill(const Fill& part, const ImageView& out, bool bypass_cache) {
  if (part.rect.height == 0) return;
  if (out.dtype == DType::uint8)
    fill<std::uint8_t>(part, out, bypass_cache);
  else
    fill<float>(part, out, bypass_cache);
}

// Fills are written last because some cover pixels.
void run(const Pass& pass, const ImageView& out, Workspace& workspace) {
  SourceRows source(pass, workspace);
  if (pass.crop.height > 0) {
    ResultRows result(pass, out, workspace);
    write_pixels(pass, source, result, workspace);
  }
  source.close();
  for (int i = 0; i < pass.fill_count; ++i)
    write_fill(pass.fills[static_cast<std::size_t>(i)], out, pass.bypass_cache);
}

}  // namespace pinfeed::image
