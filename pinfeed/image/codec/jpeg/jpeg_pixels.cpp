// SPDX-License-Identifier: Apache-2.0
// Rows that were read before an irregularity do not depend on it: libjpeg gives the same ones. So
// libjpeg decodes the file again from the start, without those rows.
#include "pinfeed/image/codec/jpeg/jpeg_pixels.h"

#include <vector>

namespace pinfeed::image::jpeg {

// In a file without an end marker all rows are decoded for every crop, see JpegRows.
void JpegPixels::open(Bytes file, const Header& header, bool allow_truncated, ChannelOrder order,
                      bool with_record) {
  file_ = file;
  stored_ = header.stored;
  allow_truncated_ = allow_truncated;
  order_ = order;
  with_record_ = with_record;
  made_ = {};
  columns_ = next_ = 0;
  if (ends_with_marker(file) && reader_.begin(file, header, with_record)) {
    rows_.open(reader_, order);
    source_ = Source::file;
    return;
  }
  if (with_record) made_ = reader_.read(file, header);
  if (made_.empty()) return open_libjpeg();
  rows_.open(made_, stored_, order);
  source_ = Source::record;
}

void JpegPixels::open_record(Bytes record, Size stored, ChannelOrder order) {
  source_ = Source::record;
  made_ = {};
  rows_.open(record, stored, order);
}

void JpegPixels::open_libjpeg() {
  source_ = Source::libjpeg;
  libjpeg_.open(file_, stored_, allow_truncated_, order_);
  if (columns_ > 0) libjpeg_.crop_columns(first_column_, columns_);
  if (next_ > 0) libjpeg_.skip(next_);
}

void JpegPixels::crop_columns(int first, int count) {
  if (source_ == Source::libjpeg) return libjpeg_.crop_columns(first, count);
  first_column_ = first;
  columns_ = count;
  rows_.crop_columns(first, count);
}

void JpegPixels::read(std::byte* row) {
  if (source_ != Source::libjpeg) {
    try {
      rows_.read(row);
      ++next_;
      return;
    } catch (const IrregularScan&) {
      open_libjpeg();
    }
  }
  libjpeg_.read(row);
}

void JpegPixels::skip(int rows) {
  if (source_ == Source::libjpeg) return libjpeg_.skip(rows);
  rows_.skip(rows);
  next_ += rows;
}

void JpegPixels::close() {
  if (source_ == Source::file) close_file();
  if (source_ == Source::libjpeg) libjpeg_.close();
}

// What is behind the last row that was read matters only to a record, and at the end of the file.
void JpegPixels::close_file() {
  const bool all = next_ == stored_.height;
  if (!with_record_ && !all) return;
  const bool regular = reader_.finish();
  if (regular && with_record_) made_ = reader_.writer().finish();
  if (regular || !all) return;
  // libjpeg looks behind the last row only if it has decoded that.
  std::vector<std::byte> row(static_cast<std::size_t>(stored_.width) * 3);
  --next_;
  open_libjpeg();
  libjpeg_.read(row.data());
}

}  // namespace pinfeed::image::jpeg
