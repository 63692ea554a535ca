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

/// What the beginning of a file says about its image.
struct Header {
  Format format = Format::jpeg;
  Size stored = {};            // as stored, before the orientation is applied
  int orientation = 1;         // EXIF as OpenCV reads it, 1..8; 1 when absent
  int pillow_orientation = 1;  // the same as Pillow reads it; 0: not reproduced
  std::uint64_t file_bytes = 0;
  std::string_view colors = {};  // e.g. "CMYK" if Pillow's pixels differ from OpenCV's, or empty

  /// The size after the orientation is applied: 5..8 swap width and height.
  Size oriented() const { return orientation >= 5 ? Size{stored.height, stored.width} : stored; }
};

/// Default limit of width x height (docs/specs/decisions.md, 8).
constexpr std::int64_t default_max_pixels = std::int64_t{1} << 28;
/// Throws Error(data) if an image of this size has more pixels.
void check_pixels(Size size, std::int64_t max_pixels);

/// Reads the header of a file from its first bytes. Throws Error(data) if the file is empty, not an
/// image (the message names the format if it is known), has a broken header, has more than
/// `max_pixels`, or if `bytes` end within the header: 64 KiB are enough unless the metadata is
/// large. `path` is for messages.
Header read_header(std::span<const std::byte> bytes, std::string_view path,
                   std::int64_t max_pixels = default_max_pixels);

/// Reads the header and the size of a regular file: 64 KiB at once, and skips metadata. Throws
/// Error(data), also for a missing file, a folder, a pipe or a device, and Error(system) if the
/// operating system is the cause (read_failure_kind()).
Header read_header_of(const std::string& path, std::int64_t max_pixels = default_max_pixels);

/// Decodes a whole image to (H, W, 3) BGR uint8. Grey is replicated, alpha is dropped, 16 bits keep
/// the high byte. Throws Error(data), also if the file is truncated and `allow_truncated` is false
/// ("JPEG ends early: 231 of 480 rows, the file has 12034 bytes").
Image decode(std::span<const std::byte> bytes, std::string_view path, bool apply_orientation = true,
             bool allow_truncated = false);

/// Writes a (H, W, 3) BGR uint8 image to a file. Throws Error(system) if it cannot be written.
void write_jpeg(const Image& image, const std::string& path, int quality = 90);
void write_png(const Image& image, const std::string& path);

}  // namespace pinfeed::image
