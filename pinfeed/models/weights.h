// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "pinfeed/schemas/layer_schemas.h"

namespace pinfeed {

/// Tensors by name. Views of the file that is mapped behind them; they keep it.
using Tensors = std::map<std::string, torch::Tensor>;

/// What became of the tensors of a file.
struct WeightsReport {
  std::size_t loaded = 0;
  std::vector<std::string> missing = {};     // of the model, not in the file: kept as they were
  std::vector<std::string> unexpected = {};  // of the file, not in the model: left
  std::vector<std::string> dropped =
      {};  // of pre-training only (docs/specs/openmmlab-data.md, 5.2): left on purpose
};

/// "loaded 150 tensors of F; 24 of the model are not in it: a, b, ...": for people.
std::string summary(const WeightsReport& report, const std::string& path);

/// Loads weights into a module, names matched as in docs/specs/openmmlab-data.md, 5.2: exactly,
/// without the prefixes 'model.' and 'module.', with 'backbone.' added, and mmpretrain's names of a
/// ViT. Not strict. Throws Error(data): no such file, cut short, a shape that differs, or not one
/// name of the model
/// ("of another model"); Error(config) for a kind of file that cannot be read.
WeightsReport load_weights(torch::nn::Module& module, const std::string& path);

/// The same from a file that the config names; errors show where. Returns the summary.
std::string load_named(torch::nn::Module& module, const WrittenPath& file);

/// "(16, 4)": as errors show shapes.
std::string shape_text(const torch::Tensor& tensor);

/// All parameters and buffers of a module by name.
Tensors named_tensors(const torch::nn::Module& module);

}  // namespace pinfeed
