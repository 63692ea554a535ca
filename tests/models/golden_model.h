// SPDX-License-Identifier: Apache-2.0
// The small models of tools/golden_models.py with their weights, batch, losses and gradients.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>

#include "pinfeed/config/read.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/models/weights.h"

namespace pinfeed {

struct GoldenModelFile {
  SafetensorsFile file = {};
  std::shared_ptr<Model> model = nullptr;
  ModelInput input = {};

  torch::Tensor tensor(const std::string& name) const { return to_torch(*file.find(name)); }
};

// The files have upstream's names.
inline void copy_weights(GoldenModelFile& golden) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : named_tensors(*golden.model))
    tensor.copy_(golden.tensor("weights." + golden.model->upstream_name(name)));
}

inline GoldenModelFile read_golden(const std::string& name) {
  GoldenModelFile golden;
  golden.file = read_safetensors(std::string(PINFEED_SOURCE_DIR) + "/tests/golden/train/" + name +
                                 ".safetensors");
  const Config config = read_config_text(golden.file.metadata.front().second, name);
  golden.model = make_model(*config.root.find("model"), "model");
  copy_weights(golden);
  golden.input.images = golden.tensor("pixels").to(torch::kFloat32) / 64 - 2;
  for (std::int64_t i = 0; i < golden.input.images.size(0); ++i) {
    const std::string number = std::to_string(i);
    golden.input.data_samples.push_back(
        {.boxes = golden.tensor(number + ".bboxes"), .labels = golden.tensor(number + ".labels")});
  }
  return golden;
}

inline torch::Tensor sum_of(const Losses& losses) {
  torch::Tensor sum;
  for (const auto& [name, value] : losses) {
    if (name.find("loss") != std::string::npos) sum = sum.defined() ? sum + value : value;
  }
  return sum;
}

}  // namespace pinfeed
