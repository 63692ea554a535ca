// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pinfeed {

/// The names that a tensor of a file may have in a model, most literal first: the stored name,
/// without the prefixes of wrappers, and with the names of mmpretrain and detectron2 replaced by
/// those of MAE's checkpoints and of mmdet's necks, with and without "backbone."
/// (docs/specs/openmmlab-data.md, 5.2).
std::vector<std::string> possible_names(const std::string& stored);

/// The full name that mmpretrain's MAE gives to a parameter of pinfeed's:
/// "backbone.layers.0.ln1.weight" for "blocks.0.norm1.weight", "neck.mask_token" for "mask_token".
std::string mmpretrain_name(std::string parameter);

/// Who names the tensors of a ViT and of a simple feature pyramid.
enum class NameLayout { mae, mmpretrain, mmdet, detectron2, timm };

/// The layout of this name: "mae", "mmpretrain", "mmdet", "detectron2" or "timm".
std::optional<NameLayout> name_layout(const std::string& text);
std::vector<std::string> name_layouts();

/// The name of a tensor in a layout, from its name in any of them; nothing for a tensor that models
/// with this layout do not have: timm's ViT has no decoder, a detector's no class token.
std::optional<std::string> name_in(NameLayout layout, const std::string& stored);

}  // namespace pinfeed
