// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <string>

namespace pinfeed {

/// A stored tensor in the shape of the model's, where upstream resizes such tensors; undefined
/// where it does not:
/// - "pos_embed" (1, [1 +] side * side, C): the grid bicubically, with the position of a class
///   token where the model has one; mmpretrain's resize_pos_embed.
/// - "rel_pos_h", "rel_pos_w" (2 * side - 1, C): linearly, as ViTDet does in each forward pass.
torch::Tensor resized_weight(const std::string& name, const torch::Tensor& stored,
                             const torch::Tensor& ours);

/// Whether the name is one of these.
bool has_resizable_name(const std::string& name);

}  // namespace pinfeed
