// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/pass.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/image/tone.h"

namespace pinfeed::image {
namespace {

std::size_t pixel_bytes(const Pass& pass) {
  return static_cast<std::size_t>(pass.pixels.channels) * size_of(pass.pixels.dtype);
}

// The rows of a pass' window. Asked for from the top down; the last two stay valid.
class SourceRows {
 public:
  SourceRows(const Pass& pass, Workspace& space) : pass_(pass), space_(space) {
    if (pass.encoded == nullptr) return;
    const Encoded& encoded = *pass.encoded;
    space.jpeg.open(encoded.bytes, encoded.header.stored, encoded.allow_truncated);
    for (std::vector<std::byte>& row : space.rows) {
      row.resize(static_cast<std::size_t>(encoded.header.stored.width) * 3 + 16);
    }
  }

  const std::byte* row(int y);
  void close() {
    if (pass_.encoded != nullptr) space_.jpeg.close();
  }

 private:
  const std::byte* decoded(int y);

  const Pass& pass_;
  Workspace& space_;
  int next_ = 0;  // the row the decoder stands before
};

const std::byte* SourceRows::row(int y) {
  const int stored = pass_.window.y + (pass_.window_upturned ? pass_.window.height - 1 - y : y);
  const std::byte* first = pass_.encoded != nullptr ? decoded(stored) : pass_.pixels.row(stored);
  return first + static_cast<std::size_t>(pass_.window.x) * pixel_bytes(pass_);
}

const std::byte* SourceRows::decoded(int y) {
  std::vector<std::byte>& row = space_.rows[static_cast<std::size_t>(y % 2)];
  if (y < next_) return row.data();
  if (y > next_) space_.jpeg.skip(y - next_);
  space_.jpeg.read(row.data());
  next_ = y + 1;
  return row.data();
}

// Where the rows of the result go. A row is produced in its place, or, where it still has to become
// float, in a line of its own.
class ResultRows {
 public:
  ResultRows(const Pass& pass, const ImageView& out, Workspace& space)
      : pass_(pass), out_(out), line_(space.line) {
    line_.resize(static_cast<std::size_t>(pass.kept.width) * pixel_bytes(pass) + 64);
  }

  std::byte* begin(int y) { return pass_.to_float ? line_.data() : place(y); }
  void end(int y) {
    if (!pass_.to_float) return;
    const Normalization* rule = pass_.normalization ? &*pass_.normalization : nullptr;
    to_float_row(line_.data(), pass_.pixels.dtype, pass_.kept.width, pass_.pixels.channels, rule,
                 reinterpret_cast<float*>(place(y)));
  }

 private:
  std::byte* place(int y) const {
    const int row = pass_.y + (pass_.upturned ? pass_.kept.height - 1 - y : y);
    const std::size_t pixel = static_cast<std::size_t>(out_.channels) * size_of(out_.dtype);
    return out_.row(row) + static_cast<std::size_t>(pass_.x) * pixel;
  }

  const Pass& pass_;
  const ImageView& out_;
  std::vector<std::byte>& line_;
};

// The column of the window's rows that a column of the flipped window is.
int column_of(const Pass& pass, int x) {
  return pass.window_mirrored ? pass.window.width - 1 - x : x;
}

template <class T>
void fill(const Fill& fill, const ImageView& out) {
  const auto channels = static_cast<std::size_t>(out.channels);
  std::array<T, 4> pixel = {};
  std::transform(fill.value.begin(), fill.value.end(), pixel.begin(),
                 [](float value) { return static_cast<T>(value); });
  for (int y = 0; y < fill.rect.height; ++y) {
    T* row = reinterpret_cast<T*>(out.row(fill.rect.y + y)) + static_cast<std::size_t>(fill.rect.x) * channels;
    for (int x = 0; x < fill.rect.width; ++x, row += channels) std::copy_n(pixel.begin(), channels, row);
  }
}

void write_fills(const Pass& pass, const ImageView& out) {
  for (int i = 0; i < pass.fill_count; ++i) {
    const Fill& part = pass.fills[static_cast<std::size_t>(i)];
    if (out.dtype == DType::uint8) fill<std::uint8_t>(part, out);
    else fill<float>(part, out);
  }
}

// Column tables are made in the order in which a row is written.
template <class T>
void mirror_if(bool mirrored, std::vector<T>& table) {
  if (mirrored) std::reverse(table.begin(), table.end());
}

// Nearest, and no resize at all: each pixel is a copy of one pixel.
void copy_pixels(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  const Size from = {pass.window.width, pass.window.height};
  nearest_positions({from.width, pass.resized.width, pass.kept.x, pass.kept.width}, space.column_positions);
  nearest_positions({from.height, pass.resized.height, pass.kept.y, pass.kept.height}, space.line_positions);
  mirror_if(pass.mirrored, space.column_positions);
  const std::size_t pixel = pixel_bytes(pass);
  for (int y = 0; y < pass.kept.height; ++y) {
    const std::byte* row = source.row(space.line_positions[static_cast<std::size_t>(y)]);
    std::byte* to = result.begin(y);
    for (const int x : space.column_positions) {
      std::memcpy(to, row + static_cast<std::size_t>(column_of(pass, x)) * pixel, pixel);
      to += pixel;
    }
    result.end(y);
  }
}

// Two rows resampled sideways, remembered because the next rows of the result often need them again.
template <class T, class Mix>
class MixedRows {
 public:
  MixedRows(std::array<std::vector<T>, 2>& rows, std::size_t values, Mix mix) : rows_(rows), mix_(mix) {
    for (std::vector<T>& row : rows_) row.resize(values + 32);
  }
  const T* row(int y) {
    const auto slot = static_cast<std::size_t>(y % 2);
    if (held_[slot] != y) mix_(y, rows_[slot].data());
    held_[slot] = y;
    return rows_[slot].data();
  }

 private:
  std::array<std::vector<T>, 2>& rows_;
  Mix mix_;
  std::array<int, 2> held_ = {-1, -1};
};

void plan_taps(const Pass& pass, Workspace& space) {
  bilinear_columns({pass.window.width, pass.resized.width, pass.kept.x, pass.kept.width}, space.columns);
  bilinear_rows({pass.window.height, pass.resized.height, pass.kept.y, pass.kept.height}, space.lines);
  mirror_if(pass.mirrored, space.columns);
}

void resize_bytes(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  plan_taps(pass, space);
  const int channels = pass.pixels.channels;
  const auto values = static_cast<std::size_t>(pass.kept.width * channels);
  const auto mix = [&](int y, std::int16_t* to) {
    const auto* row = reinterpret_cast<const std::uint8_t*>(source.row(y));
    for (const Tap& tap : space.columns) {
      const std::uint8_t* first = row + column_of(pass, tap.first) * channels;
      const std::uint8_t* second = row + column_of(pass, tap.second) * channels;
      const int a = tap.first_weight();
      const int b = tap.second_weight();
      for (int c = 0; c < channels; ++c) *to++ = static_cast<std::int16_t>((first[c] * a + second[c] * b) >> 4);
    }
  };
  MixedRows<std::int16_t, decltype(mix)> rows(space.mixed, values, mix);
  for (int y = 0; y < pass.kept.height; ++y) {
    const Tap& tap = space.lines[static_cast<std::size_t>(y)];
    const std::int16_t* top = rows.row(tap.first);
    const std::int16_t* bottom = rows.row(tap.second);
    const int a = tap.first_weight();
    const int b = tap.second_weight();
    auto* to = reinterpret_cast<std::uint8_t*>(result.begin(y));
    for (std::size_t i = 0; i < values; ++i) {
      const int sum = ((top[i] * a) >> 16) + ((bottom[i] * b) >> 16) + 2;
      to[i] = static_cast<std::uint8_t>(std::clamp(sum >> 2, 0, 255));
    }
    result.end(y);
  }
}

void resize_floats(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  plan_taps(pass, space);
  const int channels = pass.pixels.channels;
  const auto values = static_cast<std::size_t>(pass.kept.width * channels);
  const auto mix = [&](int y, float* to) {
    const auto* row = reinterpret_cast<const float*>(source.row(y));
    for (const Tap& tap : space.columns) {
      const float* first = row + column_of(pass, tap.first) * channels;
      const float* second = row + column_of(pass, tap.second) * channels;
      const float rest = 1.0F - tap.share;
      for (int c = 0; c < channels; ++c) *to++ = first[c] * rest + second[c] * tap.share;
    }
  };
  MixedRows<float, decltype(mix)> rows(space.mixed_float, values, mix);
  for (int y = 0; y < pass.kept.height; ++y) {
    const Tap& tap = space.lines[static_cast<std::size_t>(y)];
    const float* top = rows.row(tap.first);
    const float* bottom = rows.row(tap.second);
    const float rest = 1.0F - tap.share;
    auto* to = reinterpret_cast<float*>(result.begin(y));
    for (std::size_t i = 0; i < values; ++i) to[i] = top[i] * rest + bottom[i] * tap.share;
    result.end(y);
  }
}

std::uint8_t mean_of(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return static_cast<std::uint8_t>((a + b + c + d + 2) >> 2);
}

float mean_of(float a, float b, float c, float d) { return (((a + b) + c) + d) * 0.25F; }

// Both axes shrink by exactly 2: OpenCV takes the mean of four.
template <class T>
void halve(const Pass& pass, SourceRows& source, ResultRows& result) {
  const int channels = pass.pixels.channels;
  for (int y = 0; y < pass.kept.height; ++y) {
    const int line = 2 * (pass.kept.y + y);
    const T* top = reinterpret_cast<const T*>(source.row(line));
    const T* bottom = reinterpret_cast<const T*>(source.row(line + 1));
    T* to = reinterpret_cast<T*>(result.begin(y));
    for (int i = 0; i < pass.kept.width; ++i) {
      const int x = 2 * (pass.kept.x + (pass.mirrored ? pass.kept.width - 1 - i : i));
      const int left = column_of(pass, x) * channels;
      const int right = column_of(pass, x + 1) * channels;
      for (int c = 0; c < channels; ++c) {
        *to++ = mean_of(top[left + c], top[right + c], bottom[left + c], bottom[right + c]);
      }
    }
    result.end(y);
  }
}

bool halves(const Pass& pass) {
  return pass.window.width == 2 * pass.resized.width && pass.window.height == 2 * pass.resized.height;
}

void write_pixels(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  const bool bytes = pass.pixels.dtype == DType::uint8;
  if (!pass.resize || *pass.resize == Interpolation::nearest) {
    copy_pixels(pass, source, result, space);
  } else if (halves(pass)) {
    bytes ? halve<std::uint8_t>(pass, source, result) : halve<float>(pass, source, result);
  } else {
    bytes ? resize_bytes(pass, source, result, space) : resize_floats(pass, source, result, space);
  }
}

}  // namespace

void run(const Pass& pass, const ImageView& out, Workspace& space) {
  write_fills(pass, out);
  SourceRows source(pass, space);
  if (pass.kept.height > 0) {
    ResultRows result(pass, out, space);
    write_pixels(pass, source, result, space);
  }
  source.close();
}

}  // namespace pinfeed::image
