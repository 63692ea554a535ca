// SPDX-License-Identifier: Apache-2.0
// The event files that TensorBoard reads: records (length, checksum, bytes, checksum) of which each
// is an `Event` message of protocol buffers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace pinfeed {

/// The first event of a file: the version of the format. `time` is in seconds since 1970.
std::string version_event(double time);
/// Numbers by tag at a step. They are stored as float32.
std::string scalars_event(double time, std::int64_t step,
                          std::span<const std::pair<std::string, double>> scalars);
/// A text of one tag, which TensorBoard shows as Markdown.
std::string text_event(double time, std::int64_t step, std::string_view tag, std::string_view text);
/// An image of one tag. `bytes` is a PNG or JPEG file.
std::string image_event(double time, std::int64_t step, std::string_view tag, int width, int height,
                        std::string_view bytes);

/// The record of an event, to append to a file.
std::string event_record(std::string_view event);

}  // namespace pinfeed
