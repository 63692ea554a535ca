// SPDX-License-Identifier: Apache-2.0
// The quantised coefficients of a JPEG in a form that expands at the speed of memory. docs/cache.md
// describes the bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/image/codec/jpeg/block_kernels.h"

namespace pinfeed::image::jpeg {

/// How the samples of three components become colours.
enum class ColorTransform : std::uint8_t { grey, ycc, rgb };

/// One component of an image. Sizes follow from the image's size and the sampling factors.
struct Plane {
  int h = 1;  // sampling factors, 1..4
  int v = 1;
  Quantiser quantiser = {};
  int samples_wide = 0;
  int samples_high = 0;
  int blocks_wide = 0;
  int blocks_high = 0;
};

/// What a record says besides its coefficients.
struct RecordInfo {
  Size size = {};
  int orientation = 1;         // EXIF as OpenCV reads it (Header)
  int pillow_orientation = 1;  // as Pillow reads it; 0: not reproduced
  ColorTransform transform = ColorTransform::grey;
  int plane_count = 1;  // 1 for grey, otherwise 3
  std::array<Plane, 3> planes = {};
  int max_h = 1;  // of the planes
  int max_v = 1;
};

/// Sets max_h, max_v and the sizes of the planes from the image's size and the sampling factors.
/// Returns false for what cannot be in a record: sides outside 1..65535, factors outside 1..4 or
/// that do not divide the largest one, another number of planes than the transform needs.
bool set_geometry(RecordInfo& info);

/// A checked view of the bytes of a record. Any bytes are safe: read() accepts only records whose
/// tables stay within them, and blocks are checked while they are decoded.
class CoefficientRecord {
 public:
  /// Empty if the bytes are no record. They must outlive the result.
  static std::optional<CoefficientRecord> read(std::span<const std::byte> bytes);

  const RecordInfo& info() const { return info_; }
  /// `count` blocks of a row of a plane from block `first` on, which must exist.
  BlockRun blocks(int plane, int row, int first, int count) const;
  /// Whether each block can be read and ends where the next one begins. Reads the whole record.
  bool blocks_are_valid() const;

 private:
  bool tables_fit() const;
  const std::uint8_t* row_table(int plane, int row) const;

  RecordInfo info_ = {};
  std::array<const std::uint8_t*, 3> tables_ = {};
  const std::uint8_t* payload_ = nullptr;
  const std::uint8_t* last_ = nullptr;  // BlockRun::last
  std::size_t payload_bytes_ = 0;
};

/// What a record is written to.
using RecordMemory = std::vector<std::uint8_t>;

/// Writes a record. Keeps its memory between images.
class RecordWriter {
 public:
  /// Begins a record. The geometry must be set.
  void begin(const RecordInfo& info);
  /// Adds the next row of blocks of a plane: 64 coefficients in natural order per block. Rows of a
  /// plane come from the top down.
  void add_row(int plane, const std::int16_t* blocks);
  /// The bytes, once all rows are added. Valid until the next begin(). Empty if they would be 4 GiB
  /// or more.
  std::span<const std::byte> finish();
  /// Exchanges the memory: `other` then begins with the finished record, which stays where it is.
  void swap_memory(RecordMemory& other) { bytes_.swap(other); }

 private:
  void reserve_row(int blocks);

  RecordInfo info_ = {};
  std::array<std::size_t, 3> next_row_ = {};  // where its table entry goes
  RecordMemory bytes_;
  std::size_t payload_ = 0;  // where it begins
  std::size_t end_ = 0;
};

}  // namespace pinfeed::image::jpeg
