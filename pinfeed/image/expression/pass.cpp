// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/pass.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/image/expression/bilinear.h"
#include "pinfeed/image/expression/rows.h"

namespace pinfeed::image {
namespace {

void copy_bytes(const std::byte* from, std::byte* to, std::size_t count) {
  std::memcpy(to, from, count);
}

// The first row pixel by pixel, the others as copies of it.
template <class T>
void fill(const Fill& fill, const ImageView& out, bool past_caches) {
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
  constexpr std::size_t worth_streaming = 1024;  // bytes
  const std::size_t bytes = values * sizeof(T);
  const bool streams = past_caches && bytes >= worth_streaming;
  const auto copy = streams ? stream_bytes : copy_bytes;
  for (int y = 1; y < fill.rect.height; ++y)
    copy(reinterpret_cast<const std::byte*>(first), reinterpret_cast<std::byte*>(row(y)), bytes);
  if (streams) finish_streams();
}

// Not resized, and the columns stay together.
void copy_rows(const Pass& pass, SourceRows& source, ResultRows& result) {
  const std::size_t pixel = pixel_bytes(pass);
  const auto width = static_cast<std::size_t>(pass.kept.width);
  const auto skipped = static_cast<std::size_t>(pass.kept.x) * pixel;
  for (int y = 0; y < pass.kept.height; ++y) {
    const std::byte* row = source.row(pass.kept.y + y) + skipped;
    std::byte* to = result.begin(y);
    if (pass.mirrored) {
      reverse_pixels(reinterpret_cast<const std::uint8_t*>(row),
                     reinterpret_cast<std::uint8_t*>(to), width);
    } else {
      std::memcpy(to, row, width * pixel);
    }
    result.end(y);
  }
}

// Each pixel is a copy of one pixel.
void copy_pixels(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  nearest_positions({pass.window.width, pass.resized.width, pass.kept.x, pass.kept.width},
                    space.column_positions);
  nearest_positions({pass.window.height, pass.resized.height, pass.kept.y, pass.kept.height},
                    space.line_positions);
  if (pass.mirrored) std::reverse(space.column_positions.begin(), space.column_positions.end());
  const std::size_t pixel = pixel_bytes(pass);
  for (int y = 0; y < pass.kept.height; ++y) {
    const std::byte* row = source.row(space.line_positions[static_cast<std::size_t>(y)]);
    std::byte* to = result.begin(y);
    for (const int x : space.column_positions) {
      std::memcpy(to, row + static_cast<std::size_t>(stored_column(pass, x)) * pixel, pixel);
      to += pixel;
    }
    result.end(y);
  }
}

void write_pixels(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  const RenderClock::Part part(space.clock,
                               pass.resize ? RenderStage::resample : RenderStage::write);
  const bool together = !pass.resize && (!pass.mirrored || pixel_bytes(pass) == 3);
  if (together)
    copy_rows(pass, source, result);
  else if (pass.resize == Interpolation::bilinear)
    resize_bilinear(pass, source, result, space);
  else
    copy_pixels(pass, source, result, space);
}

}  // namespace

void write_fill(const Fill& part, const ImageView& out, bool past_caches) {
  if (part.rect.height == 0) return;
  if (out.dtype == DType::uint8)
    fill<std::uint8_t>(part, out, past_caches);
  else
    fill<float>(part, out, past_caches);
}

// Fills come last: some lie over pixels.
void run(const Pass& pass, const ImageView& out, Workspace& space) {
  SourceRows source(pass, space);
  if (pass.kept.height > 0) {
    ResultRows result(pass, out, space);
    write_pixels(pass, source, result, space);
  }
  source.close();
  for (int i = 0; i < pass.fill_count; ++i)
    write_fill(pass.fills[static_cast<std::size_t>(i)], out, pass.past_caches);
}

}  // namespace pinfeed::image
