// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pinfeed {

/// Writes what is passed on of a checkpoint to a file beside it and returns its path, as mmengine's
/// CheckpointHook with published_keys: "epoch_12.safetensors" becomes
/// "epoch_12-1a2b3c4d.safetensors" with the first 8 digits of the SHA-256 of the new file. `keys`
/// are "state_dict", the weights, and "meta", the state of the run as JSON. Throws Error(data) when
/// the checkpoint is missing or damaged, Error(system) if writing fails.
std::string publish_checkpoint(const std::string& path, const std::vector<std::string>& keys);

}  // namespace pinfeed
