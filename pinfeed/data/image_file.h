// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

/// The path as a null-terminated string. Valid until the same thread calls this again. Allocates
/// only for a path longer than those before.
const std::string& c_path(std::string_view path);

/// The field of Sample::extra with the bytes of the image's file (uint8), for records that have
/// them in memory. They must live as long as the batch. The Encoded of such an image has no path.
constexpr std::string_view file_in_memory = "img_bytes";

/// What tells two versions of a file apart.
struct FileVersion {
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
};
/// Empty if the file cannot be looked at.
std::optional<FileVersion> version_of(const std::string& path);

/// Throws Error(data) for a file with more bytes than 64 MiB for metadata and 8 per pixel, which is
/// what an uncompressed image of 16 bits and 4 channels needs. Files are read as a whole.
void check_file_size(const image::Encoded& stored);

/// Makes the record of an image that was found in a cache ready for rendering. Returns false if it
/// is damaged: then the file has to be read, and its record replaces that one. Throws Error(data)
/// if the cache's mode says that files are not read.
bool use_record(image::Encoded& stored);

/// Reads the whole file of a stored image into `buffer`, which has header.file_bytes bytes, and
/// sets stored.bytes. Throws Error if the file cannot be read (system or data, by the cause), and
/// Error(data) if its size has changed since the image was planned.
void read_stored(image::Encoded& stored, std::span<std::byte> buffer);

}  // namespace pinfeed
