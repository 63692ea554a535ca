// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/bilinear.h"

#include <algorithm>

#include "pinfeed/image/resample/mix_table.h"

namespace pinfeed::image {
namespace {

// The rows of the window that the result depends on, each once.
void list_rows(const std::vector<Tap>& taps, std::vector<int>& rows) {
  rows.clear();
  for (const Tap& tap : taps) {
    for (const int y : {tap.first, tap.second}) {
      if (rows.empty() || y > rows.back()) rows.push_back(y);
    }
  }
}

// Rows of the window after the horizontal pass. They are computed in groups and each of them once,
// since neighbouring rows of the result share them. A row of the result needs two rows in turn, so
// the last row of the group before is kept: row_group_size + 1 buffers are enough.
template <class T, class Mix>
class MixedRows {
 public:
  MixedRows(std::array<std::vector<T>, row_group_size + 1>& buffers, const std::vector<int>& wanted,
            std::size_t values, Mix mix)
      : buffers_(buffers), wanted_(wanted), mix_(mix) {
    constexpr std::size_t padding = 16;  // mix_horizontally writes whole blocks
    for (std::vector<T>& row : buffers_) row.resize(values + padding);
  }
  const T* row(int y) {
    while (count_ == 0 || wanted_[count_ - 1] < y) mix_next();
    std::size_t at = count_ - 1;
    while (wanted_[at] != y) --at;
    return buffers_[at % buffers_.size()].data();
  }

 private:
  // If fewer rows are left than a group has, the last one is computed several times.
  void mix_next() {
    std::array<int, row_group_size> rows = {};
    RowGroup<T> to = {};
    const std::size_t end = std::min(count_ + row_group_size, wanted_.size());
    for (std::size_t i = 0; i < to.size(); ++i) {
      const std::size_t at = std::min(count_ + i, end - 1);
      rows[i] = wanted_[at];
      to[i] = buffers_[at % buffers_.size()].data();
    }
    mix_(rows, to);
    count_ = end;
  }

  std::array<std::vector<T>, row_group_size + 1>& buffers_;
  const std::vector<int>& wanted_;
  Mix mix_;
  std::size_t count_ = 0;  // rows computed so far
};

bool halves(const Pass& pass) {
  return pass.window.width == 2 * pass.resized.width &&
         pass.window.height == 2 * pass.resized.height;
}

// Taps for a resize to exactly half the size: the mean of two pixels.
void halving_taps(int begin, int count, std::vector<Tap>& taps) {
  taps.clear();
  for (int i = begin; i < begin + count; ++i) taps.push_back({2 * i, 2 * i + 1, 0.5F});
}

// Column taps are in the order in which a row is written; they refer to the window before its flip.
void plan_taps(const Pass& pass, Workspace& workspace) {
  if (halves(pass)) {
    halving_taps(pass.crop.x, pass.crop.width, workspace.column_taps);
    halving_taps(pass.crop.y, pass.crop.height, workspace.row_taps);
  } else {
    bilinear_columns({pass.window.width, pass.resized.width, pass.crop.x, pass.crop.width},
                     workspace.column_taps);
    bilinear_rows({pass.window.height, pass.resized.height, pass.crop.y, pass.crop.height},
                  workspace.row_taps);
  }
  list_rows(workspace.row_taps, workspace.row_positions);
  if (pass.flipped_horizontally)
    std::reverse(workspace.column_taps.begin(), workspace.column_taps.end());
  for (Tap& tap : workspace.column_taps) {
    tap.first = stored_column(pass, tap.first);
    tap.second = stored_column(pass, tap.second);
  }
}

// For rows that have no mix table.
void mix_without_table(std::span<const Tap> columns, int channels, const std::uint8_t* row,
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

void resize_bytes(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& workspace) {
  const int channels = pass.pixels.channels;
  const auto values = static_cast<std::size_t>(pass.crop.width * channels);
  const bool half = halves(pass);
  const bool has_table =
      make_mix_table(workspace.column_taps, channels, source.row_bytes(), workspace.table);
  const auto mix = [&](const std::array<int, row_group_size>& lines,
                       const RowGroup<std::int16_t>& to) {
    RowGroup<const std::uint8_t> from = {};
    for (std::size_t i = 0; i < from.size(); ++i)
      from[i] = reinterpret_cast<const std::uint8_t*>(source.row(lines[i]));
    if (has_table) return mix_horizontally(workspace.table, from, to);
    for (std::size_t i = 0; i < from.size(); ++i)
      mix_without_table(workspace.column_taps, channels, from[i], to[i]);
  };
  MixedRows<std::int16_t, decltype(mix)> rows(workspace.mixed_rows, workspace.row_positions, values,
                                              mix);
  for (int y = 0; y < pass.crop.height; ++y) {
    const Tap& tap = workspace.row_taps[static_cast<std::size_t>(y)];
    const std::int16_t* top = rows.row(tap.first);
    const std::int16_t* bottom = rows.row(tap.second);
    auto* to = reinterpret_cast<std::uint8_t*>(result.begin(y));
    if (half)
      mean_of_rows(top, bottom, to, values);
    else
      (result.bypass_cache() ? stream_rows : mix_rows)(
          top, bottom, {tap.first_weight(), tap.second_weight()}, to, values);
    result.end(y);
  }
}

void resize_floats(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& workspace) {
  const int channels = pass.pixels.channels;
  const auto values = static_cast<std::size_t>(pass.crop.width * channels);
  const auto mix = [&](const std::array<int, row_group_size>& lines,
                       const RowGroup<float>& results) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto* row = reinterpret_cast<const float*>(source.row(lines[i]));
      float* to = results[i];
      for (const Tap& tap : workspace.column_taps) {
        const float* first = row + tap.first * channels;
        const float* second = row + tap.second * channels;
        const float rest = 1.0F - tap.share;
        for (int c = 0; c < channels; ++c) *to++ = first[c] * rest + second[c] * tap.share;
      }
    }
  };
  MixedRows<float, decltype(mix)> rows(workspace.mixed_float_rows, workspace.row_positions, values,
                                       mix);
  for (int y = 0; y < pass.crop.height; ++y) {
    const Tap& tap = workspace.row_taps[static_cast<std::size_t>(y)];
    const float* top = rows.row(tap.first);
    const float* bottom = rows.row(tap.second);
    const float rest = 1.0F - tap.share;
    auto* to = reinterpret_cast<float*>(result.begin(y));
    for (std::size_t i = 0; i < values; ++i) to[i] = top[i] * rest + bottom[i] * tap.share;
    result.end(y);
  }
}

float mean_of(float a, float b, float c, float d) { return (((a + b) + c) + d) * 0.25F; }

// If both axes shrink by exactly 2, OpenCV takes the mean of four pixels.
void halve_floats(const Pass& pass, SourceRows& source, ResultRows& result) {
  const int channels = pass.pixels.channels;
  for (int y = 0; y < pass.crop.height; ++y) {
    const int line = 2 * (pass.crop.y + y);
    const auto* top = reinterpret_cast<const float*>(source.row(line));
    const auto* bottom = reinterpret_cast<const float*>(source.row(line + 1));
    auto* to = reinterpret_cast<float*>(result.begin(y));
    for (int i = 0; i < pass.crop.width; ++i) {
      const int x = 2 * (pass.crop.x + (pass.flipped_horizontally ? pass.crop.width - 1 - i : i));
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

void resize_bilinear(const Pass& pass, SourceRows& source, ResultRows& result,
                     Workspace& workspace) {
  plan_taps(pass, workspace);
  if (pass.pixels.dtype == DType::uint8)
    resize_bytes(pass, source, result, workspace);
  else if (halves(pass))
    halve_floats(pass, source, result);
  else
    resize_floats(pass, source, result, workspace);
}

}  // namespace pinfeed::image
