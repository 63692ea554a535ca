// SPDX-License-Identifier: Apache-2.0
// The two codecs behind codec.h. Only codec*.cpp include the libraries.
#pragma once

#include <memory>
#include <optional>

#include "pinfeed/image/codec/codec.h"

namespace pinfeed::image {

using Bytes = std::span<const std::byte>;

/// What a JPEG or PNG says before its pixels; empty where `bytes` end before it does. Throws
/// Error(data) for a broken header. The file's size and the limit of pixels are left to the caller.
std::optional<Header> jpeg_header(Bytes bytes);
std::optional<Header> png_header(Bytes bytes);

/// The orientation in a TIFF directory as EXIF stores it: 1..8, or 1 where it is absent or broken.
int exif_orientation(Bytes tiff);

enum class ChannelOrder : std::uint8_t { bgr, rgb };

/// The rows of one JPEG after the other, 3 channels uint8, from the top down. Kept between files so
/// that little is allocated. One thread at a time.
class JpegRows {
 public:
  struct State;  // libjpeg's

  JpegRows();
  JpegRows(JpegRows&&) noexcept;
  ~JpegRows();

  /// Starts on a file. `bytes` must live until close(). Throws Error(data), also when the image
  /// is not of the size `stored`.
  void open(Bytes bytes, Size stored, bool allow_truncated, ChannelOrder order);
  /// Only these columns are wanted: what read() leaves in others means nothing. After open().
  void keep_columns(int first, int count);
  /// The next row into `row`, which holds 3 x width bytes. Throws Error(data).
  void read(std::byte* row);
  /// Passes over rows.
  void skip(int rows);
  /// Ends before the last row. A file without an end marker is decoded to the end first, so
  /// that its truncation is found whichever rows were wanted.
  void close();
  /// Whether the file ended early and pixels were made up, as open() allowed.
  bool truncated() const;
  /// Whether libjpeg met data that make no sense, and went on.
  bool damaged() const;

 private:
  std::unique_ptr<State> state_;
};

/// The whole image as it is stored, BGR uint8, into `out` (3 channels, the stored size). Returns
/// whether the file ended early, as was allowed.
bool decode_jpeg(Bytes bytes, const ImageView& out, bool allow_truncated, JpegRows& rows);
bool decode_png(Bytes bytes, const ImageView& out, bool allow_truncated);

/// Copies `from`, an image as stored, to `to` as `orientation` (1..8) wants it shown. Pixels have
/// 3 channels, uint8; `to` has the size after the orientation.
void copy_oriented(const ImageView& from, int orientation, const ImageView& to);

}  // namespace pinfeed::image
