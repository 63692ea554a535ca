// SPDX-License-Identifier: Apache-2.0
// The rules of libjpeg-turbo's upsampling (jdsample.c with do_fancy_upsampling): factors 2 x 1 and
// 2 x 2 are smoothed if the plane is wider than 2 samples, 1 x 2 always, all others repeat samples.
// Smoothing needs the samples beside and above or below; beyond the edges of the image the
// outermost samples repeat. The samples beyond the image that its last blocks contain are never
// used.
#include "pinfeed/image/codec/jpeg/coefficient_rows.h"

#include <algorithm>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/jpeg/sample_kernels.h"

namespace pinfeed::image::jpeg {

CoefficientRows::Upsampling CoefficientRows::upsampling_of(const RecordInfo& info,
                                                           const Plane& plane) {
  const int wide = info.max_h / plane.h;
  const int high = info.max_v / plane.v;
  const bool smooth = plane.samples_wide > 2;
  if (wide == 1 && high == 1) return Upsampling::none;
  if (wide == 1 && high == 2) return Upsampling::rows;
  if (wide == 2 && high == 1 && smooth) return Upsampling::columns;
  if (wide == 2 && high == 2 && smooth) return Upsampling::both;
  return Upsampling::repeat;
}

void CoefficientRows::open(std::span<const std::byte> record, Size stored, ChannelOrder order) {
  record_ = CoefficientRecord::read(record);
  if (!record_ || record_->info().size != stored)
    throw Error(ErrorKind::data, "the cache's record of the image is damaged");
  reader_ = nullptr;
  info_ = record_->info();
  begin(order);
}

void CoefficientRows::open(CoefficientReader& reader, ChannelOrder order) {
  reader_ = &reader;
  info_ = reader.info();
  begin(order);
}

void CoefficientRows::begin(ChannelOrder order) {
  rgb_ = order == ChannelOrder::rgb;
  next_ = 0;
  crop_columns(0, info_.size.width);
}

// Computes whole minimum coded units.
void CoefficientRows::crop_columns(int first, int count) {
  const int unit = 8 * info_.max_h;
  first_ = first / unit * unit;
  const int end = std::min((first + count + unit - 1) / unit * unit, info_.size.width);
  count_ = end - first_;
  for (int i = 0; i < info_.plane_count; ++i) prepare_strip(i);
}

void CoefficientRows::prepare_strip(int index) {
  const Plane& plane = info_.planes[static_cast<std::size_t>(index)];
  Strip& strip = strips_[static_cast<std::size_t>(index)];
  const int wide = info_.max_h / plane.h;
  strip.upsampling = upsampling_of(info_, plane);
  strip.first = first_ / wide;
  strip.count = (count_ + wide - 1) / wide;
  const bool beside =
      strip.upsampling == Upsampling::columns || strip.upsampling == Upsampling::both;
  const int first = std::max(strip.first - (beside ? 1 : 0), 0);
  const int end = std::min(strip.first + strip.count + (beside ? 1 : 0), plane.samples_wide);
  strip.first_block = first / 8;
  strip.block_count = (end + 7) / 8 - strip.first_block;
  strip.rows = {-1, -1};
  strip.row_bytes = std::ptrdiff_t{8} * strip.block_count + overwritten_samples;
  const auto bytes = static_cast<std::size_t>(16 * strip.row_bytes);
  if (strip.samples.size() < bytes) strip.samples.resize(bytes);
  if (strip.upsampling == Upsampling::none) return;
  const auto row = static_cast<std::size_t>(strip.count * wide) + overwritten_samples;
  if (strip.upsampled.size() < row) strip.upsampled.resize(row);
  if (strip.upsampling == Upsampling::both && sums_.size() < row) sums_.resize(row);
}

void CoefficientRows::decode_blocks_of(int plane, int row) {
  Strip& strip = strips_[static_cast<std::size_t>(plane)];
  const auto half = static_cast<std::size_t>(row) % 2;
  strip.rows[half] = row;
  std::uint8_t* to = strip.samples.data() + static_cast<std::ptrdiff_t>(8 * half) * strip.row_bytes;
  const Quantiser& quantiser = info_.planes[static_cast<std::size_t>(plane)].quantiser;
  if (reader_ != nullptr) {
    const std::int16_t* blocks = reader_->blocks(plane, row);
    if (blocks == nullptr) throw IrregularScan();
    blocks += static_cast<std::size_t>(strip.first_block) * block_values;
    return transform_blocks(blocks, static_cast<std::size_t>(strip.block_count), quantiser, to,
                            strip.row_bytes);
  }
  const BlockRun run = record_->blocks(plane, row, strip.first_block, strip.block_count);
  if (decode_blocks(run, quantiser, to, strip.row_bytes) != nullptr) return;
  throw Error(ErrorKind::data, "the cache's record of the image is damaged");
}

// The first wanted sample of a row, or of the nearest row that the plane has.
const std::uint8_t* CoefficientRows::samples(int plane, int row) {
  const int last = info_.planes[static_cast<std::size_t>(plane)].samples_high - 1;
  row = std::clamp(row, 0, last);
  Strip& strip = strips_[static_cast<std::size_t>(plane)];
  if (strip.rows[static_cast<std::size_t>(row / 8) % 2] != row / 8)
    decode_blocks_of(plane, row / 8);
  return strip.samples.data() + std::ptrdiff_t{row % 16} * strip.row_bytes + strip.first -
         std::ptrdiff_t{8} * strip.first_block;
}

void CoefficientRows::repeat(const Strip& strip, const Plane& plane, const std::uint8_t* from,
                             std::uint8_t* to) {
  const int wide = info_.max_h / plane.h;
  for (int i = 0; i < strip.count; ++i, to += wide) std::fill_n(to, wide, from[i]);
}

// The samples of a plane for row y of the pixels.
const std::uint8_t* CoefficientRows::pixel_samples(int index, int y) {
  const Plane& plane = info_.planes[static_cast<std::size_t>(index)];
  Strip& strip = strips_[static_cast<std::size_t>(index)];
  const int row = y * plane.v / info_.max_v;
  if (strip.upsampling == Upsampling::none) return samples(index, row);
  std::uint8_t* to = strip.upsampled.data();
  const bool below = y % 2 != 0;
  const auto count = static_cast<std::size_t>(strip.count);
  SampleRow near = {nullptr, count, strip.first == 0,
                    strip.first + strip.count == plane.samples_wide};
  if (strip.upsampling == Upsampling::repeat) {
    repeat(strip, plane, samples(index, row), to);
  } else if (strip.upsampling == Upsampling::columns) {
    near.samples = samples(index, row);
    smooth_columns(near, to);
  } else {
    near.samples = samples(index, row);
    const std::uint8_t* far = samples(index, below ? row + 1 : row - 1);
    if (strip.upsampling == Upsampling::both)
      smooth_both(near, far, sums_.data(), to);
    else
      smooth_rows(near.samples, far, below ? 2 : 1, count, to);
  }
  return to;
}

void CoefficientRows::read(std::byte* row) {
  const int y = next_++;
  auto* to = reinterpret_cast<std::uint8_t*>(row) + std::ptrdiff_t{3} * first_;
  const auto count = static_cast<std::size_t>(count_);
  std::array<const std::uint8_t*, 3> planes = {};
  planes[0] = pixel_samples(0, y);
  if (info_.transform == ColorTransform::grey) {
    planes[1] = planes[2] = planes[0];
    return interleave(planes, count, to);
  }
  planes[1] = pixel_samples(1, y);
  planes[2] = pixel_samples(2, y);
  if (info_.transform == ColorTransform::ycc) return from_ycc(planes, count, rgb_, to);
  if (!rgb_) std::swap(planes[0], planes[2]);
  interleave(planes, count, to);
}

}  // namespace pinfeed::image::jpeg
