// SPDX-License-Identifier: Apache-2.0
// The JPEG and the PNG codec. Only codec*.cpp include the libraries.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "pinfeed/image/codec/codec.h"

namespace pinfeed::image {

using Bytes = std::span<const std::byte>;

/// The bytes of a file, of which a header parser needs only a few.
class HeaderBytes {
 public:
  virtual ~HeaderBytes() = default;
  /// The bytes from `offset` on: `count` of them, or fewer where the file ends. Valid until the
  /// next call.
  virtual Bytes at(std::uint64_t offset, std::size_t count) const = 0;
  virtual std::uint64_t size() const = 0;
};

/// Reads the header; empty if the bytes end within it. Reads no pixels, and of the metadata only
/// what concerns the orientation (EXIF, XMP, texts of PNG). Throws Error(data) for a broken header.
/// Does not set file_bytes and does not check the number of pixels.
std::optional<Header> jpeg_header(const HeaderBytes& bytes);
std::optional<Header> png_header(const HeaderBytes& bytes);

enum class ChannelOrder : std::uint8_t { bgr, rgb };

/// Decodes JPEGs row by row from the top down, to 3 channels uint8. One object decodes many files,
/// one after the other, and keeps its memory. One thread at a time.
class JpegRows {
 public:
  struct State;  // libjpeg's

  JpegRows();
  JpegRows(JpegRows&&) noexcept;
  ~JpegRows();

  /// Starts a file. `bytes` must live until close(). Throws Error(data), also if the image does not
  /// have the size `stored`.
  void open(Bytes bytes, Size stored, bool allow_truncated, ChannelOrder order);
  /// Restricts read() to these columns; it leaves others unspecified. Call it right after open().
  void crop_columns(int first, int count);
  /// Decodes the next row into `row`, which holds 3 x width bytes. Throws Error(data).
  void read(std::byte* row);
  /// Skips rows. Throws Error(data).
  void skip(int rows);
  /// Ends the file before or after its last row. If the file has no end marker, decodes the
  /// remaining rows, so that truncation is found for every crop. Throws Error(data).
  void close();
  /// Whether the file ended early and pixels were invented, as open() allowed.
  bool truncated() const;
  /// Whether libjpeg met invalid data and continued.
  bool damaged() const;

 private:
  std::unique_ptr<State> state_;
};

/// Whether the bytes end with the marker that ends a JPEG.
bool ends_with_marker(Bytes bytes);

/// Decodes the whole image as stored, BGR uint8, into `out` (3 channels, the stored size). Returns
/// whether the file is truncated, if that is allowed. Throws Error(data).
bool decode_jpeg(Bytes bytes, const ImageView& out, bool allow_truncated, JpegRows& rows);
bool decode_png(Bytes bytes, const ImageView& out, bool allow_truncated);

/// Copies a stored image to `to` with the EXIF orientation (1..8) applied. Pixels have 3 channels,
/// uint8; `to` has the size after the orientation.
void copy_oriented(const ImageView& from, int orientation, const ImageView& to);

}  // namespace pinfeed::image
