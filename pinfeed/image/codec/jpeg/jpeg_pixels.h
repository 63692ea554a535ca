// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "pinfeed/image/codec/codec_parts.h"
#include "pinfeed/image/codec/jpeg/coefficient_rows.h"
#include "pinfeed/image/codec/jpeg/read_coefficients.h"

namespace pinfeed::image::jpeg {

/// Decodes JPEGs row by row as JpegRows, to the bit, errors included: baseline files by
/// CoefficientReader, up to the first irregularity, everything else by libjpeg. One object decodes
/// many files, one after the other, and keeps its memory. One thread at a time.
class JpegPixels {
 public:
  /// Starts a file as JpegRows::open(). With `with_record` the file is read as a whole, and after
  /// close() record() has its coefficients.
  void open(Bytes file, const Header& header, bool allow_truncated, ChannelOrder order,
            bool with_record);
  /// Starts an image of which there is a record, as CoefficientRows::open().
  void open_record(Bytes record, Size stored, ChannelOrder order);
  /// As the functions of JpegRows.
  void crop_columns(int first, int count);
  void read(std::byte* row);
  void skip(int rows);
  void close();
  bool truncated() const { return source_ == Source::libjpeg && libjpeg_.truncated(); }
  bool damaged() const { return source_ == Source::libjpeg && libjpeg_.damaged(); }
  /// The record that open() asked for; empty for a file that has none. Valid until the next open().
  Bytes record() const { return made_; }
  /// Exchanges the memory of record() for other memory.
  void swap_record_memory(RecordMemory& other) { reader_.writer().swap_memory(other); }

 private:
  enum class Source : std::uint8_t { libjpeg, file, record };

  void open_libjpeg();
  void close_file();

  Source source_ = Source::libjpeg;
  CoefficientReader reader_;
  CoefficientRows rows_;
  JpegRows libjpeg_;
  Bytes made_ = {};
  // For the change to libjpeg in the middle of a file.
  Bytes file_ = {};
  Size stored_ = {};
  bool allow_truncated_ = false;
  bool with_record_ = false;
  ChannelOrder order_ = ChannelOrder::bgr;
  int first_column_ = 0;
  int columns_ = 0;  // 0: all
  int next_ = 0;     // row
};

}  // namespace pinfeed::image::jpeg
