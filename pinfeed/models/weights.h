// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/layer_schemas.h"

namespace pinfeed {

/// Tensors by name. Those of a file are views of the mapped file, which stays mapped as long as one
/// of them exists.
using Tensors = std::map<std::string, torch::Tensor>;

/// Which tensors of a file were loaded. The lists are names.
struct WeightsReport {
  std::size_t loaded = 0;
  std::vector<std::string> missing = {};     // in the model, not in the file: unchanged
  std::vector<std::string> unexpected = {};  // in the file, not in the model: not loaded
  // In both with different shapes, as texts that name both shapes: not loaded.
  std::vector<std::string> unfit = {};
  // Loaded after a change of their shapes (models/resize_weights.h), as texts that name both.
  std::vector<std::string> resized = {};
  // In the file, used by pre-training only (docs/specs/openmmlab-data.md, 5.2): not loaded.
  std::vector<std::string> dropped = {};
};

/// One line for the log: "loaded 150 tensors of F; 4 serve pre-training only: cls_token, ...".
std::string summary(const WeightsReport& report, const std::string& path);
/// A line for each kind of tensor that was not loaded although it should be.
std::vector<std::string> load_warnings(const WeightsReport& report, const std::string& path);

/// Loads weights into a module: all of the file, or those below `prefix`. Names are matched as in
/// docs/specs/openmmlab-data.md, 5.2. As in mmengine, missing and unexpected names and tensors of
/// other shapes are not errors; they are reported. Position embeddings and tables of relative
/// positions are resized. Throws Error(data) when the file does not exist, is damaged or of a newer
/// format, when a position embedding cannot be resized, or when nothing could be loaded;
/// Error(config) for a URL
/// whose file is not in the folder of weights: nothing is downloaded.
WeightsReport load_weights(torch::nn::Module& module, const std::string& path,
                           const std::optional<std::string>& prefix = {});

/// The same for a file that the config names; errors show the position in the config.
LoadMessages load_named(torch::nn::Module& module, const WrittenPath& file);
LoadMessages load_named(torch::nn::Module& module, const Pretrained& init);

/// "'a.weight' is (5, 4) in the file and (3, 4) in the model".
std::string shapes_text(const std::string& name, const torch::Tensor& stored,
                        const torch::Tensor& ours);

/// Which key of the backbone to set so that the tensor `name` of a model gets the shape of the
/// stored one; nothing if it is no position embedding, or if no key does that.
std::optional<std::string> advice_on_positions(const Tensors& model, const std::string& name,
                                               const torch::Tensor& stored);

/// All parameters and buffers of a module by name.
Tensors named_tensors(const torch::nn::Module& module);

}  // namespace pinfeed
