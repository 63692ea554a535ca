// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

enum class Format { jpeg, png };

/// What the first bytes of a file tell.
struct Header {
  Format format = Format::jpeg;
  Size stored = {};     // as stored, before the orientation is applied
  int orientation = 1;  // EXIF, 1..8; 1 when absent
  std::uint64_t file_bytes = 0;
  std::string_view colors = {};  // "CMYK"...: where Pillow's pixels are not OpenCV's; else empty

  /// The size after the orientation is applied: 5..8 swap width and height.
  Size oriented() const { return orientation >= 5 ? Size{stored.height, stored.width} : stored; }
};

/// Default limit of width x height (docs/specs/decisions.md, 8).
constexpr std::int64_t default_max_pixels = std::int64_t{1} << 28;

/// Reads the header out of the first bytes of a file (`bytes` may be a part of it; 64 KiB are
/// enough unless an image has unusual metadata, then the rest is asked for by
/// Error(data) ... the caller passes the whole file). Throws Error(data): not an image (naming the
/// format it seems to be), empty, broken header, beyond max_pixels. `path` is for the message.
Header read_header(std::span<const std::byte> bytes, std::string_view path,
                   std::int64_t max_pixels = default_max_pixels);

/// Opens a regular file, reads its first 64 KiB (all of it where needed), and its size.
/// Throws Error(data) for a missing file, a folder, a pipe, a device.
Header read_header_of(const std::string& path, std::int64_t max_pixels = default_max_pixels);

/// The whole regular file. Throws Error(data) as above.
std::vector<std::byte> read_file(const std::string& path);

/// Decodes a whole image to (H, W, 3) BGR uint8: grey is replicated, alpha dropped, 16 bits keep
/// the high byte, the orientation is applied if asked. Throws Error(data) when the data end early
/// ("JPEG ends early: 231 of 480 rows, the file has 12034 bytes") unless truncation is allowed.
Image decode(std::span<const std::byte> bytes, std::string_view path, bool apply_orientation = true,
             bool allow_truncated = false);

/// (H, W, 3) BGR uint8 to a JPEG or PNG file. Throws Error(system) when it cannot be written.
void write_jpeg(const Image& image, const std::string& path, int quality = 90);
void write_png(const Image& image, const std::string& path);

}  // namespace pinfeed::image
