// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pinfeed {

/// The names that a tensor of a file may have in a model, most literal first: the stored name,
/// without the prefixes of wrappers, and with the names of mmpretrain and detectron2 replaced by
/// those of MAE's checkpoints, with and without "backbone." (docs/specs/openmmlab-data.md, 5.2).
std::vector<std::string> possible_names(const std::string& stored);

/// The full name that mmpretrain's MAE gives to a parameter of pinfeed's:
/// "backbone.layers.0.ln1.weight" for "blocks.0.norm1.weight", "neck.mask_token" for "mask_token".
std::string mmpretrain_name(std::string parameter);

}  // namespace pinfeed
