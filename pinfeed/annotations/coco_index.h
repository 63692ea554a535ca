// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pinfeed/annotations/coco_file.h"

namespace pinfeed {

/// COCO files of at least this size get an index; a smaller one is parsed in about 50 ms.
constexpr std::uint64_t index_pays_from = std::uint64_t{16} << 20U;  // bytes

/// "<path>.pinfeed-index"
std::string coco_index_path(const std::string& path);

/// The same result as read_coco_file(). It is read from the index beside the file if that index is
/// intact, belongs to the file's content and names images by the same key; otherwise the file is
/// parsed, and an index is written if the file has at least `min_bytes`, no bad records, and only
/// ids that are integers. A failure to write the index is ignored.
CocoFile read_indexed_coco_file(const std::string& path, std::uint64_t min_bytes,
                                BadRecords rule = BadRecords::raise,
                                NameKey names = NameKey::file_name);

/// The state of a file according to the file system.
struct FileState {
  std::uint64_t bytes = 0;
  std::int64_t changed = 0;  // nanoseconds since 1970
  bool operator==(const FileState&) const = default;
};

/// Empty when the file does not exist or its folder cannot be searched.
std::optional<FileState> state_of(const std::string& path);

/// An intact index of the current content of the COCO file.
struct CocoIndex {
  CocoFile file = {};
  bool fresh = false;  // known by the modification time; otherwise the content was hashed
};

/// Empty when there is no index, when it belongs to another content or another version of pinfeed
/// or names images by another key, and when any byte of it is damaged. The rows are in memory: the
/// index file may change while they are in use.
std::optional<CocoIndex> read_coco_index(const std::string& path, const FileState& state,
                                         NameKey names = NameKey::file_name);

/// Writes the index of `file`. Its state was `state` at `read_at` (nanoseconds since 1970), when
/// reading began; nothing is written if the state has changed since. Throws Error(system).
void write_coco_index(const CocoFile& file, const FileState& state, std::int64_t read_at);

}  // namespace pinfeed
