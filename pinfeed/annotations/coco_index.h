// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pinfeed/annotations/coco_file.h"

namespace pinfeed {

/// From this size on, a COCO file gets an index: a smaller one is parsed in some 50 ms.
constexpr std::uint64_t index_pays_from = std::uint64_t{16} << 20U;  // bytes

/// "<path>.pinfeed-index"
std::string coco_index_path(const std::string& path);

/// The same as read_coco_file(path), out of the index beside the file where that is of this file's
/// content and whole; otherwise the file is parsed and, if it has `least_bytes`, the index is
/// written, in one step. A folder that cannot be written to costs nothing but the index. A file
/// with bad records gets none.
CocoFile read_indexed_coco_file(const std::string& path, std::uint64_t least_bytes,
                                BadRecords rule = BadRecords::raise);

/// A state of a file, as far as the file system tells.
struct FileState {
  std::uint64_t bytes = 0;
  std::int64_t changed = 0;  // nanoseconds since 1970
  bool operator==(const FileState&) const = default;
};

/// Empty when it cannot be looked at.
std::optional<FileState> state_of(const std::string& path);

/// An index that was found whole, and of the file's content.
struct CocoIndex {
  CocoFile file = {};
  bool fresh = false;  // the file's time says so; otherwise its content was read to know
};

/// Empty when there is none, when it belongs to another content or another version of pinfeed, or
/// when anything of it is damaged. Its rows are mapped: the index must not be cut short in place.
std::optional<CocoIndex> read_coco_index(const std::string& path, const FileState& state);

/// Writes the index of `file`, which was read since `read_at` (nanoseconds since 1970) when it was
/// in this state; nothing when it is in another one now. Throws Error(system).
void write_coco_index(const CocoFile& file, const FileState& state, std::int64_t read_at);

}  // namespace pinfeed
