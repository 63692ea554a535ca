// SPDX-License-Identifier: Apache-2.0
// The input and the output of a pass, row by row.
#pragma once

#include <span>

#include "pinfeed/image/color/tone_kernels.h"
#include "pinfeed/image/expression/pass.h"
#include "pinfeed/image/resample/row_kernels.h"

namespace pinfeed::image {

/// Bytes of one pixel before the conversion to float.
std::size_t pixel_bytes(const Pass& pass);

/// Set the flag. Several threads may render one stored image at once.
void mark_truncated(Encoded& encoded);
void mark_damaged(Encoded& encoded);

/// Opens a JPEG, or its record in the cache. Throws Error(data).
void open_jpeg(Encoded& encoded, jpeg::JpegPixels& jpeg, ChannelOrder order);
/// Ends it, and adds its record to the cache if that wants it.
void close_jpeg(Encoded& encoded, jpeg::JpegPixels& jpeg);

/// The rows of the pass' window. Throws Error(data).
class SourceRows {
 public:
  SourceRows(const Pass& pass, Workspace& workspace);

  /// The first pixel of row y of the window. A stored image must be read from the top down; its
  /// last `row_group_size` rows stay valid. The caller may read row_bytes() bytes.
  const std::byte* row(int y);
  /// The bytes from a row's first pixel to the end of the stored row.
  std::ptrdiff_t row_bytes() const;
  /// Call after the last row. Checks the rest of the file for truncation.
  void close();

 private:
  void open_source();
  const std::byte* decoded(int y);

  const Pass& pass_;
  Workspace& workspace_;
  int next_ = 0;  // the next row of the decoder
  // The row in each of workspace_.decoded_rows, or -1.
  std::array<int, row_group_size> row_numbers_ = {};
  std::size_t oldest_ = 0;
};

/// The rows of the pass' crop. A row is produced in the result's memory or, if it still has to
/// become float, in a buffer.
class ResultRows {
 public:
  ResultRows(const Pass& pass, const ImageView& out, Workspace& workspace);
  ResultRows(const ResultRows&) = delete;
  ResultRows& operator=(const ResultRows&) = delete;
  ~ResultRows();

  /// Where to write the pixels of row y of the crop, which must be exactly crop.width pixels. Call
  /// end(y) after writing.
  std::byte* begin(int y);
  void end(int y);
  /// Whether the row should be written with non-temporal stores.
  bool bypass_cache() const { return pass_.bypass_cache && !pass_.to_float; }

 private:
  std::byte* row_start(int y) const;

  const Pass& pass_;
  const ImageView& out_;
  std::vector<std::byte>& unconverted_;
  RenderClock& clock_;
  const ChannelRule& rule_;
};

}  // namespace pinfeed::image
