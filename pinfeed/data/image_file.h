// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

/// The path with an end that the system knows. Lives until the same thread calls this again; keeps
/// its memory from path to path.
const std::string& c_path(std::string_view path);

/// Reads the whole file of a stored image into `room`, which has header.file_bytes bytes, and
/// shows them to it. Throws Error(data) when the file is gone, cannot be read, or has changed its
/// size since the image was planned.
void read_stored(image::Encoded& stored, std::span<std::byte> room);

}  // namespace pinfeed
