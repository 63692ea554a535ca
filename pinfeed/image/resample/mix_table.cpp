// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/resample/mix_table.h"

#include <algorithm>

namespace pinfeed::image {
namespace {

constexpr int window = 16;
constexpr std::uint8_t zero_byte = 0x80;  // the shuffle gives 0
constexpr int full_weight = 2048;

// One value of the result: `near` and `far` are byte offsets, near has the larger weight.
struct MixedValue {
  int near = 0;
  int far = 0;
  int far_weight = 0;
};

bool adds_up(const Tap& tap) { return tap.first_weight() + tap.second_weight() == full_weight; }

MixedValue mixed_value(const Tap& tap, int channels, int channel) {
  const int first = tap.first * channels + channel;
  const int second = tap.second * channels + channel;
  const int weight = tap.second_weight();
  return weight <= full_weight / 2 ? MixedValue{first, second, weight}
                                   : MixedValue{second, first, full_weight - weight};
}

// Moves the start of a window of `size` bytes so that it stays inside the row.
int start_inside(int start, int size, std::ptrdiff_t row_bytes) {
  return std::min(start, static_cast<int>(row_bytes) - size);
}

MixBlock empty_block() {
  MixBlock block;
  block.near.fill(zero_byte);
  block.far.fill(zero_byte);
  return block;
}

void set_lane(MixBlock& block, std::size_t lane, const MixedValue& value, int shift) {
  block.near[2 * lane] = static_cast<std::uint8_t>(value.near - shift);
  block.far[2 * lane] = static_cast<std::uint8_t>(value.far - shift);
  block.weight[lane] = static_cast<std::int16_t>(-32 * value.far_weight);
}

// Blocks of eight values, each from one window of 16 bytes. Returns false if a window is too small.
bool make_whole_windows(std::span<const Tap> columns, int channels, std::ptrdiff_t row_bytes,
                        MixTable& table) {
  table.values_per_block = 8;
  const int values = static_cast<int>(columns.size()) * channels;
  for (int begin = 0; begin < values; begin += 8) {
    const int count = std::min(8, values - begin);
    std::array<MixedValue, 8> mixed = {};
    int low = static_cast<int>(row_bytes);
    int high = 0;
    for (int i = 0; i < count; ++i) {
      const Tap& tap = columns[static_cast<std::size_t>((begin + i) / channels)];
      const MixedValue value = mixed_value(tap, channels, (begin + i) % channels);
      low = std::min({low, value.near, value.far});
      high = std::max({high, value.near, value.far});
      mixed[static_cast<std::size_t>(i)] = value;
    }
    if (high - low >= window) return false;
    const int start = start_inside(low, window, row_bytes);
    MixBlock block = empty_block();
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      set_lane(block, i, mixed[i], start);
    table.first.push_back(start);
    table.blocks.push_back(block);
  }
  return true;
}

// Blocks of two pixels of three channels, each pixel from 8 bytes.
void make_half_windows(std::span<const Tap> columns, std::ptrdiff_t row_bytes, MixTable& table) {
  table.values_per_block = 6;
  for (std::size_t i = 0; i < columns.size(); i += 2) {
    MixBlock block = empty_block();
    const Tap* taps[2] = {&columns[i], &columns[std::min(i + 1, columns.size() - 1)]};
    for (std::size_t side = 0; side < 2; ++side) {
      const int low = 3 * std::min(taps[side]->first, taps[side]->second);
      const int start = start_inside(low, window / 2, row_bytes);
      (side == 0 ? table.first : table.second).push_back(start);
      for (int c = 0; c < 3; ++c) {
        const int shift = start - (side == 0 ? 0 : window / 2);
        set_lane(block, side * 3 + static_cast<std::size_t>(c), mixed_value(*taps[side], 3, c),
                 shift);
      }
    }
    table.blocks.push_back(block);
  }
}

void clear(MixTable& table) {
  table.blocks.clear();
  table.first.clear();
  table.second.clear();
}

}  // namespace

bool make_mix_table(std::span<const Tap> columns, int channels, std::ptrdiff_t row_bytes,
                    MixTable& table) {
  clear(table);
  if (row_bytes < window || !std::all_of(columns.begin(), columns.end(), adds_up)) return false;
  if (make_whole_windows(columns, channels, row_bytes, table)) return true;
  clear(table);
  if (channels != 3) return false;
  make_half_windows(columns, row_bytes, table);
  return true;
}

}  // namespace pinfeed::image
