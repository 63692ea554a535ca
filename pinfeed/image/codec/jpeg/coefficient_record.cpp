// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/codec/jpeg/coefficient_record.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "pinfeed/image/codec/jpeg/block_kernels_plain.h"
#include "pinfeed/image/codec/jpeg/block_writer.h"

namespace pinfeed::image::jpeg {
namespace {

// The fixed part (docs/cache.md, "A record").
constexpr std::uint32_t record_mark = 0x434A4650;  // "PFJC"
constexpr std::uint8_t record_version = 1;
constexpr std::size_t fixed_bytes = 24;
constexpr std::size_t plane_bytes = 4 + 2 * block_values;

template <class T>
T loaded(const std::uint8_t* from) {
  return one_by_one::loaded<T>(from);
}

template <class T>
void put(T value, std::uint8_t* to) {
  std::memcpy(to, &value, sizeof value);
}

int divided_up(int value, int divisor) { return (value + divisor - 1) / divisor; }

std::size_t chunks_of(const Plane& plane) {
  return (static_cast<std::size_t>(plane.blocks_wide) + chunk_blocks - 1) / chunk_blocks;
}

// A row: where it begins in the payload, then the bytes of each chunk.
std::size_t row_entry_bytes(const Plane& plane) { return 4 + 2 * chunks_of(plane); }

std::size_t table_bytes(const Plane& plane) {
  return row_entry_bytes(plane) * static_cast<std::size_t>(plane.blocks_high);
}

std::optional<RecordInfo> read_info(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < fixed_bytes || loaded<std::uint32_t>(bytes.data()) != record_mark ||
      bytes[4] != record_version) {
    return std::nullopt;
  }
  RecordInfo info;
  info.plane_count = bytes[5];
  info.transform = static_cast<ColorTransform>(bytes[6]);
  info.orientation = bytes[7];
  info.pillow_orientation = bytes[8];
  const bool known = bytes[6] <= 2 && info.orientation >= 1 && info.orientation <= 8 &&
                     info.pillow_orientation <= 8 && info.plane_count <= 3;
  const auto width = loaded<std::uint32_t>(bytes.data() + 12);
  const auto height = loaded<std::uint32_t>(bytes.data() + 16);
  if (!known || width > 65535 || height > 65535) return std::nullopt;
  info.size = {static_cast<int>(width), static_cast<int>(height)};
  const auto planes = static_cast<std::size_t>(info.plane_count);
  if (bytes.size() < fixed_bytes + planes * plane_bytes) return std::nullopt;
  for (std::size_t i = 0; i < planes; ++i) {
    const std::uint8_t* from = bytes.data() + fixed_bytes + i * plane_bytes;
    info.planes[i].h = from[0];
    info.planes[i].v = from[1];
    std::memcpy(info.planes[i].quantiser.data(), from + 4, 2 * block_values);
  }
  if (!set_geometry(info)) return std::nullopt;
  return info;
}

}  // namespace

bool set_geometry(RecordInfo& info) {
  const auto [width, height] = info.size;
  if (width < 1 || height < 1 || width > 65535 || height > 65535) return false;
  if (info.plane_count != (info.transform == ColorTransform::grey ? 1 : 3)) return false;
  const std::span planes(info.planes.data(), static_cast<std::size_t>(info.plane_count));
  info.max_h = info.max_v = 1;
  for (const Plane& plane : planes) {
    if (plane.h < 1 || plane.h > 4 || plane.v < 1 || plane.v > 4) return false;
    info.max_h = std::max(info.max_h, plane.h);
    info.max_v = std::max(info.max_v, plane.v);
  }
  for (Plane& plane : planes) {
    if (info.max_h % plane.h != 0 || info.max_v % plane.v != 0) return false;
    plane.samples_wide = divided_up(width * plane.h, info.max_h);
    plane.samples_high = divided_up(height * plane.v, info.max_v);
    plane.blocks_wide = divided_up(plane.samples_wide, 8);
    plane.blocks_high = divided_up(plane.samples_high, 8);
  }
  return true;
}

std::optional<CoefficientRecord> CoefficientRecord::read(std::span<const std::byte> record) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(record.data()), record.size());
  const std::optional<RecordInfo> info = read_info(bytes);
  if (!info) return std::nullopt;
  CoefficientRecord view;
  view.info_ = *info;
  const auto planes = static_cast<std::size_t>(info->plane_count);
  std::size_t at = fixed_bytes + planes * plane_bytes;
  view.payload_bytes_ = loaded<std::uint32_t>(bytes.data() + 20);
  std::size_t tables = 0;
  for (std::size_t i = 0; i < planes; ++i) tables += table_bytes(info->planes[i]);
  if (bytes.size() != at + tables + view.payload_bytes_ + readable_behind) return std::nullopt;
  for (std::size_t i = 0; i < planes; ++i) {
    view.tables_[i] = bytes.data() + at;
    at += table_bytes(info->planes[i]);
  }
  view.payload_ = bytes.data() + at;
  view.last_ = bytes.data() + bytes.size() - readable_behind;
  if (!view.tables_fit()) return std::nullopt;
  return view;
}

const std::uint8_t* CoefficientRecord::row_table(int plane, int row) const {
  const auto i = static_cast<std::size_t>(plane);
  return tables_[i] + static_cast<std::size_t>(row) * row_entry_bytes(info_.planes[i]);
}

bool CoefficientRecord::tables_fit() const {
  for (int i = 0; i < info_.plane_count; ++i) {
    const Plane& plane = info_.planes[static_cast<std::size_t>(i)];
    const std::size_t chunks = chunks_of(plane);
    for (int row = 0; row < plane.blocks_high; ++row) {
      const std::uint8_t* table = row_table(i, row);
      std::uint64_t end = loaded<std::uint32_t>(table);
      for (std::size_t c = 0; c < chunks; ++c) end += loaded<std::uint16_t>(table + 4 + 2 * c);
      if (end > payload_bytes_) return false;
    }
  }
  return true;
}

BlockRun CoefficientRecord::blocks(int plane, int row, int first, int count) const {
  const std::uint8_t* table = row_table(plane, row);
  const std::uint8_t* from = payload_ + loaded<std::uint32_t>(table);
  const std::size_t chunk = static_cast<std::size_t>(first) / chunk_blocks;
  for (std::size_t c = 0; c < chunk; ++c) from += loaded<std::uint16_t>(table + 4 + 2 * c);
  return {from, last_, first % static_cast<int>(chunk_blocks), count};
}

bool CoefficientRecord::blocks_are_valid() const {
  for (int i = 0; i < info_.plane_count; ++i) {
    const Plane& plane = info_.planes[static_cast<std::size_t>(i)];
    for (int row = 0; row < plane.blocks_high; ++row) {
      const std::uint8_t* table = row_table(i, row);
      for (int first = 0; first < plane.blocks_wide; first += static_cast<int>(chunk_blocks)) {
        const std::uint8_t* from = blocks(i, row, first, 0).from;
        const std::size_t chunk = static_cast<std::size_t>(first) / chunk_blocks;
        const std::uint8_t* end = from + loaded<std::uint16_t>(table + 4 + 2 * chunk);
        std::int16_t dc = 0;
        for (int b = first; b < std::min(first + static_cast<int>(chunk_blocks), plane.blocks_wide);
             ++b) {
          if (from >= end || (from = one_by_one::skip_block(from, dc)) == nullptr) return false;
        }
        if (from != end) return false;
      }
    }
  }
  return true;
}

void RecordWriter::begin(const RecordInfo& info) {
  info_ = info;
  const auto planes = static_cast<std::size_t>(info.plane_count);
  std::size_t at = fixed_bytes + planes * plane_bytes;
  for (std::size_t i = 0; i < planes; ++i) {
    next_row_[i] = at;
    at += table_bytes(info.planes[i]);
  }
  payload_ = end_ = at;
  if (bytes_.size() < at) bytes_.resize(at);
  std::uint8_t* to = bytes_.data();
  std::fill_n(to, fixed_bytes, std::uint8_t{0});
  put(record_mark, to);
  to[4] = record_version;
  to[5] = static_cast<std::uint8_t>(info.plane_count);
  to[6] = static_cast<std::uint8_t>(info.transform);
  to[7] = static_cast<std::uint8_t>(info.orientation);
  to[8] = static_cast<std::uint8_t>(info.pillow_orientation);
  put(static_cast<std::uint32_t>(info.size.width), to + 12);
  put(static_cast<std::uint32_t>(info.size.height), to + 16);
  for (std::size_t i = 0; i < planes; ++i) {
    const Plane& plane = info.planes[i];
    std::uint8_t* at_plane = to + fixed_bytes + i * plane_bytes;
    at_plane[0] = static_cast<std::uint8_t>(plane.h);
    at_plane[1] = static_cast<std::uint8_t>(plane.v);
    at_plane[2] = at_plane[3] = 0;
    std::memcpy(at_plane + 4, plane.quantiser.data(), 2 * block_values);
  }
}

// Enough for the row and for the bytes behind the last one.
void RecordWriter::reserve_row(int blocks) {
  const std::size_t needed =
      end_ + static_cast<std::size_t>(blocks + 1) * max_block_bytes + readable_behind;
  if (bytes_.size() < needed) bytes_.resize(needed + needed / 2);
}

void RecordWriter::add_row(int plane, const std::int16_t* blocks) {
  const Plane& of = info_.planes[static_cast<std::size_t>(plane)];
  reserve_row(of.blocks_wide);
  std::uint8_t* table = bytes_.data() + next_row_[static_cast<std::size_t>(plane)];
  put(static_cast<std::uint32_t>(end_ - payload_), table);
  table += 4;
  std::uint8_t* to = bytes_.data() + end_;
  for (int first = 0; first < of.blocks_wide; first += static_cast<int>(chunk_blocks), table += 2) {
    const int end = std::min(first + static_cast<int>(chunk_blocks), of.blocks_wide);
    const std::uint8_t* start = to;
    to = write_chunk(blocks + static_cast<std::size_t>(first) * block_values,
                     static_cast<std::size_t>(end - first), to);
    put(static_cast<std::uint16_t>(to - start), table);
  }
  end_ = static_cast<std::size_t>(to - bytes_.data());
  next_row_[static_cast<std::size_t>(plane)] += row_entry_bytes(of);
}

std::span<const std::byte> RecordWriter::finish() {
  reserve_row(0);
  const std::size_t payload_bytes = end_ - payload_;
  if (payload_bytes > std::numeric_limits<std::uint32_t>::max() / 2) return {};
  put(static_cast<std::uint32_t>(payload_bytes), bytes_.data() + 20);
  std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(end_), readable_behind, std::uint8_t{0});
  return std::as_bytes(std::span(bytes_)).first(end_ + readable_behind);
}

}  // namespace pinfeed::image::jpeg
