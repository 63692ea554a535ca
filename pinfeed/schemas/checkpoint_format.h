// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pinfeed {

/// The version of the format of checkpoints. It is raised when an older pinfeed would misread a
/// checkpoint, and written with pinfeed's own version to the metadata of the file.
constexpr int checkpoint_format = 1;

/// Texts by key, as the metadata of a .safetensors file.
using FileMetadata = std::vector<std::pair<std::string, std::string>>;

/// Writes both versions to the metadata of a checkpoint.
void add_checkpoint_format(FileMetadata& metadata);

/// Throws Error(data) for the metadata of a checkpoint in a newer format. `path` is for the
/// message. Metadata without a version is that of an older pinfeed or of another program.
void require_known_format(const FileMetadata& metadata, const std::string& path);

}  // namespace pinfeed
