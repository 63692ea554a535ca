// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

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
  // In the file, used by pre-training only (docs/specs/openmmlab-data.md, 5.2): not loaded.
  std::vector<std::string> dropped = {};
};

/// One line for the log: "loaded 150 tensors of F; 24 of the model are not in it: a, b, ...".
std::string summary(const WeightsReport& report, const std::string& path);

/// Loads weights into a module. Names are matched as in docs/specs/openmmlab-data.md, 5.2; missing
/// and unexpected names are not errors. Throws Error(data) when the file does not exist or is
/// truncated, when a shape differs, or when no name matches; Error(config) for a file format that
/// cannot be read.
WeightsReport load_weights(torch::nn::Module& module, const std::string& path);

/// The same for a file that the config names; errors show the position in the config. Returns the
/// summary.
std::string load_named(torch::nn::Module& module, const WrittenPath& file);

/// A shape as text: "(16, 4)".
std::string shape_text(const torch::Tensor& tensor);

/// All parameters and buffers of a module by name.
Tensors named_tensors(const torch::nn::Module& module);

}  // namespace pinfeed
