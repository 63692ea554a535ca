// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/bilinear.h"

#include <algorithm>

#include "pinfeed/image/resample/mix_table.h"

namespace pinfeed::image {
namespace {

// The rows of the window that some row of the result is made from, each once.
void list_rows(const std::vector<Tap>& lines, std::vector<int>& rows) {
  rows.clear();
  for (const Tap& tap : lines) {
    for (const int y : {tap.first, tap.second}) {
      if (rows.empty() || y > rows.back()) rows.push_back(y);
    }
  }
}

// Rows resampled sideways, several at a time and each of them once: the next rows of the result
// often need them again. The last one of the several before is still held, since two rows in turn
// make one of the result.
template <class T, class Mix>
class MixedRows {
 public:
  MixedRows(std::array<std::vector<T>, mixed_together + 1>& held, const std::vector<int>& wanted,
            std::size_t values, Mix mix)
      : held_(held), wanted_(wanted), mix_(mix) {
    constexpr std::size_t beyond = 16;  // mix_sideways writes whole blocks
    for (std::vector<T>& row : held_) row.resize(values + beyond);
  }
  const T* row(int y) {
    while (made_ == 0 || wanted_[made_ - 1] < y) mix_next();
    std::size_t at = made_ - 1;
    while (wanted_[at] != y) --at;
    return held_[at % held_.size()].data();
  }

 private:
  // The last row is made several times where fewer are left.
  void mix_next() {
    std::array<int, mixed_together> rows = {};
    RowsTogether<T> to = {};
    const std::size_t end = std::min(made_ + mixed_together, wanted_.size());
    for (std::size_t i = 0; i < to.size(); ++i) {
      const std::size_t at = std::min(made_ + i, end - 1);
      rows[i] = wanted_[at];
      to[i] = held_[at % held_.size()].data();
    }
    mix_(rows, to);
    made_ = end;
  }

  std::array<std::vector<T>, mixed_together + 1>& held_;
  const std::vector<int>& wanted_;
  Mix mix_;
  std::size_t made_ = 0;  // of those that are wanted
};

bool halves(const Pass& pass) {
  return pass.window.width == 2 * pass.resized.width &&
         pass.window.height == 2 * pass.resized.height;
}

// The two of which the mean is taken.
void halving_taps(int begin, int count, std::vector<Tap>& taps) {
  taps.clear();
  for (int i = begin; i < begin + count; ++i) taps.push_back({2 * i, 2 * i + 1, 0.5F});
}

// Columns in the order in which a row is written, out of the columns of the stored window.
void plan_taps(const Pass& pass, Workspace& space) {
  if (halves(pass)) {
    halving_taps(pass.kept.x, pass.kept.width, space.columns);
    halving_taps(pass.kept.y, pass.kept.height, space.lines);
  } else {
    bilinear_columns({pass.window.width, pass.resized.width, pass.kept.x, pass.kept.width},
                     space.columns);
    bilinear_rows({pass.window.height, pass.resized.height, pass.kept.y, pass.kept.height},
                  space.lines);
  }
  list_rows(space.lines, space.line_positions);
  if (pass.mirrored) std::reverse(space.columns.begin(), space.columns.end());
  for (Tap& tap : space.columns) {
    tap.first = stored_column(pass, tap.first);
    tap.second = stored_column(pass, tap.second);
  }
}

// Where no table fits.
void mix_one_by_one(std::span<const Tap> columns, int channels, const std::uint8_t* row,
                    std::int16_t* to) {
  for (const Tap& tap : columns) {
    const int first_weight = tap.first_weight();
    const int second_weight = tap.second_weight();
    for (int c = 0; c < channels; ++c) {
      const int sum = row[tap.first * channels + c] * first_weight +
                      row[tap.second * channels + c] * second_weight;
      *to++ = static_cast<std::int16_t>(sum >> 4);
    }
  }
}

void resize_bytes(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  const int channels = pass.pixels.channels;
  const auto values = static_cast<std::size_t>(pass.kept.width * channels);
  const bool half = halves(pass);
  const bool has_table = make_mix_table(space.columns, channels, source.row_bytes(), space.table);
  const auto mix = [&](const std::array<int, mixed_together>& lines,
                       const RowsTogether<std::int16_t>& to) {
    RowsTogether<const std::uint8_t> from = {};
    for (std::size_t i = 0; i < from.size(); ++i)
      from[i] = reinterpret_cast<const std::uint8_t*>(source.row(lines[i]));
    if (has_table) return mix_sideways(space.table, from, to);
    for (std::size_t i = 0; i < from.size(); ++i)
      mix_one_by_one(space.columns, channels, from[i], to[i]);
  };
  MixedRows<std::int16_t, decltype(mix)> rows(space.mixed, space.line_positions, values, mix);
  for (int y = 0; y < pass.kept.height; ++y) {
    const Tap& tap = space.lines[static_cast<std::size_t>(y)];
    const std::int16_t* top = rows.row(tap.first);
    const std::int16_t* bottom = rows.row(tap.second);
    auto* to = reinterpret_cast<std::uint8_t*>(result.begin(y));
    if (half)
      mean_of_rows(top, bottom, to, values);
    else
      (result.past_caches() ? stream_rows : mix_rows)(
          top, bottom, {tap.first_weight(), tap.second_weight()}, to, values);
    result.end(y);
  }
}

void resize_floats(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  const int channels = pass.pixels.channels;
  const auto values = static_cast<std::size_t>(pass.kept.width * channels);
  const auto mix = [&](const std::array<int, mixed_together>& lines,
                       const RowsTogether<float>& results) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto* row = reinterpret_cast<const float*>(source.row(lines[i]));
      float* to = results[i];
      for (const Tap& tap : space.columns) {
        const float* first = row + tap.first * channels;
        const float* second = row + tap.second * channels;
        const float rest = 1.0F - tap.share;
        for (int c = 0; c < channels; ++c) *to++ = first[c] * rest + second[c] * tap.share;
      }
    }
  };
  MixedRows<float, decltype(mix)> rows(space.mixed_float, space.line_positions, values, mix);
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

float mean_of(float a, float b, float c, float d) { return (((a + b) + c) + d) * 0.25F; }

// Both axes shrink by exactly 2: OpenCV takes the mean of four.
void halve_floats(const Pass& pass, SourceRows& source, ResultRows& result) {
  const int channels = pass.pixels.channels;
  for (int y = 0; y < pass.kept.height; ++y) {
    const int line = 2 * (pass.kept.y + y);
    const auto* top = reinterpret_cast<const float*>(source.row(line));
    const auto* bottom = reinterpret_cast<const float*>(source.row(line + 1));
    auto* to = reinterpret_cast<float*>(result.begin(y));
    for (int i = 0; i < pass.kept.width; ++i) {
      const int x = 2 * (pass.kept.x + (pass.mirrored ? pass.kept.width - 1 - i : i));
      const int left = stored_column(pass, x) * channels;
      const int right = stored_column(pass, x + 1) * channels;
      for (int c = 0; c < channels; ++c) {
        *to++ = mean_of(top[left + c], top[right + c], bottom[left + c], bottom[right + c]);
      }
    }
    result.end(y);
  }
}

}  // namespace

void resize_bilinear(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space) {
  plan_taps(pass, space);
  if (pass.pixels.dtype == DType::uint8)
    resize_bytes(pass, source, result, space);
  else if (halves(pass))
    halve_floats(pass, source, result);
  else
    resize_floats(pass, source, result, space);
}

}  // namespace pinfeed::image
