// SPDX-License-Identifier: Apache-2.0
// The kernels on the host. A byte has 256 values, so a table per channel has all results and gives
// the same bits as computing each one, for every dtype. float32 planes, the usual case, are
// computed with SIMD instead.
#include "pinfeed/memory/kernels.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "pinfeed/core/float16.h"
#include "pinfeed/memory/normalize_rows.h"

namespace pinfeed {
namespace {

// The result of every byte, in the dtype of the result.
template <class Value>
struct ByteTable {
  std::array<std::array<Value, 256>, 4> of = {};  // by channel of the result
  Value pad = {};
};

float as_float(float value) { return value; }

template <class Value, class Convert>
ByteTable<Value> byte_table(const PixelRule& rule, Convert convert) {
  ByteTable<Value> table{.pad = convert(rule.pad_value)};
  for (std::size_t c = 0; c < table.of.size(); ++c) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto value = static_cast<float>(byte);
      table.of[c][byte] = convert(rule.normalize ? (value - rule.mean[c]) / rule.std[c] : value);
    }
  }
  return table;
}

// One row of one image. In the result `step` values lie between pixels and `plane` values between
// channels.
struct Row {
  const std::uint8_t* from = nullptr;
  std::int64_t valid = 0;  // pixels; the rest is padding
  std::int64_t width = 0;
  std::int64_t channels = 0;
  std::int64_t step = 1;
  std::int64_t plane = 0;
};

template <class Value>
void write_row(const Row& row, const ByteTable<Value>& table, bool reverse, Value* to) {
  for (std::int64_t c = 0; c < row.channels; ++c) {
    const std::uint8_t* from = row.from + (reverse ? row.channels - 1 - c : c);
    const auto& values = table.of[static_cast<std::size_t>(c)];
    Value* out = to + c * row.plane;
    for (std::int64_t x = 0; x < row.valid; ++x) out[x * row.step] = values[from[x * row.channels]];
    for (std::int64_t x = row.valid; x < row.width; ++x) out[x * row.step] = table.pad;
  }
}

void write_planes(const Row& row, const PixelRule& rule, float* to) {
  normalize_three_planes(row.from, rule, static_cast<std::size_t>(row.valid), to,
                         static_cast<std::size_t>(row.plane));
  for (std::int64_t c = 0; c < 3; ++c) {
    std::fill(to + c * row.plane + row.valid, to + c * row.plane + row.width, rule.pad_value);
  }
}

// Calls `write(row, first value of the row)` for every row of the result.
template <class Value, class Write>
void each_row(const PixelBatch& from, const FloatBatch& to, std::int64_t first, std::int64_t last,
              Write write) {
  const std::int64_t plane = to.height * to.width;
  const ValidSize all{static_cast<std::int32_t>(from.width),
                      static_cast<std::int32_t>(from.height)};
  for (std::int64_t line = first; line < last; ++line) {
    const std::int64_t i = line / to.height;
    const std::int64_t y = line % to.height;
    const ValidSize valid = from.valid != nullptr ? from.valid[i] : all;
    const std::int64_t source = (i * from.height + y) * from.width * from.channels;
    const Row row{.from = from.pixels + (y < valid.height ? source : 0),
                  .valid = y < valid.height ? valid.width : 0,
                  .width = to.width,
                  .channels = from.channels,
                  .step = to.channels_last ? from.channels : 1,
                  .plane = to.channels_last ? 1 : plane};
    const std::int64_t start = to.channels_last ? y * to.width * from.channels : y * to.width;
    write(row, static_cast<Value*>(to.values) + i * from.channels * plane + start);
  }
}

template <class Value, class Convert>
void normalize_by_table(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                        std::int64_t first, std::int64_t last, Convert convert) {
  const ByteTable<Value> table = byte_table<Value>(rule, convert);
  each_row<Value>(from, to, first, last, [&](const Row& row, Value* out) {
    write_row(row, table, rule.reverse_channels, out);
  });
}

// The sum of `term(i)` for i below `count`: 32 partial sums, added pairwise in halves. A warp on
// the device adds in the same order, so both results have the same bits.
template <class Term>
float sum_in_lanes(std::int64_t count, Term term) {
  std::array<float, 32> lanes = {};
  for (std::int64_t i = 0; i < count; ++i) lanes[static_cast<std::size_t>(i % 32)] += term(i);
  for (std::size_t half = 16; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

void normalize_patch(std::span<float> patch) {
  const std::int64_t count = std::ssize(patch);
  const auto number = static_cast<float>(count);
  const float* values = patch.data();
  const float mean = sum_in_lanes(count, [values](std::int64_t i) { return values[i]; }) / number;
  const float squares = sum_in_lanes(
      count, [values, mean](std::int64_t i) { return (values[i] - mean) * (values[i] - mean); });
  const float deviation = std::sqrt(squares / (number - 1.0F) + 1e-6F);
  for (float& value : patch) value = (value - mean) / deviation;
}

}  // namespace

void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      std::int64_t first, std::int64_t last) {
  switch (to.dtype) {
    case DType::float16:
      return normalize_by_table<std::uint16_t>(from, rule, to, first, last, to_half);
    case DType::bfloat16:
      return normalize_by_table<std::uint16_t>(from, rule, to, first, last, to_bfloat16);
    default: break;
  }
  if (from.channels != 3 || to.channels_last) {
    return normalize_by_table<float>(from, rule, to, first, last, as_float);
  }
  each_row<float>(from, to, first, last,
                  [&rule](const Row& row, float* out) { write_planes(row, rule, out); });
}

void patchify(const float* images, const PatchRule& rule, float* patches) {
  const std::int64_t plane = rule.height * rule.width;
  const std::int64_t length = rule.patch * rule.patch * rule.channels;
  float* to = patches;
  for (std::int64_t i = 0; i < rule.count; ++i) {
    const float* image = images + i * rule.channels * plane;
    for (std::int64_t top = 0; top < rule.height; top += rule.patch) {
      for (std::int64_t left = 0; left < rule.width; left += rule.patch, to += length) {
        for (std::int64_t at = 0; at < length; ++at) {
          const std::int64_t pixel = at / rule.channels;
          const std::int64_t y = top + pixel / rule.patch;
          const std::int64_t x = left + pixel % rule.patch;
          to[at] = image[(at % rule.channels) * plane + y * rule.width + x];
        }
        if (rule.normalize) normalize_patch({to, static_cast<std::size_t>(length)});
      }
    }
  }
}

}  // namespace pinfeed
