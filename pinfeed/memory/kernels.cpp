// SPDX-License-Identifier: Apache-2.0
// The kernels on the host. A byte has 256 values, so a table per channel has all results and gives
// the same bits as computing each one, for every dtype. float32 planes, the usual case, are
// computed with SIMD instead.
#include "pinfeed/memory/kernels.h"

#include <algorithm>

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

}  // namespace pinfeed
