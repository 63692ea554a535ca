// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pinfeed/image/codec/codec_parts.h"
#include "pinfeed/image/codec/jpeg/coefficient_record.h"
#include "pinfeed/image/codec/jpeg/read_coefficients.h"

namespace pinfeed::image::jpeg {

/// The data of a file are not those of a regular baseline scan.
struct IrregularScan {};

/// Pixels of records row by row from the top down, 3 channels uint8: those that libjpeg-turbo
/// decodes from the JPEG, to the bit. Computes only the blocks of the rows and columns that are
/// read. One object decodes many records, one after the other, and keeps its memory. One thread at
/// a time.
class CoefficientRows {
 public:
  /// Starts a record, which must live until the last read(). Throws Error(data) if the bytes are no
  /// record of an image of the size `stored`.
  void open(std::span<const std::byte> record, Size stored, ChannelOrder order);
  /// The same for a file that the reader has begun. read() then throws IrregularScan at the first
  /// row whose pixels the reader does not give.
  void open(CoefficientReader& reader, ChannelOrder order);
  /// Restricts read() to these columns; it leaves others unspecified. Call it right after open().
  void crop_columns(int first, int count);
  /// Computes the next row into `row`, which holds 3 x width bytes. Throws Error(data) for a record
  /// with invalid blocks.
  void read(std::byte* row);
  /// Skips rows.
  void skip(int rows) { next_ += rows; }

 private:
  // How the samples of a plane become those of a row of pixels.
  enum class Upsampling : std::uint8_t { none, columns, rows, both, repeat };

  // The samples of the wanted columns in the last two rows of blocks.
  struct Strip {
    Upsampling upsampling = Upsampling::none;
    int first = 0;  // column of samples of the first wanted pixel
    int count = 0;  // wanted samples
    int first_block = 0;
    int block_count = 0;
    std::array<int, 2> rows = {-1, -1};  // the row of blocks in each half
    std::vector<std::uint8_t> samples = {};
    std::ptrdiff_t row_bytes = 0;
    std::vector<std::uint8_t> upsampled = {};  // one row
  };

  void begin(ChannelOrder order);
  static Upsampling upsampling_of(const RecordInfo& info, const Plane& plane);
  void prepare_strip(int plane);
  void decode_blocks_of(int plane, int row);
  const std::uint8_t* samples(int plane, int row);
  const std::uint8_t* pixel_samples(int plane, int y);
  void repeat(const Strip& strip, const Plane& plane, const std::uint8_t* from, std::uint8_t* to);

  RecordInfo info_ = {};
  std::optional<CoefficientRecord> record_ = {};
  CoefficientReader* reader_ = nullptr;  // of a file; null for a record
  bool rgb_ = false;
  int first_ = 0;  // column of the first computed pixel
  int count_ = 0;
  int next_ = 0;  // row
  std::array<Strip, 3> strips_ = {};
  std::vector<std::uint16_t> sums_ = {};
};

}  // namespace pinfeed::image::jpeg
